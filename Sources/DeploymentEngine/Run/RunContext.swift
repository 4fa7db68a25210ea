import DeploymentModel
import PhoneTransport
import Synchronization
import TLSMaterial

import struct Foundation.Date

/// What all phones of one run have in common.
///
/// Made once, shared by reference, so that a phone costs no copies of it.
final class RunContext: Sendable {
    let run: RunID
    let plan: TransferPlan
    let services: RunServices
    let clock: RunClock
    let stop: StopSignal
    /// Tells of phones that called while they were waited for, by their place in the plan.
    let called: AsyncStream<Int>
    let callers: AsyncStream<Int>.Continuation
    private let types: [PhoneTypeID: TypeRules]
    private let trust: [[String]: [TrustProfile]]
    private let revealed = Mutex<[SecretReference: SecretText]>([:])
    private let halted = Mutex(false)

    /// What is needed of a phone type while its phones are at work.
    final class TypeRules: Sendable {
        let type: PhoneType
        let kinds: ValueKinds
        let driver: any PhoneDriver

        init(type: PhoneType, driver: any PhoneDriver) {
            self.type = type
            self.driver = driver
            kinds = ValueKinds(of: type)
        }
    }

    /// Throws ``FaultList`` when a type, a driver or a trust profile of the plan cannot be used.
    init(run: RunID, plan: TransferPlan, services: RunServices, stop: StopSignal) throws(FaultList) {
        self.run = run
        self.plan = plan
        self.services = services
        self.stop = stop
        clock = RunClock(services.time.clock)
        (called, callers) = AsyncStream.makeStream(of: Int.self)
        var faults = plan.options.faults
        types = Self.types(of: plan, services, &faults)
        trust = Self.trust(of: plan, &faults)
        guard faults.isEmpty else { throw FaultList(faults) }
    }

    private static func types(
        of plan: TransferPlan, _ services: RunServices, _ faults: inout [Fault]
    ) -> [PhoneTypeID: TypeRules] {
        var types: [PhoneTypeID: TypeRules] = [:]
        for id in Set(plan.devices.map(\.type)).sorted() {
            guard let type = services.catalogue[id] else {
                faults.append(Fault(.planNoType, subject: id.description, detail: "the catalogue has no such type"))
                continue
            }
            guard let driver = services.drivers[type.managementProtocol] else {
                faults.append(Fault(.planNotSupported, subject: id.description))
                continue
            }
            types[id] = TypeRules(type: type, driver: driver)
        }
        return types
    }

    private static func trust(of plan: TransferPlan, _ faults: inout [Fault]) -> [[String]: [TrustProfile]] {
        var profiles: [String: TrustProfile] = [:]
        for record in plan.profiles {
            do throws(Fault) {
                profiles[record.name] = try TrustProfile(record)
            } catch {
                faults.append(error)
            }
        }
        let areReadable = faults.isEmpty
        var trust: [[String]: [TrustProfile]] = [:]
        func allow(_ names: [String], _ device: DevicePlan) {
            let known = trust[names] ?? names.compactMap { profiles[$0] }
            trust[names] = known
            // A profile in which each phone has its own subject is of no use for a phone of which that is not known.
            guard areReadable, known.resolved(for: device).isEmpty else { return }
            let pattern = known.first.map {
                "the subject of '\($0.name)' is \($0.subject), and the phone has no such value"
            }
            faults.append(Fault(.tlsNoProfile, subject: device.address, detail: pattern))
        }
        for device in plan.devices where device.tls {
            allow(device.trust, device)
            guard !device.files.isEmpty else { continue }
            allow(device.trustWhileChanging, device)
            for file in device.files where !file.newTrust.isEmpty { allow(file.newTrust, device) }
        }
        return trust
    }
}

extension RunContext {
    func rules(for type: PhoneTypeID) -> TypeRules? { types[type] }

    /// The profiles of a list of names that the plan uses, as they are for this phone.
    func profiles(_ names: [String], for device: DevicePlan) -> [TrustProfile] {
        (trust[names] ?? []).resolved(for: device)
    }

    /// Where and as whom a phone is to be met.
    ///
    /// A TLS type is never met in plain.
    ///
    /// - Parameter names: the trust profiles; nil for all by which the phone may be met in the course of the run.
    func target(for device: DevicePlan, trust names: [String]? = nil) -> PhoneTarget {
        let options = plan.options
        let timeouts = ContactTimeouts(
            connect: options.connectTimeout, handshake: options.connectTimeout, reply: options.replyTimeout)
        let names = names ?? (device.files.isEmpty ? device.trust : device.trustWhileChanging)
        return PhoneTarget(
            address: device.address, port: device.port,
            security: device.tls ? .tls(profiles(names, for: device)) : .plain, timeouts: timeouts,
            managementProtocol: types[device.type]?.type.managementProtocol ?? .direct, mac: device.mac)
    }

    /// Whether phones at work shall end after the step at which they are.
    var isStopping: Bool { stop.isRequested || halted.withLock { $0 } }

    /// Lets no further side effect begin, because the journal cannot keep it.
    func halt() {
        halted.withLock { $0 = true }
    }

    var date: Date { services.time.now() }

    func emit(_ kind: @autoclosure () -> TransferEvent.Kind, of device: DeviceID? = nil) {
        guard !services.observers.isEmpty else { return }
        let event = TransferEvent(at: date, run: run, device: device, kind: kind())
        for observer in services.observers { observer.receive(event) }
    }

    /// Opens each secret once in a run, however many phones share it.
    func reveal(_ reference: SecretReference) async throws -> SecretText {
        if let known = revealed.withLock({ $0[reference] }) { return known }
        let text = try await services.secrets.reveal(reference)
        revealed.withLock { $0[reference] = text }
        return text
    }

    func state(forDeviceAt place: Int) -> DeviceState {
        DeviceState(generator: SeededGenerator(seed: services.time.seed &+ UInt64(place) &* 0x2545_F491_4F6C_DD1D))
    }
}

extension [TrustProfile] {
    /// Those that can be used for a phone, with its own subject in place of a pattern.
    func resolved(for device: DevicePlan) -> [TrustProfile] {
        guard contains(where: { $0.subject.fixedSubject == nil }) else { return self }
        let values = PhoneValues(device)
        return compactMap { try? $0.resolved(for: values) }
    }
}
