import DeploymentModel
import DeploymentTesting
import Foundation
import ManagementXML
import Synchronization
import Testing
import TLSMaterial

@testable import PhoneTransport

/// A clock that runs only when somebody sleeps: each sleep is noted and ends when the test says so.
private final class TestClock: Sendable {
    private struct State {
        var now = Date(timeIntervalSince1970: 1_800_000_000)
    }

    private let state = Mutex(State())
    private let feed: AsyncStream<Double>.Continuation
    let sleeps: AsyncStream<Double>
    /// Whether a sleep passes by itself.
    private let runs: Bool

    init(runs: Bool) {
        self.runs = runs
        (sleeps, feed) = AsyncStream.makeStream()
    }

    var book: MemoryContactBook { MemoryContactBook(now: clock.now) }

    var clock: ContactClock {
        ContactClock(
            now: { self.state.withLock { $0.now } },
            sleep: { seconds in
                self.feed.yield(seconds)
                if self.runs {
                    self.state.withLock { $0.now += seconds }
                    try Task.checkCancellation()
                } else {
                    try await Task.sleep(for: .seconds(600))
                }
            })
    }
}

private func target(
    _ bell: TestServer?, security: PhoneTarget.Security = .plain, mac: MACAddress? = TestServers.phone
) -> PhoneTarget {
    PhoneTarget(
        address: "127.0.0.1", port: bell?.port ?? 1, security: security, timeouts: .patient,
        managementProtocol: .wpi, mac: mac)
}

/// A wait that has come so far that it sleeps; nothing listens for contact-me.
private func waitForCall(at server: WPIServer) async -> Task<any PhoneSession, any Error> {
    let clock = TestClock(runs: false)
    let dialer = WPIDialer(server: server, clock: clock.clock)
    let session = Task { try await dialer.session(with: target(nil)) }
    for await _ in clock.sleeps { break }
    return session
}

@Suite("Waiting for a phone", .timeLimit(.minutes(5)))
struct DialerTests {
    @Test("asks it by contact-me to call this server, and gets its session")
    func knocks() async throws {
        let server = try await TestServers.start()
        let bell = try await doorbell()
        let dialer = WPIDialer(server: server, clock: TestClock(runs: false).clock)
        let session = Task { try await dialer.session(with: target(bell)) }
        let request = try #require(await bell.nextRequest())
        #expect(request.head.hasPrefix("POST /contact_dls.html/ContactDLS HTTP/1.1\r\n"))
        #expect(request.header("Content-Type") == "application/x-www-form-urlencoded; charset=utf-8")
        #expect(
            String(decoding: request.body, as: UTF8.self)
                == "ContactMe=true&dls_ip_addr=127.0.0.1&dls_ip_port=\(server.port)")
        let phone = try await RawPhone.call(server.port)
        try await phone.send(RawPhone.request(RawPhone.message("solicited", nonce: "A", mac: TestServers.mac)))
        let open = try await session.value
        #expect(!open.evidence.isAuthenticated && open.evidence.tlsVersion == "1.3")
        let identity = try await open.perform(.identify, password: nil)
        #expect(identity.items.first?.value == TestServers.mac)
        await open.close()
        let end = try #require(await phone.next())
        #expect(try WPI.decodeServerMessage(end.body).action == .cleanUp)
        await server.stop()
        await bell.stop()
        await phone.close()
    }

    @Test("is served by a call that the phone makes by itself, and whoever notes calls hears of it first")
    func callsByItself() async throws {
        let receiver = TestReceiver()
        let server = try await TestServers.start(receiver)
        let session = await waitForCall(at: server)
        let phone = try await RawPhone.call(server.port)
        try await phone.send(RawPhone.request(RawPhone.message("start-up", nonce: "A", mac: TestServers.mac)))
        let open = try await session.value
        #expect(receiver.noted == [TestServers.phone])
        let status = try await open.perform(.status, password: nil)
        #expect(status.phoneStatus?.bootCount == 1)
        await open.close()
        #expect(await phone.next()?.status == 200)
        await server.stop()
        await phone.close()
    }

    @Test("asks it where it says that it listens only if it was let in, and called from there")
    func saidPlaces() async throws {
        let receiver = TestReceiver(refusal: { call in
            call.opening.nonce == "A" ? Fault(.callRefused, subject: call.address) : nil
        })
        let server = try await TestServers.start(receiver)
        let uris = [
            ("A", "http://127.0.0.1:99/a"), ("B", "http://10.0.0.7:99/b"), ("C", "http://127.0.0.1:99/c"),
        ]
        var believed: [String?] = []
        for (nonce, uri) in uris {
            let phone = try await RawPhone.call(server.port)
            let items = "<Item name=\"contact-me-uri\">\(uri)</Item>"
            try await phone.send(
                RawPhone.request(RawPhone.message("start-up", nonce: nonce, mac: TestServers.mac, items: items)))
            #expect(await phone.next()?.status == 200)
            believed.append(server.board.phones.phone(TestServers.phone).uri)
            await phone.close()
        }
        #expect(believed == [nil, nil, "http://127.0.0.1:99/c"])
        await server.stop()
    }

    @Test("asks once more after a minute, then only after the phone's interval, and ends with the deadline")
    func schedule() async throws {
        let server = try await TestServers.start()
        let bell = try await doorbell()
        let clock = TestClock(runs: true)
        let dialer = WPIDialer(
            server: server, book: clock.book, timing: CallTiming(deadline: 500), clock: clock.clock)
        let fault = await fault { try await dialer.session(with: target(bell)) }
        #expect(fault?.code == .phoneDidNotCall)
        var sleeps: [Double] = []
        for await seconds in clock.sleeps {
            sleeps.append(seconds)
            if sleeps.count == 3 { break }
        }
        #expect(sleeps == [60, 300, 140])
        for _ in 0..<3 { #expect(await bell.nextRequest() != nil) }
        await server.stop()
        await bell.stop()
    }

    @Test("tells of a call under its name that was refused, when no other one comes")
    func refusedCall() async throws {
        let receiver = TestReceiver(refusal: { Fault(.callRefused, subject: $0.address, detail: "it is another") })
        let server = try await TestServers.start(receiver)
        let waiter = Waiter(target(nil))
        server.board.waiting.enter(waiter)
        let phone = try await RawPhone.call(server.port)
        let answer = try await phone.post(RawPhone.message("start-up", nonce: "A", mac: TestServers.mac))
        #expect(answer?.text(of: "cleanup-reason") == "refused")
        #expect(waiter.remark?.hasSuffix("refused: it is another") == true && waiter.refusal == nil)
        await server.stop()
        await phone.close()
    }

    @Test("is not served by a call in which it gives up, but told of it")
    func callToGiveUp() async throws {
        let receiver = TestReceiver()
        let server = try await TestServers.start(receiver)
        let waiter = Waiter(target(nil))
        server.board.waiting.enter(waiter)
        let phone = try await RawPhone.call(server.port)
        let items = #"<Item name="cleanup-reason">password retries exceeded</Item>"#
        let message = RawPhone.message("clean-up", nonce: "A", mac: TestServers.mac, items: items)
        #expect(try await phone.post(message)?.action == .cleanUp)
        #expect(receiver.noted == [TestServers.phone])
        #expect(waiter.remark == "it gives up: password retries exceeded")
        await server.stop()
        await phone.close()
    }

    @Test("makes a pause between two requests and ends with the deadline, also by a book that permits any number")
    func generousBook() async throws {
        struct GenerousBook: ContactBook {
            func claimContactMe(at place: String, gap: Double) async throws -> Date? { nil }
            func withdrawContactMe(at place: String) async throws {}
        }
        let server = try await TestServers.start()
        let bell = try await doorbell()
        let clock = TestClock(runs: true)
        let dialer = WPIDialer(
            server: server, book: GenerousBook(), timing: CallTiming(deadline: 0.25), clock: clock.clock)
        #expect(await fault { try await dialer.session(with: target(bell)) }?.code == .phoneDidNotCall)
        var sleeps: [Double] = []
        for await seconds in clock.sleeps {
            sleeps.append(seconds)
            if sleeps.count == 3 { break }
        }
        #expect(sleeps.allSatisfy { (0.1..<0.11).contains($0) })
        for _ in 0..<3 { #expect(await bell.nextRequest() != nil) }
        await server.stop()
        await bell.stop()
    }

    @Test("does not ask a phone that was asked less than a minute ago, not even after a failure")
    func respectsTheBook() async throws {
        let server = try await TestServers.start()
        let bell = try await doorbell()
        let clock = TestClock(runs: true)
        let dialer = WPIDialer(
            server: server, book: clock.book, timing: CallTiming(deadline: 30, unreachableDeadline: 10),
            clock: clock.clock)
        #expect(await fault { try await dialer.session(with: target(nil)) }?.code == .netRefused)
        #expect(
            await fault { try await dialer.session(with: target(bell)) }
                == Fault(.phoneAskedRecently, subject: "127.0.0.1", detail: "it may be asked in 20 s"))
        #expect(await fault { try await dialer.session(with: target(bell)) }?.code == .phoneDidNotCall)
        #expect(await bell.nextRequest() != nil)
        await server.stop()
        await bell.stop()
    }

    @Test("says of a phone of which no more than the MAC address is known that nobody could ask it")
    func cannotAsk() async throws {
        let server = try await TestServers.start()
        let dialer = WPIDialer(server: server, clock: TestClock(runs: true).clock)
        let nameless = PhoneTarget(
            address: TestServers.phone.description, port: 8085, security: .plain, timeouts: .patient,
            managementProtocol: .wpi, mac: TestServers.phone)
        #expect(await fault { try await dialer.session(with: nameless) }?.code == .phoneNotAsked)
        await server.stop()
    }

    @Test("tells when another phone called from the address that was asked, but not where several are waited for")
    func anotherPhone() async throws {
        let server = try await TestServers.start()
        let time = TestClock(runs: true).clock
        // While the first one is waited for, another one calls.
        let clock = ContactClock(
            now: time.now,
            sleep: { seconds in
                let phone = try await RawPhone.call(server.port)
                let opening = RawPhone.message("solicited", nonce: UUID().uuidString, mac: "00:1A:E8:00:00:99")
                #expect(try await phone.post(opening)?.action == .cleanUp)
                await phone.close()
                try await time.sleep(seconds)
            })
        let bell = try await doorbell()
        let dialer = WPIDialer(server: server, timing: CallTiming(deadline: 30), clock: clock)
        let told = await fault { try await dialer.session(with: target(bell)) }
        #expect(told?.code == .callAnotherPhone && told?.detail == "its MAC address is 00:1A:E8:00:00:99")
        let neighbour = Waiter(target(bell, mac: MACAddress(value: 7)))
        server.board.waiting.enter(neighbour)
        let patient = WPIDialer(server: server, timing: CallTiming(deadline: 30), clock: clock)
        #expect(await fault { try await patient.session(with: target(bell)) }?.code == .phoneDidNotCall)
        #expect(neighbour.stranger == nil)
        server.board.waiting.leave(neighbour)
        await server.stop()
        await bell.stop()
    }

    @Test("an answer other than 204 is told when the phone does not call", arguments: [200, 404, 500])
    func wrongAnswer(status: Int) async throws {
        let server = try await TestServers.start()
        let bell = try await doorbell(status)
        let dialer = WPIDialer(
            server: server, timing: CallTiming(deadline: 30, unreachableDeadline: 30),
            clock: TestClock(runs: true).clock)
        let fault = await fault { try await dialer.session(with: target(bell)) }
        #expect(fault?.code == .httpStatus && fault?.detail == "\(status), where 204 is expected")
        await server.stop()
        await bell.stop()
    }

    @Test(
        "a look at a phone that does not answer the request waits for its call all the same", arguments: [true, false])
    func unansweredRequest(calls: Bool) async throws {
        let server = try await TestServers.start()
        let bell = try await TestServer.start(TestLoops.shared.group, .requests { _ in .silence })
        let probe = ContactMeProbe(
            server: server, book: TestClock(runs: false).book, patience: calls ? 600 : 0)
        let look = Task {
            try await probe.contact(
                address: "127.0.0.1", port: bell.port, tls: false, profiles: [], timeouts: .unanswered)
        }
        _ = try #require(await bell.nextRequest())
        if calls {
            let phone = try await RawPhone.call(server.port)
            try await phone.send(RawPhone.request(RawPhone.message("solicited", nonce: "A", mac: TestServers.mac)))
            #expect(try await look.value.fault == nil)
            await phone.close()
        } else {
            let fault = try await look.value.fault
            #expect(fault?.code == .phoneDidNotCall && fault?.detail == "it did not answer the request either")
        }
        await server.stop()
        await bell.stop()
    }

    @Test("can be cancelled at any time, and a call afterwards is nobody's")
    func cancelled() async throws {
        let receiver = TestReceiver()
        let server = try await TestServers.start(receiver)
        let session = await waitForCall(at: server)
        #expect(server.board.waiting.isAwaited(TestServers.phone))
        session.cancel()
        await #expect(throws: CancellationError.self) { try await session.value }
        #expect(!server.board.waiting.isAwaited(TestServers.phone))
        let phone = try await RawPhone.call(server.port)
        #expect(
            try await phone.post(RawPhone.message("start-up", nonce: "A", mac: TestServers.mac))?.action == .cleanUp)
        var calls = receiver.received.makeAsyncIterator()
        #expect(await calls.next()?.mac == TestServers.phone)
        await server.stop()
        await phone.close()
    }

    @Test("a session whose question is cancelled is let go by a clean-up at the phone's next message")
    func cancelledQuestion() async throws {
        let server = try await TestServers.start()
        let bell = try await doorbell()
        let dialer = WPIDialer(server: server, clock: TestClock(runs: false).clock)
        let work = Task {
            let session = try await dialer.session(with: target(bell))
            _ = try await session.perform(.readAllItems, password: nil)
        }
        #expect(await bell.nextRequest() != nil)
        let phone = try await RawPhone.call(server.port)
        #expect(
            try await phone.post(RawPhone.message("solicited", nonce: "A", mac: TestServers.mac))?.action
                == .readAllItems)
        work.cancel()
        await #expect(throws: CancellationError.self) { try await work.value }
        #expect(try await phone.post(RawPhone.reply(to: "ReadAllItems", nonce: "B"))?.action == .cleanUp)
        await server.stop()
        await bell.stop()
        await phone.close()
    }

    @Test("a phone behind address translation polls, and hears that something waits for it only while it does")
    func polling() async throws {
        let server = try await TestServers.start(pollPort: 0)
        let port = try #require(server.pollPort)
        func ask(_ mac: String) async throws -> Int? {
            let phone = try await RawPhone.call(port, isTLS: false)
            try await phone.send("GET /dcmp/contact-me?device-id=\(mac) HTTP/1.1\r\nHost: x\r\n\r\n")
            let status = await phone.next()?.status
            await phone.close()
            return status
        }
        #expect(try await ask(TestServers.mac) == 200)
        let session = await waitForCall(at: server)
        #expect(try await ask(TestServers.mac.lowercased()) == 202)
        #expect(try await ask("00%3A1A%3AE8%3A12%3A34%3A56") == 202)
        #expect(try await ask("00:1A:E8:00:00:99") == 200)
        #expect(try await ask("nonsense") == 400)
        session.cancel()
        _ = await session.result
        #expect(try await ask(TestServers.mac) == 200)
        #expect(server.counts.polls == 5 && server.counts.pollsAnsweredYes == 2)
        await server.stop()
    }
}
