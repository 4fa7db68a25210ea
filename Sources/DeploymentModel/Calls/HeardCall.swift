public import struct Foundation.Date

/// Why a phone called, in the words of the wire.
public enum CallReason: String, Hashable, Sendable, Codable, CaseIterable {
    /// Each start and each reset.
    case startUp = "start-up"
    case localChanges = "local-changes"
    case inventoryChanges = "inventory-changes"
    /// The result of a file that the phone was ordered to fetch.
    case status
    case solicited
    case cleanUp = "clean-up"
}

/// A phone that called, in the form in which the store keeps it: every value is of limited length, none is a secret's.
public struct HeardCall: Hashable, Sendable {
    public var reason: CallReason
    /// What the phone said of itself, as a scan would have found it.
    ///
    /// `tls` tells whether it called where phones have to prove who they are; `port` is where it listens for
    /// contact-me, nil when that is not known.
    public var row: ScanRow
    /// What was changed at the phone, of a call that says so.
    public var localChanges: [LocalChange]
    /// What the phone says of files that it was ordered to fetch.
    public var files: [FileReport]
    /// What else there is to know of the call: why the phone gave a conversation up, or which modules it has.
    public var remark: String?
    /// SHA-256 of the authority by which a phone in secure mode believed this program when it called; nil when that is not
    /// known.
    public var serverAuthority: String?
    public var at: Date

    public init(
        reason: CallReason, row: ScanRow, localChanges: [LocalChange] = [], files: [FileReport] = [],
        remark: String? = nil, serverAuthority: String? = nil, at: Date
    ) {
        self.reason = reason
        self.row = row
        self.localChanges = localChanges
        self.files = files
        self.remark = remark
        self.serverAuthority = serverAuthority
        self.at = at
    }

    /// What was changed at a phone of the list, its number with it where it is another one than the list wants.
    ///
    /// Empty of a call that is made for another reason.
    public func localChanges(of device: Device) -> [LocalChange] {
        guard reason == .localChanges, let said = row.number, let wanted = device.number, said != wanted
        else { return localChanges }
        let number = LocalChange(key: ItemKey(WellKnownItem.terminalNumber), value: said.rawValue, at: at)
        return localChanges.filter { $0.key != number.key } + [number]
    }
}

/// A value that somebody changed at the phone itself.
public struct LocalChange: Hashable, Sendable, Codable {
    public var key: ItemKey
    /// nil when it is not kept: of a secret, of an item that the catalogue does not know, and of one that is too long.
    public var value: String?
    /// When the phone said so.
    public var at: Date

    public init(key: ItemKey, value: String?, at: Date) {
        self.key = key
        self.value = value
        self.at = at
    }
}

/// What a phone says of a file after an order to fetch it.
public struct FileReport: Hashable, Sendable, Codable {
    /// The kind of file, for example `logo`; in the phone's own word where that is not known.
    public var type: String
    public var name: String
    public var isDone: Bool
    /// Date and time in the phone's words.
    public var saidAt: String?

    public init(type: String, name: String, isDone: Bool, saidAt: String? = nil) {
        self.type = type
        self.name = name
        self.isDone = isDone
        self.saidAt = saidAt
    }
}

/// What became of a call.
public struct CallEntry: Hashable, Sendable {
    /// The entry of the device list as it is now; nil when the call was not taken.
    public var device: Device?
    public var isNew: Bool
    /// How often the phone was heard to start, this call included.
    public var startUps: Int
    /// Why the phone is not served.
    public var refusal: Fault?
    /// Why not all is kept that a phone said which is served (`call.not-kept`).
    public var unkept: Fault?

    public init(
        device: Device? = nil, isNew: Bool = false, startUps: Int = 0, refusal: Fault? = nil, unkept: Fault? = nil
    ) {
        self.device = device
        self.isNew = isNew
        self.startUps = startUps
        self.refusal = refusal
        self.unkept = unkept
    }
}

/// How far a phone is on its way into secure mode.
public enum SecureMode: String, Hashable, Sendable, Codable, CaseIterable {
    /// It was given what it needs and has not called on the secure port yet.
    case begun
    /// It called on the secure port and proved who it is.
    case active
}

/// What is known of a phone by its calls.
public struct PhoneCalls: Hashable, Sendable {
    public var device: DeviceID
    public var startUps: Int
    public var lastReason: CallReason?
    public var lastCall: Date?
    /// Where the phone listens for contact-me, by its last call.
    public var contactAddress: String?
    public var contactPort: Int?
    /// The pause in seconds that the phone itself makes between two reactions to contact-me; nil when not known.
    public var contactGap: Int?
    public var secureMode: SecureMode?
    /// What the phone last said beside: why it gave up, or which modules it has.
    public var remark: String?

    public init(
        device: DeviceID, startUps: Int = 0, lastReason: CallReason? = nil, lastCall: Date? = nil,
        contactAddress: String? = nil, contactPort: Int? = nil, contactGap: Int? = nil,
        secureMode: SecureMode? = nil, remark: String? = nil
    ) {
        self.device = device
        self.startUps = startUps
        self.lastReason = lastReason
        self.lastCall = lastCall
        self.contactAddress = contactAddress
        self.contactPort = contactPort
        self.contactGap = contactGap
        self.secureMode = secureMode
        self.remark = remark
    }
}

/// An order to fetch a file, and what came of it.
public struct FileOrderRecord: Hashable, Sendable, Codable {
    public var type: String
    public var name: String
    /// Of software the version that was ordered.
    public var version: SoftwareVersion?
    public var orderedAt: Date?
    /// nil as long as the phone has said nothing.
    public var isDone: Bool?
    public var reportedAt: Date?

    public init(
        type: String, name: String, version: SoftwareVersion? = nil, orderedAt: Date? = nil, isDone: Bool? = nil,
        reportedAt: Date? = nil
    ) {
        self.type = type
        self.name = name
        self.version = version
        self.orderedAt = orderedAt
        self.isDone = isDone
        self.reportedAt = reportedAt
    }
}
