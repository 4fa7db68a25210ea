import SwiftASN1

/// The outer structure of a file: PFX (RFC 7292 section 4).
struct PKCS12File {
    /// AuthenticatedSafe, as it stands in the file: what the MAC is made over.
    let authenticatedSafe: [UInt8]
    /// MacData.
    let mac: ASN1Node?

    /// Reads DER or BER; throws `.tooLarge`, `.damaged`, `.unsupportedEncryption` for a file that a public key signed.
    init(_ bytes: [UInt8]) throws(MaterialError) {
        try CertificateFile.checkSize(bytes)
        guard !bytes.isEmpty else { throw MaterialError(.empty, detail: "the file is empty") }
        let what = "PKCS#12 file"
        var outer = try DERSequence(try .der(try BERNormaliser.der(bytes, what)[...], what), what)
        let version = try outer.next(.integer).smallInteger(what)
        guard version == 3 else {
            throw MaterialError(.damaged, detail: "PKCS#12 of version \(version); only version 3 exists")
        }
        let content = try ContentInfo(try outer.next(), what)
        mac = outer.optional(.sequence)
        try outer.finish()
        guard content.kind == .data else {
            guard content.kind == .signedData else {
                throw MaterialError(.damaged, detail: "\(what) has an unexpected content")
            }
            throw MaterialError(.unsupportedEncryption, detail: "a PKCS#12 file that a public key signed")
        }
        authenticatedSafe = try content.octets(what)
    }
}

/// A content with its type (RFC 2315 section 7).
struct ContentInfo {
    let kind: ObjectIdentifier
    private let content: ASN1Node?

    init(_ node: ASN1Node, _ what: String) throws(MaterialError) {
        var sequence = try DERSequence(node, what)
        kind = try sequence.next().objectIdentifier(what)
        content = sequence.optional(.context(0))
        try sequence.finish()
    }

    /// What stands inside the explicit tag.
    func inner(_ what: String) throws(MaterialError) -> ASN1Node {
        guard let content else { throw MaterialError(.damaged, detail: "\(what) has no content") }
        var sequence = try DERSequence(content, what, tagged: .context(0))
        let node = try sequence.next()
        try sequence.finish()
        return node
    }

    /// The bytes of a content of type `data`.
    func octets(_ what: String) throws(MaterialError) -> [UInt8] {
        Array(try inner(what).primitive(what, tagged: .octetString))
    }
}
