public import DeploymentModel

/// What can be asked of a phone, the same over the direct interface and over WPI.
///
/// A driver thinks in these.
public enum ManagementAction: Hashable, Sendable {
    /// Device type, software version, MAC address, terminal number, files held. Needs no password, gives no secret.
    case identify
    case readItems([ItemKey])
    case readAllItems
    /// Asks for the next part of a long answer; sessions do this by themselves and hand out whole answers.
    case nextFragment
    /// Items of one dependent group are taken or refused together; the answer lists the refused items only.
    case writeItems([Item])
    /// `content` is unencrypted PKCS#12.
    case transferFile(FileKind, content: [UInt8])
    case readFile(FileKind)
    case deleteFile(FileKind)
    case fetchFile(FetchOrder)
    /// Several files in one order, and files to be deleted by name.
    ///
    /// Only WPI has this: over the direct interface a phone holds one file of a kind.
    case orderFiles([FileOrder])
    case restart
    case factoryReset
    case status

    /// The name on the wire of the direct interface.
    public var name: String {
        switch self {
        case .identify: "Identify"
        case .readItems: "ReadItems"
        case .readAllItems: "ReadAllItems"
        case .nextFragment: "GetNextFragment"
        case .writeItems: "WriteItems"
        case .transferFile: "TransferFile"
        case .readFile: "ReadFile"
        case .deleteFile: "DeleteFile"
        case .fetchFile: "FetchFile"
        case .orderFiles: "OrderFiles"
        case .restart: "Restart"
        case .factoryReset: "FactoryReset"
        case .status: "Status"
        }
    }

    /// All names on the wire of the direct interface.
    public static let names: Set<String> = [
        "Identify", "ReadItems", "ReadAllItems", "GetNextFragment", "WriteItems", "TransferFile", "ReadFile",
        "DeleteFile", "FetchFile", "Restart", "FactoryReset", "Status",
    ]
}

/// Orders a phone to fetch a file from a server.
public struct FetchOrder: Hashable, Sendable {
    public var kind: FileKind
    /// `ftp://` or `https://`, without user and password.
    public var url: String
    /// Expected SHA-256 of the content, lower-case hexadecimal; nil = not checked.
    ///
    /// Not carried over WPI.
    public var sha256: String?
    /// Under which name the phone holds the file; nil = the last part of the URL.
    ///
    /// Carried over WPI only, like ``login`` and ``software``.
    public var name: String?
    /// For FTP; over the direct interface these are items of the phone.
    public var login: Login?
    /// What a phone is told of software before it fetches it.
    public var software: Software?

    public init(
        kind: FileKind, url: String, sha256: String? = nil, name: String? = nil, login: Login? = nil,
        software: Software? = nil
    ) {
        self.kind = kind
        self.url = url
        self.sha256 = sha256
        self.name = name
        self.login = login
        self.software = software
    }

    /// Who fetches.
    public struct Login: Hashable, Sendable {
        public var user: String
        public var password: SecretText

        public init(user: String, password: SecretText) {
            self.user = user
            self.password = password
        }
    }

    /// What software is fetched, and when.
    public struct Software: Hashable, Sendable {
        /// For example `Siemens SIP`.
        public var type: String?
        /// For example `V3 R5.12.0`.
        public var version: String?
        /// Whether a phone in a call waits until it is over; otherwise it interrupts the call.
        public var waitsForIdle: Bool

        public init(type: String? = nil, version: String? = nil, waitsForIdle: Bool = false) {
            self.type = type
            self.version = version
            self.waitsForIdle = waitsForIdle
        }
    }
}

/// One of several things to do with files.
public enum FileOrder: Hashable, Sendable {
    case fetch(FetchOrder)
    /// Kind and name together say which file.
    case delete(FileKind, name: String)
}

/// A phone's answer to one action.
public struct ManagementReply: Hashable, Sendable {
    public enum Status: String, Hashable, Sendable, CaseIterable {
        case accepted
        case failed
        /// In a call; nothing was changed.
        case busy
    }

    /// The name of the action that is answered.
    public var action: String
    public var status: Status
    /// Why it failed, in the phone's words; at most 200 characters.
    public var reason: String?
    public var items: [Item]
    /// Files that the phone holds (identify), or the one asked for (read file).
    public var files: [HeldFile]
    /// Present in the answer to `status`.
    public var phoneStatus: PhoneStatus?
    /// Whether another part follows.
    public var hasMoreFragments: Bool

    public init(
        action: String, status: Status, reason: String? = nil, items: [Item] = [], files: [HeldFile] = [],
        phoneStatus: PhoneStatus? = nil, hasMoreFragments: Bool = false
    ) {
        self.action = action
        self.status = status
        self.reason = reason
        self.items = items
        self.files = files
        self.phoneStatus = phoneStatus
        self.hasMoreFragments = hasMoreFragments
    }
}

/// A file that a phone holds.
public struct HeldFile: Hashable, Sendable {
    public var kind: FileKind
    /// SHA-256 of the content, lower-case hexadecimal.
    public var fingerprint: String
    public var size: Int
    public var version: String?
    /// Only in the answer to `readFile`.
    public var content: [UInt8]?

    public init(kind: FileKind, fingerprint: String, size: Int, version: String? = nil, content: [UInt8]? = nil) {
        self.kind = kind
        self.fingerprint = fingerprint
        self.size = size
        self.version = version
        self.content = content
    }
}

/// How a phone is doing.
public struct PhoneStatus: Hashable, Sendable {
    public enum Registration: String, Hashable, Sendable, CaseIterable {
        case notConfigured = "not-configured"
        case registering
        case registered
        case failed
    }

    public var isBusy: Bool
    public var registration: Registration
    /// Why the registration failed.
    public var registrationReason: String?
    /// Result of the last ordered fetch, for example `accepted` or a reason.
    public var lastFileResult: String?
    /// Seconds since the last start.
    public var uptime: Int
    /// Number of starts in the phone's life; grows by one with each restart.
    public var bootCount: Int

    public init(
        isBusy: Bool, registration: Registration, registrationReason: String? = nil, lastFileResult: String? = nil,
        uptime: Int, bootCount: Int
    ) {
        self.isBusy = isBusy
        self.registration = registration
        self.registrationReason = registrationReason
        self.lastFileResult = lastFileResult
        self.uptime = uptime
        self.bootCount = bootCount
    }
}

/// A request of the direct interface: an action under an id that the answer echoes.
public struct ManagementRequest: Hashable, Sendable {
    /// 1 to 64 of `A-Z a-z 0-9 -`.
    public var id: String
    public var action: ManagementAction

    public init(id: String, action: ManagementAction) {
        self.id = id
        self.action = action
    }
}

/// An answer of the direct interface with the echoed id.
public struct ManagementResponse: Hashable, Sendable {
    public var id: String
    public var reply: ManagementReply

    public init(id: String, reply: ManagementReply) {
        self.id = id
        self.reply = reply
    }
}
