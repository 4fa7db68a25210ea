import DeploymentModel
import Foundation
import ManagementXML
import PhoneTransport
import Synchronization
import TLSMaterial

/// A small state machine of a phone that presents what it holds, with everything that can go wrong with files.
///
/// It knows nothing of the engine: whether it is believed is decided by the chain that it presents and the profiles of
/// whoever dials.
final class FilePhone: Sendable {
    enum Trouble: String, Sendable, CaseIterable {
        case none
        /// Says "accepted" and keeps the old file.
        case keepsNothing
        /// Keeps the file and goes on presenting the old chain.
        case keepsOldChain
        /// Does what is asked and loses the connection before it answers; once.
        case dropsAnswer
        /// Loses the connection and does nothing; once.
        case dropsRequest
        /// All connections are lost, and the phone has the old or the new file; once.
        case losesPowerKeepsOld, losesPowerKeepsNew
        case refuses
        /// In a call at the first changes.
        case busy
        /// Does not give files back.
        case withholds
        /// New connections fail while it holds a file of its own that this run sent.
        case breaksTLS
        /// New connections fail after every file of its own, until it is restarted.
        case needsRestart
        /// New connections fail for good once it was sent a file: the phone itself is broken.
        case diesForGood
    }

    struct State {
        var mac = "00:01:E3:00:00:01"
        var files: [FileKind: [UInt8]] = [:]
        /// The material that new connections get; nil = built-in.
        var served: KeyMaterial?
        var isBroken = false
        var trouble = Trouble.none
        var isSpent = false
        /// Changes that are answered with busy; only with that trouble.
        var busyAnswers = 1
        /// What the changes after the first one are answered with, one after the other, before any is made.
        var putOffs: [Fault] = []
        var era = 0
        var bootCount = 1
        /// The CA that a trusted set must have for the telephony client to register; nil = it is not configured.
        var registrar: ParsedCertificate?
        /// Looks at the status before the client has registered again.
        var slowness = 0
        /// Looks since the last change; at the beginning there was none for long.
        private(set) var looks = 1000

        var actions: [String] = []
        var transfers = 0
        var deletions = 0
        var openSessions = 0
        var unauthenticatedKeys = 0

        mutating func look() -> Int {
            looks += 1
            return looks
        }
        mutating func startLooks() { looks = 0 }
    }

    let state: Mutex<State>
    let builtIn: KeyMaterial
    let now: Date
    private let watch: @Sendable (FilePhone, String) -> Void

    init(
        builtIn: KeyMaterial, now: Date, watch: @escaping @Sendable (FilePhone, String) -> Void = { _, _ in },
        _ change: (inout State) -> Void = { _ in }
    ) {
        var state = State()
        change(&state)
        self.state = Mutex(state)
        self.builtIn = builtIn
        self.now = now
        self.watch = watch
    }

    func look<Value: Sendable>(_ at: (State) -> Value) -> Value { state.withLock { at($0) } }

    /// What the next connection is shown, leaf first; nil when there can be none.
    var chain: [[UInt8]]? { state.withLock { $0.isBroken ? nil : ($0.served ?? builtIn).chain } }

    func isBelieved(under profiles: [TrustProfile]) -> Bool {
        guard let chain else { return false }
        return (try? ChainVerifier().verify(chain, againstAnyOf: profiles, at: now)) != nil
    }

    fileprivate func meet(_ target: PhoneTarget) throws -> (PeerEvidence, era: Int) {
        guard case .tls(let profiles) = target.security else { throw Fault(.tlsPlainRefused) }
        guard let chain else { throw Fault(.netReset, subject: target.address) }
        do throws(TrustFailure) {
            let verified = try ChainVerifier().verify(chain, againstAnyOf: profiles, at: now)
            let era = state.withLock { state in
                state.openSessions += 1
                return state.era
            }
            return (
                PeerEvidence(
                    certificateFingerprint: verified.path[0].fingerprint, profile: verified.profile, tlsVersion: "1.3"),
                era
            )
        } catch {
            throw Fault(StatusCode(error.reason.rawValue), subject: target.address, detail: error.detail)
        }
    }

    fileprivate func hangUp() { state.withLock { $0.openSessions -= 1 } }

    fileprivate func perform(_ action: ManagementAction, era: Int, password: SecretText?) throws -> ManagementReply {
        let result = Result { try state.withLock { try $0.perform(action, era: era, password: password) } }
        watch(self, action.name)
        return try result.get()
    }
}

extension FilePhone.State {
    fileprivate mutating func perform(
        _ action: ManagementAction, era: Int, password: SecretText?
    ) throws -> ManagementReply {
        guard era == self.era else { throw Fault(.netClosed) }
        actions.append(action.name)
        var reply = ManagementReply(action: action.name, status: .accepted)
        switch action {
        case .identify:
            reply.items = [
                Item(ItemKey("device-type"), value: "Secure 1"), Item(ItemKey("software-version"), value: "V2.0"),
                Item(ItemKey("mac-addr"), value: mac),
            ]
            reply.files = files.map { held($0, $1) }
            return reply
        case .status:
            reply.phoneStatus = status()
            return reply
        default: break
        }
        guard password?.reveal() == "old-password" else { throw Fault(.phoneWrongPassword) }
        switch action {
        case .readFile(let kind):
            guard trouble != .withholds, let content = files[kind] else { return failed(reply) }
            var file = held(kind, content)
            file.content = content
            reply.files = [file]
        case .transferFile(let kind, let content):
            transfers += 1
            return try change(kind, content, reply)
        case .deleteFile(let kind):
            deletions += 1
            guard files[kind] != nil else { return failed(reply) }
            return try change(kind, nil, reply)
        case .readItems(let keys): reply.items = keys.map { Item($0, value: "1") }
        case .restart: restart()
        default: return failed(reply)
        }
        return reply
    }

    private mutating func restart() {
        era += 1
        bootCount += 1
        guard trouble != .diesForGood else { return }
        isBroken = false
        let material = files[.serverKeyMaterial]
        served = material.flatMap { try? KeyMaterial(pkcs12: PKCS12.decodeUnencrypted($0)) }
    }

    private func held(_ kind: FileKind, _ content: [UInt8]) -> HeldFile {
        HeldFile(kind: kind, fingerprint: Fingerprint(of: content).text, size: content.count)
    }

    private func failed(_ reply: ManagementReply) -> ManagementReply {
        var reply = reply
        reply.status = .failed
        reply.reason = "no"
        return reply
    }

    private mutating func change(
        _ kind: FileKind, _ content: [UInt8]?, _ reply: ManagementReply
    ) throws -> ManagementReply {
        var reply = reply
        let isFirst = !isSpent
        isSpent = true
        if !isFirst, !putOffs.isEmpty { throw putOffs.removeFirst() }
        switch trouble {
        case .refuses: return failed(reply)
        case .busy where busyAnswers > 0:
            busyAnswers -= 1
            reply.status = .busy
            return reply
        case .dropsRequest where isFirst: throw Fault(.netClosed)
        case .keepsNothing: return reply
        case .losesPowerKeepsOld where isFirst:
            era += 1
            throw Fault(.netReset)
        default: break
        }
        keep(kind, content)
        switch trouble {
        case .dropsAnswer where isFirst: throw Fault(.netClosed)
        case .losesPowerKeepsNew where isFirst:
            era += 1
            throw Fault(.netReset)
        case .diesForGood: isBroken = true
        case .needsRestart where kind == .serverKeyMaterial: isBroken = content != nil
        case .breaksTLS where kind == .serverKeyMaterial: isBroken = isFirst && content != nil
        default: break
        }
        return reply
    }

    private mutating func keep(_ kind: FileKind, _ content: [UInt8]?) {
        files[kind] = content
        startLooks()
        guard kind == .serverKeyMaterial, trouble != .keepsOldChain else { return }
        served = content.flatMap { try? KeyMaterial(pkcs12: PKCS12.decodeUnencrypted($0)) }
    }

    private mutating func status() -> PhoneStatus {
        var status = PhoneStatus(isBusy: false, registration: .notConfigured, uptime: 1, bootCount: bootCount)
        guard let registrar else { return status }
        let set = files[.clientTrustedCertificates].flatMap { try? PKCS12.decodeUnencrypted($0).certificates }
        if look() <= slowness {
            status.registration = .registering
        } else if set.map({ $0.contains(registrar) }) ?? true {
            status.registration = .registered
        } else {
            status.registration = .failed
            status.registrationReason = "unknown CA"
        }
        return status
    }
}

/// Sessions with such phones, by address.
struct FileDialer: PhoneDialer {
    let phones: [String: FilePhone]
    let clock: ManualClock

    func session(with target: PhoneTarget) async throws -> any PhoneSession {
        guard let phone = phones[target.address] else { throw Fault(.netSilent, subject: target.address) }
        let (evidence, era) = try phone.meet(target)
        return FileSession(phone: phone, evidence: evidence, era: era, clock: clock)
    }
}

private final class FileSession: PhoneSession {
    let evidence: PeerEvidence
    private let phone: FilePhone
    private let era: Int
    private let clock: ManualClock
    private let isClosed = Mutex(false)

    init(phone: FilePhone, evidence: PeerEvidence, era: Int, clock: ManualClock) {
        self.phone = phone
        self.evidence = evidence
        self.era = era
        self.clock = clock
    }

    func perform(_ action: ManagementAction, password: SecretText?) async throws -> ManagementReply {
        if Task.isCancelled { throw CancellationError() }
        guard !isClosed.withLock({ $0 }) else { throw Fault(.netClosed) }
        do {
            return try phone.perform(action, era: era, password: password)
        } catch let fault as Fault where ![.phoneWrongPassword, .phoneBusy, .phoneBackOff].contains(fault.code) {
            isClosed.withLock { $0 = true }
            phone.hangUp()
            throw fault
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
