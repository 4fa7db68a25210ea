import DeploymentModel
import GRDB

/// How much is kept of what phones that call say.
///
/// In default mode anybody who reaches the port may say anything in the name of any phone, so the disk must not grow
/// with it. A phone with all keys, modules and lines has some 3,400 items: 90,000 bytes read whole, and 210,000 when
/// each of them was changed.
struct CallBounds: Sendable {
    /// Entries of the device list up to which a phone that calls unasked is added by itself.
    var listed = 100_000
    /// Bytes of one phone, whoever it is.
    var localChanges = 512 << 10
    var knownItems = 256 << 10
    /// Bytes of all phones together that prove nothing; room for more than 40,000 of them that were read whole.
    ///
    /// What phones in secure mode say is kept beside it.
    var unproven = 4 << 30
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
