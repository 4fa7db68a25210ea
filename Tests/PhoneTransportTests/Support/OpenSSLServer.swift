import Foundation
import TLSMaterial

/// A TLS peer that nobody here wrote: `openssl s_server`, on a port of its own choice.
final class OpenSSLServer {
    struct DidNotStart: Error {}

    let port: Int
    private let process: Process
    private let directory: URL

    /// - Parameters:
    ///   - material: nil for a server without certificate.
    ///   - options: further arguments, such as `-tls1` or `-cipher`.
    static func start(_ material: KeyMaterial?, _ options: [String] = []) async throws -> OpenSSLServer {
        let directory = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
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
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["openssl"] + arguments + options
        let output = Pipe()
        process.standardInput = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        guard let port = await port(in: output) else {
            process.terminate()
            throw DidNotStart()
        }
        return OpenSSLServer(port: port, process: process, directory: directory)
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

    /// Waits for the line `ACCEPT 127.0.0.1:PORT`.
    private static func port(in output: Pipe) async -> Int? {
        await Task.detached {
            var text = ""
            while true {
                let data = output.fileHandleForReading.availableData
                guard !data.isEmpty else { return nil }
                text += String(decoding: data, as: UTF8.self)
                let lines = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
                if let line = lines.first(where: { $0.hasPrefix("ACCEPT") }) {
                    return line.split(separator: ":").last.flatMap { Int($0) }
                }
            }
        }.value
    }
}
