import DeploymentModel
import Foundation
import GRDB

extension Date {
    /// Microseconds since 1970: what the database keeps of a moment.
    var microseconds: Int64 { Int64((timeIntervalSince1970 * 1_000_000).rounded()) }

    init(microseconds: Int64) {
        self.init(timeIntervalSince1970: Double(microseconds) / 1_000_000)
    }
}

extension DeviceID {
    /// The number of `d17`; nil for a name that this store does not give.
    var number: Int64? { serial(rawValue, prefix: "d") }
    init(number: Int64) { self.init("d\(number)") }
}

extension RunID {
    /// The number of `r12`; nil for a name that this store does not give.
    var number: Int64? { serial(rawValue, prefix: "r") }
    init(number: Int64) { self.init("r\(number)") }

    /// The number of the run; throws `run.not-found` for a name that no run can have.
    func required() throws(Fault) -> Int64 {
        guard let number else { throw Fault(.runNotFound, subject: rawValue) }
        return number
    }
}

private func serial(_ text: String, prefix: String) -> Int64? {
    guard text.hasPrefix(prefix), let number = Int64(text.dropFirst()), number > 0 else { return nil }
    return "\(prefix)\(number)" == text ? number : nil
}

extension Row {
    /// The column as a value that its type makes of a text; a text that it does not accept is damage.
    func value<Value>(_ column: String, _ make: (String) -> Value?) throws -> Value {
        guard let text = self[column] as String?, let value = make(text) else {
            throw StoredValueError(column: column)
        }
        return value
    }

    func optional<Value>(_ column: String, _ make: (String) -> Value?) throws -> Value? {
        guard let text = self[column] as String? else { return nil }
        guard let value = make(text) else { throw StoredValueError(column: column) }
        return value
    }

    func date(_ column: String) -> Date? {
        (self[column] as Int64?).map(Date.init(microseconds:))
    }

    /// The fault of the columns `faultCode`, `faultSubject` and `faultDetail`.
    var fault: Fault? {
        guard let code = self["faultCode"] as String? else { return nil }
        return Fault(StatusCode(code), subject: self["faultSubject"], detail: self["faultDetail"])
    }

    /// The evidence of the columns `hasEvidence`, `certificateFingerprint`, `profile` and `tlsVersion`.
    var evidence: PeerEvidence? {
        guard self["hasEvidence"] as Bool else { return nil }
        return PeerEvidence(
            certificateFingerprint: self["certificateFingerprint"], profile: self["profile"],
            tlsVersion: self["tlsVersion"])
    }
}

extension Database {
    /// Runs one statement that is prepared once and kept.
    func run(_ sql: String, _ arguments: StatementArguments = StatementArguments()) throws {
        try cachedStatement(sql: sql).execute(arguments: arguments)
    }

    /// The first row of a query that is prepared once and kept.
    func first(_ sql: String, _ arguments: StatementArguments) throws -> Row? {
        try Row.fetchOne(cachedStatement(sql: sql), arguments: arguments)
    }
}
