import SwiftASN1

/// Brings the private keys of PEM blocks into one form.
enum PrivateKeyFile {
    /// PKCS#8 (RFC 5958) from a block of any of the usual labels.
    static func pkcs8(_ block: PEMBlock, _ parts: inout EncryptedParts) throws(MaterialError) -> [UInt8] {
        switch block.label {
        case "ENCRYPTED PRIVATE KEY" where !block.bytes.isEmpty:
            let what = "encrypted private key"
            let der = try BERNormaliser.der(block.bytes, what)
            return try parts.open(privateKey: try .der(der[...], what))
        case "PRIVATE KEY" where !block.bytes.isEmpty: return block.bytes
        case "RSA PRIVATE KEY" where !block.bytes.isEmpty:
            return wrap(DEREncoding.objectIdentifier(.rsaEncryption) + DEREncoding.null, block.bytes)
        case "EC PRIVATE KEY" where !block.bytes.isEmpty:
            let curve = try curve(of: block.bytes)
            return wrap(DEREncoding.objectIdentifier(.ecPublicKey) + DEREncoding.objectIdentifier(curve), block.bytes)
        case _ where block.bytes.isEmpty:
            // The key derivation of RFC 1421 texts is one round of MD5, and nothing writes them any more.
            let detail =
                "encrypted in the traditional way of PEM; convert the key with: openssl pkey -in FILE -out KEY.pem"
            throw MaterialError(.unsupportedEncryption, detail: detail)
        default:
            let hint = "convert it with: openssl pkey -in FILE -out KEY.pem"
            throw MaterialError(.unsupportedKey, detail: "a private key of the kind \(block.label.prefix(40)); \(hint)")
        }
    }

    private static func wrap(_ algorithm: [UInt8], _ key: [UInt8]) -> [UInt8] {
        let parts = [DEREncoding.value(0x02, [0]), DEREncoding.value(0x30, algorithm), DEREncoding.octetString(key)]
        return DEREncoding.sequence(parts)
    }

    /// The curve stands in ECPrivateKey's tag [0] (RFC 5915 section 3).
    private static func curve(of bytes: [UInt8]) throws(MaterialError) -> ObjectIdentifier {
        var key = try DERSequence(try .der(bytes[...], "private key"), "private key")
        _ = try key.next(.integer)
        _ = try key.next(.octetString)
        guard let parameters = key.optional(.context(0)) else {
            throw MaterialError(.unsupportedKey, detail: "an EC private key that does not name its curve")
        }
        var inner = try DERSequence(parameters, "private key", tagged: .context(0))
        return try inner.next().objectIdentifier("private key")
    }
}
