import DeploymentModel
import Foundation
import ManagementXML
import NIOCore
import TLSMaterial

/// Connects what phones say with whoever has something to say to them.
///
/// Every phone's opening message goes through ``begin(_:_:_:)``: it is let in, noted, and handed to the dialler that waits for
/// this phone, else to the receiver of calls.
final class WPISwitchboard: Sendable {
    let limits: WPILimits
    let counter: WPICounter
    let table: CallTable
    let waiting = WaitingRoom()
    let phones = KnownPhones()
    private let receiver: any CallReceiver
    private let profiles: @Sendable (MACAddress) async throws -> [TrustProfile]
    private let loops: EventLoops
    private let now: @Sendable () -> Date
    private let tasks = OpenTasks()

    init(
        _ configuration: WPIServerConfiguration, receiver: any CallReceiver, loops: EventLoops, counter: WPICounter,
        now: @escaping @Sendable () -> Date
    ) {
        limits = configuration.limits
        profiles = configuration.profiles
        table = CallTable(limits: configuration.limits)
        self.receiver = receiver
        self.loops = loops
        self.counter = counter
        self.now = now
    }

    // MARK: What phones say

    /// Takes an opening message, on the loop of its connection.
    ///
    /// - Returns: the conversation that began; nil when the phone was answered for good.
    func begin(_ opening: WPIPhoneMessage, _ pending: PendingMessage, from caller: Caller) -> CallLine? {
        guard let mac = opening.mac else {
            counter.note(.noMAC, from: caller.address, .xmlUnexpected, "an opening message without a MAC address")
            pending.cleanUp("mac-addr missing")
            return nil
        }
        let cookie = SessionCookie.make()
        let conversation = WPIConversation(pending, mac: mac, caller: caller, cookie: cookie, board: self)
        let line = CallLine(id: cookie, mac: mac, caller: caller, opening: opening, loop: pending.loop, conversation)
        let (admission, superseded) = table.admit(line, nonce: opening.nonce)
        superseded?.with { $0.supersede() }
        switch admission {
        case .served: conversation.line = line
        case .queued:
            conversation.line = line
            conversation.queue()
        case .secondPhone(let first):
            let refusal = secondPhone(line, besides: first)
            counter.note(
                refusal.defect, from: caller.address, refusal.fault.code, refusal.fault.detail, cause: refusal.cause)
            conversation.refuse(refusal.reason, refusal.fault)
            return nil
        case .replay:
            counter.note(.replay, from: caller.address, .xmlUnexpected, "an opening message came again")
            conversation.refuse("message was heard before", Fault(.xmlUnexpected, subject: caller.address))
            return nil
        case .overload:
            counter.note(.overload, from: caller.address, .netSilent, "too many phones at one time")
            conversation.refuse(WPITranslation.overload, Fault(.netSilent, subject: caller.address))
            return nil
        case .closed:
            conversation.refuse("shutdown", Self.ended(caller))
            return nil
        }
        counter.change { $0.calls += 1 }
        if case .served = admission { serve(line) }
        return line
    }

    /// Takes any other message: finds its conversation, which may have begun on another connection and loop.
    ///
    /// - Parameter own: the conversation of the connection.
    /// - Returns: the conversation that it belongs to.
    func goOn(
        _ message: WPIPhoneMessage, _ pending: PendingMessage, from caller: Caller, cookie: String?, own: CallLine?
    ) -> CallLine? {
        let isOwn = own.map { cookie == nil || cookie == $0.id } ?? false
        guard let line = isOwn ? own : table.find(cookie: cookie, mac: message.mac, address: caller.address) else {
            // A phone that gives up what it was ordered says so in a call of its own.
            if message.reason == .cleanUp, message.mac != nil { return begin(message, pending, from: caller) }
            if message.reason != .cleanUp {
                counter.note(.noConversation, from: caller.address, .xmlUnexpected, "no conversation is open")
            }
            pending.cleanUp(message.reason == .cleanUp ? nil : "no such conversation")
            return nil
        }
        guard line.caller.isSamePhone(as: caller) else {
            counter.note(.identityChange, from: caller.address, .phoneWrongMAC, "another phone's conversation")
            pending.cleanUp("no such conversation")
            return nil
        }
        line.with { $0.hear(message, pending, over: line === own) }
        return line
    }

    // MARK: Conversations

    /// A conversation has come to its end: another may begin.
    func ended(_ line: CallLine) {
        if let next = table.remove(line) {
            next.with { [self] conversation in
                if conversation.begin() { serve(next) }
            }
        }
    }

    /// A conversation ended as it should.
    func closed(_ mac: MACAddress, nonce: String) {
        counter.change { $0.completed += 1 }
        table.noteClosed(mac, nonce: nonce)
    }

    /// The task runs on the loop of the conversation, so that none of its turns changes threads.
    private func serve(_ line: CallLine) {
        tasks.start(on: loops.executor(of: line.loop)) { [self] in
            let session = WPISession(line, board: self)
            do throws(Refusal) {
                try await judge(session)
                try takePlace(line)
                let call = IncomingCall(
                    session: session, opening: line.opening, mac: line.mac, address: line.caller.address,
                    port: line.caller.port)
                let note = try await note(call)
                session.note(startUps: note.startUps)
                // Not before: a call that is refused may be of anybody.
                phones.noteCall(
                    of: line.mac, uri: line.opening.items.value(of: WPIItem.contactMeURI), from: line.caller.address)
                if line.opening.reason == .cleanUp {
                    let words = line.opening.items.value(of: WPIItem.cleanUpReason)
                    waiting.note("it gives up" + (words.map { ": \($0)" } ?? ""), of: line.mac)
                } else if waiting.hand(session, at: now()) {
                    return
                }
                await receiver.receive(call, note)
            } catch {
                counter.note(
                    error.defect, from: line.caller.address, error.fault.code, error.fault.detail, cause: error.cause)
                let words = error.fault.detail ?? error.fault.code.rawValue
                waiting.note("a call under its MAC address was refused: \(words)", of: line.mac)
                line.with { $0.refuse(error.reason, error.fault) }
            }
        }
    }

    private struct Refusal: Error {
        var defect: WPIDefect
        var reason: String
        var fault: Fault
        /// What is told once for each cause; nil where once is enough.
        var cause: String?
    }

    /// A call under the MAC address of a phone that is just being served elsewhere.
    private func secondPhone(_ line: CallLine, besides first: String) -> Refusal {
        receiver.noteSecondPhone(line.mac, at: line.caller.address)
        let fault = Fault(
            .callSecondPhone, subject: line.caller.address, detail: "\(line.mac) is being served at \(first)")
        return Refusal(defect: .secondPhone, reason: Self.inUse, fault: fault, cause: line.mac.description)
    }

    /// On the secure port a phone is served only if its certificate is accepted for it.
    private func judge(_ session: WPISession) async throws(Refusal) {
        guard session.line.caller.isSecure else { return }
        let profiles: [TrustProfile]
        do {
            profiles = try await self.profiles(session.line.mac)
        } catch {
            throw Refusal(defect: .refused, reason: "not available", fault: Self.fault(error, session.line))
        }
        do throws(Fault) {
            try session.authenticate(by: profiles, at: now())
        } catch {
            throw Refusal(defect: .notTrusted, reason: "certificate not accepted", fault: error)
        }
    }

    /// A phone that proved who it is has its place, whoever holds a conversation in default mode in its name.
    ///
    /// A call in default mode of a phone that belongs into secure mode is refused by the receiver, which alone knows
    /// that; whatever it says and however long it takes, it is not in the way.
    private func takePlace(_ line: CallLine) throws(Refusal) {
        guard line.caller.isSecure else { return }
        switch table.claim(line) {
        case .granted(instead: nil): break
        case .granted(let old?) where old.caller.isSamePhone(as: line.caller): old.with { $0.supersede() }
        case .granted(let old?):
            let fault = Fault(
                .callSecondPhone, subject: old.caller.address,
                detail: "\(line.mac) called on the secure port and proved it")
            receiver.noteSecondPhone(line.mac, at: old.caller.address)
            counter.note(.displaced, from: old.caller.address, fault.code, fault.detail, cause: line.mac.description)
            old.with { $0.refuse(Self.inUse, fault) }
        case .secondPhone(let first): throw secondPhone(line, besides: first)
        }
    }

    private static let inUse = "mac-addr in use"

    private func note(_ call: IncomingCall) async throws(Refusal) -> CallNote {
        do {
            let note = try await receiver.note(call)
            guard let fault = note.refusal else { return note }
            throw Refusal(defect: .refused, reason: "refused", fault: fault)
        } catch let refusal as Refusal {
            throw refusal
        } catch {
            let fault = (error as? Fault) ?? Fault(.netClosed, subject: call.address)
            throw Refusal(defect: .refused, reason: "not available", fault: fault)
        }
    }

    private static func fault(_ error: any Error, _ line: CallLine) -> Fault {
        (error as? Fault) ?? Fault(.tlsNoProfile, subject: line.caller.address)
    }

    // MARK: The end

    /// Ends all conversations and waits until whoever held them has let go.
    func stop() async {
        for line in table.close() {
            await line.end { $0.refuse("shutdown", Self.ended(line.caller)) }
        }
        await tasks.allEnded()
    }

    private static func ended(_ caller: Caller) -> Fault {
        Fault(.netClosed, subject: caller.address, detail: "the server ended")
    }
}
