/// A pass phrase as the two families of methods take it.
struct PassPhraseForm: Hashable {
    /// For PBES2: UTF-8.
    let utf8: [UInt8]
    /// For the methods of PKCS#12: UTF-16 with a terminating zero (RFC 7292 appendix B.1).
    let wide: [UInt8]

    /// The forms in which programs are known to write a pass phrase, the usual one first.
    ///
    /// - Parameter text: nil or empty for files that were made without one; some programs then use no bytes at all and
    ///   some a lone terminator.
    static func all(_ text: String?) -> [PassPhraseForm] {
        guard let text, !text.isEmpty else {
            return [PassPhraseForm(utf8: [], wide: []), PassPhraseForm(utf8: [], wide: [0, 0])]
        }
        let utf8 = Array(text.utf8)
        let usual = PassPhraseForm(utf8: utf8, wide: text.utf16.flatMap(pair) + [0, 0])
        guard !utf8.allSatisfy({ $0 < 0x80 }) else { return [usual] }
        // OpenSSL before 1.1.0 took each byte of UTF-8 for a character.
        return [usual, PassPhraseForm(utf8: utf8, wide: utf8.flatMap { pair(UInt16($0)) } + [0, 0])]
    }

    private static func pair(_ unit: UInt16) -> [UInt8] { [UInt8(unit >> 8), UInt8(unit & 0xFF)] }
}
