public import struct Foundation.Date

extension CertificateIssuer {
    /// Which key a fresh certificate gets.
    public enum KeyType: String, Hashable, Sendable, CaseIterable { case p256, rsa2048 }

    /// The digest under the signature; SHA-1 is for rehearsing old phones.
    public enum SignatureDigest: String, Hashable, Sendable, CaseIterable { case sha1, sha256, sha384, sha512 }

    /// An extension that follows from the role of the certificate, or is left away, or is what the caller says.
    public enum Choice<Value: Hashable & Sendable>: Hashable, Sendable {
        case automatic, absent
        case value(Value)
    }

    /// What a certificate that is none of a CA is for, in TLS.
    public enum Purpose: Hashable, Sendable { case server, client }

    /// The content of basic constraints.
    public struct BasicConstraints: Hashable, Sendable {
        /// The certificate is a CA.
        public var isCA: Bool
        /// How many CAs may stand below it, nil for any number.
        public var pathLength: Int?

        /// Takes the two fields.
        public init(isCA: Bool, pathLength: Int? = nil) {
            self.isCA = isCA
            self.pathLength = pathLength
        }
    }

    /// An extension given as bytes, for instance one that nobody knows.
    public struct RawExtension: Hashable, Sendable {
        let identifier: ObjectIdentifier
        let critical: Bool
        let value: [UInt8]

        /// - Parameter type: dotted decimal; throws `.damaged` when it is none.
        /// - Parameter value: what the extension's OCTET STRING holds.
        public init(type: String, critical: Bool, value: [UInt8]) throws(MaterialError) {
            guard let identifier = ObjectIdentifier(dotted: type) else {
                throw MaterialError(.damaged, detail: "'\(type.prefix(40))' is no object identifier")
            }
            self.identifier = identifier
            self.critical = critical
            self.value = value
        }
    }

    /// What a certificate shall say; the defaults make a sound TLS server certificate or CA, most of the rest is for
    /// faulty ones.
    public struct Template: Sendable {
        /// Whom the certificate is for.
        public var subject: DistinguishedName
        /// The first moment of validity, whole seconds.
        public var notBefore: Date
        /// The last moment of validity, whole seconds.
        public var notAfter: Date
        /// Which key is made.
        public var keyType: KeyType
        /// At which end the certificate is shown; says nothing for a CA.
        public var purpose = Purpose.server

        /// The X.509 version; below 3 all extensions are left away.
        public var version = 3
        /// The digest of the signature.
        public var digest: SignatureDigest = .sha256
        /// Written as issuer in place of the issuer's subject.
        public var issuer: DistinguishedName?
        /// Automatic: CA for a CA, absent for others.
        public var basicConstraints: Choice<BasicConstraints> = .automatic
        /// Automatic: certificate and CRL signing for a CA; signature (and, with RSA, key encipherment
        /// for a server) for others.
        public var keyUsage: Choice<KeyUsage> = .automatic
        /// Dotted decimal; automatic: TLS server or client authentication after ``purpose``, absent for a CA.
        public var extendedKeyUsage: Choice<[String]> = .automatic
        /// The extension is left away when empty.
        public var subjectAlternativeNames: [GeneralName] = []
        /// The extension is left away when nil.
        public var nameConstraints: NameConstraints?
        /// Writes subject and authority key identifiers.
        public var hasKeyIdentifiers = true
        /// Written after all others.
        public var extraExtensions: [RawExtension] = []
        /// Flips a bit of the finished signature.
        public var spoilsSignature = false

        /// Makes a sound template.
        public init(subject: DistinguishedName, notBefore: Date, notAfter: Date, keyType: KeyType = .p256) {
            self.subject = subject
            self.notBefore = notBefore
            self.notAfter = notAfter
            self.keyType = keyType
        }
    }
}
