import DeploymentModel
import Foundation

/// A list of texts as one flat JSON array, for example `["sntp-addr",null,"10.0.0.1",null]`.
///
/// Small and quick in both directions, readable by a person with `sqlite3`, and the same bytes for the same list every
/// time, which the chain of results relies on. Written by hand because a run with many items writes thousands a second.
enum FlatList {
    static func encode(_ texts: [String?]) -> String {
        var writer = Writer(capacity: texts.count * 24)
        for text in texts { writer.append(text) }
        return writer.text
    }

    /// Puts a list together without a list of its parts.
    struct Writer {
        private var bytes: [UInt8] = [UInt8(ascii: "[")]

        init(capacity: Int) { bytes.reserveCapacity(capacity + 2) }

        mutating func append(_ text: String?) {
            if bytes.count > 1 { bytes.append(UInt8(ascii: ",")) }
            if let text { FlatList.append(text, to: &bytes) } else { bytes.append(contentsOf: "null".utf8) }
        }

        /// The list so far, closed.
        var text: String {
            String(unsafeUninitializedCapacity: bytes.count + 1) { target in
                _ = target.update(fromContentsOf: bytes)
                target[bytes.count] = UInt8(ascii: "]")
                return bytes.count + 1
            }
        }
    }

    /// Throws when the text is not such a list or its length is no multiple of `width`.
    static func decode(_ text: String, width: Int, column: String) throws -> [[String?]] {
        guard let texts = try? JSONDecoder().decode([String?].self, from: Data(text.utf8)),
            texts.count.isMultiple(of: width)
        else { throw StoredValueError(column: column) }
        return stride(from: 0, to: texts.count, by: width).map { Array(texts[$0..<$0 + width]) }
    }

    private static func append(_ text: String, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        var text = text
        text.withUTF8 { source in
            var start = 0
            for place in source.indices {
                let byte = source[place]
                guard byte < 32 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") else { continue }
                bytes.append(contentsOf: UnsafeBufferPointer(rebasing: source[start..<place]))
                start = place + 1
                escape(byte, to: &bytes)
            }
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: source[start...]))
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private static func escape(_ byte: UInt8, to bytes: inout [UInt8]) {
        guard byte < 32 else { return bytes.append(contentsOf: [UInt8(ascii: "\\"), byte]) }
        let digit = byte & 15
        bytes.append(contentsOf: "\\u00".utf8)
        bytes.append(UInt8(ascii: "0") + byte >> 4)
        bytes.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
    }
}

extension [ItemChange] {
    /// Four texts per change: item, before, after, status.
    var flat: String {
        var writer = FlatList.Writer(capacity: count * 64)
        for change in self {
            writer.append(change.key.description)
            writer.append(change.before)
            writer.append(change.after)
            writer.append(change.status?.rawValue)
        }
        return writer.text
    }

    init(flat: String) throws {
        self = try FlatList.decode(flat, width: 4, column: "changes").map { texts in
            guard let name = texts[0], let after = texts[2] else { throw StoredValueError(column: "changes") }
            return ItemChange(
                key: ItemKey(parsing: name) ?? ItemKey(name), before: texts[1], after: after,
                status: texts[3].flatMap(ItemStatus.init(rawValue:)))
        }
    }
}

extension [Fault] {
    /// Three texts per fault: code, subject, detail.
    var flat: String {
        FlatList.encode(flatMap { [$0.code.rawValue, $0.subject, $0.detail] })
    }

    init(flat: String) throws {
        self = try FlatList.decode(flat, width: 3, column: "warnings").map { texts in
            guard let code = texts[0] else { throw StoredValueError(column: "warnings") }
            return Fault(StatusCode(code), subject: texts[1], detail: texts[2])
        }
    }
}
