public import DeploymentModel
import ManagementXML
public import PhoneTransport
import Synchronization
import TLSMaterial
public import struct Foundation.Date

/// Hears of every phone that calls: enters it into the device list, keeps what it says, and hands its call to the run
/// that waits for it.
///
/// One per process. Of a call that nobody waits for it takes what it needs and ends it.
public final class CallDesk: CallReceiver {
    /// How many calls came, and what became of them.
    public struct Counts: Hashable, Sendable {
        public var taken = 0
        public var new = 0
        public var handedOver = 0
        /// Refused calls by the code of the reason.
        public var refused: [StatusCode: Int] = [:]
        /// Calls of phones that did not say what was changed and could not be read, by the code of the fault.
        public var unread: [StatusCode: Int] = [:]
        /// How often not all was kept that a phone said.
        public var unkept = 0

        public init() {}
    }

    struct Expectation {
        var wake: @Sendable () -> Void
        var call: IncomingCall?
    }

    private struct State {
        var counts = Counts()
        var expected: [MACAddress: Expectation] = [:]
        /// Why something was not kept, as far as it was told.
        var told: Set<String?> = []
        /// From where phones called under the MAC address of one that was being served.
        var secondPhones = BoundedMemory<MACAddress, String>(limit: 1000)
    }

    let book: any CallBook
    private let catalogue: Catalogue
    private let matcher: DeviceMatcher
    private let serverAuthority: String?
    private let now: @Sendable () -> Date
    private let heard: @Sendable (HeardCall, CallEntry) -> Void
    private let unkept: @Sendable (Fault) -> Void
    private let state = Mutex(State())

    /// - Parameters:
    ///   - book: where calls are kept.
    ///   - serverAuthority: SHA-256 of the authority by which phones in secure mode that call here believe this program.
    ///   - heard: told of each call once it is kept or refused; must be quick.
    ///   - unkept: told once for each cause why not all is kept that a phone said.
    public init(
        book: any CallBook, catalogue: Catalogue, serverAuthority: String? = nil,
        now: @escaping @Sendable () -> Date = { Date() },
        heard: @escaping @Sendable (HeardCall, CallEntry) -> Void = { _, _ in },
        unkept: @escaping @Sendable (Fault) -> Void = { _ in }
    ) {
        self.book = book
        self.catalogue = catalogue
        matcher = DeviceMatcher(catalogue: catalogue)
        self.serverAuthority = serverAuthority
        self.now = now
        self.heard = heard
        self.unkept = unkept
    }

    public var counts: Counts { state.withLock { $0.counts } }

    public func note(_ call: IncomingCall) async throws -> CallNote {
        var heardCall = HeardCall(call, catalogue: catalogue, at: now())
        heardCall.serverAuthority = serverAuthority
        let entry = try await book.note(heardCall, by: matcher)
        state.withLock { state in
            if let refusal = entry.refusal {
                state.counts.refused[refusal.code, default: 0] += 1
            } else {
                state.counts.taken += 1
                if entry.isNew { state.counts.new += 1 }
            }
        }
        heard(heardCall, entry)
        note(unkept: entry.unkept, from: call.address)
        return CallNote(startUps: entry.startUps, refusal: entry.refusal, device: entry.device?.id)
    }

    public func receive(_ call: IncomingCall, _ note: CallNote) async {
        if note.refusal == nil, call.opening.reason != .cleanUp {
            if await handOver(call) { return }
            if let device = note.device, CallFacts(call, catalogue: catalogue).saysChangesOnlyWhenRead {
                await read(call, of: device)
            }
        }
        await call.session.close()
    }

    public func noteSecondPhone(_ mac: MACAddress, at address: String) {
        state.withLock { $0.secondPhones.insert(address, for: mac) }
    }

    /// From where another phone last called under the MAC address of this one while it was served.
    func secondPhone(of mac: MACAddress) -> String? { state.withLock { $0.secondPhones.value(for: mac) } }

    /// Reads a phone that says that something was changed, and not what; keeps what differs from when it was last read.
    private func read(_ call: IncomingCall, of device: DeviceID) async {
        do {
            let reply = try await call.session.perform(.readAllItems, password: nil)
            // In a call: the phone says so again when it starts.
            guard reply.status == .accepted else { return }
            let items = CallFacts(call, catalogue: catalogue).known(reply.items)
            let before = try await book.lastKnownItems(of: device)
            let moment = now()
            let changes = before.map { LocalChange.changes(from: $0, to: items, at: moment) } ?? []
            let unkept = try await book.keepItems(items, changed: changes, of: device, at: moment)
            note(unkept: unkept, from: call.address)
        } catch {
            let code = (error as? Fault)?.code ?? .netClosed
            state.withLock { $0.counts.unread[code, default: 0] += 1 }
        }
    }
}

extension CallDesk {
    /// Counts that something was not kept; each cause is told once, for whoever calls could say it as often as he likes.
    private func note(unkept fault: Fault?, from address: String) {
        guard var fault else { return }
        let isFirst = state.withLock { state in
            state.counts.unkept += 1
            return state.told.insert(fault.detail).inserted
        }
        guard isFirst else { return }
        fault.subject = address
        unkept(fault)
    }
}

/// Calls for which a run of this process waits.
extension CallDesk {
    /// From now on the next call of a phone is kept for ``take(_:)`` and told of; the latest to ask gets it.
    func expect(_ mac: MACAddress, wake: @escaping @Sendable () -> Void) {
        state.withLock { state in
            state.expected[mac, default: Expectation(wake: wake, call: nil)].wake = wake
        }
    }

    /// Whether a phone that is expected has called and is kept waiting.
    func isCalling(_ mac: MACAddress) -> Bool { state.withLock { $0.expected[mac]?.call != nil } }

    /// The call of a phone that is kept waiting; whoever gets it closes its session.
    ///
    /// The phone is expected no longer.
    func take(_ mac: MACAddress) -> IncomingCall? {
        state.withLock { $0.expected.removeValue(forKey: mac)?.call }
    }

    /// The phone is not expected any more; a call that is kept is ended.
    func forget(_ mac: MACAddress) async {
        await take(mac)?.session.close()
    }

    /// Keeps a call for whoever expects it; of two calls of one phone the later, for the earlier is dead.
    private func handOver(_ call: IncomingCall) async -> Bool {
        let (wake, earlier) = state.withLock { state -> ((@Sendable () -> Void)?, IncomingCall?) in
            guard var expectation = state.expected[call.mac] else { return (nil, nil) }
            let earlier = expectation.call
            expectation.call = call
            state.expected[call.mac] = expectation
            state.counts.handedOver += 1
            return (expectation.wake, earlier)
        }
        guard let wake else { return false }
        wake()
        await earlier?.session.close()
        return true
    }
}
