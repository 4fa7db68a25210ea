import DeploymentModel
import ManagementXML
import Testing

@testable import VirtualPhone

/// A registrar in the hand of the test, and a clock that stands still.
private struct Bench {
    var machine: RegistrationMachine
    var now = 1000.0
    var sent: [SIPMessage] = []
    var connects = 0
    var disconnects = 0

    init(_ change: (inout SIPAccount) -> Void = { _ in }, seed: UInt64 = 1) {
        var account = SIPAccount(
            host: "sip.test", port: 5061, user: "47#11", authenticationUser: "anna", password: SecretText("geheim"),
            realm: nil, expires: 3660, backOff: 60, patience: 32, ownHost: "127.0.0.9", ownPort: 5060,
            userAgent: "optiPoint/V1")
        change(&account)
        machine = RegistrationMachine(account: account, seed: seed)
        carryOut(machine.start(after: 0, at: now))
    }

    var last: SIPMessage? { sent.last }

    mutating func carryOut(_ orders: [RegistrationMachine.Order]) {
        for order in orders {
            switch order {
            case .connect: connects += 1
            case .disconnect: disconnects += 1
            case .send(let bytes):
                var reader = SIPReader()
                reader.append(bytes)
                if let message = try? reader.next() { sent.append(message) }
            }
        }
    }

    mutating func open() {
        carryOut(machine.connected(at: now))
        carryOut(machine.secured(at: now))
    }

    /// Answers the newest request.
    mutating func answer(_ status: String, _ fields: [String] = [], branch: String? = nil, body: String = "") {
        guard let last else { return }
        let echoed = ["via", "from", "to", "call-id", "cseq"].compactMap { name in last[name].map { "\(name): \($0)" } }
        let lines = ["SIP/2.0 \(status)"] + echoed + fields + ["Content-Length: \(body.utf8.count)", "", body]
        var text = lines.joined(separator: "\r\n")
        if let branch { text = text.replacing(last.branch ?? "", with: branch) }
        hear(text)
    }

    mutating func hear(_ text: String) {
        var reader = SIPReader()
        reader.append(text.utf8)
        if let message = try? reader.next() { carryOut(machine.received(message, at: now)) }
    }

    mutating func register(granted: Int = 3600) {
        open()
        answer("200 OK", ["Expires: \(granted)"])
    }

    /// Lets the time pass until the machine wants to be called.
    mutating func ring() {
        guard let deadline = machine.deadline else { return }
        now = deadline
        carryOut(machine.timePassed(at: now))
    }

    static let challenge = "WWW-Authenticate: Digest realm=\"r\", nonce=\"1\", qop=\"auth\""
}

@Suite("A registration is made, kept and taken back") struct RegistrationMachineTests {
    @Test func theRequest_hasAllThatTheStandardAsksFor() throws {
        var bench = Bench()
        bench.open()
        let request = try #require(bench.last)
        #expect(request.start == .request(method: "REGISTER", uri: "sip:sip.test"))
        #expect(request["to"] == "<sip:47%2311@sip.test>")
        #expect(request["from"]?.hasPrefix("<sip:47%2311@sip.test>;tag=") == true)
        #expect(request["contact"] == "<sip:47%2311@127.0.0.9:5060;transport=tls>")
        #expect(request["via"]?.hasPrefix("SIP/2.0/TLS 127.0.0.9:5060;branch=z9hG4bK") == true)
        #expect(request["max-forwards"] == "70" && request["expires"] == "3660" && request["cseq"] == "1 REGISTER")
        #expect(request["authorization"] == nil)
    }

    @Test func aTimerOfZero_sendsNoExpires() {
        var bench = Bench { $0.expires = nil }
        bench.open()
        #expect(bench.last?["expires"] == nil)
        bench.answer("200 OK", ["Contact: <sip:47%2311@127.0.0.9:5060;transport=tls>;expires=600"])
        #expect(bench.machine.deadline == bench.now + 540)
    }

    @Test func nothingIsSaid_beforeTheHandshakeIsComplete() {
        var bench = Bench()
        bench.carryOut(bench.machine.connected(at: bench.now))
        #expect(bench.sent.isEmpty)
        bench.carryOut(bench.machine.lost("tls.unknown-issuer: x", at: bench.now))
        #expect(bench.sent.isEmpty && bench.machine.status == TelephonyState(.failed, reason: "tls.unknown-issuer: x"))
    }

    @Test func aChallenge_isAnswered_andItsNonceServesForTheRefresh() {
        var bench = Bench()
        bench.open()
        bench.answer("401 Unauthorized", [Bench.challenge])
        #expect(bench.last?["authorization"]?.contains("nc=00000001") == true)
        #expect(bench.last?["cseq"] == "2 REGISTER")
        bench.answer("200 OK", ["Expires: 3600"])
        #expect(bench.machine.status == TelephonyState(.registered))
        bench.ring()
        #expect(bench.now == 1000 + 3540)
        #expect(bench.last?["authorization"]?.contains("nc=00000002") == true)
        // A server that has forgotten its nonces asks again, and is answered once.
        bench.answer("401 Unauthorized", [Bench.challenge.replacing("\"1\"", with: "\"2\"")])
        #expect(bench.last?["authorization"]?.contains("nc=00000001") == true)
        bench.answer("200 OK", ["Expires: 3600"])
        #expect(bench.machine.status == TelephonyState(.registered) && bench.connects == 1)
    }

    @Test func aProxyAndAServer_mayBothAsk() {
        var bench = Bench()
        bench.open()
        bench.answer("407 Proxy Authentication Required", [Bench.challenge.replacing("WWW", with: "Proxy")])
        bench.answer("401 Unauthorized", [Bench.challenge])
        #expect(bench.last?["authorization"] != nil && bench.last?["proxy-authorization"] != nil)
        bench.answer("200 OK")
        #expect(bench.machine.status == TelephonyState(.registered))
    }

    @Test func aSecondChallenge_meansAWrongPassword_unlessTheNonceWasTooOld() {
        var bench = Bench()
        bench.open()
        bench.answer("401 Unauthorized", [Bench.challenge])
        bench.answer("401 Unauthorized", [Bench.challenge + ", stale=true"])
        #expect(bench.machine.phase == .asking)
        bench.answer("401 Unauthorized", [Bench.challenge])
        #expect(bench.machine.status.reason == "401: the server refused user 'anna' or the password")
        #expect(bench.disconnects == 1)
    }

    @Test func aServerThatAsksForever_getsNoEndlessAnswers() {
        var bench = Bench()
        bench.open()
        for _ in 0..<50 { bench.answer("401 Unauthorized", [Bench.challenge + ", stale=true"]) }
        #expect(bench.sent.count == 4 && bench.machine.status.registration == .failed)
    }

    @Test func anotherRealm_andAnEmptyPassword_giveNothingAway() {
        var bench = Bench { $0.realm = "mine" }
        bench.open()
        bench.answer("401 Unauthorized", [Bench.challenge])
        #expect(bench.machine.status.reason == "401: the server asks for realm 'r', the phone has 'mine'")
        var poor = Bench { $0.password = SecretText("") }
        poor.open()
        poor.answer("401 Unauthorized", [Bench.challenge])
        #expect(poor.machine.status.reason == "401: the server wants a password, the phone has none")
        #expect(bench.sent.count == 1 && poor.sent.count == 1)
    }

    @Test func tooShortATime_isMadeLonger_once() {
        var bench = Bench { $0.expires = 60 }
        bench.open()
        bench.answer("423 Interval Too Brief", ["Min-Expires: 300"])
        #expect(bench.last?["expires"] == "300")
        bench.answer("423 Interval Too Brief", ["Min-Expires: 300"])
        #expect(bench.machine.status == TelephonyState(.failed, reason: "the server answered 423 Interval Too Brief"))
    }

    @Test(arguments: ["403 Forbidden", "404 Not Found", "302 Moved Temporarily", "503 Service Unavailable", "600 Busy"])
    func everyOtherAnswer_isTheReason(status: String) {
        var bench = Bench()
        bench.open()
        bench.answer("100 Trying")
        #expect(bench.machine.phase == .asking)
        bench.answer(status)
        #expect(bench.machine.status == TelephonyState(.failed, reason: "the server answered \(status)"))
    }

    @Test func answersToAnotherRequest_areNotBelieved() {
        var bench = Bench()
        bench.open()
        bench.answer("200 OK", branch: "z9hG4bKother")
        #expect(bench.machine.phase == .asking)
    }

    @Test func silence_isNamedByWhereItBegan() {
        var bench = Bench()
        bench.ring()
        #expect(bench.machine.status.reason?.hasPrefix("net.silent") == true)
        bench.ring()
        bench.carryOut(bench.machine.connected(at: bench.now))
        bench.ring()
        #expect(bench.machine.status.reason?.hasPrefix("tls.silent") == true)
        bench.ring()
        bench.open()
        let asked = bench.now
        bench.ring()
        #expect(bench.now == asked + 32)
        #expect(bench.machine.status.reason == "net.silent: no answer to REGISTER")
    }

    @Test(arguments: UInt64(1)...20) func pauses_grow_haveABound_andBeginAnewAfterASuccess(seed: UInt64) {
        var bench = Bench(seed: seed)
        var most = 60.0
        for _ in 0..<12 {
            let failed = bench.now
            bench.carryOut(bench.machine.lost("net.refused", at: bench.now))
            bench.ring()
            #expect(bench.now - failed >= most / 2 && bench.now - failed <= most)
            most = min(most * 2, 1800)
        }
        bench.register()
        bench.carryOut(bench.machine.lost("net.closed", at: bench.now))
        #expect(bench.machine.status == TelephonyState(.registering, reason: "net.closed"))
        let lost = bench.now
        bench.ring()
        #expect(bench.now - lost <= 5)
        bench.carryOut(bench.machine.lost("net.refused", at: bench.now))
        #expect((bench.machine.deadline ?? 0) - bench.now <= 60)
    }

    @Test func pausesOfDifferentPhones_differ() {
        let pauses = (UInt64(1)...50).map { seed in
            var bench = Bench(seed: seed)
            bench.carryOut(bench.machine.lost("net.refused", at: bench.now))
            return bench.machine.deadline
        }
        #expect(Set(pauses).count == 50)
    }

    @Test func aServerThatWantsAPause_getsIt_withinTheBound() {
        var bench = Bench()
        bench.open()
        bench.answer("503 Service Unavailable", ["Retry-After: 600"])
        #expect(bench.machine.deadline == bench.now + 600)
        bench.ring()
        bench.open()
        bench.answer("503 Service Unavailable", ["Retry-After: 4000000000"])
        #expect(bench.machine.deadline == bench.now + 1800)
    }

    @Test func shortTimes_areRefreshedWhenHalfOver() {
        for (granted, pause) in [(3600, 3540.0), (121, 61), (120, 60), (60, 30), (2, 1), (1, 0.5)] {
            #expect(RegistrationMachine.refreshAfter(Double(granted)) == pause)
        }
        var bench = Bench()
        bench.register(granted: 0)
        #expect(bench.machine.status.registration == .failed)
    }

    @Test func stopping_takesTheRegistrationBack_andWaitsForNobodyForLong() {
        var bench = Bench()
        bench.register()
        bench.carryOut(bench.machine.stop(at: bench.now))
        #expect(bench.last?["expires"] == "0" && bench.machine.phase == .leaving)
        bench.answer("401 Unauthorized", [Bench.challenge])
        #expect(bench.last?["authorization"] != nil && bench.last?["expires"] == "0")
        bench.answer("200 OK")
        #expect(bench.machine.phase == .ended && bench.machine.deadline == nil && bench.disconnects == 1)

        var silent = Bench()
        silent.register()
        silent.carryOut(silent.machine.stop(at: silent.now))
        silent.ring()
        #expect(silent.machine.phase == .ended && silent.now == 1002)

        var unknown = Bench()
        unknown.carryOut(unknown.machine.stop(at: unknown.now))
        #expect(unknown.machine.phase == .ended && unknown.sent.isEmpty)
    }

    @Test func aServersQuestions_areAnswered() {
        var bench = Bench()
        bench.register()
        let tail = [
            " sip:47@x SIP/2.0", "Via: SIP/2.0/TLS a;branch=b", "From: <sip:a>;tag=1", "To: <sip:b>", "Call-ID: c",
            "CSeq: 1 X", "Content-Length: 0", "", "",
        ].joined(separator: "\r\n")
        bench.hear("OPTIONS" + tail)
        #expect(bench.last?.start == .response(status: 200, reason: "OK"))
        #expect(bench.last?["to"]?.hasPrefix("<sip:b>;tag=") == true)
        bench.hear("INVITE" + tail)
        #expect(bench.last?.start == .response(status: 405, reason: "Method Not Allowed"))
        let count = bench.sent.count
        bench.hear("ACK" + tail)
        #expect(bench.sent.count == count)
        #expect(bench.machine.status == TelephonyState(.registered))
    }
}
