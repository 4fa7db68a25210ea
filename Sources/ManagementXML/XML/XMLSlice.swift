/// A piece of text that the parser has found: where its bytes are.
struct XMLSlice {
    enum Place: UInt8 { case message, attributeScratch, textScratch }

    var place = Place.message
    var start = 0
    var end = 0

    var isEmpty: Bool { start == end }
    var count: Int { end - start }
}

/// An attribute of the element last begun.
struct XMLAttribute {
    /// The local name.
    var name: XMLSlice
    var value: XMLSlice
    /// The number of its namespace; 0 = none, as all attributes of the messages have.
    var namespaceNumber = 0
    /// The prefix as written; empty for most.
    var prefix = XMLSlice()
}

extension XMLPullParser {
    func withBytes<Result>(
        of slice: XMLSlice, _ body: (UnsafeBufferPointer<UInt8>) throws(WireError) -> Result
    ) throws(WireError) -> Result {
        func call(_ buffer: UnsafeBufferPointer<UInt8>) throws(WireError) -> Result {
            try body(UnsafeBufferPointer(rebasing: buffer[slice.start..<slice.end]))
        }
        switch slice.place {
        case .message: return try bytes.withUnsafeBufferPointer(call)
        case .attributeScratch: return try attributeScratch.withUnsafeBufferPointer(call)
        case .textScratch: return try textScratch.withUnsafeBufferPointer(call)
        }
    }

    func string(_ slice: XMLSlice) -> String {
        switch slice.place {
        case .message: Self.string(bytes, slice)
        case .attributeScratch: Self.string(attributeScratch, slice)
        case .textScratch: Self.string(textScratch, slice)
        }
    }

    private static func string(_ bytes: [UInt8], _ slice: XMLSlice) -> String {
        bytes.withUnsafeBufferPointer { buffer in
            String(decoding: UnsafeBufferPointer(rebasing: buffer[slice.start..<slice.end]), as: UTF8.self)
        }
    }

    func byte(_ offset: Int, of slice: XMLSlice) -> UInt8 {
        switch slice.place {
        case .message: bytes[slice.start + offset]
        case .attributeScratch: attributeScratch[slice.start + offset]
        case .textScratch: textScratch[slice.start + offset]
        }
    }

    func equals(_ slice: XMLSlice, _ text: StaticString) -> Bool {
        guard slice.count == text.utf8CodeUnitCount else { return false }
        for offset in 0..<slice.count where byte(offset, of: slice) != text.utf8Start[offset] { return false }
        return true
    }

    /// The number that the text is in its shortest decimal form, up to 18 digits; nil for anything else.
    func number(_ slice: XMLSlice) -> Int? {
        guard (1...18).contains(slice.count) else { return nil }
        var number = 0
        for offset in 0..<slice.count {
            let digit = byte(offset, of: slice) &- UInt8(ascii: "0")
            guard digit < 10 else { return nil }
            number = number * 10 + Int(digit)
        }
        return slice.count > 1 && byte(0, of: slice) == UInt8(ascii: "0") ? nil : number
    }

    /// Whether the element last begun has this name in the namespace of the messages.
    func isElement(_ name: StaticString) -> Bool {
        namespaceNumber == Namespaces.known && equals(self.name, name)
    }
}
