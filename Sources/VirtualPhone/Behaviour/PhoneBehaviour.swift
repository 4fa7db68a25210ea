public import DeploymentModel
public import ManagementXML

/// A phone as a state machine without input, output or clock: a request in, an answer and effects out.
///
/// Times are seconds of any clock that never goes back; they are handed in by the caller.
public struct PhoneBehaviour: Sendable {
    public internal(set) var model: PhoneModel
    public internal(set) var state: PhoneState
    /// The password that the phone has until it is changed and again after a factory reset.
    public let factoryPassword: String
    public let faults: [PhoneFault]
    /// How the telephony client stands; whoever runs one for this phone sets it.
    public var telephony = TelephonyState()
    /// What the TLS server uses for the next connection; sessions in progress go on with what they began with.
    public internal(set) var served = ServedMaterial.builtIn
    var bootedAt: Double
    var callEndsAt: Double?
    var spent: SpentFaults = []

    /// What an unattended phone ships with.
    public static let usualPassword = "123456"

    /// Faults that strike once.
    struct SpentFaults: OptionSet {
        let rawValue: UInt8
        static let busy = SpentFaults(rawValue: 1)
        static let restart = SpentFaults(rawValue: 2)
        static let power = SpentFaults(rawValue: 4)
        static let answer = SpentFaults(rawValue: 8)
    }

    public init(
        model: PhoneModel, mac: MACAddress, password: String = PhoneBehaviour.usualPassword,
        faults: [PhoneFault] = [], at now: Double = 0
    ) {
        self.model = model
        self.faults = faults
        state = PhoneState(mac: mac)
        factoryPassword = faults.lazy.compactMap(\.password).first ?? password
        bootedAt = now
    }

    /// Whether an action is refused to somebody who did not prove the administrator's password.
    public static func needsPassword(_ action: ManagementAction) -> Bool {
        switch action {
        case .identify, .status: false
        default: true
        }
    }

    /// The administrator password as it stands.
    public var password: String { state.changed[model.passwordSlot] ?? factoryPassword }

    /// Answers one request.
    ///
    /// - Parameters:
    ///   - isAuthenticated: whether the request came with the right administrator password.
    ///   - conversation: what the phone remembers of this connection.
    public mutating func handle(
        _ request: ManagementRequest, isAuthenticated: Bool, in conversation: inout PhoneConversation,
        at now: Double
    ) -> PhoneOutcome {
        let (reply, effects) = perform(request.action, isAuthenticated: isAuthenticated, in: &conversation, at: now)
        return PhoneOutcome(ManagementResponse(id: request.id, reply: reply), effects: effects)
    }

    private typealias Answer = (ManagementReply, PhoneOutcome.Effects)

    private mutating func perform(
        _ action: ManagementAction, isAuthenticated: Bool, in conversation: inout PhoneConversation, at now: Double
    ) -> Answer {
        guard isAuthenticated || !Self.needsPassword(action) else {
            return (.failed(action, "administrator password needed"), [])
        }
        if action.changesPhone, isBusy(at: now) {
            return (ManagementReply(action: action.name, status: .busy), [])
        }
        switch action {
        case .identify: return (identify(), [])
        case .status: return (status(at: now), [])
        case .readItems(let keys): return (read(keys, action, in: &conversation), [])
        case .readAllItems: return (readAll(action, in: &conversation), [])
        case .nextFragment: return (nextFragment(in: &conversation), [])
        case .writeItems(let items): return write(items, action)
        case .transferFile(let kind, let content): return store(content, as: kind, action)
        case .readFile(let kind): return (readFile(kind, action), [])
        case .deleteFile(let kind): return delete(kind, action)
        case .fetchFile: return fetch(action)
        case .restart:
            restart(at: now)
            return (.accepted(action), [.save, .restart])
        case .factoryReset:
            reset(at: now)
            return (.accepted(action), [.save, .restart])
        }
    }

    // MARK: Life

    /// Restarts: the boot counter grows and the uptime begins again at `now`.
    public mutating func restart(at now: Double) {
        startAnew()
        bootedAt = now
        callEndsAt = nil
    }

    /// What every start does, whatever led to it.
    mutating func startAnew() {
        state.bootCount += 1
        telephony = TelephonyState()
        served = materialAtStart
    }

    private mutating func reset(at now: Double) {
        state.changed = ChangedItems()
        state.files = []
        state.lastFileResult = nil
        forgetWPI()
        restart(at: now)
    }

    /// Sets from when the uptime counts, after a restart took its time.
    mutating func setBootTime(_ now: Double) {
        bootedAt = now
    }

    /// Begins a call that lasts so many seconds; until then the phone is busy.
    public mutating func startCall(seconds: Double, at now: Double) {
        callEndsAt = now + seconds
    }

    /// Whether the phone is in a call.
    ///
    /// A phone with the fault `busy` begins its call when it is first asked to change something.
    private mutating func isBusy(at now: Double) -> Bool {
        if !spent.contains(.busy), let seconds = faults.lazy.compactMap(\.busySeconds).first {
            spent.insert(.busy)
            callEndsAt = now + seconds
        }
        return isInCall(at: now)
    }

    func isInCall(at now: Double) -> Bool {
        callEndsAt.map { now < $0 } ?? false
    }

    // MARK: Answers about the phone itself

    private func identify() -> ManagementReply {
        var items = [model.deviceTypeSlot, model.macSlot].map { Item(model.slots[$0].key, value: value(in: $0)) }
        items.insert(Item(ItemKey(WellKnownItem.softwareVersion), value: model.software.text), at: 1)
        let number = value(in: model.numberSlot)
        if !number.isEmpty { items.append(Item(ItemKey(WellKnownItem.terminalNumber), value: number)) }
        return ManagementReply(
            action: ManagementAction.identify.name, status: .accepted, items: items,
            files: state.files.map { $0.held(withContent: false) })
    }

    private func status(at now: Double) -> ManagementReply {
        ManagementReply(
            action: ManagementAction.status.name, status: .accepted, phoneStatus: phoneStatus(at: now))
    }

    /// How the phone is doing.
    public func phoneStatus(at now: Double) -> PhoneStatus {
        PhoneStatus(
            isBusy: isInCall(at: now), registration: telephony.registration, registrationReason: telephony.reason,
            lastFileResult: state.lastFileResult, uptime: max(0, Int(now - bootedAt)), bootCount: state.bootCount)
    }
}

extension ManagementAction {
    /// Whether a phone in a call puts the action off.
    var changesPhone: Bool {
        switch self {
        case .identify, .readItems, .readAllItems, .nextFragment, .readFile, .status: false
        case .writeItems, .transferFile, .deleteFile, .fetchFile, .restart, .factoryReset: true
        }
    }
}

extension ManagementReply {
    static func accepted(_ action: ManagementAction) -> ManagementReply {
        ManagementReply(action: action.name, status: .accepted)
    }

    static func failed(_ action: ManagementAction, _ reason: String) -> ManagementReply {
        ManagementReply(action: action.name, status: .failed, reason: reason)
    }
}
