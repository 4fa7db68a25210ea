import Foundation
import ProcessTesting
import TLSMaterial

/// A TLS peer that nobody here wrote: `openssl s_server`, on a port of its own choice.
final class OpenSSLServer: TLSServerProcess {
    /// - Parameters:
    ///   - material: nil for a server without certificate.
    ///   - options: further arguments, such as `-tls1` or `-cipher`.
    static func start(_ material: KeyMaterial?, _ options: [String] = []) async throws -> OpenSSLServer {
        let directory = try makeDirectory()
        var arguments = ["s_server", "-accept", "127.0.0.1:0", "-www"]
        if let material {
            let file = directory.appending(path: "server.pem")
            try Data(material.pemText.utf8).write(to: file)
            let issuers = directory.appending(path: "issuers.pem")
            let certificates = try material.chain.dropFirst().map { try ParsedCertificate(der: $0).pem }
            try Data(certificates.joined().utf8).write(to: issuers)
            arguments += ["-cert", file.path, "-key", file.path, "-cert_chain", issuers.path]
        } else {
            arguments.append("-nocert")
        }
        let (input, output) = (try ChildPipe(), try ChildPipe())
        let process = try ChildProcess(
            ["openssl"] + arguments + options, streams: .init(input: input.input, output: output.output))
        output.closeWriteEnd()
        guard let port = await OwnThread.run({ port(in: output) }) else { throw DidNotStart() }
        return OpenSSLServer(port: port, process: process, directory: directory, input: input, output: output)
    }

    /// Waits for the line `ACCEPT 127.0.0.1:PORT`.
    private static func port(in output: ChildPipe) -> Int? {
        while let line = output.line() {
            if line.hasPrefix("ACCEPT") { return line.split(separator: ":").last.flatMap { Int($0) } }
        }
        return nil
    }
}
