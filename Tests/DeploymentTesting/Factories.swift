public import DeploymentModel
public import Foundation

// Values for tests: everything has a default, a test names only what it is about.

extension Parameter {
    public static func make(
        item: String = "sntp-addr", kind: ValueKind = .text, minimum: Int? = nil, maximum: Int? = nil,
        maximumLength: Int? = nil, choices: [String] = [], defaultValue: String? = "", isSecret: Bool = false,
        isReadOnly: Bool = false, needsRestart: Bool = false, indices: ClosedRange<Int>? = nil,
        onlyIf: ParameterCondition? = nil, dependentGroup: String? = nil
    ) -> Parameter {
        Parameter(
            item: item, label: item, help: "", kind: kind, minimum: minimum, maximum: maximum,
            maximumLength: maximumLength, choices: choices.map { Choice(value: $0, label: $0) },
            defaultValue: defaultValue, isSecret: isSecret, isReadOnly: isReadOnly, needsRestart: needsRestart,
            indices: indices.map { [$0] } ?? [], onlyIf: onlyIf, dependentGroup: dependentGroup, provenance: .decision)
    }
}

extension PhoneType {
    /// A type with a few parameters of every sort.
    public static func make(
        id: PhoneTypeID = .testTLS, deviceType: String? = nil, tls: Bool = true, port: Int? = nil,
        parameters: [Parameter] = Parameter.assortment, managementProtocol: ManagementProtocol = .direct,
        softwareVersions: [String] = ["V1.0", "V2.0"], limits: Limits = Limits(items: 500, fileBytes: 65536)
    ) -> PhoneType {
        PhoneType(
            id: id, name: id.rawValue, deviceType: deviceType ?? id.rawValue, family: "optiPoint",
            managementProtocol: managementProtocol,
            access: [ManagementAccess(tls: tls, port: port ?? (tls ? 443 : 8085))],
            softwareVersions: softwareVersions.map(SoftwareVersion.init),
            tabs: [ParameterTab(id: "general", name: "General", parameters: parameters)],
            fileKinds: [.serverKeyMaterial, .clientTrustedCertificates, .application], limits: limits,
            durations: Durations(transfer: 1, restart: 30), provenance: .decision)
    }
}

extension PhoneTypeID {
    /// A type of the test catalogue that is reached over TLS.
    public static let testTLS = PhoneTypeID("optipoint-410-standard-hfa")
    /// A type of the test catalogue that is reached in plain.
    public static let testPlain = PhoneTypeID("optipoint-400-economy-hfa")
}

extension Parameter {
    public static let assortment: [Parameter] = [
        .make(item: "e164", kind: .digits, maximumLength: 24),
        .make(item: "sntp-addr", kind: .text, maximumLength: 64, defaultValue: "0.0.0.0"),
        .make(item: "qos-l3-voice", kind: .number, minimum: 0, maximum: 63, defaultValue: "46"),
        .make(item: "dhcp", kind: .boolean, defaultValue: "true", needsRestart: true),
        .make(item: "ip-addr", kind: .text, dependentGroup: "network"),
        .make(item: "subnet-mask", kind: .number, maximum: 32, defaultValue: "24", dependentGroup: "network"),
        .make(item: "serial", defaultValue: "4711", isReadOnly: true),
        .make(item: "user-pwd", kind: .password, isSecret: true),
        .make(item: "admin-pwd", kind: .password, maximumLength: 24, isSecret: true),
        .make(item: "key-label", maximumLength: 16, indices: 1...10),
    ]
}

extension Catalogue {
    /// One TLS type and one plain type.
    public static func make(
        types: [PhoneType] = [.make(), .make(id: .testPlain, tls: false)]
    ) -> Catalogue {
        Catalogue(types: types)
    }
}

extension Device {
    public static func make(
        id: DeviceID = DeviceID("d1"), type: PhoneTypeID? = .testTLS, address: String? = "192.0.2.1",
        port: Int? = nil, mac: MACAddress? = MACAddress(value: 0x0001_E310_0001), number: TerminalNumber? = nil,
        softwareVersion: SoftwareVersion? = nil, status: DeviceStatus = .new, wasAuthenticated: Bool = false
    ) -> Device {
        Device(
            id: id, type: type, address: address, port: port, mac: mac, number: number,
            softwareVersion: softwareVersion, status: status, wasAuthenticated: wasAuthenticated)
    }
}

extension WantedItem {
    public static func make(
        _ name: String = "sntp-addr", index: Int? = nil, value: String = "192.0.2.9", origin: SettingLayer? = .site,
        needsRestart: Bool = false, dependentGroup: String? = nil
    ) -> WantedItem {
        WantedItem(
            key: ItemKey(name, index: index), value: .plain(value), origin: origin, needsRestart: needsRestart,
            dependentGroup: dependentGroup)
    }

    public static func makeSecret(
        _ name: String, _ reference: SecretReference, isKnownAccepted: Bool = false
    ) -> WantedItem {
        WantedItem(key: ItemKey(name), value: .secret(reference), origin: .site, isKnownAccepted: isKnownAccepted)
    }
}

extension DevicePlan {
    public static func make(
        device: DeviceID = DeviceID("d1"), type: PhoneTypeID = .testTLS, address: String = "192.0.2.1",
        port: Int = 443, tls: Bool = true, mac: MACAddress? = nil, number: TerminalNumber? = nil,
        trust: [String] = ["built-in"], password: SecretReference? = .sealed("admin"),
        wanted: [WantedItem] = [.make()]
    ) -> DevicePlan {
        DevicePlan(
            device: device, type: type, address: address, port: port, tls: tls, mac: mac, number: number,
            trust: tls ? trust : [], password: password, wanted: wanted)
    }
}

extension TransferPlan {
    public static func make(
        mode: RunMode = .deploy, createdAt: Date = Date(timeIntervalSince1970: 1_700_000_000),
        devices: [DevicePlan] = [.make()], profiles: [TrustRecord] = [.make()],
        options: TransferOptions = TransferOptions()
    ) -> TransferPlan {
        TransferPlan(mode: mode, createdAt: createdAt, devices: devices, profiles: profiles, options: options)
    }
}

/// Secrets of a test by their references.
public struct FixedSecrets: SecretSource {
    public var secrets: [SecretReference: String]

    public init(_ secrets: [SecretReference: String] = [.sealed("admin"): "123456"]) {
        self.secrets = secrets
    }

    public func reveal(_ reference: SecretReference) async throws -> SecretText {
        guard let text = secrets[reference] else { throw Fault(.inputSecret, subject: reference.description) }
        return SecretText(text)
    }
}
