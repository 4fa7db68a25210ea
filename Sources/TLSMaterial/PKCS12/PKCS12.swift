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
        let file = try PKCS12File(bytes)
        var reader = SafeContentsReader()
        try reader.read(authenticatedSafe: file.authenticatedSafe)
        var contents = reader.contents
        contents.integrity = file.mac == nil ? .none : .unchecked
        return contents
    }

    /// Reads what phones take: an unencrypted file, DER or BER, with or without MAC.
    ///
    /// A MAC is not looked at, since a phone knows no pass phrase. Throws as ``decode(_:passPhrase:)``, and
    /// `.unsupportedEncryption` when a part is encrypted.
    public static func decodeUnencrypted(_ bytes: [UInt8]) throws(MaterialError) -> PKCS12Contents {
        let file = try PKCS12File(bytes)
        var reader = SafeContentsReader()
        try reader.read(authenticatedSafe: file.authenticatedSafe)
        var contents = reader.contents
        contents.integrity = file.mac == nil ? .none : .unchecked
        return contents
    }
}
