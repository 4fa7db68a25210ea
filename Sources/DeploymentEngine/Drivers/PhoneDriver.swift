public import DeploymentModel
public import ManagementXML
public import PhoneTransport

/// Turns the steps of a plan into actions of one protocol family.
///
/// Knows no plan, no journal and no time.
///
/// Every member throws a ``Fault``: `phone.busy` when the phone is in a call (nothing was changed), `phone.action-failed`
/// with the phone's own words when it refuses, and whatever the session throws.
public protocol PhoneDriver: Sendable {
    /// Asks who the phone is; needs no password.
    func identify(over call: PhoneCall) async throws -> PhoneIdentity

    /// Reads just these items, in as many messages as the type's limit asks for.
    func read(_ keys: [ItemKey], over call: PhoneCall) async throws -> [Item]

    /// Writes items, never parting a dependent group, and returns those that the phone refused.
    func write(_ items: [ItemToWrite], over call: PhoneCall) async throws -> [ItemKey: ItemStatus]

    /// Reads everything that the phone gives out, with its list of stored files.
    func readAll(over call: PhoneCall) async throws -> [Item]

    /// Orders the phone to fetch or delete a file by itself; returns when it was told, not when it is done.
    ///
    /// Over WPI the session is spent afterwards.
    func fetch(_ order: FetchOrder, over call: PhoneCall) async throws

    /// Orders a reset to the state of the factory; the session is spent afterwards.
    func factoryReset(over call: PhoneCall) async throws

    /// Asks how the phone is doing; needs no password.
    func status(over call: PhoneCall) async throws -> PhoneStatus

    /// Orders a restart; returns when the phone has accepted it.
    func restart(over call: PhoneCall) async throws

    /// Transfers a file, which takes the place of one of its kind.
    ///
    /// Throws `material.plain-refused` for server key material over a session that TLS did not authenticate.
    func transfer(_ content: [UInt8], as kind: FileKind, over call: PhoneCall) async throws

    /// Reads a file back; `phone.action-failed` when the phone has none or does not give it back.
    func readFile(_ kind: FileKind, over call: PhoneCall) async throws -> HeldFile

    /// Deletes a file; the phone returns to what it does without one.
    func deleteFile(_ kind: FileKind, over call: PhoneCall) async throws
}

/// By which conversation and password a driver works, and what the phone can take.
public struct PhoneCall: Sendable {
    public var session: any PhoneSession
    /// nil before it is needed.
    public var password: SecretText?
    /// Most items in one message.
    public var itemLimit: Int

    public init(session: any PhoneSession, password: SecretText?, itemLimit: Int) {
        self.session = session
        self.password = password
        self.itemLimit = itemLimit
    }
}

/// An item on its way to a phone, with the group in which it is taken or refused.
public struct ItemToWrite: Sendable {
    public var item: Item
    public var dependentGroup: String?

    public init(item: Item, dependentGroup: String? = nil) {
        self.item = item
        self.dependentGroup = dependentGroup
    }
}

/// Who a phone says it is.
public struct PhoneIdentity: Hashable, Sendable {
    public var deviceType: String?
    /// Only phones of which one device type runs different software say it.
    public var softwareType: String?
    public var softwareVersion: SoftwareVersion?
    public var mac: MACAddress?
    public var number: TerminalNumber?
    /// The files that the phone says it has, without their content.
    public var files: [HeldFile]

    /// Reads the items of an answer to `identify`; what is missing, malformed or said twice is nil.
    public init(_ reply: ManagementReply) {
        files = reply.files
        deviceType = Self.fact(WellKnownItem.deviceType, of: reply)
        softwareType = Self.fact(WellKnownItem.softwareType, of: reply)
        softwareVersion = Self.fact(WellKnownItem.softwareVersion, of: reply).map { SoftwareVersion($0) }
        mac = Self.fact(WellKnownItem.macAddress, of: reply).flatMap { MACAddress($0) }
        number = Self.fact(WellKnownItem.terminalNumber, of: reply).flatMap { TerminalNumber($0) }
    }

    /// Every type of the catalogue of which the phone can be by its own words.
    public func types(in catalogue: Catalogue) -> [PhoneType] {
        deviceType.map { catalogue.types(answering: $0, softwareType: softwareType) } ?? []
    }

    /// The one type of the catalogue of which the phone can be by its own words; nil when there is none or more than one.
    public func type(in catalogue: Catalogue) -> PhoneType? {
        deviceType.flatMap { catalogue.type(answering: $0, softwareType: softwareType) }
    }

    private static func fact(_ name: String, of reply: ManagementReply) -> String? {
        let key = ItemKey(name)
        var values = reply.items.lazy.filter { $0.key == key }.makeIterator()
        guard let value = values.next()?.value, values.next() == nil, isSober(value) else { return nil }
        return value
    }

    /// Most bytes of one fact.
    ///
    /// Whoever answers may claim anything, and what it claims goes into the device list and every table.
    private static let maxBytes = 128

    /// Whether the text is of a length that a phone could mean, and of visible characters.
    static func isSober(_ text: String) -> Bool {
        text.utf8.count <= maxBytes
            && text.unicodeScalars.allSatisfy { scalar in
                switch scalar.properties.generalCategory {
                case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned: false
                default: true
                }
            }
    }
}
