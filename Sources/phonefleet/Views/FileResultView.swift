import DeploymentModel
import Foundation

/// What a phone had and has of a file, as the command line shows it.
struct FileResultView: Encodable {
    struct Holding: Encodable {
        /// `unknown`, `none`, `holds`, `unreadable` or `named`.
        var state: String
        var name: String?
        var fingerprint: String?
        var subject: String?
        var notAfter: Date?
        var certificates: Int?

        init(_ holding: FileHolding) {
            switch holding {
            case .unknown: state = "unknown"
            case .none: state = "none"
            case .holds(let facts):
                state = "holds"
                fingerprint = facts.fingerprint
                subject = facts.subject
                notAfter = facts.notAfter
                certificates = facts.certificates
            case .named(let text):
                state = "named"
                name = text
            case .unreadable(let sha256):
                state = "unreadable"
                fingerprint = sha256
            }
        }
    }

    var kind: FileKind
    /// Of a file of which a phone may have several of the kind.
    var name: String?
    var before: Holding
    var now: Holding
    var rolledBack: Bool

    init(_ result: FileResult) {
        kind = result.kind
        name = result.name
        before = Holding(result.before)
        now = Holding(result.now)
        rolledBack = result.isRolledBack
    }
}

extension FileKind {
    /// For people: `server key material`.
    var words: String { rawValue.replacing("-", with: " ") }
}
