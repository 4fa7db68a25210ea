import SwiftASN1

/// Collects keys and certificates from the bags of a file (RFC 7292 section 4.2).
struct SafeContentsReader {
    /// How many bags a file may have.
    static let bagLimit = 1024
    /// How deep bags may nest.
    static let depthLimit = 4

    private(set) var contents = PKCS12Contents()
    /// Nil when encrypted parts are refused.
    private(set) var parts: EncryptedParts?
    /// Why a part did not open.
    private(set) var closed: MaterialError?
    private var bags = 0

    init(_ parts: EncryptedParts?) { self.parts = parts }

    /// AuthenticatedSafe: a list of contents, DER or BER.
    mutating func read(authenticatedSafe bytes: [UInt8]) throws(MaterialError) {
        let what = "list of contents"
        var list = try DERSequence(try .der(try BERNormaliser.der(bytes, what)[...], what), what)
        while let member = list.nextIfAny() {
            let content = try ContentInfo(member, what)
            switch content.kind {
            case .data: try read(safeContents: try content.octets("content"))
            case .encryptedData:
                let node = try content.inner(what)
                let opened = try open { parts throws(MaterialError) in try parts.open(encryptedData: node) }
                if let opened { try read(safeContents: opened) }
            case .envelopedData:
                throw MaterialError(
                    .unsupportedEncryption, detail: "a content that is encrypted for a public key, not a pass phrase")
            default: throw MaterialError(.damaged, detail: "a content of unknown type \(content.kind.dotted)")
            }
        }
    }

    /// Opens a part; nil when the pass phrase does not open it, which is noted, since another part may tell why.
    private mutating func open(
        _ part: (inout EncryptedParts) throws(MaterialError) -> [UInt8]
    ) throws(MaterialError) -> [UInt8]? {
        contents.wasEncrypted = true
        guard var opener = parts else { throw Self.encrypted }
        defer { parts = opener }
        do throws(MaterialError) { return try part(&opener) } catch {
            guard error.code == .wrongPassPhrase || error.code == .passPhraseNeeded else { throw error }
            if closed == nil { closed = error }
            return nil
        }
    }

    private static let encrypted = MaterialError(
        .unsupportedEncryption, detail: "phones take unencrypted files only, and this one is encrypted")

    private mutating func read(safeContents bytes: [UInt8]) throws(MaterialError) {
        let what = "list of bags"
        try read(bags: try .der(try BERNormaliser.der(bytes, what)[...], what), depth: 0)
    }

    private mutating func read(bags node: ASN1Node, depth: Int) throws(MaterialError) {
        guard depth <= Self.depthLimit else { throw MaterialError(.tooLarge, detail: "bags nest too deeply") }
        var list = try DERSequence(node, "list of bags")
        while let bag = list.nextIfAny() {
            bags += 1
            guard bags <= Self.bagLimit else {
                throw MaterialError(.tooLarge, detail: "more than \(Self.bagLimit) keys and certificates")
            }
            try read(bag: bag, depth: depth)
        }
    }

    private mutating func read(bag node: ASN1Node, depth: Int) throws(MaterialError) {
        let what = "bag"
        var sequence = try DERSequence(node, what)
        let kind = try sequence.next().objectIdentifier(what)
        var tagged = try DERSequence(try sequence.next(), what, tagged: .context(0))
        let value = try tagged.next()
        try tagged.finish()
        let attributes = try BagAttributes(sequence.optional(.set))
        try sequence.finish()
        switch kind {
        case .keyBag: add(key: Array(value.encodedBytes), attributes)
        case .shroudedKeyBag:
            let key = try open { parts throws(MaterialError) in try parts.open(privateKey: value) }
            if let key { add(key: key, attributes) }
        case .certificateBag: try add(certificate: value, attributes)
        case .safeContentsBag: try read(bags: value, depth: depth + 1)
        // Revocation lists and arbitrary secrets are of no use here and do no harm.
        case .crlBag, .secretBag: break
        default: throw MaterialError(.damaged, detail: "a bag of unknown type \(kind.dotted)")
        }
    }

    private mutating func add(key: [UInt8], _ attributes: BagAttributes) {
        contents.keys.append(
            .init(privateKey: key, localKeyID: attributes.localKeyID, friendlyName: attributes.friendlyName))
    }

    /// CertBag; other kinds than X.509 are passed over.
    private mutating func add(certificate node: ASN1Node, _ attributes: BagAttributes) throws(MaterialError) {
        let what = "certificate bag"
        let content = try ContentInfo(node, what)
        guard content.kind == .x509Certificate else { return }
        let certificate = try ParsedCertificate(der: try content.octets(what))
        contents.certificateEntries.append(
            .init(
                certificate: certificate, localKeyID: attributes.localKeyID, friendlyName: attributes.friendlyName))
    }
}

/// The attributes of a bag that mean something here (RFC 2985 section 5.5); all others are passed over.
struct BagAttributes {
    private(set) var friendlyName: String?
    private(set) var localKeyID: [UInt8]?

    init(_ node: ASN1Node?) throws(MaterialError) {
        guard let node else { return }
        let what = "attributes of a bag"
        var list = try DERSequence(node, what, tagged: .set)
        while let member = list.nextIfAny() {
            var sequence = try DERSequence(member, what)
            let kind = try sequence.next().objectIdentifier(what)
            var values = try DERSequence(try sequence.next(), what, tagged: .set)
            try sequence.finish()
            guard let value = values.nextIfAny() else { continue }
            switch kind {
            case .friendlyName where value.identifier == .bmpString:
                friendlyName = NameText.decode(try value.primitive(what), as: .bmp)
            case .localKeyID where value.identifier == .octetString:
                localKeyID = Array(try value.primitive(what))
            default: break
            }
        }
    }
}
