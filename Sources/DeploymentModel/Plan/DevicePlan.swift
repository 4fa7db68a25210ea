/// Everything that a run will do with one phone, complete before the first byte is sent.
public struct DevicePlan: Hashable, Sendable {
    public var device: DeviceID
    public var type: PhoneTypeID
    /// IP address or host name; of a phone that calls the tool and of which only the MAC address is known, that one.
    public var address: String
    public var port: Int
    public var tls: Bool
    public var mac: MACAddress?
    public var number: TerminalNumber?
    /// Names of the trust profiles (see ``TransferPlan/profiles``) in the order in which they are tried; empty for plain types.
    public var trust: [String]
    /// The administrator password with which the tool proves itself; nil where the protocol asks for none.
    public var password: SecretReference?
    /// Items that many phones of the plan have alike, in ascending order of key.
    ///
    /// Plans that share them share their memory, and a ``TransferPlan`` is encoded with each such list once.
    public private(set) var common: [WantedItem]
    /// Items of this phone alone, in ascending order of key; they win over ``common``.
    public private(set) var own: [WantedItem]
    /// What shall become of the phone's files, each kind once; done after the items.
    public var files: [WantedFile]

    public init(
        device: DeviceID, type: PhoneTypeID, address: String, port: Int, tls: Bool, mac: MACAddress? = nil,
        number: TerminalNumber? = nil, trust: [String] = [], password: SecretReference?, wanted: [WantedItem] = [],
        common: [WantedItem] = [], files: [WantedFile] = []
    ) {
        self.device = device
        self.type = type
        self.address = address
        self.port = port
        self.tls = tls
        self.mac = mac
        self.number = number
        self.trust = trust
        self.password = password
        self.common = Self.inOrder(common)
        own = Self.inOrder(wanted)
        self.files = files
    }

    /// What the phone shall have: in ascending order of key, each key once.
    ///
    /// The item ``WellKnownItem/administratorPassword``, if wanted, is among them.
    public var wanted: [WantedItem] {
        get { Self.merge(common, own) }
        set {
            common = []
            own = Self.inOrder(newValue)
        }
    }

    /// Puts other references in the place of those that the plan names: of the password, of every secret item and of every file.
    ///
    /// Cheaper than going through ``wanted``, and what phones share stays shared.
    public mutating func replaceSecrets(_ replacement: (SecretReference) throws -> SecretReference) rethrows {
        password = try password.map(replacement)
        for place in own.indices { try own[place].replaceSecret(replacement) }
        for place in common.indices where common[place].isSecret { try common[place].replaceSecret(replacement) }
        for place in files.indices { try files[place].replaceSecret(replacement) }
    }

    /// Whether there is nothing that this phone shall have.
    public var isEmpty: Bool { common.isEmpty && own.isEmpty && files.isEmpty }

    /// The trust profiles by which the phone may be met while its files are changed: its own and the coming ones.
    public var trustWhileChanging: [String] {
        let coming = files.flatMap(\.newTrust)
        return coming.isEmpty ? trust : trust + coming.filter { !trust.contains($0) }
    }

    private static func inOrder(_ items: [WantedItem]) -> [WantedItem] {
        let isOrdered = zip(items, items.dropFirst()).allSatisfy { $0.key < $1.key }
        guard !isOrdered else { return items }
        let unique = Dictionary(items.map { ($0.key, $0) }, uniquingKeysWith: { _, last in last })
        return unique.values.sorted { $0.key < $1.key }
    }

    private static func merge(_ common: [WantedItem], _ own: [WantedItem]) -> [WantedItem] {
        guard !common.isEmpty else { return own }
        guard !own.isEmpty else { return common }
        var merged: [WantedItem] = []
        merged.reserveCapacity(common.count + own.count)
        var next = 0
        for item in common {
            while next < own.count, own[next].key < item.key {
                merged.append(own[next])
                next += 1
            }
            if next < own.count, own[next].key == item.key { continue }
            merged.append(item)
        }
        merged.append(contentsOf: own[next...])
        return merged
    }
}

extension DevicePlan: Codable {
    /// The fields of one phone; the shared list is either written out or named by its place in the plan.
    enum CodingKeys: String, CodingKey {
        case device, type, address, port, tls, mac, number, trust, password, common, own, files
    }

    public init(from decoder: any Decoder) throws {
        try self.init(from: decoder, sharing: [])
    }

    public func encode(to encoder: any Encoder) throws {
        try encode(to: encoder, commonPlace: nil)
    }

    init(from decoder: any Decoder, sharing lists: [[WantedItem]]) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let common: [WantedItem]
        if let place = try? container.decodeIfPresent(Int.self, forKey: .common) {
            guard lists.indices.contains(place) else {
                throw DecodingError.dataCorruptedError(
                    forKey: .common, in: container, debugDescription: "no such list of items: \(place)")
            }
            common = lists[place]
        } else {
            common = try container.decodeIfPresent([WantedItem].self, forKey: .common) ?? []
        }
        self.init(
            device: try container.decode(DeviceID.self, forKey: .device),
            type: try container.decode(PhoneTypeID.self, forKey: .type),
            address: try container.decode(String.self, forKey: .address),
            port: try container.decode(Int.self, forKey: .port),
            tls: try container.decode(Bool.self, forKey: .tls),
            mac: try container.decodeIfPresent(MACAddress.self, forKey: .mac),
            number: try container.decodeIfPresent(TerminalNumber.self, forKey: .number),
            trust: try container.decode([String].self, forKey: .trust),
            password: try container.decodeIfPresent(SecretReference.self, forKey: .password),
            wanted: try container.decode([WantedItem].self, forKey: .own), common: common,
            files: try container.decodeIfPresent([WantedFile].self, forKey: .files) ?? [])
    }

    func encode(to encoder: any Encoder, commonPlace place: Int?) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(device, forKey: .device)
        try container.encode(type, forKey: .type)
        try container.encode(address, forKey: .address)
        try container.encode(port, forKey: .port)
        try container.encode(tls, forKey: .tls)
        try container.encodeIfPresent(mac, forKey: .mac)
        try container.encodeIfPresent(number, forKey: .number)
        try container.encode(trust, forKey: .trust)
        try container.encodeIfPresent(password, forKey: .password)
        try container.encode(own, forKey: .own)
        if !files.isEmpty { try container.encode(files, forKey: .files) }
        if let place {
            try container.encode(place, forKey: .common)
        } else if !common.isEmpty {
            try container.encode(common, forKey: .common)
        }
    }
}
