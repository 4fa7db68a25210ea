import DeploymentModel
import Foundation
import ManagementXML
import Synchronization
import Testing
import TLSMaterial

@testable import PhoneTransport

private let mac = TestServers.mac

private func opening(_ nonce: String) -> String { RawPhone.message("solicited", nonce: nonce, mac: mac) }

@Suite("Whose call has the place of a phone", .timeLimit(.minutes(5)))
struct AdmissionTests {
    /// Asks each phone for everything.
    private func server(
        _ receiver: TestReceiver = .asking(), told: Told = Told(),
        profiles: (@Sendable (MACAddress) async throws -> [TrustProfile])? = nil
    ) async throws -> (WPIServer, secure: Int) {
        let trusted = try SecureCallers.profile()
        let server = try await TestServers.start(
            receiver, securePort: 0, report: { told.add($0, $1) }, profiles: profiles ?? { _ in [trusted] })
        return (server, try #require(server.securePort))
    }

    private final class Told: Sendable {
        private let kept = Mutex<[(WPIDefect, Fault)]>([])
        func add(_ defect: WPIDefect, _ fault: Fault) { kept.withLock { $0.append((defect, fault)) } }
        var all: [(WPIDefect, Fault)] { kept.withLock(\.self) }
    }

    private func isServed(_ phone: RawPhone, _ nonce: String) async throws -> Bool {
        try await phone.post(opening(nonce))?.action == .readAllItems
    }

    private func isOver(_ phone: RawPhone, _ nonce: String) async throws -> Bool {
        let last = try await phone.post(RawPhone.reply(to: "ReadAllItems", nonce: nonce))
        return last?.action == .cleanUp && last?.items == []
    }

    @Test(
        "a phone that proves who it is ends a conversation in default mode in its name, which is counted and told once")
    func provenWins() async throws {
        let (ends, feed) = AsyncStream.makeStream(of: StatusCode?.self)
        let receiver = TestReceiver { call, _ in
            feed.yield(await fault { try await call.session.perform(.readAllItems, password: nil) }?.code)
            await call.session.close()
        }
        var codes = ends.makeAsyncIterator()
        let told = Told()
        let (server, port) = try await server(receiver, told: told)
        for round in 1...2 {
            let other = try await RawPhone.call(server.port, from: "127.0.0.2")
            #expect(try await isServed(other, "A\(round)"))
            let phone = try await RawPhone.call(port, material: try SecureCallers.material())
            #expect(try await isServed(phone, "B\(round)"))
            #expect(await codes.next() == .callSecondPhone)
            // It is over, and as long as the phone is served nobody else is in default mode.
            let late = try await other.post(RawPhone.reply(to: "ReadAllItems", nonce: "C\(round)", mac: mac))
            #expect(late?.action == .cleanUp && late?.items != [])
            #expect(try await other.post(opening("D\(round)"))?.text(of: "cleanup-reason") == "mac-addr in use")
            #expect(try await isOver(phone, "E\(round)"))
            #expect(await codes.next() == .some(nil))
            await phone.close()
            await other.close()
        }
        #expect(server.counts.count(of: .displaced) == 2 && server.counts.count(of: .secondPhone) == 2)
        let displaced = told.all.filter { $0.0 == .displaced }.map(\.1)
        #expect(displaced.map(\.code) == [.callSecondPhone] && displaced.first?.subject == "127.0.0.2")
        await server.stop()
    }

    @Test("a certificate of no worth neither ends another's conversation nor keeps the phone out while it is judged")
    func unprovenIsNotInTheWay() async throws {
        let trusted = try SecureCallers.profile()
        let (entered, gate) = (Latch(), Latch())
        let isFirst = Mutex(true)
        let (server, port) = try await server { _ in
            let waits = isFirst.withLock { isFirst in
                defer { isFirst = false }
                return isFirst
            }
            if waits {
                entered.open()
                await gate.wait()
            }
            return [trusted]
        }
        let usual = try await RawPhone.call(server.port)
        #expect(try await isServed(usual, "A"))
        let other = try await RawPhone.call(port, material: try SecureCallers.material(isOther: true))
        try await other.send(RawPhone.request(opening("B")))
        await entered.wait()
        #expect(try await isOver(usual, "C"))
        let phone = try await RawPhone.call(port, material: try SecureCallers.material())
        #expect(try await isServed(phone, "D"))
        gate.open()
        let answer = try #require(await other.next())
        #expect(
            try WPI.decodeServerMessage(answer.body).text(of: "cleanup-reason") == "certificate not accepted")
        #expect(try await isOver(phone, "E"))
        #expect(server.counts.count(of: .notTrusted) == 1 && server.counts.defects.count == 1)
        await server.stop()
        for phone in [usual, other, phone] { await phone.close() }
    }

    @Test("of two that prove to be one phone the second is let go; the same one that begins anew is served")
    func twoProven() async throws {
        let (server, port) = try await server()
        let material = try SecureCallers.material()
        let phone = try await RawPhone.call(port, material: material)
        #expect(try await isServed(phone, "A"))
        let second = try await RawPhone.call(port, material: try SecureCallers.material())
        #expect(try await second.post(opening("B"))?.text(of: "cleanup-reason") == "mac-addr in use")
        #expect(server.counts.count(of: .secondPhone) == 1)
        let anew = try await RawPhone.call(port, material: material)
        #expect(try await isServed(anew, "C"))
        #expect(try await isOver(anew, "D"))
        #expect(server.counts.defects.count == 1)
        #expect(try await isServed(second, "E"))
        await server.stop()
        #expect(server.counts.openSessions == 0)
        for phone in [phone, second, anew] { await phone.close() }
    }

    @Test("a call in default mode of a phone that belongs into secure mode does not keep it waiting")
    func refusedWhileJudged() async throws {
        let receiver = TestReceiver(
            work: { call, _ in
                _ = try? await call.session.perform(.readAllItems, password: nil)
                await call.session.close()
            },
            refusal: { $0.session.evidence.isAuthenticated ? nil : Fault(.callRefused, subject: $0.address) })
        let (server, port) = try await server(receiver)
        let other = try await RawPhone.call(server.port)
        #expect(try await other.post(opening("A"))?.text(of: "cleanup-reason") == "refused")
        let phone = try await RawPhone.call(port, material: try SecureCallers.material())
        #expect(try await isServed(phone, "B"))
        #expect(try await isOver(phone, "C"))
        #expect(server.counts.count(of: .refused) == 1 && server.counts.defects.count == 1)
        await server.stop()
        for phone in [phone, other] { await phone.close() }
    }
}
