import DeploymentModel
import Synchronization
import TLSMaterial

/// Which conversations there are, and which wait for their turn.
final class CallTable: Sendable {
    /// What becomes of a call.
    enum Admission {
        case served
        case queued
        /// A phone with this MAC address is just being served at another IP address.
        case secondPhone(of: String)
        /// Its opening message was heard before.
        case replay
        case overload
        /// The server is about to end.
        case closed
    }

    /// What becomes of a call whose certificate was accepted.
    enum Claim {
        /// It has its phone's place; a conversation that had it is handed back to be ended.
        case granted(instead: CallLine?)
        /// Another phone with this MAC address proved who it is, and is just being served at another IP address.
        case secondPhone(of: String)
    }

    fileprivate struct State {
        var byID: [String: CallLine] = [:]
        /// Who has the place of a phone: one at a time.
        var byMAC: [MACAddress: CallLine] = [:]
        var byAddress: [String: [CallLine]] = [:]
        /// Those that are served; the others wait in `queue`.
        var active: Set<ObjectIdentifier> = []
        var queue = CallQueue()
        /// The opening nonce of each phone's last conversation that came to its end.
        var closed = BoundedMemory<MACAddress, String>(limit: 32_768)
        var most = 0
        var isClosed = false
    }

    private let state = Mutex(State())
    private let limits: WPILimits

    init(limits: WPILimits) {
        self.limits = limits
    }

    /// Lets a call in, or not; a conversation that the same phone had before is handed back to be ended.
    ///
    /// A call in default mode has the place of its phone at once, if nobody has it. One on the secure port has it when its
    /// certificate was accepted (``claim(_:)``): neither may somebody else's conversation keep it out, nor may it keep
    /// others out that has proved nothing yet. Only who holds the place with the same certificate hands it on at once.
    func admit(_ line: CallLine, nonce: String) -> (Admission, superseded: CallLine?) {
        state.withLock { state in
            guard !state.isClosed else { return (.closed, nil) }
            guard state.closed.value(for: line.mac) != nonce else { return (.replay, nil) }
            let holder = state.byMAC[line.mac]
            let old = holder.flatMap { $0.caller.isSamePhone(as: line.caller) ? $0 : nil }
            if let holder, old == nil, !line.caller.isSecure { return (.secondPhone(of: holder.caller.address), nil) }
            if let old { state.remove(old) }
            let isFull = state.active.count >= limits.sessions
            if isFull, state.queue.count >= limits.queue { return (.overload, old) }
            state.add(line)
            if old != nil || !line.caller.isSecure { state.byMAC[line.mac] = line }
            if isFull { state.queue.append(line) } else { state.active.insert(ObjectIdentifier(line)) }
            state.most = max(state.most, state.byID.count)
            return (isFull ? .queued : .served, old)
        }
    }

    /// Gives a call whose certificate was accepted the place of its phone, also instead of a conversation in default mode.
    func claim(_ line: CallLine) -> Claim {
        state.withLock { state in
            // One that has ended in the meantime has no use for it.
            guard state.byID[line.id] === line, state.byMAC[line.mac] !== line else { return .granted(instead: nil) }
            let old = state.byMAC[line.mac]
            if let old, old.caller.isSecure, !old.caller.isSamePhone(as: line.caller) {
                return .secondPhone(of: old.caller.address)
            }
            if let old { state.remove(old) }
            state.byMAC[line.mac] = line
            return .granted(instead: old)
        }
    }

    /// Forgets a conversation; the call whose turn has come is handed back.
    func remove(_ line: CallLine) -> CallLine? {
        state.withLock { state in
            state.remove(line)
            guard state.active.count < limits.sessions, let next = state.nextInLine() else { return nil }
            state.active.insert(ObjectIdentifier(next))
            return next
        }
    }

    /// Remembers that the phone's conversation with this opening nonce is over.
    func noteClosed(_ mac: MACAddress, nonce: String) {
        state.withLock { $0.closed.insert(nonce, for: mac) }
    }

    /// Whose conversation a message belongs to that came without its connection's: by cookie, else by MAC address,
    /// else by IP address if only one conversation is held with that.
    func find(cookie: String?, mac: MACAddress?, address: String) -> CallLine? {
        state.withLock { state in
            if let cookie, let line = state.byID[cookie] { return line }
            if let mac { return state.byMAC[mac] }
            guard let lines = state.byAddress[address], lines.count == 1 else { return nil }
            return lines[0]
        }
    }

    /// Lets nobody in any more, for the end of the server; all that there are.
    func close() -> [CallLine] {
        state.withLock { state in
            state.isClosed = true
            return Array(state.byID.values)
        }
    }

    var sizes: (open: Int, most: Int, queued: Int) {
        state.withLock { ($0.byID.count, $0.most, $0.queue.count) }
    }
}

extension CallTable.State {
    fileprivate mutating func add(_ line: CallLine) {
        byID[line.id] = line
        byAddress[line.caller.address, default: []].append(line)
    }

    fileprivate mutating func remove(_ line: CallLine) {
        guard byID.removeValue(forKey: line.id) != nil else { return }
        if active.remove(ObjectIdentifier(line)) == nil { queue.forgetOne() }
        if byMAC[line.mac] === line { byMAC[line.mac] = nil }
        var rest = byAddress[line.caller.address] ?? []
        rest.removeAll { $0 === line }
        byAddress[line.caller.address] = rest.isEmpty ? nil : rest
    }

    fileprivate mutating func nextInLine() -> CallLine? {
        while let line = queue.removeFirst() {
            // Those that have ended in the meantime are not counted any more.
            guard byID[line.id] === line else { continue }
            queue.forgetOne()
            return line
        }
        return nil
    }
}

/// Calls in the order in which they came; those that have ended are passed over when their turn comes.
private struct CallQueue {
    private var lines: [CallLine?] = []
    private var head = 0
    /// Of those that have not ended.
    private(set) var count = 0

    mutating func append(_ line: CallLine) {
        lines.append(line)
        count += 1
    }

    mutating func forgetOne() {
        count -= 1
        if count == 0 { (lines, head) = ([], 0) }
    }

    /// Does not count down; ``forgetOne()`` does.
    mutating func removeFirst() -> CallLine? {
        guard head < lines.count else { return nil }
        let line = lines[head]
        lines[head] = nil
        head += 1
        if head > 64, head > lines.count / 2 {
            lines.removeFirst(head)
            head = 0
        }
        return line
    }
}
