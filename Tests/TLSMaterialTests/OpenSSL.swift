import Foundation
import ProcessTesting
import Testing

@testable import TLSMaterial

/// The `openssl` command line as a second judge and as a maker of certificates that our issuer cannot make.
enum OpenSSL {
    /// What `openssl verify` said.
    enum Verdict: Hashable, CustomStringConvertible {
        case accepts
        /// With the error number, see verify(1).
        case refuses(Int)
        /// The file could not be read as a certificate.
        case cannotRead

        var description: String {
            switch self {
            case .accepts: "accepts"
            case .refuses(let number): "refuses with \(number)"
            case .cannotRead: "cannot read"
            }
        }
    }

    /// Runs one command and returns what it wrote on both channels.
    static func run(_ arguments: [String], executable: String = "/usr/bin/openssl") throws -> String {
        let said = try Tool.runAndWait([executable] + arguments)
        return said.text + said.errors
    }

    /// Judges a chain as a TLS client that accepts any of the anchors would.
    static func verify(_ test: ChainCase, in directory: URL) throws -> Verdict {
        let place = directory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        func write(_ name: String, _ certificates: [[UInt8]]) throws -> String {
            let file = place.appendingPathComponent(name)
            let text = certificates.map { PEMText.block("CERTIFICATE", $0) }.joined()
            try Data(text.utf8).write(to: file)
            return file.path
        }
        var arguments = ["verify", "-attime", String(Int(test.time.timeIntervalSince1970)), "-partial_chain"]
        arguments += ["-purpose", "sslserver", "-auth_level", test.profile.allowsLegacy ? "0" : "2"]
        arguments += ["-trusted", try write("trusted.pem", test.profile.anchors.map(\.der))]
        if test.chain.count > 1 {
            arguments += ["-untrusted", try write("untrusted.pem", Array(test.chain.dropFirst()))]
        }
        arguments.append(try write("leaf.pem", Array(test.chain.prefix(1))))
        let output = try run(arguments)
        if let match = output.firstMatch(of: /error (\d+) at/), let number = Int(match.1) { return .refuses(number) }
        if output.contains("Unable to load") || output.contains("Could not read") { return .cannotRead }
        return output.contains("leaf.pem: OK") ? .accepts : .cannotRead
    }
}
