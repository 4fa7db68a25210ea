import DeploymentEngine
import DeploymentModel
import Foundation
import PhoneTransport
import Synchronization

/// Everything that a run needs, made of stand-ins.
struct Bench: Sendable {
    let clock = ManualClock()
    let journal = MemoryJournal()
    let watcher = Watcher()
    var phones: [String: ScriptedPhone]
    var plan: TransferPlan
    static let run = RunID("r1")

    /// - Parameters:
    ///   - count: number of phones, at `10.0.0.1` and up, each with the device `d1` and up.
    init(
        _ count: Int = 1, wanted: [WantedItem] = Bench.standard, mode: RunMode = .deploy,
        options: TransferOptions = TransferOptions(), _ change: (Int, inout ScriptedPhone.State) -> Void = { _, _ in }
    ) {
        var phones: [String: ScriptedPhone] = [:]
        var devices: [DevicePlan] = []
        for number in 1...count {
            let mac = MACAddress(value: 0x0001_E300_0000 + UInt64(number))
            let phone = ScriptedPhone { state in
                state.mac = mac.description
                state.items = [
                    ItemKey("e164"): "1", ItemKey("sntp-addr"): "old", ItemKey("dst"): "false", ItemKey("vlan"): "1",
                ]
                change(number, &state)
            }
            phones["10.0.0.\(number)"] = phone
            devices.append(
                DevicePlan(
                    device: DeviceID("d\(number)"), type: Self.type.id, address: "10.0.0.\(number)", port: 8085,
                    tls: false, mac: mac, password: .sealed("old"), wanted: wanted))
        }
        self.phones = phones
        plan = TransferPlan(
            mode: mode, createdAt: Date(timeIntervalSince1970: 0), devices: devices, profiles: [], options: options)
    }

    subscript(_ number: Int) -> ScriptedPhone { phones["10.0.0.\(number)"] ?? ScriptedPhone() }

    func runner() -> TransferRunner {
        TransferRunner(
            RunServices(
                catalogue: Self.catalogue, dialer: ScriptedDialer(phones: phones), journal: journal,
                secrets: FixedSecrets(), observers: [watcher],
                time: .init(clock: clock, now: { Date(timeIntervalSince1970: 1) }, seed: 1)))
    }

    func run(resuming: RunProgress? = nil, stop: StopSignal = StopSignal()) async throws -> TransferResult {
        let (runner, plan) = (runner(), plan)
        return try await clock.drive {
            try await runner.run(plan, as: Self.run, resuming: resuming, stop: stop)
        }
    }

    /// The same phones, which are given nothing but an order.
    func ordering(_ mode: RunMode) -> Bench {
        var bench = self
        bench.plan.mode = mode
        for place in bench.plan.devices.indices { bench.plan.devices[place].wanted = [] }
        return bench
    }

    func resume() async throws -> TransferResult {
        journal.revive()
        return try await run(resuming: try await journal.progress(of: Self.run))
    }

    static let standard = [
        WantedItem(key: ItemKey("dst"), value: .plain("true")),
        WantedItem(key: ItemKey("sntp-addr"), value: .plain("10.1.1.1")),
    ]
    static let restarting =
        standard + [WantedItem(key: ItemKey("vlan"), value: .plain("42"), needsRestart: true)]
    static let newPassword = WantedItem(key: ItemKey("admin-pwd"), value: .secret(.sealed("new")))

    static let type = PhoneType(
        id: PhoneTypeID("plain-1"), name: "Plain 1", deviceType: "Plain 1", family: "test", managementProtocol: .direct,
        access: [ManagementAccess(tls: false, port: 8085)], softwareVersions: [SoftwareVersion("V2.0")],
        tabs: [
            ParameterTab(
                id: "t", name: "T",
                parameters: [
                    Parameter(item: "dst", label: "", help: "", kind: .boolean, provenance: .decision),
                    Parameter(item: "sntp-addr", label: "", help: "", kind: .host, provenance: .decision),
                    Parameter(
                        item: "vlan", label: "", help: "", kind: .number, needsRestart: true, provenance: .decision),
                    Parameter(
                        item: "admin-pwd", label: "", help: "", kind: .password, isSecret: true, provenance: .decision),
                ])
        ], fileKinds: [], limits: .init(items: 100, fileBytes: 1), durations: .init(transfer: 1, restart: 2000),
        provenance: .decision)
    static let catalogue = Catalogue(types: [type])
}

/// Secrets by name: the text of `sealed:old` is `old-password`.
struct FixedSecrets: SecretSource {
    func reveal(_ reference: SecretReference) async throws -> SecretText {
        guard case .sealed(let name) = reference else {
            throw Fault(.inputSecret, subject: reference.description)
        }
        return SecretText(name == "factory" ? "123456" : "\(name)-password")
    }
}

/// Keeps every event, and can do something at one of them.
final class Watcher: TransferObserver, Sendable {
    private let state = Mutex<(events: [TransferEvent], at: Int?, action: (@Sendable () -> Void)?)>(([], nil, nil))

    func receive(_ event: TransferEvent) {
        let action = state.withLock { state in
            state.events.append(event)
            return state.events.count == state.at ? state.action : nil
        }
        action?()
    }

    func at(_ number: Int, do action: @escaping @Sendable () -> Void) {
        state.withLock {
            $0.at = number
            $0.action = action
        }
    }

    var events: [TransferEvent] { state.withLock { $0.events } }
}
