import DeploymentEngine
import DeploymentModel
import Foundation
import ManagementXML
import PhoneTransport
import Synchronization

/// Phones over WPI without sockets: they call when they are knocked at, when they start and when they are told to, and
/// every call goes through a call desk.
final class CallingFleet: PhoneDialer {
    struct State {
        var knocks: [MACAddress: Int] = [:]
        /// What phones prove when they call.
        var evidence: [MACAddress: PeerEvidence] = [:]
        /// Start-ups are heard by another process with the same book.
        var startsElsewhere = false
        /// Phones that start without telling anybody.
        var startsInSilence = false
        /// A reset phone starts without a call: it does not know where to.
        var forgetsWhomToCall = false
        /// Seconds after which a phone that was in a call calls by itself; nil when it does not.
        var callsBackAfter: Double?
        /// Seconds that a phone needs to start.
        var startsAfter = 40.0
        /// What a phone makes of an order to fetch a file: its words on it, after it has done something or not.
        var fetching: @Sendable (FetchOrder, inout ScriptedPhone.State) -> Plan? = { _, _ in nil }
    }

    final class Unkept: Sendable {
        let told = Mutex<[Fault]>([])
    }

    /// What a phone does some time after an answer.
    struct Plan: Sendable {
        var mac: MACAddress
        var reason: WPIReason
        var items: [Item] = []
        var after: Double
    }

    let state = Mutex(State())
    let book: any CallBook
    let desk: CallDesk
    /// What the desk told of things that are not kept.
    let unkept = Unkept()
    private let phones: [MACAddress: ScriptedPhone]
    private let planner = Mutex<AsyncStream<Plan>.Continuation?>(nil)

    init(_ phones: [ScriptedPhone], book: any CallBook, catalogue: Catalogue) {
        self.book = book
        desk = CallDesk(
            book: book, catalogue: catalogue, now: { Date(timeIntervalSince1970: 1) },
            unkept: { [unkept] fault in unkept.told.withLock { $0.append(fault) } })
        let pairs = phones.compactMap { phone in MACAddress(phone.look(\.mac)).map { ($0, phone) } }
        self.phones = Dictionary(uniqueKeysWithValues: pairs)
    }

    func knocks(at mac: MACAddress) -> Int { state.withLock { $0.knocks[mac] ?? 0 } }

    /// Does what phones do by themselves, for as long as the task is not cancelled.
    func live(by clock: ManualClock) async {
        let (plans, planner) = AsyncStream.makeStream(of: Plan.self)
        self.planner.withLock { $0 = planner }
        await withTaskGroup(of: Void.self) { group in
            for await plan in plans {
                group.addTask {
                    guard (try? await clock.sleep(for: .seconds(plan.after))) != nil else { return }
                    await self.call(plan.mac, plan.reason, plan.items)
                }
            }
        }
    }

    func session(with target: PhoneTarget) async throws -> any PhoneSession {
        guard let mac = target.mac, let phone = phones[mac], target.managementProtocol == .wpi else {
            throw Fault(.netSilent, subject: target.address)
        }
        state.withLock { $0.knocks[mac, default: 0] += 1 }
        try phone.dial()
        let session = CalledSession(self, phone, mac, evidence(of: mac))
        let note = try await desk.note(incoming(session, .solicited))
        if let refusal = note.refusal { throw refusal }
        session.startUps.withLock { $0 = note.startUps }
        return session
    }

    /// A phone calls by itself.
    ///
    /// Returns when whoever got the call is done with it or keeps it.
    @discardableResult
    func call(_ mac: MACAddress, _ reason: WPIReason, _ items: [Item] = []) async -> CallNote? {
        guard let phone = phones[mac] else { return nil }
        let (isElsewhere, isSilent) = state.withLock { ($0.startsElsewhere, $0.startsInSilence) }
        if reason == .startUp { phone.change { $0.dialFaults = [] } }
        if reason == .startUp, isSilent { return nil }
        phone.change { $0.openSessions += 1 }
        let session = CalledSession(self, phone, mac, evidence(of: mac))
        let call = incoming(session, reason, items)
        let desk = reason == .startUp && isElsewhere ? CallDesk(book: book, catalogue: Bench.wpiCatalogue) : desk
        guard let note = try? await desk.note(call) else { return nil }
        session.startUps.withLock { $0 = note.startUps }
        guard note.refusal == nil else {
            await session.close()
            return note
        }
        await desk.receive(call, note)
        return note
    }

    func incoming(_ session: CalledSession, _ reason: WPIReason, _ items: [Item] = []) -> IncomingCall {
        let opening = session.identity + items
        return IncomingCall(
            session: session, opening: WPIPhoneMessage(nonce: "00", reason: reason, items: opening), mac: session.mac,
            address: "10.0.0.1", port: 50000)
    }

    func plan(_ plan: Plan) { _ = planner.withLock { $0?.yield(plan) } }

    private func evidence(of mac: MACAddress) -> PeerEvidence { state.withLock { $0.evidence[mac] } ?? PeerEvidence() }
}

/// One conversation with a phone that called.
final class CalledSession: PhoneSession {
    let evidence: PeerEvidence
    let mac: MACAddress
    let startUps = Mutex(0)
    private let fleet: CallingFleet
    private let phone: ScriptedPhone
    private let isClosed = Mutex(false)

    init(_ fleet: CallingFleet, _ phone: ScriptedPhone, _ mac: MACAddress, _ evidence: PeerEvidence) {
        self.fleet = fleet
        self.phone = phone
        self.mac = mac
        self.evidence = evidence
    }

    var identity: [Item] {
        phone.look { state in
            [
                Item(ItemKey("device-type"), value: state.deviceType),
                Item(ItemKey("software-version"), value: state.software), Item(ItemKey("mac-addr"), value: state.mac),
                Item(ItemKey("e164"), value: state.items[ItemKey("e164")]),
                Item(ItemKey("contact-me-uri"), value: "http://10.0.0.1:8085/contact_dls.html/ContactDLS"),
            ]
        }
    }

    func perform(_ action: ManagementAction, password: SecretText?) async throws -> ManagementReply {
        if Task.isCancelled { throw CancellationError() }
        guard !isClosed.withLock({ $0 }) else { throw Fault(.netClosed) }
        switch action {
        case .identify: return ManagementReply(action: action.name, status: .accepted, items: identity)
        case .status:
            var reply = ManagementReply(action: action.name, status: .accepted)
            reply.phoneStatus = PhoneStatus(
                isBusy: false, registration: .notConfigured, uptime: 0, bootCount: startUps.withLock { $0 })
            return reply
        case .readAllItems:
            return ManagementReply(
                action: action.name, status: .accepted,
                items: phone.look { state in state.items.map { Item($0.key, value: $0.value) } })
        default:
            guard password == nil else { throw Fault(.internalDefect, detail: "a password over WPI") }
            let reply = try phone.perform(action, password: SecretText(phone.look(\.password)))
            let starts = action == .restart || action == .factoryReset && !fleet.state.withLock(\.forgetsWhomToCall)
            if starts, !phone.look(\.ignoresRestart) {
                fleet.plan(.init(mac: mac, reason: .startUp, after: fleet.state.withLock { $0.startsAfter }))
            }
            if case .fetchFile(let order) = action, reply.status == .accepted {
                let fetching = fleet.state.withLock { $0.fetching }
                let plan = phone.state.withLock { fetching(order, &$0) }
                if let plan { fleet.plan(plan) }
            }
            if reply.status == .busy, let after = fleet.state.withLock({ $0.callsBackAfter }) {
                fleet.plan(.init(mac: mac, reason: .solicited, after: after))
            }
            return reply
        }
    }

    func close() async {
        let wasClosed = isClosed.withLock { closed in
            defer { closed = true }
            return closed
        }
        if !wasClosed { phone.hangUp() }
    }
}

/// What phones said, in memory.
final class MemoryBook: CallBook {
    struct State {
        var devices: [Device] = []
        var startUps: [DeviceID: Int] = [:]
        var heard: [HeardCall] = []
        var changes: [DeviceID: [LocalChange]] = [:]
        var items: [DeviceID: [Item]] = [:]
        var orders: [DeviceID: [FileOrderRecord]] = [:]
        /// Why not all is kept that phones say.
        var unkept: Fault?
        var isDead = false
    }

    let state = Mutex(State())

    init(_ devices: [Device] = []) {
        state.withLock { $0.devices = devices }
    }

    func note(_ call: HeardCall, by matcher: DeviceMatcher) async throws -> CallEntry {
        try state.withLock { state in
            if state.isDead { throw Fault(.storeFull) }
            state.heard.append(call)
            for file in call.files {
                for id in state.orders.keys {
                    for place in state.orders[id, default: []].indices where state.orders[id]?[place].name == file.name
                    {
                        state.orders[id]?[place].isDone = file.isDone
                    }
                }
            }
            switch matcher.match(call: call.row, against: state.devices) {
            case .known(let device, _):
                return state.keep(call, device)
            case .new(let fields):
                let device = fields.device(id: DeviceID("d\(state.devices.count + 1)"))
                state.devices.append(device)
                var entry = state.keep(call, device)
                entry.isNew = true
                return entry
            case .conflict(let conflict): return CallEntry(refusal: Fault(.callRefused, detail: conflict.fault.detail))
            case nil: return CallEntry(refusal: Fault(.phoneNotAPhone))
            }
        }
    }

    func startUps(of mac: MACAddress) async throws -> Int {
        state.withLock { state in
            state.devices.first { $0.mac == mac }.flatMap { state.startUps[$0.id] } ?? 0
        }
    }

    func lastKnownItems(of device: DeviceID) async throws -> [Item]? { state.withLock { $0.items[device] } }

    func keepItems(_ items: [Item], changed: [LocalChange], of device: DeviceID, at: Date) async throws -> Fault? {
        state.withLock {
            $0.items[device] = items
            $0.changes[device, default: []] += changed
            return $0.unkept
        }
    }

    func orderFile(
        _ order: FileOrderRecord, of device: DeviceID, unlessSince earliest: Date
    ) async throws -> FileOrderRecord? {
        state.withLock { state in
            if let known = state.orders[device]?.first(where: { $0.version != nil && $0.version == order.version }) {
                return known
            }
            state.orders[device, default: []].removeAll { $0.name == order.name && $0.type == order.type }
            state.orders[device, default: []].append(order)
            return nil
        }
    }

    func withdrawFileOrder(_ order: FileOrderRecord, of device: DeviceID) async throws {
        state.withLock { $0.orders[device]?.removeAll { $0.name == order.name } }
    }

    func fileOrders(of device: DeviceID) async throws -> [FileOrderRecord] {
        state.withLock { $0.orders[device] ?? [] }
    }
}

extension MemoryBook.State {
    fileprivate mutating func keep(_ call: HeardCall, _ device: Device) -> CallEntry {
        if let place = devices.firstIndex(where: { $0.id == device.id }) { devices[place] = device }
        if call.reason == .startUp { startUps[device.id, default: 0] += 1 }
        changes[device.id, default: []] += call.localChanges
        return CallEntry(device: device, startUps: startUps[device.id] ?? 0, unkept: unkept)
    }
}

extension Bench {
    static let wpiType: PhoneType = {
        var type = Bench.type
        type.id = PhoneTypeID("wpi-1")
        type.name = "WPI 1"
        type.deviceType = "WPI 1"
        type.managementProtocol = .wpi
        type.durations = .init(transfer: 1, restart: 60)
        type.capabilitiesFrom = [.changedValues: SoftwareVersion("V2 R2")]
        return type
    }()
    static let wpiCatalogue = Catalogue(types: [wpiType, type])
}

/// A run over phones that call.
struct CallBench: Sendable {
    let clock = ManualClock()
    let journal = MemoryJournal()
    let book: MemoryBook
    let phone: ScriptedPhone
    let fleet: CallingFleet
    var plan: TransferPlan
    static let mac = MACAddress(value: 0x0001_E300_0001)

    init(
        wanted: [WantedItem] = Bench.standard, files: [WantedFile] = [], mode: RunMode = .deploy,
        options: TransferOptions = TransferOptions(), _ change: (inout ScriptedPhone.State) -> Void = { _ in }
    ) {
        phone = ScriptedPhone { state in
            state.deviceType = Bench.wpiType.deviceType
            state.software = "V2 R2.0"
            state.items = [
                ItemKey("e164"): "1", ItemKey("sntp-addr"): "old", ItemKey("dst"): "false", ItemKey("vlan"): "1",
            ]
            change(&state)
        }
        let device = Device(id: DeviceID("d1"), type: Bench.wpiType.id, address: "10.0.0.1", mac: Self.mac)
        book = MemoryBook([device])
        fleet = CallingFleet([phone], book: book, catalogue: Bench.wpiCatalogue)
        let planned = DevicePlan(
            device: device.id, type: Bench.wpiType.id, address: "10.0.0.1", port: 8085, tls: false, mac: Self.mac,
            password: nil, wanted: wanted, files: files)
        plan = TransferPlan(
            mode: mode, createdAt: Date(timeIntervalSince1970: 0), devices: [planned], profiles: [], options: options)
    }

    func run(
        resuming: RunProgress? = nil, stop: StopSignal = StopSignal(),
        watch: @escaping @Sendable (TransferEvent) -> Void = { _ in }
    ) async throws -> DeviceResult {
        var services = RunServices(
            catalogue: Bench.wpiCatalogue, dialer: fleet, journal: journal, secrets: FixedSecrets(),
            observers: [EventHook(watch: watch)],
            time: .init(clock: clock, now: { Date(timeIntervalSince1970: 1) }, seed: 1))
        services.calls = fleet.desk
        let (runner, plan, fleet, clock) = (TransferRunner(services), plan, fleet, clock)
        return try await clock.drive {
            try await withThrowingTaskGroup(of: DeviceResult?.self) { group in
                group.addTask {
                    await fleet.live(by: clock)
                    return nil
                }
                group.addTask { try await runner.run(plan, as: Bench.run, resuming: resuming, stop: stop).devices[0] }
                defer { group.cancelAll() }
                while let result = try await group.next() {
                    if let result { return result }
                }
                throw CancellationError()
            }
        }
    }

    func resume() async throws -> DeviceResult {
        journal.revive()
        return try await run(resuming: try await journal.progress(of: Bench.run))
    }
}

/// Hands each event on.
struct EventHook: TransferObserver {
    let watch: @Sendable (TransferEvent) -> Void

    func receive(_ event: TransferEvent) { watch(event) }
}
