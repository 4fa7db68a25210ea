import Crypto
import SwiftASN1

/// Reads and writes PKCS#12 files (RFC 7292).
///
/// Phones take and give unencrypted files only; what users bring may be encrypted.
public enum PKCS12 {
    /// An unencrypted file with the private key and its chain, as phones take it.
    ///
    /// The certificates stand in plain `data` in the order of the chain, the key in a `keyBag`; a localKeyID joins key
    /// and leaf. There is no MAC. Throws `.empty` without a certificate and `.damaged` when a part is no valid DER.
    public static func encode(_ material: KeyMaterial) throws(MaterialError) -> [UInt8] {
        guard let leaf = material.chain.first else { throw MaterialError(.empty, detail: "no certificate") }
        for certificate in material.chain { _ = try ASN1Node.der(certificate[...], "certificate") }
        _ = try ASN1Node.der(material.privateKey[...], "private key")
        let attributes = PKCS12Writer.localKeyID(Array(Insecure.SHA1.hash(data: leaf)))
        let certificates = material.chain.enumerated().map { index, certificate in
            PKCS12Writer.certificateBag(certificate, attributes: index == 0 ? attributes : [])
        }
        let key = PKCS12Writer.keyBag(material.privateKey, attributes: attributes)
        return PKCS12Writer.file([certificates, [key]])
    }

    /// An unencrypted file with the certificates and without a key, as phones take it; there is no MAC.
    public static func encode(_ certificates: TrustedCertificates) throws(MaterialError) -> [UInt8] {
        PKCS12Writer.file([certificates.certificates.map { PKCS12Writer.certificateBag($0.der, attributes: []) }])
    }

    /// Reads any file within limits.
    ///
    /// Without a pass phrase the empty one is tried; an unencrypted file is read in any case. DER and BER, with and
    /// without MAC, any number and nesting of bags up to a limit. Throws `.tooLarge`, `.damaged`, `.passPhraseNeeded`,
    /// `.wrongPassPhrase`, `.unsupportedEncryption`, `.tooManyRounds`, and what ``ParsedCertificate`` throws.
    public static func decode(_ bytes: [UInt8], passPhrase: String? = nil) throws(MaterialError) -> PKCS12Contents {
        try decode(bytes, EncryptedParts(passPhrase, command: EncryptedParts.pkcs12Command))
    }

    static func decode(_ bytes: [UInt8], _ parts: EncryptedParts) throws(MaterialError) -> PKCS12Contents {
        let file = try PKCS12File(bytes)
        var parts = parts
        let isWhole = try check(file, &parts)
        var reader = SafeContentsReader(parts)
        try reader.read(authenticatedSafe: file.authenticatedSafe)
        if let closed = reader.closed {
            guard reader.parts?.hasOpened == true else { throw closed }
            throw MaterialError(.damaged, detail: "the pass phrase opens one part of the file and not another")
        }
        var contents = reader.contents
        contents.integrity = file.mac == nil ? .none : isWhole ? .verified : .unchecked
        guard file.mac != nil, !isWhole else { return contents }
        if reader.parts?.hasOpened == true {
            throw MaterialError(.damaged, detail: "the pass phrase is right and the check value is not")
        }
        // Nothing is encrypted, so the pass phrase guards nothing but the check value.
        guard parts.isGiven else { return contents }
        throw MaterialError(
            .wrongPassPhrase, detail: "the check value does not fit this pass phrase, or the file was changed")
    }

    /// Whether the MAC is right with one of the forms of the pass phrase, which is then the only one left.
    private static func check(_ file: PKCS12File, _ parts: inout EncryptedParts) throws(MaterialError) -> Bool {
        guard let node = file.mac else { return false }
        let mac = try PKCS12MAC(node)
        for form in parts.forms where try mac.isRight(for: file.authenticatedSafe, form, &parts.budget) {
            parts.confirm(form)
            return true
        }
        return false
    }

    /// Reads what phones take: an unencrypted file, DER or BER, with or without MAC.
    ///
    /// A MAC is not looked at, since a phone knows no pass phrase. Throws as ``decode(_:passPhrase:)``, and
    /// `.unsupportedEncryption` when a part is encrypted.
    public static func decodeUnencrypted(_ bytes: [UInt8]) throws(MaterialError) -> PKCS12Contents {
        let file = try PKCS12File(bytes)
        var reader = SafeContentsReader(nil)
        try reader.read(authenticatedSafe: file.authenticatedSafe)
        var contents = reader.contents
        contents.integrity = file.mac == nil ? .none : .unchecked
        return contents
    }
}
