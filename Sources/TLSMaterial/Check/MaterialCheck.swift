public import struct Foundation.Date

/// Judges key material and trusted certificates before anything is sent; pure, and all findings at once.
public enum MaterialCheck {
    /// The elliptic curves that a phone may know.
    public enum Curve: String, Hashable, Sendable, CaseIterable { case p256, p384, p521 }

    /// What a phone type can take.
    public struct Limits: Hashable, Sendable {
        /// The largest file in bytes, in the form in which it is sent; nil for any.
        public var maximumBytes: Int?
        /// The shortest RSA key in bits.
        public var minimumRSABits = 2048
        /// The longest RSA key in bits.
        public var maximumRSABits = 4096
        /// The elliptic curves.
        public var curves: Set<Curve> = [.p256, .p384]
        /// The digests under signatures; the signature of a self-signed root plays no part.
        public var digests: Set<CertificateIssuer.SignatureDigest> = [.sha256, .sha384, .sha512]
        /// The chain must end with a self-signed CA.
        public var requiresRoot = true

        /// What every phone of today can take, up to this size.
        public init(maximumBytes: Int? = nil) { self.maximumBytes = maximumBytes }
    }

    /// What speaks against sending the key material to a phone; nothing when it is fit.
    ///
    /// In the order of the chain, the most fundamental first.
    public static func findings(of material: KeyMaterial, limits: Limits, at time: Date) -> [MaterialFinding] {
        var chain: [ParsedCertificate] = []
        for (index, der) in material.chain.enumerated() {
            do throws(MaterialError) { chain.append(try ParsedCertificate(der: der)) } catch {
                return [MaterialFinding(.damaged, detail: "certificate \(index + 1) of the chain: \(error.detail)")]
            }
        }
        guard let leaf = chain.first else { return [MaterialFinding(.damaged, detail: "no certificate")] }
        var findings = keyFindings(material, leaf)
        findings += ChainCheck(chain: chain, requiresRoot: limits.requiresRoot).findings()
        findings += leafFindings(leaf)
        for certificate in chain { findings += CertificateCheck(certificate, limits, time).findings() }
        findings += sizeFindings(limits) { () throws(MaterialError) in try PKCS12.encode(material) }
        return findings.isEmpty ? ruleFindings(chain, limits, time) : findings
    }

    /// What speaks against sending the trusted certificates to a phone; nothing when they are fit.
    public static func findings(
        of certificates: TrustedCertificates, limits: Limits, at time: Date
    ) -> [MaterialFinding] {
        var findings: [MaterialFinding] = []
        for certificate in certificates.certificates {
            findings += CertificateCheck(certificate, limits, time).findings()
        }
        return findings + sizeFindings(limits) { () throws(MaterialError) in try PKCS12.encode(certificates) }
    }

    private static func keyFindings(_ material: KeyMaterial, _ leaf: ParsedCertificate) -> [MaterialFinding] {
        do throws(MaterialError) {
            guard try material.keyMatchesLeaf() else {
                let detail = "the private key does not belong to \(leaf.subject.short)"
                return [MaterialFinding(.keyMismatch, detail: detail)]
            }
            return []
        } catch {
            return [MaterialFinding(error.code == .unsupportedKey ? .unsupportedKey : .damaged, detail: error.detail)]
        }
    }

    private static func leafFindings(_ leaf: ParsedCertificate) -> [MaterialFinding] {
        var findings: [MaterialFinding] = []
        if leaf.isCA {
            findings.append(
                MaterialFinding(.leafIsCA, detail: "\(leaf.subject.short) is a CA certificate (basic constraints)"))
        }
        let extensions = leaf.content.extensions
        if let purposes = extensions.extendedKeyUsage,
            !purposes.contains(.serverAuthentication), !purposes.contains(.anyExtendedKeyUsage)
        {
            let seen = purposes.prefix(3).map(\.dotted).joined(separator: ", ")
            findings.append(
                MaterialFinding(
                    .purpose, detail: "\(leaf.subject.short) is not for TLS servers; its purposes are \(seen)"))
        }
        if !leaf.isCA, let usage = extensions.keyUsage,
            usage.isDisjoint(with: [.digitalSignature, .keyEncipherment, .keyAgreement])
        {
            let detail = "\(leaf.subject.short) may neither sign nor encipher keys (key usage)"
            findings.append(MaterialFinding(.purpose, detail: detail))
        }
        return findings
    }

    private static func sizeFindings(
        _ limits: Limits, _ encode: () throws(MaterialError) -> [UInt8]
    ) -> [MaterialFinding] {
        guard let most = limits.maximumBytes else { return [] }
        do throws(MaterialError) {
            let count = try encode().count
            guard count > most else { return [] }
            return [MaterialFinding(.tooLarge, detail: "the file has \(count) bytes; the phone takes at most \(most)")]
        } catch {
            return [MaterialFinding(.damaged, detail: error.detail)]
        }
    }

    /// The rules of RFC 5280 that the other checks do not name, as the tool itself applies them in a handshake.
    private static func ruleFindings(
        _ chain: [ParsedCertificate], _ limits: Limits, _ time: Date
    ) -> [MaterialFinding] {
        guard let leaf = chain.first, let last = chain.last else { return [] }
        let profile = TrustProfile(
            name: "own", subject: leaf.subject, anchors: [last],
            allowsLegacy: limits.minimumRSABits < 2048 || limits.digests.contains(.sha1))
        do throws(TrustFailure) {
            _ = try ChainVerifier().verify(chain.map(\.der), against: profile, at: time)
            return []
        } catch {
            return [MaterialFinding(.chainInvalid, detail: error.detail)]
        }
    }
}
