import DeploymentModel
import ManagementXML
import PhoneTransport
import Synchronization

/// A phone whose every misbehaviour is written down beforehand.
///
/// It counts what it is asked, and says so.
final class ScriptedPhone: Sendable {
    struct State {
        var deviceType = "Plain 1"
        var software = "V2.0"
        var mac = "00:01:E3:00:00:01"
        var items: [ItemKey: String] = [:]
        var secrets: [ItemKey: String] = [:]
        var password = "old-password"
        var bootCount = 7

        /// Dials that fail before the phone is there.
        var dialFaults: [Fault] = []
        /// The phone is never there.
        var permanentDialFault: Fault?
        /// Writes that are answered with busy.
        var busyWrites = 0
        /// Faults thrown by the n-th action (from 1) instead of an answer; the action is done or not before.
        var breaks: [Int: (fault: Fault, isDone: Bool)] = [:]
        var refuses: [ItemKey: ItemStatus] = [:]
        /// Items that the phone says it takes and does not keep.
        var forgets: Set<ItemKey> = []
        /// Dials that fail after a restart.
        var dialsWhileRestarting = 2
        /// The restart is accepted and never carried out.
        var ignoresRestart = false
        /// A reset makes the phone start, and no more.
        var ignoresReset = false

        /// Files that the phone was ordered to fetch or delete.
        var orders: [FetchOrder] = []
        var actions: [String] = []
        var restarts = 0
        var writes: [[ItemKey]] = []
        var wrongPasswords = 0
        var openSessions = 0
        var mostSessions = 0
    }

    let state: Mutex<State>

    init(_ change: (inout State) -> Void = { _ in }) {
        var state = State()
        change(&state)
        self.state = Mutex(state)
    }

    func look<Value: Sendable>(_ at: (State) -> Value) -> Value { state.withLock { at($0) } }

    func value(_ name: String, index: Int? = nil) -> String? {
        state.withLock { $0.items[ItemKey(name, index: index)] }
    }

    func change(_ body: (inout State) -> Void) { state.withLock { body(&$0) } }

    func dial() throws {
        try state.withLock { state in
            if let fault = state.permanentDialFault { throw fault }
            if !state.dialFaults.isEmpty { throw state.dialFaults.removeFirst() }
            state.openSessions += 1
            state.mostSessions = max(state.mostSessions, state.openSessions)
        }
    }

    func hangUp() { state.withLock { $0.openSessions -= 1 } }

    func perform(_ action: ManagementAction, password: SecretText?) throws -> ManagementReply {
        try state.withLock { state in
            state.actions.append(action.name)
            let planned = state.breaks[state.actions.count]
            if let planned, !planned.isDone { throw planned.fault }
            let reply = try Self.answer(action, password: password?.reveal(), &state)
            if let planned { throw planned.fault }
            return reply
        }
    }

    private static func answer(
        _ action: ManagementAction, password: String?, _ state: inout State
    ) throws -> ManagementReply {
        switch action {
        case .identify, .status: break
        default:
            guard password == state.password else {
                state.wrongPasswords += 1
                throw Fault(.phoneWrongPassword)
            }
        }
        var reply = ManagementReply(action: action.name, status: .accepted)
        switch action {
        case .identify:
            reply.items = [
                Item(ItemKey("device-type"), value: state.deviceType),
                Item(ItemKey("software-version"), value: state.software), Item(ItemKey("mac-addr"), value: state.mac),
            ]
            if let number = state.items[ItemKey("e164")] { reply.items.append(Item(ItemKey("e164"), value: number)) }
        case .readItems(let keys):
            reply.items = keys.map { key in
                state.items[key].map { Item(key, value: $0) } ?? Item(key, status: .unknownItem)
            }
        case .writeItems(let items): reply = write(items, reply, &state)
        case .status:
            reply.phoneStatus = PhoneStatus(
                isBusy: false, registration: .notConfigured, uptime: 1, bootCount: state.bootCount)
        case .fetchFile(let order): state.orders.append(order)
        case .restart, .factoryReset:
            if action == .factoryReset, !state.ignoresReset {
                state.items = [:]
                state.password = "factory-password"
            }
            guard !state.ignoresRestart else { break }
            state.restarts += 1
            state.bootCount += 1
            state.dialFaults = Array(repeating: Fault(.netRefused), count: state.dialsWhileRestarting)
        default: reply.status = .failed
        }
        return reply
    }

    private static func write(_ items: [Item], _ reply: ManagementReply, _ state: inout State) -> ManagementReply {
        var reply = reply
        if state.busyWrites > 0 {
            state.busyWrites -= 1
            reply.status = .busy
            return reply
        }
        state.writes.append(items.map(\.key))
        for item in items {
            if let status = state.refuses[item.key] {
                reply.items.append(Item(item.key, status: status))
            } else if !state.forgets.contains(item.key), let value = item.value {
                switch item.key.name {
                case WellKnownItem.administratorPassword: state.password = value
                case let name where name.hasPrefix("secret"): state.secrets[item.key] = value
                default: state.items[item.key] = value
                }
            }
        }
        return reply
    }
}

/// Sessions with scripted phones, by address.
struct ScriptedDialer: PhoneDialer {
    let phones: [String: ScriptedPhone]

    func session(with target: PhoneTarget) async throws -> any PhoneSession {
        guard let phone = phones[target.address] else { throw Fault(.netSilent, subject: target.address) }
        try phone.dial()
        return ScriptedSession(phone: phone)
    }
}

private final class ScriptedSession: PhoneSession {
    let evidence = PeerEvidence()
    private let phone: ScriptedPhone
    private let isClosed = Mutex(false)

    init(phone: ScriptedPhone) {
        self.phone = phone
    }

    func perform(_ action: ManagementAction, password: SecretText?) async throws -> ManagementReply {
        if Task.isCancelled { throw CancellationError() }
        return try phone.perform(action, password: password)
    }

    func close() async {
        let wasClosed = isClosed.withLock { closed in
            defer { closed = true }
            return closed
        }
        if !wasClosed { phone.hangUp() }
    }
}
