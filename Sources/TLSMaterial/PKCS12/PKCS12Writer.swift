/// Puts unencrypted PKCS#12 files together (RFC 7292 sections 4 and 4.2).
enum PKCS12Writer {
    /// The whole file: one `data` for each list of bags, no MAC.
    static func file(_ safes: [[[UInt8]]]) -> [UInt8] {
        let authenticatedSafe = DEREncoding.sequence(safes.map { data(DEREncoding.sequence($0)) })
        return DEREncoding.sequence([DEREncoding.integer(3), data(authenticatedSafe)])
    }

    static func certificateBag(_ certificate: [UInt8], attributes: [[UInt8]]) -> [UInt8] {
        let value = DEREncoding.sequence([
            DEREncoding.objectIdentifier(.x509Certificate),
            DEREncoding.explicit(0, DEREncoding.octetString(certificate)),
        ])
        return bag(.certificateBag, value, attributes)
    }

    static func keyBag(_ privateKey: [UInt8], attributes: [[UInt8]]) -> [UInt8] {
        bag(.keyBag, privateKey, attributes)
    }

    /// The attributes that join a key and its certificate.
    static func localKeyID(_ identifier: [UInt8]) -> [[UInt8]] {
        let values = DEREncoding.set([DEREncoding.octetString(identifier)])
        return [DEREncoding.sequence([DEREncoding.objectIdentifier(.localKeyID), values])]
    }

    /// SafeBag.
    private static func bag(_ kind: ObjectIdentifier, _ value: [UInt8], _ attributes: [[UInt8]]) -> [UInt8] {
        var members = [DEREncoding.objectIdentifier(kind), DEREncoding.explicit(0, value)]
        if !attributes.isEmpty { members.append(DEREncoding.set(attributes)) }
        return DEREncoding.sequence(members)
    }

    /// ContentInfo of type `data`.
    private static func data(_ content: [UInt8]) -> [UInt8] {
        DEREncoding.sequence([
            DEREncoding.objectIdentifier(.data), DEREncoding.explicit(0, DEREncoding.octetString(content)),
        ])
    }
}
