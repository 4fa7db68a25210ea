import DeploymentEngine
import DeploymentModel
import DeploymentTesting
import Foundation
import PhoneTransport
import Synchronization
import TLSMaterial

/// Phones with files, their trust list, and what is to become of them.
struct FileBench: Sendable {
    let clock = ManualClock()
    let journal = MemoryJournal()
    let watcher = Watcher()
    let phones: [String: FilePhone]
    var plan: TransferPlan
    let secrets: [SecretReference: SecretText]

    /// - Parameters:
    ///   - trust: by number of the phone, the profiles by which it is met at the beginning.
    init(
        _ count: Int = 1, files: (Int) -> [WantedFile], secrets: [SecretReference: SecretText],
        trust: (Int) -> [String] = { _ in ["old"] }, options: TransferOptions = TransferOptions(),
        watch: @escaping @Sendable (FilePhone, String) -> Void = { _, _ in },
        _ change: (Int, inout FilePhone.State) -> Void = { _, _ in }
    ) {
        var phones: [String: FilePhone] = [:]
        var devices: [DevicePlan] = []
        for number in 1...count {
            let mac = MACAddress(value: 0x0001_E300_0000 + UInt64(number))
            phones["10.0.0.\(number)"] = FilePhone(
                builtIn: Material.shared.builtIn, now: Material.shared.now, watch: watch
            ) { state in
                state.mac = mac.description
                change(number, &state)
            }
            devices.append(
                DevicePlan(
                    device: DeviceID("d\(number)"), type: Self.type.id, address: "10.0.0.\(number)", port: 443,
                    tls: true, mac: mac, trust: trust(number), password: .sealed("old"), files: files(number)))
        }
        self.phones = phones
        self.secrets = secrets
        plan = TransferPlan(
            mode: .deploy, createdAt: Material.shared.now, devices: devices, profiles: Material.shared.profiles,
            options: options)
    }

    subscript(_ number: Int) -> FilePhone {
        phones["10.0.0.\(number)"] ?? FilePhone(builtIn: Material.shared.builtIn, now: Material.shared.now)
    }

    /// The profiles in the durable trust list of a phone.
    func trust(_ number: Int = 1) -> [String] {
        journal.state.withLock { $0.trust[DeviceID("d\(number)")] } ?? plan.devices[number - 1].trust
    }

    /// Whether a phone can be reached by what the tool durably trusts.
    func isReachable(_ number: Int = 1) -> Bool {
        self[number].isBelieved(under: Material.shared.trustProfiles(trust(number)))
    }

    func run(resuming: RunProgress? = nil, stop: StopSignal = StopSignal()) async throws -> TransferResult {
        let runner = TransferRunner(
            RunServices(
                catalogue: Catalogue(types: [Self.type]), dialer: FileDialer(phones: phones, clock: clock),
                journal: journal, secrets: FileSecrets(fixed: secrets, journal: journal), observers: [watcher],
                time: .init(clock: clock, now: { Material.shared.now }, seed: 1)))
        let plan = plan
        return try await clock.drive {
            try await runner.run(plan, as: Bench.run, resuming: resuming, stop: stop)
        }
    }

    func resume() async throws -> TransferResult {
        journal.revive()
        return try await run(resuming: try await journal.progress(of: Bench.run))
    }

    static let type = PhoneType(
        id: PhoneTypeID("secure-1"), name: "Secure 1", deviceType: "Secure 1", family: "test",
        managementProtocol: .direct, access: [ManagementAccess(tls: true, port: 443)],
        softwareVersions: [SoftwareVersion("V2.0")], tabs: [],
        fileKinds: [.serverKeyMaterial, .clientTrustedCertificates], limits: .init(items: 100, fileBytes: 65536),
        durations: .init(transfer: 1, restart: 20), provenance: .decision)
}

/// Secrets given to a test, and those that the run itself has sealed.
struct FileSecrets: SecretSource {
    let fixed: [SecretReference: SecretText]
    let journal: MemoryJournal

    func reveal(_ reference: SecretReference) async throws -> SecretText {
        if let known = fixed[reference] ?? journal.state.withLock({ $0.secrets[reference] }) { return known }
        return try await FixedSecrets().reveal(reference)
    }
}

/// Certificates and keys of all tests about files; made once, because keys take their time.
struct Material: Sendable {
    let now = Date()
    let oldCA: ThrowawayCA
    let newCA: ThrowawayCA
    let builtIn: KeyMaterial
    let old: KeyMaterial
    let new: KeyMaterial
    let profiles: [TrustRecord]

    static let shared = Material()

    // swift-format-ignore: NeverUseForceTry
    private init() {
        do {
            oldCA = try ThrowawayCA(subject: "CN=Old CA")
            newCA = try ThrowawayCA(subject: "CN=New CA")
            builtIn = try oldCA.issue("CN=phone")
            old = try oldCA.issue("CN=phone")
            new = try newCA.issue("CN=phone")
        } catch {
            preconditionFailure("no certificates: \(error)")
        }
        let (oldAnchor, newAnchor) = (old.chain[1], new.chain[1])
        profiles = [("old", oldAnchor), ("new", newAnchor)].map { name, anchor in
            TrustRecord(name: name, subject: "CN=phone", anchors: [Self.pem(anchor)])
        }
    }

    func trustProfiles(_ names: [String]) -> [TrustProfile] {
        names.compactMap { name in profiles.first { $0.name == name }.flatMap { try? TrustProfile($0) } }
    }

    static func pem(_ der: [UInt8]) -> String {
        "-----BEGIN CERTIFICATE-----\n"
            + Data(der).base64EncodedString(options: [.lineLength64Characters, .endLineWithLineFeed])
            + "\n-----END CERTIFICATE-----\n"
    }

    static func content(_ material: KeyMaterial) -> [UInt8] { (try? PKCS12.encode(material)) ?? [] }

    static func set(_ authorities: [ThrowawayCA]) -> [UInt8] {
        (try? TrustedCertificates(authorities.map(\.issuer.certificate))).flatMap { try? PKCS12.encode($0) } ?? []
    }

    static func facts(_ material: KeyMaterial) -> FileFacts { (try? FileFacts(material)) ?? FileFacts(fingerprint: "") }

    static func facts(_ authorities: [ThrowawayCA]) -> FileFacts {
        (try? TrustedCertificates(authorities.map(\.issuer.certificate))).map { FileFacts($0) }
            ?? FileFacts(fingerprint: "")
    }
}
