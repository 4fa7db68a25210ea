/// Reads the field `Date` (RFC 9110 section 5.6.7); only the form that is to be sent, not the two obsolete ones.
enum HTTPDateField {
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// Seconds since 1970 of `Sun, 06 Nov 1994 08:49:37 GMT`; nil for everything else.
    static func seconds(_ text: ArraySlice<UInt8>) -> Int? {
        guard text.count == 29 else { return nil }
        let text = Array(text)
        func number(_ range: Range<Int>) -> Int? { HTTPField.number(text[range]) }
        guard text[3] == UInt8(ascii: ","), text[26...].elementsEqual("GMT".utf8), text[19] == UInt8(ascii: ":"),
            text[22] == UInt8(ascii: ":"), let day = number(5..<7), (1...31).contains(day),
            let month = months.firstIndex(where: { $0.utf8.elementsEqual(text[8..<11]) }),
            let year = number(12..<16), let hour = number(17..<19), hour < 24, let minute = number(20..<22),
            minute < 60,
            let second = number(23..<25), second <= 60
        else { return nil }
        return days(year, month + 1, day) * 86_400 + hour * 3600 + minute * 60 + second
    }

    /// Days from 1970-01-01 in the Gregorian calendar.
    private static func days(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let year = month <= 2 ? year - 1 : year
        let era = (year >= 0 ? year : year - 399) / 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let yearOfEra = year - era * 400
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }
}
