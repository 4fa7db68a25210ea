import DeploymentModel
import ManagementXML
import PhoneTransport

/// One visit to one phone: from the lease to a result, or to the point where the phone has to be waited for.
///
/// A visit holds the phone's only session, and a second one for the moment in which new key material is proven. It
/// blocks no slot while a phone is absent, in a call or restarting: it hands its state back and is made again later.
/// Only on the way back it waits a while for a phone that is in a call, because its session may be the last one that
/// can be had.
struct DeviceVisit {
    /// How a visit ends.
    enum End: Sendable {
        /// The result is in the journal.
        case finished(DeviceResult)
        /// The work stays open in the journal.
        case left(DeviceResult)
        /// To be visited again in so many seconds.
        case again(DeviceState, seconds: Double, because: Fault)
        case journalFailed(any Error)
    }

    /// Why a visit ends before its work is done, beside a fault of the phone.
    enum Interruption: Error {
        case stopped
        case restarting(seconds: Double)
        /// The phone is given time to fetch a file.
        case fetching(seconds: Double)
        /// The telephony client is given time to register again.
        case registering(seconds: Double)
        case journal(any Error)
        /// Another run has the phone: this phone's work ends, the others' goes on.
        case leased(Fault)

        init(ofJournal error: any Error) {
            if let fault = error as? Fault, fault.code == .deviceLeased {
                self = .leased(fault)
            } else {
                self = .journal(error)
            }
        }
    }

    let context: RunContext
    let plan: DevicePlan
    /// Place of the phone in the plan.
    let place: Int
    let rules: RunContext.TypeRules
    let wanted: [WantedItem]
    var state: DeviceState
    var session: (any PhoneSession)?
    var seen = ReadBack.Identity(type: nil, mac: nil)
    /// The terminal number by the phone's word.
    var seenNumber: TerminalNumber?
    /// The password to which the phone answered on this visit.
    var currentPassword: SecretText?
    /// What the phone says it has of files; nil since one of them was changed.
    var listed: [HeldFile]?
    /// Whether the session is older than a change of a file, so that it does not show what new connections get.
    var sawChange = false

    /// nil when the plan's type is not among those of the context, which the context sees to.
    init?(context: RunContext, place: Int, state: DeviceState) {
        plan = context.plan.devices[place]
        guard let rules = context.rules(for: plan.type) else { return nil }
        self.context = context
        self.place = place
        self.rules = rules
        self.state = state
        wanted = plan.wanted
    }

    mutating func run() async -> End {
        if state.startedAt == nil { state.startedAt = context.clock.seconds }
        if !state.hasStarted {
            state.hasStarted = true
            context.emit(.deviceStarted(attempt: state.attempts), of: plan.device)
        }
        do {
            let ending = try await work()
            await closeSession()
            return try await conclude(ending)
        } catch {
            let hadSession = session != nil
            context.expectCall(ofDeviceAt: place)
            await closeSession()
            return await end(after: error, hadSession: hadSession)
        }
    }

    private mutating func work() async throws -> DeviceEnding {
        try checkStop()
        try await begin()
        let isOrder = context.plan.mode.isOrder
        guard !plan.isEmpty || isOrder else { return .skipped(Fault(.planNothingToDo)) }
        try await open()
        guard plan.files.isEmpty || isOrder else { return try await workWithFiles() }
        switch context.plan.mode {
        case .compare: return try await compare()
        case .deploy: return try await deploy()
        case .restart, .factoryReset: return try await followOrder()
        }
    }

    private mutating func begin() async throws {
        guard !state.isBegun else { return }
        do {
            try await context.services.journal.begin(plan.device, in: context.run)
        } catch {
            throw Interruption(ofJournal: error)
        }
        state.isBegun = true
    }

    /// Opens a session and makes sure that it is with the phone that the plan means, before anything else is said.
    private mutating func open() async throws {
        context.emit(.stepStarted(.identify), of: plan.device)
        let session = try await meet()
        self.session = session
        state.evidence = session.evidence
        let identity = try await rules.driver.identify(over: call(session, password: nil))
        let possible = identity.types(in: context.services.catalogue).map(\.id)
        seen.type = possible.contains(plan.type) ? plan.type : possible.first
        seen.mac = identity.mac
        seenNumber = identity.number
        listed = identity.files
        if seen.type != plan.type {
            throw Fault(
                .phoneWrongType, subject: plan.address,
                detail: "expected \(rules.type.deviceType), got \(identity.deviceType ?? "no type")")
        }
        if let expected = plan.mac, expected != seen.mac {
            throw Fault(
                .phoneWrongMAC, subject: plan.address,
                detail: "expected \(expected), got \(seen.mac?.description ?? "no address")")
        }
        // Only now: the software of a phone that was met by mistake must not get into the list.
        state.softwareVersion = identity.softwareVersion
        if !plan.tls, rules.type.access(for: identity.softwareVersion).tls {
            throw Fault(
                .tlsPlainRefused, subject: plan.address,
                detail: "\(plan.type) with this software is managed over TLS")
        }
        state.noteReturn()
        context.emit(.stepFinished(.identify), of: plan.device)
    }

    func call(_ session: any PhoneSession, password: SecretText?) -> PhoneCall {
        PhoneCall(session: session, password: password, itemLimit: rules.type.limits.items)
    }

    func checkStop() throws {
        if Task.isCancelled { throw CancellationError() }
        if context.isStopping { throw Interruption.stopped }
    }

    private mutating func closeSession() async {
        guard let session else { return }
        self.session = nil
        await session.close()
    }
}
