/// An ASN.1 object identifier, kept as its DER content bytes so that comparing costs little.
struct ObjectIdentifier: Hashable, Sendable {
    let bytes: [UInt8]

    /// Takes DER content bytes; nil when they are no well-formed identifier.
    init?(content: ArraySlice<UInt8>) {
        guard let last = content.last, last & 0x80 == 0, content.count <= 64 else { return nil }
        var startsArc = true
        for byte in content {
            if startsArc && byte == 0x80 { return nil }
            startsArc = byte & 0x80 == 0
        }
        bytes = Array(content)
    }

    /// Reads `1.2.840`; nil when the text is no identifier or an arc has more than 32 bits.
    init?(dotted: some StringProtocol) {
        let parts = dotted.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count >= 2, parts.count <= 32 else { return nil }
        var arcs: [UInt64] = []
        for part in parts {
            guard let first = part.first, part.count <= 10, part.count == 1 || first != UInt8(ascii: "0") else {
                return nil
            }
            var arc: UInt64 = 0
            for digit in part {
                guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
                arc = arc * 10 + UInt64(digit - UInt8(ascii: "0"))
            }
            guard arc <= UInt64(UInt32.max) else { return nil }
            arcs.append(arc)
        }
        guard arcs[0] <= 2, arcs[0] == 2 || arcs[1] < 40 else { return nil }
        self.init(arcs: arcs)
    }

    /// For identifiers that this module writes down itself; the first two arcs are folded as X.690 8.19 says.
    init(_ arcs: UInt64...) {
        self.init(arcs: arcs)
    }

    private init(arcs: [UInt64]) {
        var bytes: [UInt8] = []
        let folded = arcs.count >= 2 ? [arcs[0] * 40 + arcs[1]] + arcs[2...] : arcs
        for arc in folded {
            var shift = 63
            var started = false
            while shift >= 0 {
                let group = UInt8(truncatingIfNeeded: arc >> UInt64(shift)) & 0x7F
                started = started || group != 0 || shift == 0
                if started { bytes.append(shift == 0 ? group : group | 0x80) }
                shift -= 7
            }
        }
        self.bytes = bytes
    }

    /// Dotted decimal form; an arc too large for 64 bits is printed as `?`.
    var dotted: String {
        var arcs: [String] = []
        var arc: UInt64 = 0
        var overflow = false
        for byte in bytes {
            overflow = overflow || arc >> 57 != 0
            arc = arc << 7 | UInt64(byte & 0x7F)
            guard byte & 0x80 == 0 else { continue }
            if arcs.isEmpty && !overflow {
                let root = min(arc / 40, 2)
                arcs.append(String(root))
                arc -= root * 40
            }
            arcs.append(overflow ? "?" : String(arc))
            arc = 0
            overflow = false
        }
        return arcs.joined(separator: ".")
    }
}
