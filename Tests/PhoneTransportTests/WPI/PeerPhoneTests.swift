import DeploymentModel
import DeploymentTesting
import Foundation
import ManagementXML
import ProcessTesting
import Synchronization
import Testing

@testable import PhoneTransport

@Suite("A phone in Python, written from the reference alone", .timeLimit(.minutes(5)))
struct PeerPhoneTests {
    private static let script = PeerProgram.path("fake_wpi_phone.py")

    private static func lines(_ text: String) -> [String] { text.split(separator: "\n").map(String.init) }

    @Test("is read in parts, written, restarted and sent for a file by the server, and hears what it was to hear")
    func calls() async throws {
        let seen = Mutex<(read: ManagementReply?, write: ManagementReply?, files: [WPIFileResult])>((nil, nil, []))
        let receiver = TestReceiver(work: { call, note in
            let session = call.session
            let results = WPITranslation.fileResults(in: call.opening)
            if call.opening.reason == .status { seen.withLock { $0.files = results } }
            if call.opening.reason == .startUp, note.startUps == 1 {
                let read = try? await session.perform(.readAllItems, password: nil)
                let items = [
                    Item(ItemKey("key-label-unicode", index: 2), value: "R&D <1>"), Item(ItemKey("nope"), value: ""),
                ]
                let write = try? await session.perform(.writeItems(items), password: nil)
                seen.withLock { ($0.read, $0.write) = (read, write) }
                _ = try? await session.perform(.restart, password: nil)
            } else if call.opening.reason == .startUp {
                let order = FetchOrder(kind: FileKind("ringtone"), url: "https://files.example.org/Harp.mp3")
                _ = try? await session.perform(.fetchFile(order), password: nil)
            }
            await session.close()
        })
        let server = try await TestServers.start(receiver)
        let said = try await Tool.run([
            "python3", Self.script, "127.0.0.1", String(server.port), TestServers.mac, "--start-up", "--fragment", "7",
        ])
        await server.stop()
        #expect(said.status == 0, "\(said.errors)")
        let (read, write, files) = seen.withLock { $0 }
        #expect(read?.status == .accepted && read?.hasMoreFragments == false)
        #expect(read?.items.count == 35)
        #expect(write?.status == .accepted && write?.items == [Item(ItemKey("nope"), status: .unknownItem)])
        #expect(files.map(\.name) == ["Harp.mp3"] && files.first?.kind == FileKind("ringtone"))
        #expect(
            Self.lines(said.text).filter { $0 != "GetNextFragment" } == [
                "ReadAllItems", "WriteItems key-label-unicode[2]=R&D <1> nope=", "Restart",
                "FileDeployment file-https-base-url=https://files.example.org/Harp.mp3 file-name=Harp.mp3 file-type=RINGTONE",
                "CleanUp",
            ])
        #expect(Self.lines(said.text).count { $0 == "GetNextFragment" } == 4)
        #expect(server.counts.defects.isEmpty)
    }

    @Test("that is busy is asked to come back, and does")
    func busy() async throws {
        let statuses = Mutex<[ManagementReply.Status?]>([])
        let receiver = TestReceiver(work: { call, _ in
            let items = [Item(ItemKey("sntp-addr"), value: "192.0.2.1")]
            let reply = try? await call.session.perform(.writeItems(items), password: nil)
            statuses.withLock { $0.append(reply?.status) }
            await call.session.close()
        })
        let server = try await TestServers.start(receiver)
        let said = try await Tool.run([
            "python3", Self.script, "127.0.0.1", String(server.port), TestServers.mac, "--busy", "1",
        ])
        await server.stop()
        #expect(said.status == 0, "\(said.errors)")
        #expect(statuses.withLock { $0 } == [.busy, .accepted])
        #expect(
            Self.lines(said.text) == [
                "WriteItems sntp-addr=192.0.2.1", "CleanUp send-solicited=true", "WriteItems sntp-addr=192.0.2.1",
                "CleanUp",
            ])
    }

    @Test("calls the server that contact-me names")
    func contactMe() async throws {
        let server = try await TestServers.start()
        let host = "127.201.\(Int.random(in: 0...255)).\(Int.random(in: 1...254))"
        let output = try ChildPipe()
        let phone = try ChildProcess(
            ["python3", Self.script, "192.0.2.1", "1", TestServers.mac, "--listen", host],
            streams: .init(output: output.output))
        defer { phone.end() }
        output.closeWriteEnd()
        #expect(await OwnThread.run { output.line() } == "ready")
        let dialer = WPIDialer(server: server)
        let target = PhoneTarget(
            address: host, port: 8085, security: .plain, timeouts: .patient, managementProtocol: .wpi,
            mac: TestServers.phone)
        let session = try await dialer.session(with: target)
        let reply = try await session.perform(.readItems([ItemKey("e164")]), password: nil)
        #expect(reply.items == [Item(ItemKey("e164"), value: "4242")])
        await session.close()
        for line in ["ContactMe", "ReadItems e164=", "CleanUp"] {
            #expect(await OwnThread.run { output.line() } == line)
        }
        await server.stop()
    }
}
