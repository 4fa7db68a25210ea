import DeploymentModel
import Foundation

/// What is known of a phone by its calls (WPI).
struct CallsView: Encodable {
    struct Change: Encodable {
        var item: ItemKey
        /// Absent for secrets, and where it was not kept.
        var value: String?
        var at: Date

        init(_ change: LocalChange) {
            (item, value, at) = (change.key, change.value, change.at)
        }

        /// In one line.
        var text: String { "\(item) = \(value ?? "(not kept)"), \(Words.time(at))" }
    }

    var mode: ModeView
    var startUps: Int
    var lastCall: Date?
    var lastReason: CallReason?
    /// Where the phone listens for the request to call.
    var contact: String?
    /// The pause in seconds that the phone makes between two such requests; absent when it is not known.
    var contactGap: Int?
    var remark: String?
    /// What was changed at the phone itself and not written over since; absent in lists.
    var localChanges: [Change]?

    init(_ calls: PhoneCalls, _ device: Device, _ changes: [LocalChange]?) {
        mode = ModeView(calls.secureMode ?? (device.wasAuthenticated ? .active : nil))
        startUps = calls.startUps
        lastCall = calls.lastCall
        lastReason = calls.lastReason
        contact = calls.contactAddress.map { address in calls.contactPort.map { "\(address):\($0)" } ?? address }
        contactGap = calls.contactGap
        remark = calls.remark
        localChanges = changes?.map(Change.init)
    }

    var modeInWords: String {
        switch mode {
        case .secure: "secure"
        case .secureBegun: "default, on the way into secure mode"
        case .standard: "default: nobody authenticates the phone"
        }
    }

    var lastCallInWords: String? {
        lastCall.map { Words.time($0) + (lastReason.map { ", \($0.rawValue)" } ?? "") }
    }

    /// A line for each setting that was changed at the phone.
    var changeLines: [String] { (localChanges ?? []).map(\.text) }
}

/// In which mode a phone calls, by the words of every document.
enum ModeView: String, Encodable {
    case standard = "default"
    case secure
    /// Between the two.
    case secureBegun = "secure-begun"

    init(_ mode: DeploymentModel.SecureMode?) {
        self =
            switch mode {
            case .active?: .secure
            case .begun?: .secureBegun
            case nil: .standard
            }
    }
}
