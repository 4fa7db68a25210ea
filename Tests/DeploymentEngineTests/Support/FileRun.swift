import DeploymentEngine
import DeploymentModel
import DeploymentStore
import DeploymentTesting
import Foundation
import PhoneTransport
import TLSMaterial
import VirtualPhone

/// A rotation of virtual phones from their built-in key material to that of a CA of their own, over a real store.
struct FileRun {
    static let type: PhoneType = {
        var type = PhoneType.make()
        type.durations = .init(transfer: 0.1, restart: 0.1)
        return type
    }()
    static let subject = "CN=phone"

    let phones: TestPhones
    let path: String
    var store: Store
    let material: KeyMaterial
    let new: TrustRecord
    var file: WantedFile
    /// What the phones shall have beside the file.
    var settings: [Setting] = []

    /// Opens a new store with the phones on the device list, trusted by their built-in certificates.
    init(_ phones: TestPhones, path: String, change: FileChange? = nil) async throws {
        self.phones = phones
        self.path = path
        store = try Store.open(path: path)
        material = Material.shared.new
        new = TrustRecord(name: "new", subject: Self.subject, anchors: [Material.pem(material.chain[1])])
        let content = FileChange.transfer(.sealed("run/m"), Material.facts(material))
        file = WantedFile(kind: .serverKeyMaterial, change: change ?? content, newTrust: ["new"])
        let devices = phones.targets.enumerated().map { place, target in
            Device(
                id: DeviceID("new"), type: Self.type.id, address: target.address, port: target.port,
                mac: phones.phone(place)?.state.mac)
        }
        _ = try await store.saveDevices(adding: devices)
        try await store.saveTrust(
            .make(type: Self.type.id), binding: [TrustBinding(profile: "built-in", scope: .type(Self.type.id))])
        try await store.saveTrust(new)
    }

    /// Plans the change and keeps it as a run.
    func begin(options: TransferOptions) async throws -> (id: RunID, plan: TransferPlan) {
        let devices = try await store.devices()
        let content = SecretText(fileContent: Material.content(material))
        let plan = try Planner.plan(
            PlanRequest(
                mode: .deploy, createdAt: Date(), devices: devices, catalogue: Catalogue(types: [Self.type]),
                settings: SettingsBook(settings),
                trust: .init(
                    profiles: try await store.trustRecords(), bindings: try await store.trustBindings()),
                secrets: .init(defaultPassword: .sealed("run/password")), options: options,
                files: Dictionary(uniqueKeysWithValues: devices.map { ($0.id, [file]) }),
                takesSettings: !settings.isEmpty))
        return try await store.createRun(
            plan: plan, secrets: ["m": content, "password": SecretText("123456"), "fresh": SecretText("654321")])
    }

    func run(
        _ id: RunID, _ plan: TransferPlan, journal: any RunJournal, resuming: RunProgress? = nil
    ) async throws -> TransferResult {
        let services = RunServices(
            catalogue: Catalogue(types: [Self.type]), dialer: phones.dialer, journal: journal, secrets: store)
        return try await TransferRunner(services).run(plan, as: id, resuming: resuming)
    }

    /// What another process does that opens the database after this one was killed.
    mutating func reopen() throws {
        try store.close()
        store = try Store.open(path: path)
    }

    func resume(_ id: RunID) async throws -> TransferResult {
        try await store.claimRun(id)
        return try await run(
            id, try await store.plan(of: id), journal: store, resuming: try await store.progress(of: id))
    }

    /// The numbers of the phones that cannot be reached by the profiles that the store has for them.
    func unreachable() async throws -> [Int] {
        let records = try await store.trustRecords()
        let resolver = TrustResolver(try await store.trustBindings())
        var lost: [Int] = []
        for (place, device) in try await store.devices().enumerated() {
            let names = resolver.profiles(for: device.id, type: device.type)
            let profiles = try names.compactMap { name in
                try records.first { $0.name == name }.map { try TrustProfile($0) }
            }
            do {
                try await phones.session(place, trusting: profiles).close()
            } catch {
                lost.append(place)
            }
        }
        return lost
    }

    /// The profiles of each phone itself.
    func trust() async throws -> [[String]?] {
        let resolver = TrustResolver(try await store.trustBindings())
        return try await store.devices().map { resolver.ownProfiles(of: $0.id) }
    }
}

/// A directory of its own for one test, removed with the last reference to it.
final class TemporaryDirectory: Sendable {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "engine-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    func file(_ name: String) -> String { "\(path)/\(name)" }
}
