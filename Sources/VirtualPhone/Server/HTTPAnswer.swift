import ManagementXML
import NIOCore
import PhoneTransport

/// One answer of a phone, ready to be written.
struct HTTPAnswer {
    enum Content {
        case xml, html, text

        var type: StaticString {
            switch self {
            case .xml: "application/xml; charset=utf-8"
            case .html: "text/html; charset=utf-8"
            case .text: "text/plain; charset=utf-8"
            }
        }
    }

    var status: HTTPStatus
    var content: Content
    var body: [UInt8]
    /// Further header lines, each with its line break.
    var fields = ""
    var closes = false
    /// HEAD is answered without the body.
    var omitsBody = false
    var effects: PhoneOutcome.Effects = []

    init(_ status: HTTPStatus, _ content: Content, _ body: [UInt8]) {
        self.status = status
        self.content = content
        self.body = body
    }

    /// An answer that refuses a request as a whole; the connection is closed after it.
    init(_ refusal: RequestRefusal) {
        let code: WireError.Code = refusal.status == .tooLarge ? .tooLarge : .malformed
        let error = WireError(code, line: refusal.line, reason: refusal.reason)
        self.init(refusal.status, .xml, DirectXML.encode(error, id: nil))
        closes = true
    }

    func write(into buffer: inout ByteBuffer, date: HTTPDate) {
        buffer.reserveCapacity(minimumWritableBytes: 320 + fields.utf8.count + body.count)
        buffer.writeStaticString("HTTP/1.1 ")
        buffer.writeStaticString(status.reason)
        buffer.writeStaticString("\r\nDate: ")
        date.write(into: &buffer)
        buffer.writeStaticString("\r\nContent-Type: ")
        buffer.writeStaticString(content.type)
        buffer.writeStaticString("\r\nContent-Length: ")
        buffer.writeDecimal(body.count)
        buffer.writeStaticString("\r\n")
        if !fields.isEmpty { buffer.writeString(fields) }
        if closes { buffer.writeStaticString("Connection: close\r\n") }
        buffer.writeStaticString("\r\n")
        if !omitsBody { buffer.writeBytes(body) }
    }
}

extension ByteBuffer {
    mutating func writeDecimal(_ number: Int, digits least: Int = 1) {
        var digits = least
        var limit = 1
        for _ in 0..<least { limit *= 10 }
        while number >= limit, digits < 18 {
            limit *= 10
            digits += 1
        }
        var rest = number
        var divisor = limit / 10
        for _ in 0..<digits {
            writeInteger(UInt8(truncatingIfNeeded: 48 + rest / divisor))
            rest %= divisor
            divisor = max(1, divisor / 10)
        }
    }
}

/// A moment as HTTP writes it (RFC 9110 section 5.6.7), without calendars and formatters.
struct HTTPDate {
    /// Seconds since 1970, UTC.
    var seconds: Int

    func write(into buffer: inout ByteBuffer) {
        let days = Int((Double(seconds) / 86400).rounded(.down))
        let rest = seconds - days * 86400
        let (year, month, day) = Self.civil(days)
        let weekday = ((days % 7) + 11) % 7
        buffer.writeStaticString(Self.weekdays[weekday])
        buffer.writeStaticString(", ")
        buffer.writeDecimal(day, digits: 2)
        buffer.writeStaticString(" ")
        buffer.writeStaticString(Self.months[month - 1])
        buffer.writeStaticString(" ")
        buffer.writeDecimal(max(0, year), digits: 4)
        buffer.writeStaticString(" ")
        buffer.writeDecimal(rest / 3600, digits: 2)
        buffer.writeStaticString(":")
        buffer.writeDecimal(rest / 60 % 60, digits: 2)
        buffer.writeStaticString(":")
        buffer.writeDecimal(rest % 60, digits: 2)
        buffer.writeStaticString(" GMT")
    }

    var text: String {
        var buffer = ByteBuffer()
        write(into: &buffer)
        return String(buffer: buffer)
    }

    private static let weekdays: [StaticString] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months: [StaticString] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// The Gregorian date of a day counted from 1970-01-01.
    static func civil(_ days: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * marchMonth + 2) / 5 + 1
        let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }
}
