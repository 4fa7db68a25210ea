/// A failure as a coded fact: what happened (`code`), to what (`subject`), and the particulars (`detail`).
///
/// `subject` and `detail` are shown to people and written to logs, so they never hold a secret. Meaning and remedy are
/// not part of the fault; the code's ``StatusMessage`` has them.
public struct Fault: Error, Hashable, Sendable, Codable {
    public var code: StatusCode
    /// What the user typed or sees: an address, a file name, a parameter.
    public var subject: String?
    /// What was seen, in lower case and without a full stop, for example `expected CN=a, got CN=b`.
    public var detail: String?

    public init(_ code: StatusCode, subject: String? = nil, detail: String? = nil) {
        self.code = code
        self.subject = subject
        self.detail = detail
    }
}

/// Several faults found in one piece of input, reported together so that a person can mend all of them at once.
public struct FaultList: Error, Hashable, Sendable {
    public var faults: [Fault]

    public init(_ faults: [Fault]) {
        self.faults = faults
    }
}

extension Fault: CustomStringConvertible {
    /// `code: subject: detail`, for logs and test output; people are shown the rendered message instead.
    public var description: String {
        [code.rawValue, subject, detail].compactMap(\.self).joined(separator: ": ")
    }
}
