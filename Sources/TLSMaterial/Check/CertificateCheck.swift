import Foundation

/// What can be said against one certificate, whatever its place.
struct CertificateCheck {
    private let certificate: ParsedCertificate
    private let limits: MaterialCheck.Limits
    private let time: Date

    init(_ certificate: ParsedCertificate, _ limits: MaterialCheck.Limits, _ time: Date) {
        self.certificate = certificate
        self.limits = limits
        self.time = time
    }

    func findings() -> [MaterialFinding] { [validity, key, digest].compactMap(\.self) }

    private var name: String { certificate.subject.short }

    private var validity: MaterialFinding? {
        if time < certificate.notBefore {
            let detail = "\(name) is valid from \(iso(certificate.notBefore)); the time is \(iso(time))"
            return MaterialFinding(.notYetValid, detail: detail)
        }
        guard time > certificate.notAfter else { return nil }
        return MaterialFinding(
            .expired, detail: "\(name) expired at \(iso(certificate.notAfter)); the time is \(iso(time))")
    }

    private var key: MaterialFinding? {
        switch certificate.content.publicKey.kind {
        case .rsa(let bits) where bits < limits.minimumRSABits:
            let detail = "\(name) has an RSA key of \(bits) bits; at least \(limits.minimumRSABits)"
            return MaterialFinding(.weakKey, detail: detail)
        case .rsa(let bits) where bits > limits.maximumRSABits:
            return unsupported("an RSA key of \(bits) bits; at most \(limits.maximumRSABits)")
        case .rsa: return nil
        case .p256: return limits.curves.contains(.p256) ? nil : unsupported("a P-256 key")
        case .p384: return limits.curves.contains(.p384) ? nil : unsupported("a P-384 key")
        case .p521: return limits.curves.contains(.p521) ? nil : unsupported("a P-521 key")
        case .ed25519: return unsupported("an Ed25519 key")
        case .other(let kind): return unsupported("a \(kind)")
        }
    }

    private func unsupported(_ seen: String) -> MaterialFinding {
        MaterialFinding(.unsupportedKey, detail: "\(name) has \(seen), which the phone cannot use")
    }

    /// Nobody relies on the signature of a root.
    private var digest: MaterialFinding? {
        guard !certificate.content.isSelfIssued else { return nil }
        let isKnown: Bool =
            switch certificate.content.signatureAlgorithm.digest {
            case .sha1: limits.digests.contains(.sha1)
            case .sha256: limits.digests.contains(.sha256)
            case .sha384: limits.digests.contains(.sha384)
            case .sha512: limits.digests.contains(.sha512)
            case .md2, .md5, nil: false
            }
        guard !isKnown else { return nil }
        let detail = "\(name) is signed by \(certificate.signatureDescription), which the phone cannot use"
        return MaterialFinding(.digest, detail: detail)
    }

    private func iso(_ date: Date) -> String { date.formatted(.iso8601) }
}
