import DeploymentModel
import DeploymentTesting
import Foundation
import ProcessTesting
import TLSMaterial
import Testing
import VirtualPhone

/// A server in Python, written from the reference alone, that judges the form of every message of a virtual phone.
@Suite struct PeerServerTests {
    private static let script = PeerProgram.path("fake_wpi_server.py")

    private static let actions = [
        "ReadItems:device-type,nope", "WriteItems:sntp-addr=192.0.2.1,mac-addr=x", "ReadItems:sntp-addr",
        "CleanUp",
    ]

    /// Starts the server; its lines come from the pipe.
    private static func start(_ form: String) async throws -> (ChildProcess, ChildPipe, port: Int) {
        let directory = FileManager.default.temporaryDirectory.appending(path: "peer-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let file = directory.appending(path: "material.pem").path()
        try ThrowawayCA().issue("CN=server").pemText.write(toFile: file, atomically: true, encoding: .utf8)
        let output = try ChildPipe()
        let process = try ChildProcess(
            ["python3", script, "127.0.0.1", "0", file, file, "--form", form] + actions,
            streams: .init(output: output.output))
        output.closeWriteEnd()
        let ready = try #require(await OwnThread.run { output.line() })
        return (process, output, try #require(Int(ready.dropFirst("ready ".count))))
    }

    @Test(arguments: ["plain", "bare", "outside", "signed"])
    func aPhone_obeysTheServer_howeverItsMessagesAreDressed(form: String) async throws {
        let (process, output, port) = try await Self.start(form)
        defer { process.end() }
        var options = WPIOptions(server: WPIEndpoint(host: "127.0.0.1", port: port))
        options.callsAtStart = true
        options.speed = 1000
        let range = try ListenRange(parsing: "127.79.\(Int.random(in: 0...255)).\(8 * Int.random(in: 0...31))/29")
        let configuration = FleetConfiguration(
            count: 1, types: [.init(CallingPhones.type)], listenRange: range, port: 0, limits: .patient, wpi: options)
        let fleet = try await VirtualFleet.start(
            configuration, catalogue: Catalogue(types: [CallingPhones.phoneType]))
        var heard: [String] = []
        while let line = await OwnThread.run({ output.line() }), line != "-> CleanUp" {
            if line.hasPrefix("<- ") || line.hasPrefix("!!") { heard.append(line) }
        }
        await fleet.shutdown()
        #expect(heard.first?.hasPrefix("<- start-up") == true)
        #expect(
            heard.dropFirst() == [
                "<- reply-to ReadItems accepted device-type=OpenStage 60 nope!unknown item",
                "<- reply-to WriteItems accepted mac-addr!read only",
                "<- reply-to ReadItems accepted sntp-addr=192.0.2.1",
            ])
    }
}
