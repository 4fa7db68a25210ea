/// What a user names to be scanned: one address, one name, or a run of IPv4 addresses; parsed, not resolved.
///
/// | written | means |
/// | --- | --- |
/// | `10.0.0.7` | this address |
/// | `10.0.0.0/22` | the hosts of the block: all but its first (network) and last (broadcast) address; a /31 has two hosts, a /32 one |
/// | `10.0.0.5-10.0.1.9` | both ends and everything between, network and broadcast addresses included |
/// | `10.0.0.1-20` | the same within one last octet |
/// | `fd00::17`, `fe80::1%eth0` | this IPv6 address; blocks of IPv6 are too large to be scanned and refused |
/// | `phone7.example.net` | a name, looked up when it is visited |
public struct AddressRange: Hashable, Sendable {
    /// The range as it was written.
    public let text: String
    let extent: Extent

    enum Extent: Hashable, Sendable {
        case addresses(ClosedRange<UInt32>)
        /// A host name in lower case or an IPv6 address in its short form.
        case name(String)
    }

    /// Number of addresses.
    public var count: Int {
        switch extent {
        case .addresses(let range): Int(range.upperBound - range.lowerBound) + 1
        case .name: 1
        }
    }

    /// Parses one range; blanks around it and around a hyphen are ignored.
    ///
    /// - Throws: ``Fault`` with `input.range`, the text as subject and what is wrong with it as detail.
    public init(_ text: some StringProtocol) throws(Fault) {
        let trimmed = ASCIIText.trimmed(text)
        guard trimmed.utf8.count <= 300 else {
            throw Fault(
                .inputRange, subject: String(trimmed.prefix(40)) + "…", detail: "longer than any address or name")
        }
        let written = String(trimmed)
        do {
            self.init(written: written, extent: try RangeParser.extent(of: trimmed))
        } catch let problem {
            throw Fault(.inputRange, subject: written, detail: problem.detail)
        }
    }

    private init(written: String, extent: Extent) {
        text = written
        self.extent = extent
    }

    /// Parses the content of a file of ranges: one a line, `#` begins a comment, empty lines do not count.
    ///
    /// - Parameter name: the file's name, for the faults.
    /// - Throws: ``FaultList`` with one `input.range` fault for each bad line, 100 at most, its subject `NAME line N`.
    public static func ranges(inFile content: String, name: String) throws(FaultList) -> [AddressRange] {
        guard content.utf8.count <= 10 << 20 else {
            throw FaultList([Fault(.inputRange, subject: name, detail: "larger than 10 MiB")])
        }
        var ranges: [AddressRange] = []
        var faults: [Fault] = []
        var number = 0
        let lines = content.unicodeScalars.split(omittingEmptySubsequences: false, whereSeparator: { $0 == "\n" })
        for line in lines where faults.count < 100 {
            number += 1
            var content = ASCIIText.trimmed(Substring(line.prefix { $0 != "#" }))
            if number == 1, content.unicodeScalars.first == "\u{FEFF}" { content.unicodeScalars.removeFirst() }
            guard !content.isEmpty else { continue }
            do {
                ranges.append(try AddressRange(content))
            } catch {
                let detail = "\(error.subject ?? ""): \(error.detail ?? "")"
                faults.append(Fault(.inputRange, subject: "\(name) line \(number)", detail: detail))
            }
        }
        if faults.isEmpty, ranges.isEmpty {
            faults.append(Fault(.inputRange, subject: name, detail: "no range in the file"))
        }
        guard faults.isEmpty else { throw FaultList(faults) }
        return ranges
    }
}

extension AddressRange: CustomStringConvertible {
    public var description: String { text }
}
