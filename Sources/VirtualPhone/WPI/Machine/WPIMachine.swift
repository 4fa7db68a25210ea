import DeploymentModel
import ManagementXML

/// How a phone converses over WPI: a machine without input, output or clock.
///
/// Events come in with the phone and the time in seconds of any clock that never goes back; orders go out. What survives
/// a loss of power is in the phone; a machine lives from one start to the next.
struct WPIMachine: Sendable {
    /// A conversation from the first message to the clean-up.
    struct Conversation: Hashable, Sendable {
        var call: WPICall
        var route: WPIRoute
        /// The last message; its nonce is the one that an answer must repeat.
        var message: WPIPhoneMessage
        /// No answer may come later.
        var deadline: Double
        /// A server has answered the opening.
        var isHeard = false
        /// The rest of a long answer, the next part last.
        var parts: [[Item]] = []
        var partsAction = ""
        /// After a clean-up of the phone's own nothing follows.
        var isGivenUp = false
        /// Begins anew with a start-up under these terms when it is over.
        var changesSecureMode = false
        /// Items that were changed at the phone and that the opening names.
        var told: [ItemKey] = []
    }

    let options: WPIOptions
    /// Where the phone listens for contact-me.
    let contactURI: String
    /// The phone's clock at the time 0, in seconds since 1970.
    let wallClockAtZero: Int
    /// Makes nonces: 32 upper-case hexadecimal digits.
    let makeNonce: @Sendable () -> String
    var conversation: Conversation?
    /// Conversations that came to their end in order.
    var finished = 0
    /// Calls to be made, the most urgent one first.
    var calls: [WPICall] = []
    /// No call before this time.
    var notBefore = 0.0
    var backOff: BackOff
    var chance: SeededGenerator
    /// A server asked to be called when the phone is idle: this one.
    var solicitedWhenIdle: WPICall?
    var lastReaction: Double?
    var localChangesAt: Double?
    var changedKeys: [ItemKey] = []
    var nextPoll: Double?
    /// Files to be fetched, the one in work first.
    var orders: [FileOrder] = []
    /// Firmware that was loaded and waits for the end of a call.
    var readySoftware: String?

    static let retryBase = 30.0
    static let overloadPause = 20.0...60.0
    static let overloadSpread = overloadPause.upperBound - overloadPause.lowerBound
    static let localChangeDelay = 5.0
    static let usualContactGap = 300.0

    init(
        options: WPIOptions, contactURI: String, seed: UInt64, wallClockAtZero: Int = 0,
        makeNonce: @escaping @Sendable () -> String = WPIMachine.freshNonce
    ) {
        self.options = options
        self.contactURI = contactURI
        self.wallClockAtZero = wallClockAtZero
        self.makeNonce = makeNonce
        backOff = BackOff(base: Self.retryBase, seed: seed)
        chance = SeededGenerator(seed: seed &+ 1)
    }

    @Sendable static func freshNonce() -> String {
        var generator = SystemRandomNumberGenerator()
        let digits = Array("0123456789ABCDEF".utf8)
        return String(unsafeUninitializedCapacity: 32) { buffer in
            for half in 0..<2 {
                let word = generator.next() as UInt64
                for place in 0..<16 { buffer[half * 16 + place] = digits[Int(word >> UInt64(place * 4) & 15)] }
            }
            return 32
        }
    }

    /// A time of the protocol as this fleet lives it.
    func scaled(_ seconds: Double) -> Double { seconds / max(options.speed, 1e-9) }

    // MARK: Time

    /// When ``timePassed(_:at:)`` has something to do; nil = never by itself.
    func deadline(of phone: PhoneBehaviour, at now: Double) -> Double? {
        if let conversation { return conversation.deadline }
        var times: [Double] = []
        if calls.contains(where: { server(for: $0, phone) != nil }) {
            times.append(calls.contains(where: \.isFirst) ? now : notBefore)
        }
        if let localChangesAt { times.append(localChangesAt) }
        if solicitedWhenIdle != nil || readySoftware != nil {
            times.append(phone.isInCall(at: now) ? phone.callEndsAt ?? now : now)
        }
        if let nextPoll { times.append(nextPoll) }
        return times.min()
    }

    /// The time has come that ``deadline(of:at:)`` named.
    mutating func timePassed(_ phone: inout PhoneBehaviour, at now: Double) -> [CallOrder] {
        if let conversation {
            return now >= conversation.deadline ? lost(&phone, at: now) : []
        }
        if let due = localChangesAt, now >= due {
            localChangesAt = nil
            want(WPICall(wish: .localChanges))
        }
        if !phone.isInCall(at: now) {
            if let software = readySoftware { return install(software, &phone, at: now) }
            if let call = solicitedWhenIdle {
                solicitedWhenIdle = nil
                want(call)
            }
        }
        if let due = nextPoll, now >= due, calls.isEmpty {
            restartPolling(at: now)
            return [.poll]
        }
        return proceed(&phone, at: now)
    }

    mutating func restartPolling(at now: Double) {
        nextPoll = options.polling.map { now + max(scaled($0.interval), 0.01) }
    }
}
