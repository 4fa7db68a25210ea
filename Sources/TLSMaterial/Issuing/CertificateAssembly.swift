import Crypto
import Foundation

/// Puts one certificate together (RFC 5280 section 4.1).
struct CertificateAssembly {
    let template: CertificateIssuer.Template
    let isCA: Bool
    /// The certified key is RSA, which may encipher keys in old TLS versions.
    var isRSA = false
    /// SubjectPublicKeyInfo of the certificate.
    let publicKey: [UInt8]
    let signer: PrivateKey
    let issuer: DistinguishedName
    /// The subject key identifier of the issuer's certificate; nil when it is made as here.
    var issuerKeyIdentifier: [UInt8]?

    func certificate() throws -> [UInt8] {
        let algorithm = signer.algorithm(template.digest)
        let signed = signedPart(algorithm)
        var signature = try signer.sign(signed, template.digest)
        if template.spoilsSignature, let last = signature.indices.last { signature[last] ^= 1 }
        return DEREncoding.sequence([signed, algorithm, DEREncoding.bitString(signature)])
    }

    /// The signer asks for a certificate of its own key (PKCS#10, RFC 2986 section 4); who issues and when is open.
    func request() throws -> [UInt8] {
        let algorithm = signer.algorithm(template.digest)
        // extensionRequest (RFC 2985 section 5.4.2): the extensions as an attribute, in the implicit tag [0].
        let wanted = DEREncoding.set([DEREncoding.sequence(extensions())])
        let attribute = DEREncoding.sequence([DEREncoding.objectIdentifier(.extensionRequest), wanted])
        let signed = DEREncoding.sequence([
            DEREncoding.integer(0), template.subject.der, publicKey, DEREncoding.explicit(0, attribute),
        ])
        let signature = try signer.sign(signed, template.digest)
        return DEREncoding.sequence([signed, algorithm, DEREncoding.bitString(signature)])
    }

    private func signedPart(_ algorithm: [UInt8]) -> [UInt8] {
        var members: [[UInt8]] = []
        if template.version > 1 { members.append(DEREncoding.explicit(0, DEREncoding.integer(template.version - 1))) }
        members.append(DEREncoding.integer(magnitude: Self.randomSerialNumber()))
        members.append(algorithm)
        members.append((template.issuer ?? issuer).der)
        let validity = [CertificateTime.encode(template.notBefore), CertificateTime.encode(template.notAfter)]
        members.append(DEREncoding.sequence(validity))
        members.append(template.subject.der)
        members.append(publicKey)
        let extensions = extensions()
        if template.version == 3, !extensions.isEmpty {
            members.append(DEREncoding.explicit(3, DEREncoding.sequence(extensions)))
        }
        return DEREncoding.sequence(members)
    }

    /// 127 random bits, never zero and always positive.
    private static func randomSerialNumber() -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        var bytes = (0..<16).map { _ in UInt8.random(in: 0...255, using: &generator) }
        bytes[0] = bytes[0] & 0x3F | 0x40
        return bytes
    }

    private func extensions() -> [[UInt8]] {
        var list: [[UInt8]] = []
        func add(_ identifier: ObjectIdentifier, critical: Bool, _ value: [UInt8]) {
            var parts = [DEREncoding.objectIdentifier(identifier)]
            if critical { parts.append(DEREncoding.boolean(true)) }
            list.append(DEREncoding.sequence(parts + [DEREncoding.octetString(value)]))
        }
        if let constraints { add(.basicConstraints, critical: true, constraints) }
        if let keyUsage { add(.keyUsage, critical: true, keyUsage.der) }
        if let purposes { add(.extendedKeyUsage, critical: false, purposes) }
        if !template.subjectAlternativeNames.isEmpty {
            let names = DEREncoding.sequence(template.subjectAlternativeNames.map(\.der))
            add(.subjectAlternativeName, critical: template.subject.isEmpty, names)
        }
        if let constraints = template.nameConstraints { add(.nameConstraints, critical: true, constraints.der) }
        if template.hasKeyIdentifiers {
            add(.subjectKeyIdentifier, critical: false, DEREncoding.octetString(Self.keyIdentifier(publicKey)))
            let authority = DEREncoding.value(0x80, issuerKeyIdentifier ?? Self.keyIdentifier(signer.publicKey))
            add(.authorityKeyIdentifier, critical: false, DEREncoding.sequence([authority]))
        }
        for raw in template.extraExtensions { add(raw.identifier, critical: raw.critical, raw.value) }
        return list
    }

    /// The leftmost 160 bits of SHA-256 over the key (RFC 7093 section 2, method 1, over the whole
    /// SubjectPublicKeyInfo).
    private static func keyIdentifier(_ publicKey: [UInt8]) -> [UInt8] {
        Array(SHA256.hash(data: publicKey).prefix(20))
    }

    private var constraints: [UInt8]? {
        switch template.basicConstraints {
        case .absent: return nil
        case .automatic: return isCA ? DEREncoding.sequence([DEREncoding.boolean(true)]) : nil
        case .value(let constraints):
            var parts: [[UInt8]] = []
            if constraints.isCA { parts.append(DEREncoding.boolean(true)) }
            if let length = constraints.pathLength { parts.append(DEREncoding.integer(length)) }
            return DEREncoding.sequence(parts)
        }
    }

    private var keyUsage: KeyUsage? {
        switch template.keyUsage {
        case .absent: nil
        case .automatic where isCA: [.keyCertSign, .cRLSign]
        case .automatic:
            isRSA && template.purpose == .server ? [.digitalSignature, .keyEncipherment] : .digitalSignature
        case .value(let usage): usage
        }
    }

    private var purposes: [UInt8]? {
        let purposes: [ObjectIdentifier]
        switch template.extendedKeyUsage {
        case .absent: return nil
        case .automatic where isCA: return nil
        case .automatic:
            purposes = [template.purpose == .server ? .serverAuthentication : .clientAuthentication]
        case .value(let list): purposes = list.compactMap { ObjectIdentifier(dotted: $0) }
        }
        return DEREncoding.sequence(purposes.map { DEREncoding.objectIdentifier($0) })
    }
}
