/// A cipher suite by its number in the TLS registry, with the names that a diagnosis can meet.
struct CipherSuite: Hashable, Sendable, CustomStringConvertible {
    let number: UInt16

    /// Triple DES in CBC mode: 112 bits at best, allowed by the legacy switch only.
    var isTripleDES: Bool { [0x000A, 0x000D, 0x0010, 0x0013, 0x0016, 0xC003, 0xC008, 0xC00D, 0xC012].contains(number) }
    /// The server has no certificate in such a suite.
    var isAnonymous: Bool {
        [0x0018, 0x001B, 0x0034, 0x003A, 0x006C, 0x006D, 0x00A6, 0x00A7, 0xC015, 0xC016, 0xC017, 0xC018, 0xC019]
            .contains(number)
    }

    /// The registry's name without the `TLS_`, or the number.
    var description: String {
        if let name = Self.names[number] { return name }
        let digits = String(number, radix: 16, uppercase: true)
        return "0x" + String(repeating: "0", count: 4 - digits.count) + digits
    }

    /// Everything that a phone may choose, the sound ones first; the diagnosis offers them all.
    static let known: [UInt16] = names.keys.sorted { rank($0) < rank($1) }

    private static func rank(_ number: UInt16) -> Int {
        let suite = CipherSuite(number: number)
        let order = Int(number)
        if suite.isAnonymous { return 3 << 20 | order }
        if suite.isTripleDES || number < 0x000A { return 2 << 20 | order }
        return number >= 0xC000 ? order : 1 << 20 | order
    }

    private static let names: [UInt16: String] = [
        0x0001: "RSA_WITH_NULL_MD5", 0x0002: "RSA_WITH_NULL_SHA", 0x0003: "RSA_EXPORT_WITH_RC4_40_MD5",
        0x0004: "RSA_WITH_RC4_128_MD5", 0x0005: "RSA_WITH_RC4_128_SHA", 0x0009: "RSA_WITH_DES_CBC_SHA",
        0x000A: "RSA_WITH_3DES_EDE_CBC_SHA", 0x0015: "DHE_RSA_WITH_DES_CBC_SHA",
        0x0016: "DHE_RSA_WITH_3DES_EDE_CBC_SHA", 0x0018: "DH_anon_WITH_RC4_128_MD5",
        0x001B: "DH_anon_WITH_3DES_EDE_CBC_SHA", 0x002F: "RSA_WITH_AES_128_CBC_SHA",
        0x0033: "DHE_RSA_WITH_AES_128_CBC_SHA", 0x0034: "DH_anon_WITH_AES_128_CBC_SHA",
        0x0035: "RSA_WITH_AES_256_CBC_SHA", 0x0039: "DHE_RSA_WITH_AES_256_CBC_SHA",
        0x003A: "DH_anon_WITH_AES_256_CBC_SHA", 0x003C: "RSA_WITH_AES_128_CBC_SHA256",
        0x003D: "RSA_WITH_AES_256_CBC_SHA256", 0x0041: "RSA_WITH_CAMELLIA_128_CBC_SHA",
        0x0067: "DHE_RSA_WITH_AES_128_CBC_SHA256", 0x006B: "DHE_RSA_WITH_AES_256_CBC_SHA256",
        0x006C: "DH_anon_WITH_AES_128_CBC_SHA256", 0x006D: "DH_anon_WITH_AES_256_CBC_SHA256",
        0x0084: "RSA_WITH_CAMELLIA_256_CBC_SHA", 0x009C: "RSA_WITH_AES_128_GCM_SHA256",
        0x009D: "RSA_WITH_AES_256_GCM_SHA384", 0x009E: "DHE_RSA_WITH_AES_128_GCM_SHA256",
        0x009F: "DHE_RSA_WITH_AES_256_GCM_SHA384", 0x00A6: "DH_anon_WITH_AES_128_GCM_SHA256",
        0x00A7: "DH_anon_WITH_AES_256_GCM_SHA384", 0xC009: "ECDHE_ECDSA_WITH_AES_128_CBC_SHA",
        0xC00A: "ECDHE_ECDSA_WITH_AES_256_CBC_SHA", 0xC011: "ECDHE_RSA_WITH_RC4_128_SHA",
        0xC012: "ECDHE_RSA_WITH_3DES_EDE_CBC_SHA", 0xC013: "ECDHE_RSA_WITH_AES_128_CBC_SHA",
        0xC014: "ECDHE_RSA_WITH_AES_256_CBC_SHA", 0xC018: "ECDH_anon_WITH_AES_128_CBC_SHA",
        0xC019: "ECDH_anon_WITH_AES_256_CBC_SHA", 0xC023: "ECDHE_ECDSA_WITH_AES_128_CBC_SHA256",
        0xC027: "ECDHE_RSA_WITH_AES_128_CBC_SHA256", 0xC028: "ECDHE_RSA_WITH_AES_256_CBC_SHA384",
        0xC02B: "ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", 0xC02C: "ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
        0xC02F: "ECDHE_RSA_WITH_AES_128_GCM_SHA256", 0xC030: "ECDHE_RSA_WITH_AES_256_GCM_SHA384",
        0xCCA8: "ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", 0xCCA9: "ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
        0xCCAA: "DHE_RSA_WITH_CHACHA20_POLY1305_SHA256", 0x1301: "AES_128_GCM_SHA256",
        0x1302: "AES_256_GCM_SHA384", 0x1303: "CHACHA20_POLY1305_SHA256",
    ]
}
