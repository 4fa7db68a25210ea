import Foundation
import SwiftASN1

/// Everything that was read from one certificate; immutable, shared by all copies of the certificate.
final class CertificateContent: Sendable {
    let der: [UInt8]
    let version: Int
    let serialNumber: [UInt8]
    let signatureAlgorithm: SignatureAlgorithm
    let issuer: DistinguishedName
    let subject: DistinguishedName
    let notBefore: Date
    let notAfter: Date
    let publicKey: SubjectPublicKey
    let extensions: CertificateExtensions
    let signature: [UInt8]
    /// Where the part that is signed lies in `der`.
    let signedRange: Range<Int>
    let digest: Fingerprint
    let keyDigest: Fingerprint

    /// RFC 5280 section 4.1, strict DER.
    init(der: [UInt8]) throws(MaterialError) {
        self.der = der
        var outer = try DERSequence(try ASN1Node.der(der[...], "certificate"), "certificate")
        let signed = try outer.next(.sequence)
        let outerAlgorithm = try outer.next(.sequence)
        let signature = try outer.next().bitString("signature")
        try outer.finish()
        guard signature.unused == 0 else {
            throw MaterialError(.damaged, detail: "the signature is no whole number of bytes")
        }
        self.signature = Array(signature.bytes)
        signedRange = signed.encodedBytes.startIndex..<signed.encodedBytes.endIndex

        var fields = try DERSequence(signed, "certificate")
        version = try Self.version(&fields)
        serialNumber = Array(try fields.next().integer("serial number"))
        let algorithm = try fields.next(.sequence)
        guard algorithm.encodedBytes == outerAlgorithm.encodedBytes else {
            throw MaterialError(.damaged, detail: "the two signature algorithms differ")
        }
        signatureAlgorithm = try SignatureAlgorithm(algorithm, "signature algorithm")
        issuer = try NameDER.decode(try fields.next(), "issuer")
        var validity = try DERSequence(try fields.next(), "validity")
        notBefore = try CertificateTime.decode(try validity.next())
        notAfter = try CertificateTime.decode(try validity.next())
        try validity.finish()
        subject = try NameDER.decode(try fields.next(), "subject")
        publicKey = try SubjectPublicKey(try fields.next())
        try Self.skipUniqueIdentifiers(&fields, version: version)
        extensions = try Self.extensions(&fields, version: version)
        try fields.finish()
        digest = Fingerprint(of: der)
        keyDigest = Fingerprint(of: publicKey.der)
    }

    private static func version(_ fields: inout DERSequence) throws(MaterialError) -> Int {
        guard let tagged = fields.optional(.context(0)) else { return 1 }
        var inner = try DERSequence(tagged, "version", tagged: .context(0))
        let number = try inner.next().smallInteger("version")
        try inner.finish()
        guard number <= 2 else { throw MaterialError(.damaged, detail: "X.509 version \(number + 1) does not exist") }
        return number + 1
    }

    /// Nobody uses them, but their form is held to, so that nothing else can hide behind their tags.
    private static func skipUniqueIdentifiers(_ fields: inout DERSequence, version: Int) throws(MaterialError) {
        for tag in [ASN1Identifier.context(1), .context(2)] {
            guard let node = fields.optional(tag) else { continue }
            _ = try node.bitString("unique identifier", tagged: tag)
            guard version >= 2 else { throw MaterialError(.damaged, detail: "a unique identifier in X.509 v1") }
        }
    }

    private static func extensions(
        _ fields: inout DERSequence, version: Int
    ) throws(MaterialError) -> CertificateExtensions {
        guard let tagged = fields.optional(.context(3)) else { return CertificateExtensions() }
        guard version == 3 else {
            throw MaterialError(.damaged, detail: "extensions in an X.509 v\(version) certificate")
        }
        var inner = try DERSequence(tagged, "extensions", tagged: .context(3))
        let list = try CertificateExtensions(try inner.next())
        try inner.finish()
        return list
    }

    var signedBytes: ArraySlice<UInt8> { der[signedRange] }

    /// The subject is the issuer; says nothing about who signed.
    var isSelfIssued: Bool { subject == issuer }
}
