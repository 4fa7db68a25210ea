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
    case restart
    case factoryReset
    case status

    /// The name on the wire.
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
        case .restart: "Restart"
        case .factoryReset: "FactoryReset"
        case .status: "Status"
        }
    }

    /// All names on the wire.
    public static let names: Set<String> = [
        "Identify", "ReadItems", "ReadAllItems", "GetNextFragment", "WriteItems", "TransferFile", "ReadFile",
        "DeleteFile", "FetchFile", "Restart", "FactoryReset", "Status",
    ]
}

/// Orders a phone to fetch a file from a server.
public struct FetchOrder: Hashable, Sendable {
    public var kind: FileKind
    /// `ftp://` or `https://`, without user and password (these are items of the phone).
    public var url: String
    /// Expected SHA-256 of the content, lower-case hexadecimal; nil = not checked.
    public var sha256: String?
    /// What else an order over WPI says; the direct interface does not carry it.
    public var workPoint: WorkPointOrder?

    public init(kind: FileKind, url: String, sha256: String? = nil, workPoint: WorkPointOrder? = nil) {
        self.kind = kind
        self.url = url
        self.sha256 = sha256
        self.workPoint = workPoint
    }
}

/// What an order to fetch or delete files says over WPI beyond kind and URL.
public struct WorkPointOrder: Hashable, Sendable {
    public enum Priority: String, Hashable, Sendable, CaseIterable {
        /// The phone waits until it is idle.
        case normal
        /// At once; a phone that is told nothing does this.
        case immediate
    }

    /// User and password of an FTP server.
    public struct Login: Hashable, Sendable {
        public var user: String
        public var password: SecretText

        public init(user: String, password: SecretText) {
            self.user = user
            self.password = password
        }
    }

    /// Which software an image is.
    public struct Software: Hashable, Sendable {
        /// For example `Siemens SIP`; nil = not said.
        public var type: String?
        /// As `V3 R5.12.0` or `3.5.12.0`.
        public var version: SoftwareVersion

        public init(type: String? = nil, version: SoftwareVersion) {
            self.type = type
            self.version = version
        }
    }

    /// Under which name the phone keeps the file; with the kind it identifies a stored file.
    ///
    /// nil = the last part of the URL.
    public var name: String?
    public var login: Login?
    public var priority: Priority?
    /// Only of kind ``FileKind/application``: makes the order a SoftwareDeployment.
    public var software: Software?
    /// Whether the phone is to delete the file of this kind and name; the URL is then empty.
    public var isDeletion: Bool
    /// Further files in the same message, without further ones of their own.
    public var also: [FetchOrder]

    public init(
        name: String? = nil, login: Login? = nil, priority: Priority? = nil, software: Software? = nil,
        isDeletion: Bool = false, also: [FetchOrder] = []
    ) {
        self.name = name
        self.login = login
        self.priority = priority
        self.software = software
        self.isDeletion = isDeletion
        self.also = also
    }
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
    /// Nil where nothing is known of it: phones that call do not say.
    public var registration: Registration?
    /// Why the registration failed.
    public var registrationReason: String?
    /// Result of the last ordered fetch, for example `accepted` or a reason.
    public var lastFileResult: String?
    /// Seconds since the last start; nil where it is not known.
    public var uptime: Int?
    /// Number of starts in the phone's life; grows by one with each restart.
    public var bootCount: Int

    public init(
        isBusy: Bool, registration: Registration?, registrationReason: String? = nil, lastFileResult: String? = nil,
        uptime: Int?, bootCount: Int
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
