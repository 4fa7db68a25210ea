import SwiftASN1

/// Opens the encrypted parts of one file with one pass phrase, and tells a wrong pass phrase from damage.
struct EncryptedParts {
    /// Whether the caller gave a pass phrase; without one the empty one is tried.
    let isGiven: Bool
    /// The forms that are still possible; one alone once a part was opened or the MAC was right.
    private(set) var forms: [PassPhraseForm]
    /// Something showed that the pass phrase is right.
    private(set) var isConfirmed = false
    /// A part was opened.
    private(set) var hasOpened = false
    var budget: RoundBudget
    /// The command that converts a file that cannot be opened here.
    private let command: String

    static let pkcs12Command = "openssl pkcs12 -legacy -in FILE -nodes -out FILE.pem"
    static let keyCommand = "openssl pkey -provider legacy -provider default -in FILE -out KEY.pem"

    init(_ passPhrase: String?, command: String, budget: RoundBudget = .standard) {
        self.command = command
        isGiven = passPhrase != nil
        forms = PassPhraseForm.all(passPhrase)
        self.budget = budget
    }

    /// The MAC is right with this form.
    mutating func confirm(_ form: PassPhraseForm) {
        forms = [form]
        isConfirmed = true
    }

    /// EncryptedPrivateKeyInfo (RFC 5958 section 3); the result is PKCS#8.
    mutating func open(privateKey node: ASN1Node) throws(MaterialError) -> [UInt8] {
        let what = "encrypted private key"
        var sequence = try DERSequence(node, what)
        let scheme = try scheme(try sequence.next())
        let bytes = Array(try sequence.next().primitive(what, tagged: .octetString))
        try sequence.finish()
        return try open(bytes, scheme)
    }

    /// EncryptedData (RFC 2315 section 13); the result is SafeContents.
    mutating func open(encryptedData node: ASN1Node) throws(MaterialError) -> [UInt8] {
        let what = "encrypted content"
        var outer = try DERSequence(node, what)
        _ = try outer.next(.integer)
        var sequence = try DERSequence(try outer.next(), what)
        guard try sequence.next().objectIdentifier(what) == .data else {
            throw MaterialError(.damaged, detail: "\(what) is of an unexpected type")
        }
        let scheme = try scheme(try sequence.next())
        let bytes = try Self.implicitOctets(try sequence.next(), what)
        try sequence.finish()
        return try open(bytes, scheme)
    }

    private func scheme(_ node: ASN1Node) throws(MaterialError) -> EncryptionScheme {
        do throws(MaterialError) { return try EncryptionScheme(node) } catch {
            guard error.code == .unsupportedEncryption else { throw error }
            throw MaterialError(error.code, detail: "\(error.detail); convert the file with: \(command)")
        }
    }

    /// An octet string under the tag [0], whole or, in BER, in pieces.
    private static func implicitOctets(_ node: ASN1Node, _ what: String) throws(MaterialError) -> [UInt8] {
        guard case .constructed = node.content else { return Array(try node.primitive(what, tagged: .context(0))) }
        var pieces = try DERSequence(node, what, tagged: .context(0))
        var bytes: [UInt8] = []
        while let piece = pieces.nextIfAny() { bytes += try piece.primitive(what, tagged: .octetString) }
        return bytes
    }

    private mutating func open(_ bytes: [UInt8], _ scheme: EncryptionScheme) throws(MaterialError) -> [UInt8] {
        for form in forms {
            switch try scheme.open(bytes, form, &budget) {
            case .plain(let plain):
                confirm(form)
                hasOpened = true
                return plain
            case .damaged: throw damaged
            case .wrongKey: continue
            }
        }
        guard !isConfirmed else { throw damaged }
        guard isGiven else { throw MaterialError(.passPhraseNeeded, detail: "the file has a pass phrase") }
        throw MaterialError(.wrongPassPhrase, detail: "the file does not open with this pass phrase")
    }

    private var damaged: MaterialError {
        MaterialError(.damaged, detail: "an encrypted part was changed; the pass phrase is right")
    }
}
