import DeploymentModel
import GRDB

/// How much is kept of what phones that call say, in bytes.
///
/// In default mode anybody who reaches the port may say anything in the name of any phone, so the disk must not grow
/// with it. A phone with all of its items changed needs some 40,000 bytes of local changes, and its items as one text
/// half of that.
struct CallBounds: Sendable {
    /// Of one phone, whoever it is.
    var localChanges = 128 << 10
    var knownItems = 128 << 10
    /// Of all phones together that prove nothing; room for 50,000 of them whose items are known.
    ///
    /// What phones in secure mode say is kept beside it.
    var unproven = 1 << 30

    /// What a row costs beside its texts.
    static let rowBytes = 40
}

/// What is kept of calls so far; counted by triggers (``Schema/callSizes``).
enum CallTally {
    /// Entries of the device list.
    static func devices(_ database: Database) throws -> Int {
        try database.first("SELECT devices FROM callTally", [])?["devices"] ?? 0
    }

    /// Why nothing more is kept of what a phone says; nil when there is room for it, or the phone proved who it is.
    static func refusal(of device: DeviceID, _ bounds: CallBounds, _ database: Database) throws -> Fault? {
        let row = try database.first(
            """
            SELECT 1 FROM callTally WHERE unproven >= ?
                AND NOT EXISTS (SELECT 1 FROM phoneCall WHERE device = ? AND secureMode = 'active')
            """, [bounds.unproven, device.number])
        return row == nil ? nil : Fault(.callNotKept, detail: "of phones that prove nothing no more is kept")
    }
}

extension Fault {
    /// A phone has more to say than a phone can have.
    static let moreThanAPhoneHas = Fault(.callNotKept, detail: "more than a phone can have to say")
}
