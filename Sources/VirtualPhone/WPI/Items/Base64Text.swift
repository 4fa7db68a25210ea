import Foundation

/// Base64 of item values; line breaks and blanks between characters are passed over.
enum Base64Text {
    /// Nil for what is no base64, and for nothing at all.
    static func decode(_ text: String) -> [UInt8]? {
        let packed = text.utf8.filter { ![9, 10, 13, 32].contains($0) }
        guard !packed.isEmpty, let data = Data(base64Encoded: Data(packed)) else { return nil }
        return Array(data)
    }
}
