import DeploymentModel
import Foundation
import TLSMaterial

/// What a phone looks at before it takes server key material or client trusted certificates.
///
/// A phone minds less than the tool does: it has no clock to rely on, and takes the keys and digests of its time.
enum FileCheck {
    /// Why a phone does not take a file, in its words.
    struct Refusal: Error {
        var reason: String
    }

    /// Looks at a file of one of the two kinds; what it holds, for people: subject, fingerprint and last day.
    static func summary(of content: [UInt8], as kind: FileKind) throws(Refusal) -> String {
        let contents = try reading { () throws(MaterialError) in try PKCS12.decodeUnencrypted(content) }
        return kind == .serverKeyMaterial ? try keyMaterial(contents, of: content) : try trusted(contents)
    }

    private static func keyMaterial(_ contents: PKCS12Contents, of content: [UInt8]) throws(Refusal) -> String {
        guard contents.keys.count == 1 else {
            throw Refusal(reason: "\(contents.keys.count) private keys; exactly one is needed")
        }
        let material = try reading { () throws(MaterialError) in try KeyMaterial(pkcs12: contents) }
        if let stranger = contents.certificates.first(where: { !material.chain.contains($0.der) }) {
            throw Refusal(reason: "the certificate \(stranger.subject) is not part of the chain")
        }
        try hold(MaterialCheck.findings(of: material, limits: limits, at: .distantPast))
        guard (try? ServerContext.tryOut(material, of: content)) != nil else {
            throw Refusal(reason: "the TLS server cannot use the key material")
        }
        return contents.certificates.first { $0.der == material.chain.first }.map(summary) ?? ""
    }

    private static func trusted(_ contents: PKCS12Contents) throws(Refusal) -> String {
        let trusted = try reading { () throws(MaterialError) in try TrustedCertificates(pkcs12: contents) }
        try hold(MaterialCheck.findings(of: trusted, limits: limits, at: .distantPast))
        let shown = trusted.certificates.prefix(mostShown).map(summary)
        let rest = trusted.certificates.count - shown.count
        return shown.joined(separator: "; ") + (rest > 0 ? "; and \(rest) more" : "")
    }

    private static func summary(of certificate: ParsedCertificate) -> String {
        let day = certificate.notAfter.formatted(.iso8601.year().month().day())
        return "\(certificate.subject), SHA-256 \(certificate.fingerprint), until \(day)"
    }

    private static let mostShown = 8

    // MARK: What a phone minds

    private static let limits = {
        var limits = MaterialCheck.Limits()
        limits.minimumRSABits = 1024
        limits.digests = Set(CertificateIssuer.SignatureDigest.allCases)
        limits.requiresRoot = false
        return limits
    }()

    private static let minded: Set<MaterialFinding.Code> = [
        .damaged, .keyMismatch, .chainOrder, .chainIncomplete, .duplicate, .weakKey, .unsupportedKey, .digest,
        .tooLarge,
    ]

    private static func hold(_ findings: [MaterialFinding]) throws(Refusal) {
        if let finding = findings.first(where: { minded.contains($0.code) }) { throw Refusal(reason: finding.detail) }
    }

    private static func reading<Value>(_ body: () throws(MaterialError) -> Value) throws(Refusal) -> Value {
        do throws(MaterialError) { return try body() } catch { throw Refusal(reason: error.detail) }
    }
}
