import DeploymentModel
import Foundation
import TLSMaterial

/// What a file with key material or trusted certificates holds, and what stands against sending it.
struct MaterialView: Encodable {
    /// One thing that was found, in words.
    struct Finding: Encodable {
        var code: StatusCode
        var reason: String
        var remedy: String?
    }

    var file: String
    /// The certificates in the order in which the phones get them: of key material the leaf first.
    var certificates: [CertificateView]
    /// The subject alternative names of the leaf; none for trusted certificates.
    var names: [String]?
    /// Bytes as the phones get them; missing when the content cannot be written at all.
    var size: Int?
    /// The phone types for which was checked; empty for what holds for all.
    var types: [PhoneTypeID]
    var findings: [Finding]
    var canBeSent: Bool

    init(_ material: KeyMaterial, file: String, types: [PhoneType]) {
        let chain = material.chain.compactMap { try? ParsedCertificate(der: $0) }
        let findings =
            MaterialRules().faults(of: material, named: file, for: types)
            + Self.faults(of: .serverKeyMaterial, on: types)
        self.init(
            file: file, certificates: chain, size: try? PKCS12.encode(material).count, types: types, findings: findings)
        names = chain.first?.subjectAlternativeNames.map(\.description)
    }

    init(_ trusted: TrustedCertificates, file: String, types: [PhoneType]) {
        self.init(
            file: file, certificates: trusted.certificates, size: try? PKCS12.encode(trusted).count, types: types,
            findings: MaterialRules().faults(of: trusted, named: file, for: types)
                + Self.faults(of: .clientTrustedCertificates, on: types))
    }

    /// The types to which no such file can go at all; one that is plain only with old software is not among them.
    private static func faults(of kind: FileKind, on types: [PhoneType]) -> [Fault] {
        types.flatMap { kind.faults(on: $0, tls: $0.access.contains(where: \.tls)) }
    }

    private init(
        file: String, certificates: [ParsedCertificate], size: Int?, types: [PhoneType], findings: [Fault]
    ) {
        self.file = file
        self.certificates = certificates.map(CertificateView.init)
        self.size = size
        self.types = types.map(\.id)
        self.findings = findings.map { Finding(code: $0.code, reason: $0.summary, remedy: $0.remedy) }
        canBeSent = findings.isEmpty
    }
}
