import Foundation

@testable import TLSMaterial

/// A root, a CA below it, a second root, and short ways to make variations.
struct TestPKI {
    typealias Change = (inout CertificateIssuer.Template) throws -> Void

    let root: CertificateIssuer
    let middle: CertificateIssuer
    let stranger: CertificateIssuer
    private let leafKey: [UInt8]

    init() throws {
        root = try CertificateIssuer.selfSigned(.make("CN=Root,O=Example"))
        middle = try root.issueCA(.make("CN=Middle,O=Example"))
        stranger = try CertificateIssuer.selfSigned(.make("CN=Stranger,O=Example"))
        leafKey = try root.issue(.make("CN=key")).privateKey
    }

    /// The leaf alone.
    func leaf(
        _ issuer: CertificateIssuer, _ subject: String = "CN=phone,O=Example", _ change: Change = { _ in }
    ) throws -> [UInt8] {
        try issuer.issue(.make(subject, change), privateKey: leafKey).chain[0]
    }

    /// The certificate with a changed signed part, signed anew.
    func signedAnew(
        _ certificate: [UInt8], by issuer: CertificateIssuer, _ change: (inout [UInt8]) -> Void
    ) throws -> [UInt8] {
        var signed = Array(try ParsedCertificate(der: certificate).content.signedBytes)
        change(&signed)
        let key = try PrivateKey(pkcs8: issuer.material.privateKey)
        let signature = DEREncoding.bitString(try key.sign(signed, .sha256))
        return DEREncoding.sequence([signed, key.algorithm(.sha256), signature])
    }

    /// A CA below another.
    func authority(
        _ issuer: CertificateIssuer, _ subject: String = "CN=Middle,O=Example", _ change: Change = { _ in }
    ) throws -> CertificateIssuer {
        try issuer.issueCA(.make(subject, change))
    }

    func root(_ subject: String = "CN=Root,O=Example", _ change: Change = { _ in }) throws -> CertificateIssuer {
        try CertificateIssuer.selfSigned(.make(subject, change))
    }

    /// A certificate that signed itself, as leaf.
    func selfSignedLeaf(_ change: Change = { _ in }) throws -> [UInt8] {
        try root("CN=phone,O=Example") {
            $0.basicConstraints = .absent
            $0.keyUsage = .value(.digitalSignature)
            try change(&$0)
        }.certificate.der
    }

    /// A profile with these CAs as anchors.
    func trust(_ anchors: CertificateIssuer...) throws -> TrustProfile {
        try .make(anchors: anchors.map(\.certificate))
    }
}

extension CertificateIssuer {
    var der: [UInt8] { certificate.der }
}
