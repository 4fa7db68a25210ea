import DeploymentTesting
import Foundation
import TLSMaterial

/// A TLS peer that speaks what OpenSSL no longer does: `gnutls-serv`, for 3DES and short keys.
final class GnuTLSServer {
    struct DidNotStart: Error {
        var said: String
    }

    let port: Int
    private let process: Process
    private let directory: URL

    /// - Parameter priority: GnuTLS's priority string: which versions, ciphers and key exchanges it has.
    static func start(_ material: KeyMaterial, priority: String) async throws -> GnuTLSServer {
        let directory = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        let file = directory.appending(path: "server.pem")
        try Data(material.pemText.utf8).write(to: file)
        var said = ""
        // Somebody else may take the port between its choice and the start; then another one is tried.
        for _ in 0..<8 {
            let port = try freePort()
            let process = Process()
            process.executableURL = URL(filePath: "/usr/bin/env")
            process.arguments = [
                "gnutls-serv", "--http", "--quiet", "--port", String(port), "--x509certfile", file.path,
                "--x509keyfile", file.path, "--priority", priority,
            ]
            process.standardInput = Pipe()
            process.standardOutput = FileHandle.nullDevice
            process.standardError = FileHandle.nullDevice
            try process.run()
            if await answers(port, process) {
                return GnuTLSServer(port: port, process: process, directory: directory)
            }
            process.terminate()
            said = "port \(port), status \(process.isRunning ? 0 : process.terminationStatus)"
        }
        throw DidNotStart(said: said)
    }

    private init(port: Int, process: Process, directory: URL) {
        self.port = port
        self.process = process
        self.directory = directory
    }

    deinit {
        process.terminate()
        try? FileManager.default.removeItem(at: directory)
    }

    /// Dials until the server takes a connection or has ended.
    private static func answers(_ port: Int, _ process: Process) async -> Bool {
        while process.isRunning {
            let exchange = await RawClient.exchange("127.0.0.1", port, [Array("no TLS\n".utf8)], patience: 10)
            if exchange.end != .refused { return process.isRunning }
            await Task.yield()
        }
        return false
    }

    private static func freePort() throws -> Int {
        let socket = Foundation.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(socket) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        inet_pton(AF_INET, "127.0.0.1", &address.sin_addr)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isKnown = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                bind(socket, pointer, length) == 0 && getsockname(socket, pointer, &length) == 0
            }
        }
        guard isKnown else { throw DidNotStart(said: "no free port") }
        return Int(UInt16(bigEndian: address.sin_port))
    }
}
