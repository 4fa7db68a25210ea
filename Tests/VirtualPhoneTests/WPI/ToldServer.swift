import DeploymentModel
import DeploymentTesting
import Foundation
import ProcessTesting
import TLSMaterial
import Testing
import VirtualPhone

/// A server written in Python that says to phones what a test tells it.
final class ToldServer: Sendable {
    /// A message as the Python program read it.
    struct Message: Decodable, Sendable {
        var reason: String
        var nonce: String?
        var fragment: String?
        var action: String?
        var status: String?
        var items: [String: String]?
        var statuses: [String: String]?
        var cookie: String?
        var client: String?
        var connection: Int
        var path: String?
        var bytes: Int
        var address: String?
    }

    /// The server has ended and said nothing more.
    struct Ended: Error {}

    let endpoint: WPIEndpoint
    private let process: ChildProcess
    private let input: ChildPipe
    private let output: ChildPipe

    /// - Parameter authority: who issues the phones' certificates; nil in default mode.
    static func start(
        _ address: String = "127.0.0.1", material: KeyMaterial? = nil, authority: ThrowawayCA? = nil
    ) async throws -> ToldServer {
        let material = try material ?? ThrowawayCA().issue("CN=server")
        let directory = FileManager.default.temporaryDirectory.appending(path: "told-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        let file = directory.appending(path: "material.pem").path()
        try material.pemText.write(toFile: file, atomically: true, encoding: .utf8)
        var arguments = ["python3", PeerProgram.path("told_wpi_server.py"), address, file, file]
        if let authority {
            let trusted = directory.appending(path: "authority.pem").path()
            try authority.issuer.certificate.pem.write(toFile: trusted, atomically: true, encoding: .utf8)
            arguments.append(trusted)
        }
        let (input, output) = (try ChildPipe(), try ChildPipe())
        let process = try ChildProcess(arguments, streams: .init(input: input.input, output: output.output))
        output.closeWriteEnd()
        let port = try #require(await OwnThread.run { output.line() }.flatMap { Int($0) })
        try? FileManager.default.removeItem(at: directory)
        return ToldServer(WPIEndpoint(host: address, port: port), process, input, output)
    }

    private init(_ endpoint: WPIEndpoint, _ process: ChildProcess, _ input: ChildPipe, _ output: ChildPipe) {
        self.endpoint = endpoint
        self.process = process
        self.input = input
        self.output = output
    }

    func end() { process.end() }

    /// The next message of any phone; throws ``Ended``.
    func hear() async throws -> Message {
        let output = output
        guard let line = await OwnThread.run({ output.line() }) else { throw Ended() }
        return try JSONDecoder().decode(Message.self, from: Data(line.utf8))
    }

    /// Answers the message that was heard last.
    func say(_ order: String) async throws {
        let descriptor = input.output
        let bytes = Array((order.replacing("\n", with: " ") + "\n").utf8)
        try await OwnThread.run {
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
                if count < 0 { throw POSIXError(.EPIPE) }
                rest = rest.dropFirst(count)
            }
        }
    }

    /// Answers with an action, and hears the next message.
    func order(_ action: String, _ items: String = "") async throws -> Message {
        try await say(Self.message(action, items))
        return try await hear()
    }

    /// Ends the conversation.
    func cleanUp(_ items: String = "") async throws {
        try await say(Self.message("CleanUp", items))
    }

    static func message(_ action: String, _ items: String = "") -> String {
        let list = items.isEmpty ? "" : "<ItemList>\(items)</ItemList>"
        return "<DLSMessage xmlns=\"http://www.siemens.com/DLS\"><Message nonce=\"NONCE\"><Action>\(action)</Action>"
            + "\(list)</Message></DLSMessage>"
    }
}

/// Phones of the tests that call by themselves.
enum CallingPhones {
    static let type = PhoneTypeID("openstage-60-test")

    static func model(software: String = "V3 R5.12.0") -> PhoneModel {
        PhoneModel(type: phoneType, software: SoftwareVersion(software))
    }

    static var phoneType: PhoneType {
        var type = PhoneType.make(
            id: type, deviceType: "OpenStage 60", tls: false, port: 8085,
            parameters: Parameter.assortment + [
                .make(item: "dls-contact-interval", kind: .number, minimum: 0, maximum: 3600, defaultValue: "300"),
                .make(item: "display-id", maximumLength: 24),
                .make(item: "long-text", maximumLength: 4000, indices: 1...30),
            ],
            managementProtocol: .wpi, softwareVersions: ["V1 R5.1.0", "V2 R1.3.0", "V3 R2.0.0", "V3 R5.12.0"])
        type.capabilitiesFrom = [
            .sendSolicited: SoftwareVersion("V3 R3"), .changedValues: SoftwareVersion("V2 R2"),
            .escapedValues: SoftwareVersion("V1 R6"), .chunkedBodies: SoftwareVersion("V3"),
        ]
        return type
    }

    /// Starts phones that know the server, and ends them.
    static func with(
        _ server: ToldServer, count: Int = 1, software: String? = nil, faults: [PhoneFault] = [],
        options change: (inout WPIOptions) -> Void = { _ in }, restartSeconds: Double = 0.05,
        _ body: (VirtualFleet) async throws -> Void
    ) async throws {
        var options = WPIOptions(server: server.endpoint)
        options.webPort = 0
        options.callsAtStart = true
        options.speed = 1000
        change(&options)
        let range = try ListenRange(
            parsing: "127.77.\(Int.random(in: 0...255)).\(8 * Int.random(in: 0...31))/29")
        let configuration = FleetConfiguration(
            count: count, types: [.init(type, software: software.map { SoftwareVersion($0) })], listenRange: range,
            port: 0, faults: FaultPlan(faults.map { .init($0) }), restartSeconds: restartSeconds, limits: .patient,
            wpi: options)
        let fleet = try await VirtualFleet.start(configuration, catalogue: Catalogue(types: [phoneType]))
        var failure: (any Error)?
        do { try await body(fleet) } catch { failure = error }
        await fleet.shutdown()
        server.end()
        if let failure { throw failure }
    }
}
