import Foundation
import ProcessTesting
import TLSMaterial

/// A TLS peer that speaks what OpenSSL no longer does: `gnutls-serv`, for 3DES and short keys.
final class GnuTLSServer: TLSServerProcess {
    /// - Parameter priority: GnuTLS's priority string: which versions, ciphers and key exchanges it has.
    static func start(_ material: KeyMaterial, priority: String) async throws -> GnuTLSServer {
        let directory = try makeDirectory()
        let file = directory.appending(path: "server.pem")
        try Data(material.pemText.utf8).write(to: file)
        // Somebody else may take the port between its choice and the start; then another one is tried.
        for _ in 0..<8 {
            let port = try freePort()
            let (input, output) = (try ChildPipe(), try ChildPipe())
            let arguments = [
                "gnutls-serv", "--http", "--port", String(port), "--x509certfile", file.path, "--x509keyfile",
                file.path, "--priority", priority,
            ]
            let process = try ChildProcess(arguments, streams: .init(input: input.input, errors: output.output))
            output.closeWriteEnd()
            if await OwnThread.run({ listens(output) }) {
                return GnuTLSServer(port: port, process: process, directory: directory, input: input, output: output)
            }
            process.end()
        }
        throw DidNotStart()
    }

    /// Waits for the line `HTTP Server listening on IPv4 0.0.0.0 port N...done`.
    private static func listens(_ output: ChildPipe) -> Bool {
        while let line = output.line() {
            if line.contains("IPv4") { return line.hasSuffix("done") }
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
        guard isKnown else { throw DidNotStart() }
        return Int(UInt16(bigEndian: address.sin_port))
    }
}
