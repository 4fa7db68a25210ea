import Foundation

/// A subject alternative name of which parts may stand for something of a phone: `dns:phone-{mac}.example`, `ip:{ip}`.
///
/// For programs that compare host names, such as web browsers; this tool compares subjects.
public struct AlternativeNamePattern: Hashable, Sendable, CustomStringConvertible {
    private enum Form: String { case dns, ip }

    private let form: Form
    private let text: PatternText
    /// As it is typed.
    public let description: String

    /// Reads `dns:NAME` or `ip:ADDRESS`; throws `.badName` for anything else.
    public init(_ text: String) throws(MaterialError) {
        guard let colon = text.firstIndex(of: ":"), let form = Form(rawValue: text[..<colon].lowercased()) else {
            throw MaterialError(.badName, detail: "an alternative name begins with dns: or ip:")
        }
        self.form = form
        let rest = String(text[text.index(after: colon)...])
        self.text = try PatternText(rest)
        description = "\(form.rawValue):\(rest)"
        if self.text.placeholders.isEmpty { _ = try name(for: PhoneValues()) }
    }

    /// The name of one phone.
    ///
    /// In a DNS name the MAC address has hyphens and small letters. Throws `.noValue` when the phone lacks a value, and
    /// `.badName` when the result is no DNS name or no IP address.
    public func name(for values: PhoneValues) throws(MaterialError) -> GeneralName {
        switch form {
        case .dns:
            let name = try text.filled("the alternative name") { placeholder in
                guard placeholder == .mac else { return values[placeholder] }
                return values.mac.map { $0.lowercased().replacing(":", with: "-") }
            }
            guard Self.isHostName(name) else {
                throw MaterialError(.badName, detail: "'\(name.prefix(80))' is no DNS name")
            }
            return .dns(name)
        case .ip:
            let address = try text.filled("the alternative name") { values[$0] }
            guard let bytes = Self.bytes(ofAddress: address) else {
                throw MaterialError(.badName, detail: "'\(address.prefix(80))' is no IP address")
            }
            return .ip(bytes)
        }
    }

    /// Labels of letters, digits and hyphens (RFC 1123 section 2.1).
    private static func isHostName(_ name: String) -> Bool {
        guard (1...253).contains(name.utf8.count) else { return false }
        return name.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy { label in
            let hyphen = UInt8(ascii: "-")
            return (1...63).contains(label.count) && label.first != hyphen && label.last != hyphen
                && label.allSatisfy { byte in
                    switch byte {
                    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, hyphen: true
                    default: false
                    }
                }
        }
    }

    /// Four or sixteen bytes.
    private static func bytes(ofAddress text: String) -> [UInt8]? {
        for (family, size) in [(AF_INET, 4), (AF_INET6, 16)] {
            var bytes = [UInt8](repeating: 0, count: size)
            if inet_pton(family, text, &bytes) == 1 { return bytes }
        }
        return nil
    }
}
