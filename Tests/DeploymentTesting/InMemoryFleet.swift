public import DeploymentModel
import Foundation
import ManagementXML
public import PhoneTransport
import Synchronization
import TLSMaterial
public import VirtualPhone

/// Phones without sockets: sessions go through the encoder, the decoder and the behaviour of virtual phones.
///
/// Time stands still until a test moves it with ``advance(seconds:)``, so waiting costs nothing.
public final class InMemoryFleet: PhoneDialer {
    /// One phone with what happened to it.
    struct Phone {
        var behaviour: PhoneBehaviour
        var awayUntil = 0.0
        /// Grows when connections are dropped; a session of an older one is dead.
        var era = 0
        var sessions = 0
        var requests: [String] = []
        /// Faults that the next dials end with, first one first.
        var dialFaults: [Fault] = []
    }

    struct State {
        var phones: [String: Phone] = [:]
        var now = 0.0
    }

    let state: Mutex<State>
    let restartSeconds: Double

    /// - Parameter phones: by address.
    public init(_ phones: [String: PhoneBehaviour], restartSeconds: Double = 3) {
        self.restartSeconds = restartSeconds
        state = Mutex(
            State(
                phones: phones.mapValues { behaviour in
                    Phone(behaviour: behaviour, awayUntil: Self.absence(of: behaviour))
                }))
    }

    /// Phones of one type at 192.0.2.1 and following.
    public convenience init(
        count: Int, type: PhoneType = .make(), faults: [Int: [PhoneFault]] = [:], restartSeconds: Double = 3
    ) {
        let model = PhoneModel(type: type)
        let phones = (0..<count).map { number in
            let behaviour = PhoneBehaviour(
                model: model, mac: MACAddress(value: 0x0001_E310_0001 + UInt64(number)),
                faults: faults[number] ?? [])
            return ("192.0.2.\(number + 1)", behaviour)
        }
        self.init(Dictionary(uniqueKeysWithValues: phones), restartSeconds: restartSeconds)
    }

    private static func absence(of behaviour: PhoneBehaviour) -> Double {
        for case .absent(let seconds) in behaviour.faults { return seconds }
        return behaviour.faults.contains(.refuses) ? .infinity : 0
    }

    // MARK: What a test looks at and does

    public var now: Double { state.withLock { $0.now } }

    public func advance(seconds: Double) {
        state.withLock { $0.now += seconds }
    }

    /// The phone at an address as it is now.
    public func phone(_ address: String) -> PhoneBehaviour? {
        state.withLock { $0.phones[address]?.behaviour }
    }

    /// The names of the actions that a phone was asked for, in order.
    public func requests(of address: String) -> [String] {
        state.withLock { $0.phones[address]?.requests ?? [] }
    }

    /// Sessions that were opened with a phone.
    public func sessions(with address: String) -> Int {
        state.withLock { $0.phones[address]?.sessions ?? 0 }
    }

    /// Makes the next dials to an address end with these faults.
    public func failDials(to address: String, with faults: [Fault]) {
        state.withLock { $0.phones[address]?.dialFaults = faults }
    }

    /// Changes a phone behind everybody's back.
    public func change(_ address: String, _ body: @Sendable (inout PhoneBehaviour) -> Void) {
        state.withLock { state in
            guard var phone = state.phones[address] else { return }
            body(&phone.behaviour)
            state.phones[address] = phone
        }
    }

    // MARK: Dialling

    public func session(with target: PhoneTarget) async throws -> any PhoneSession {
        try Task.checkCancellation()
        let (era, evidence) = try state.withLock { state throws(Fault) in
            let now = state.now
            guard state.phones[target.address] != nil else {
                throw Fault(.netSilent, subject: target.address)
            }
            let era = try state.phones[target.address]?.admit(target, at: now) ?? 0
            return (era, try state.phones[target.address]?.evidence(for: target) ?? PeerEvidence())
        }
        return InMemorySession(fleet: self, target: target, era: era, evidence: evidence)
    }
}

extension InMemoryFleet.Phone {
    /// Takes a connection, or throws what the tool would see in its place.
    ///
    /// Returns the era of the connection.
    mutating func admit(_ target: PhoneTarget, at now: Double) throws(Fault) -> Int {
        if !dialFaults.isEmpty { throw dialFaults.removeFirst() }
        guard now >= awayUntil else { throw Fault(.netRefused, subject: target.address) }
        for fault in behaviour.faults {
            if let code = fault.codeInHandshake(isTLS: target.isTLS) { throw Fault(code, subject: target.address) }
        }
        if !target.isTLS, behaviour.model.type.access(for: behaviour.model.software).tls {
            throw Fault(.httpMalformed, subject: target.address)
        }
        sessions += 1
        return era
    }

    /// What a handshake with the phone shows, judged as the tool judges it.
    func evidence(for target: PhoneTarget) throws(Fault) -> PeerEvidence {
        guard case .tls(let profiles) = target.security else { return PeerEvidence() }
        guard let chain = behaviour.presentedChain() else { throw Fault(.netReset, subject: target.address) }
        do throws(TrustFailure) {
            let verified = try ChainVerifier().verify(chain, againstAnyOf: profiles, at: Date())
            return PeerEvidence(
                certificateFingerprint: verified.path.first?.fingerprint, profile: verified.profile, tlsVersion: "1.3")
        } catch {
            throw Fault(StatusCode(error.reason.rawValue), subject: target.address, detail: error.detail)
        }
    }
}

extension PhoneFault {
    /// The code with which a dial to a phone with this fault ends; nil when the session comes about.
    fileprivate func codeInHandshake(isTLS: Bool) -> StatusCode? {
        switch self {
        case .resetsHandshake: .netReset
        case .silent: isTLS ? .tlsSilent : nil
        case .certificate(.expired): isTLS ? StatusCode("tls.expired") : nil
        case .certificate(.notYetValid): isTLS ? StatusCode("tls.not-yet-valid") : nil
        case .certificate(.foreign): isTLS ? StatusCode("tls.unknown-issuer") : nil
        case .certificate(.wrongSubject): isTLS ? StatusCode("tls.wrong-subject") : nil
        case .onlyTLS1_0: isTLS ? .tlsProtocolVersion : nil
        case .plain: isTLS ? .tlsPlainHTTP : nil
        default: nil
        }
    }
}

extension PhoneTarget {
    var isTLS: Bool {
        if case .tls = security { true } else { false }
    }
}
