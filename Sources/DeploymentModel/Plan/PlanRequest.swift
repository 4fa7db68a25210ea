public import struct Foundation.Date

/// Everything from which a plan is made, as values: which phones, what is known of the whole list, and the options.
public struct PlanRequest: Sendable {
    public var mode: RunMode
    public var createdAt: Date
    /// The phones that were selected, in the order in which they are to be visited; each once.
    public var devices: [Device]
    /// The whole device list, against which terminal numbers are checked; may leave out what is in ``devices``.
    public var deviceList: [Device]
    public var groups: [DeviceGroup]
    public var catalogue: Catalogue
    public var settings: SettingsBook
    public var trust: Trust
    public var secrets: Secrets
    public var options: TransferOptions
    /// The management protocols that this tool has a driver for.
    public var protocols: Set<ManagementProtocol>
    /// What shall become of the files of each phone, in the order in which it is done.
    public var files: [DeviceID: [WantedFile]]
    /// Whether the phones shall have what the settings choose for them, too; false for files alone.
    public var takesSettings: Bool
    /// Phones that are known to call (WPI), whatever their type.
    public var calling: Set<DeviceID> = []

    /// The trust profiles that there are, and to which phones they are bound.
    public struct Trust: Sendable {
        public var profiles: [TrustRecord]
        public var bindings: [TrustBinding]

        public init(profiles: [TrustRecord] = [], bindings: [TrustBinding] = []) {
            self.profiles = profiles
            self.bindings = bindings
        }
    }

    /// References to the secrets that the run needs.
    public struct Secrets: Sendable {
        /// The administrator password of each phone for which it is known.
        public var passwords: [DeviceID: SecretReference]
        /// The administrator password of all other phones; nil when there is none.
        public var defaultPassword: SecretReference?
        /// What each phone is known to have taken, so that it is not sent again.
        public var accepted: [DeviceID: [ItemKey: SecretReference]]

        public init(
            passwords: [DeviceID: SecretReference] = [:], defaultPassword: SecretReference? = nil,
            accepted: [DeviceID: [ItemKey: SecretReference]] = [:]
        ) {
            self.passwords = passwords
            self.defaultPassword = defaultPassword
            self.accepted = accepted
        }
    }

    public init(
        mode: RunMode, createdAt: Date, devices: [Device], deviceList: [Device] = [], groups: [DeviceGroup] = [],
        catalogue: Catalogue, settings: SettingsBook, trust: Trust = Trust(), secrets: Secrets = Secrets(),
        options: TransferOptions = TransferOptions(),
        protocols: Set<ManagementProtocol> = Set(ManagementProtocol.allCases),
        files: [DeviceID: [WantedFile]] = [:], takesSettings: Bool = true
    ) {
        self.mode = mode
        self.createdAt = createdAt
        self.devices = devices
        self.deviceList = deviceList
        self.groups = groups
        self.catalogue = catalogue
        self.settings = settings
        self.trust = trust
        self.secrets = secrets
        self.options = options
        self.protocols = protocols
        self.files = files
        self.takesSettings = takesSettings
    }
}
