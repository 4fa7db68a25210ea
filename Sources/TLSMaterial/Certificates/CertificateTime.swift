import Foundation
import SwiftASN1

/// The two time forms of a certificate (RFC 5280 section 4.1.2.5): always with seconds, always in UTC.
enum CertificateTime {
    static func decode(_ node: ASN1Node) throws(MaterialError) -> Date {
        let what = "validity"
        let text = Array(try node.primitive(what))
        let yearDigits = node.identifier == .utcTime ? 2 : node.identifier == .generalizedTime ? 4 : 0
        guard yearDigits > 0, text.count == yearDigits + 11, text.last == UInt8(ascii: "Z"),
            text.dropLast().allSatisfy({ (0x30...0x39).contains($0) })
        else { throw MaterialError(.damaged, detail: "\(what) has a malformed time") }
        func number(_ range: Range<Int>) -> Int { text[range].reduce(0) { $0 * 10 + Int($1 & 15) } }
        var year = number(0..<yearDigits)
        if yearDigits == 2 { year += year < 50 ? 2000 : 1900 }
        let fields = stride(from: yearDigits, to: yearDigits + 10, by: 2).map { number($0..<$0 + 2) }
        guard (1...12).contains(fields[0]), (1...days(in: fields[0], of: year)).contains(fields[1]),
            fields[2] < 24, fields[3] < 60, fields[4] < 60
        else { throw MaterialError(.damaged, detail: "\(what) has an impossible time") }
        let seconds = (dayNumber(year, fields[0], fields[1]) * 24 + fields[2]) * 3600 + fields[3] * 60 + fields[4]
        return Date(timeIntervalSince1970: Double(seconds))
    }

    /// UTCTime from 1950 to 2049, else GeneralizedTime; a date outside the years 0 to 9999 is moved to the nearest end.
    static func encode(_ date: Date) -> [UInt8] {
        let interval = date.timeIntervalSince1970
        let seconds = interval.isNaN ? 0 : min(max(interval, -62_167_219_200), 253_402_300_799)
        let whole = Int(seconds.rounded(.down))
        let day = Int((Double(whole) / 86_400).rounded(.down))
        let rest = whole - day * 86_400
        let (year, month, dayOfMonth) = civil(day)
        let tail = [month, dayOfMonth, rest / 3600, rest / 60 % 60, rest % 60].map { digits($0, 2) }.joined()
        if (1950..<2050).contains(year) {
            return DEREncoding.value(0x17, Array((digits(year % 100, 2) + tail + "Z").utf8))
        }
        return DEREncoding.value(0x18, Array((digits(year, 4) + tail + "Z").utf8))
    }

    private static func digits(_ number: Int, _ width: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, width - text.count)) + text
    }

    private static func days(in month: Int, of year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Days since 1970-01-01 in the proleptic Gregorian calendar; years count from March so that leap days come last.
    private static func dayNumber(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    private static func civil(_ dayNumber: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = dayNumber + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * monthFromMarch + 2) / 5 + 1)
    }
}
