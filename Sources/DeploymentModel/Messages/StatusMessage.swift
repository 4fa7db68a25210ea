/// The words for one ``StatusCode``: what happened, what it means, and the one thing to do about it.
///
/// This table is the only place in the product that turns codes into words; the command line, the console and the
/// reference page all take them from here.
public struct StatusMessage: Hashable, Sendable {
    public var code: StatusCode
    /// A few words that stand behind the subject in an error line, in lower case and without a full stop.
    public var summary: String
    /// One or two sentences on what it means.
    public var meaning: String
    /// The one thing to do, as a sentence that can stand after `hint:`.
    public var remedy: String

    init(_ code: StatusCode, _ summary: String, meaning: String, remedy: String) {
        self.code = code
        self.summary = summary
        self.meaning = meaning
        self.remedy = remedy
    }

    /// All messages, grouped as the reference page prints them.
    public static let groups: [(title: String, messages: [StatusMessage])] = [
        ("Network", network),
        ("TLS handshake", handshake),
        ("Authentication of the phone", authentication),
        ("Key material and certificates", material),
        ("HTTP and XML", wire),
        ("Phone", phone),
        ("Changes of key material and trusted certificates", fileChange),
        ("Telephony server", telephony),
        ("Phones that call", calls),
        ("Plan and run", run),
        ("Input", input),
        ("Database and keys", store),
    ]

    private static let byCode: [StatusCode: StatusMessage] = Dictionary(
        groups.flatMap(\.messages).map { ($0.code, $0) }, uniquingKeysWith: { first, _ in first })

    /// The message of a code; nil for a code that is not in the table.
    public static func of(_ code: StatusCode) -> StatusMessage? { byCode[code] }
}

extension Fault {
    /// What happened, for people: the summary of the code, and the particulars if there are any.
    ///
    /// About input the particulars say it all, so the summary of the code would only be in the way.
    public var summary: String {
        let words = StatusMessage.of(code)?.summary ?? code.rawValue
        guard let detail, !detail.isEmpty else { return words }
        if code.rawValue.hasPrefix("input.") { return detail }
        return "\(words): \(detail)"
    }

    /// What to do about it; nil for a code without a remedy.
    public var remedy: String? { StatusMessage.of(code)?.remedy }
}
