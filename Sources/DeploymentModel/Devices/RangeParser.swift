import Foundation

/// Tells the forms of an address range apart.
enum RangeParser {
    struct Problem: Error {
        var detail: String
    }

    static func extent(of text: Substring) throws(Problem) -> AddressRange.Extent {
        guard !text.isEmpty else { throw Problem(detail: "empty") }
        if let slash = text.firstIndex(of: "/") {
            return try block(address: text[..<slash], prefix: text[text.index(after: slash)...])
        }
        if text.contains(":") { return .name(try internetSix(text)) }
        if let hyphen = text.firstIndex(of: "-"), isNumeric(text[..<hyphen]) {
            let rest = text[text.index(after: hyphen)...]
            if text[..<hyphen].contains(".") || isNumeric(rest) { return try run(from: text[..<hyphen], to: rest) }
        }
        if isNumeric(text) {
            let address = try internetFour(text)
            return .addresses(try hosts(address...address))
        }
        return .name(try hostName(text))
    }

    /// Digits, dots and blanks only: an address, or an attempt at one.
    private static func isNumeric(_ text: Substring) -> Bool {
        text.utf8.allSatisfy { (48...57).contains($0) || $0 == UInt8(ascii: ".") || $0 == 32 }
    }

    private static func internetFour(_ text: Substring) throws(Problem) -> UInt32 {
        switch IPv4Address.read(ASCIIText.trimmed(text)) {
        case .success(let address): return address.value
        case .failure(let problem): throw Problem(detail: problem.detail)
        }
    }

    private static func block(address text: Substring, prefix: Substring) throws(Problem) -> AddressRange.Extent {
        if text.contains(":") {
            guard prefix == "128" else {
                throw Problem(detail: "blocks of IPv6 are too large to be scanned, name single addresses")
            }
            return .name(try internetSix(text))
        }
        let address = try internetFour(text)
        guard (1...2).contains(prefix.utf8.count), let length = UInt32(prefix), length <= 32 else {
            throw Problem(detail: "/\(prefix.prefix(20)) is no prefix length, 0 to 32 is")
        }
        let mask = length == 0 ? 0 : UInt32.max << (32 - length)
        let first = address & mask
        let last = first | ~mask
        return .addresses(try hosts(length >= 31 ? first...last : first + 1...last - 1))
    }

    private static func run(from first: Substring, to last: Substring) throws(Problem) -> AddressRange.Extent {
        let start = try internetFour(first)
        let rest = ASCIIText.trimmed(last)
        var end: UInt32
        if rest.contains(".") {
            end = try internetFour(rest)
        } else {
            guard let octet = UInt32(rest), octet <= 255 else {
                throw Problem(detail: rest.isEmpty ? "no last address" : "\(rest.prefix(20)) is no octet")
            }
            end = start & 0xFFFF_FF00 | octet
        }
        guard start <= end else {
            throw Problem(detail: "\(IPv4Address(value: end)) comes before \(IPv4Address(value: start))")
        }
        return .addresses(try hosts(start...end))
    }

    /// Refuses what no phone can have: `0.x.x.x` and everything from 224.0.0.0 on.
    private static func hosts(_ range: ClosedRange<UInt32>) throws(Problem) -> ClosedRange<UInt32> {
        if range.upperBound >= 0xE000_0000 {
            throw Problem(detail: "addresses from 224.0.0.0 on are multicast or reserved, no phone has one")
        }
        if range.lowerBound < 0x0100_0000 { throw Problem(detail: "addresses below 1.0.0.0 are no phone's") }
        return range
    }

    private static func internetSix(_ text: Substring) throws(Problem) -> String {
        var inner = ASCIIText.trimmed(text)
        if inner.first == "[", inner.last == "]" { inner = inner.dropFirst().dropLast() }
        let parts = inner.split(separator: "%", maxSplits: 1, omittingEmptySubsequences: false)
        let zone = parts.count == 2 ? parts[1] : nil
        if let zone {
            let isName = !zone.isEmpty && zone.utf8.count <= 15 && zone.utf8.allSatisfy(ASCIIText.isNameByte)
            guard isName else { throw Problem(detail: "%\(zone) is no network interface") }
        }
        var address = in6_addr()
        var output = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        guard let base = parts.first, inet_pton(AF_INET6, String(base), &address) == 1,
            inet_ntop(AF_INET6, &address, &output, socklen_t(output.count)) != nil
        else { throw Problem(detail: "no IPv6 address") }
        let short = String(decoding: output.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        return zone.map { "\(short)%\($0)" } ?? short
    }

    /// Letters, digits and hyphens in labels of 63 at most (RFC 1123 section 2.1), in lower case.
    private static func hostName(_ text: Substring) throws(Problem) -> String {
        let name = text.last == "." ? text.dropLast() : text
        guard name.utf8.count <= 253 else { throw Problem(detail: "a host name has 253 characters at most") }
        let labels = name.split(separator: ".", omittingEmptySubsequences: false)
        for label in labels {
            guard (1...63).contains(label.utf8.count) else {
                throw Problem(
                    detail: label.isEmpty ? "two dots without a name between them" : "a part over 63 characters")
            }
            if let odd = label.unicodeScalars.first(where: { !ASCIIText.isLetterOrDigit($0) && $0 != "-" }) {
                throw Problem(detail: "\(ASCIIText.shown(odd)) stands in no address or host name")
            }
            guard label.first != "-", label.last != "-" else {
                throw Problem(detail: "\(label) begins or ends with a hyphen")
            }
        }
        if let last = labels.last, last.utf8.allSatisfy({ (48...57).contains($0) }) {
            throw Problem(detail: "neither an address nor a host name")
        }
        return name.lowercased()
    }
}
