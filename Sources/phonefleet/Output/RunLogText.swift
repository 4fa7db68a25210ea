import DeploymentModel
import Foundation

/// Puts the lines of a run's log file together as JSON, with the keys of each object in alphabetical order.
///
/// Written by hand because a run has some ten events a phone, one of them with every changed item: a general encoder
/// would cost more than the conversation with the phone.
struct RunLogText {
    private var bytes: [UInt8] = []
    private var second: (number: Int, text: String)?
    private var isFirst = true

    /// Appends one line.
    mutating func append(_ line: RunLogLine) {
        begin()
        member("address", line.address)
        member("at", time(line.at))
        if let changes = line.changes { append(changes) }
        member("attempt", line.attempt)
        member("code", line.code?.rawValue)
        member("detail", line.detail)
        member("device", line.device?.rawValue)
        member("devices", line.devices)
        member("event", line.event)
        member("fingerprint", line.fingerprint)
        member("outcome", line.outcome?.rawValue)
        member("run", line.run.rawValue)
        member("seconds", line.seconds)
        member("step", line.step?.rawValue)
        if let totals = line.totals { append(totals) }
        raw("}\n")
    }

    /// The lines so far, which are forgotten.
    mutating func take() -> [UInt8] {
        defer { bytes.removeAll(keepingCapacity: bytes.capacity < 1 << 20) }
        return bytes
    }

    private mutating func append(_ changes: [ItemChange]) {
        key("changes")
        raw("[")
        for (position, change) in changes.enumerated() {
            if position > 0 { raw(",") }
            begin()
            member("after", change.after)
            member("before", change.before)
            member("key", change.key.description)
            member("status", change.status?.rawValue)
            raw("}")
        }
        raw("]")
        isFirst = false
    }

    private mutating func append(_ totals: [String: Int]) {
        key("totals")
        begin()
        for (name, count) in totals.sorted(by: { $0.key < $1.key }) {
            separate()
            quote(name)
            raw(":")
            bytes.append(contentsOf: String(count).utf8)
        }
        raw("}")
    }

    /// ISO 8601 to the second, UTC; events of one second share the text.
    private mutating func time(_ date: Date) -> String {
        let number = Int(date.timeIntervalSince1970.rounded(.down))
        if let second, second.number == number { return second.text }
        let text = Date(timeIntervalSince1970: Double(number)).formatted(.iso8601)
        second = (number, text)
        return text
    }
}

// What JSON is made of.
extension RunLogText {
    private mutating func raw(_ text: StaticString) {
        bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    private mutating func begin() {
        raw("{")
        isFirst = true
    }

    private mutating func separate() {
        if !isFirst { raw(",") }
        isFirst = false
    }

    private mutating func key(_ name: StaticString) {
        separate()
        raw("\"")
        raw(name)
        raw("\":")
    }

    private mutating func member(_ name: StaticString, _ text: String?) {
        guard let text else { return }
        key(name)
        quote(text)
    }

    private mutating func member(_ name: StaticString, _ number: Int?) {
        guard let number else { return }
        key(name)
        bytes.append(contentsOf: String(number).utf8)
    }

    private mutating func member(_ name: StaticString, _ number: Double?) {
        guard let number, number.isFinite else { return }
        key(name)
        bytes.append(contentsOf: String(number).utf8)
    }

    /// A string of JSON (RFC 8259 section 7): quotes, backslashes and controls are escaped, and what could steer the
    /// terminal of whoever looks at the file.
    private mutating func quote(_ text: String) {
        raw("\"")
        var text = text
        let isPlain = text.withUTF8 { source in
            // Almost all texts have none of the others.
            guard !source.contains(where: { $0 >= 0x7F }) else { return false }
            appendASCII(source)
            return true
        }
        if !isPlain { appendScalars(text) }
        raw("\"")
    }

    private mutating func appendASCII(_ source: UnsafeBufferPointer<UInt8>) {
        var start = 0
        for (place, byte) in source.enumerated() where byte < 0x20 || byte == 0x22 || byte == 0x5C {
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: source[start..<place]))
            start = place + 1
            escape(byte)
        }
        bytes.append(contentsOf: UnsafeBufferPointer(rebasing: source[start...]))
    }

    private mutating func appendScalars(_ text: String) {
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0..<0x20, 0x22, 0x5C: escape(UInt8(scalar.value))
            case 0x20..<0x7F: bytes.append(UInt8(scalar.value))
            case _ where SafeText.steers(scalar): bytes.append(contentsOf: SafeText.escaped(scalar).utf8)
            default: bytes.append(contentsOf: String(scalar).utf8)
            }
        }
    }

    private mutating func escape(_ byte: UInt8) {
        switch byte {
        case 0x22: raw("\\\"")
        case 0x5C: raw("\\\\")
        case 0x0A: raw("\\n")
        case 0x0D: raw("\\r")
        case 0x09: raw("\\t")
        default:
            raw(byte < 0x10 ? "\\u000" : "\\u001")
            let digit = byte & 15
            bytes.append(digit < 10 ? 0x30 + digit : 0x57 + digit)
        }
    }
}
