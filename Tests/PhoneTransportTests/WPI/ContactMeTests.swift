import DeploymentModel
import Foundation
import Synchronization
import Testing

@testable import PhoneTransport

@Suite("Asking phones to call")
struct ContactMeTests {
    @Test("the place that a phone names is taken only if it is at the phone's own address")
    func uri() throws {
        let own = try #require(ContactMeURI("http://10.0.0.7:8085/contact_dls.html/ContactDLS", of: "10.0.0.7"))
        #expect(own.port == 8085 && !own.isTLS && own.path == "/contact_dls.html/ContactDLS")
        let bare = try #require(ContactMeURI("http://192.168.40.5:8085", of: "192.168.40.5"))
        #expect(bare.path == ContactMeURI.usualPath && bare.port == 8085)
        let secure = try #require(ContactMeURI("HTTPS://[fd00::7]/x", of: "fd00::7"))
        #expect(secure.isTLS && secure.port == 443 && secure.path == "/x")
        #expect(ContactMeURI("http://10.0.0.7", of: "10.0.0.7")?.port == 80)
    }

    @Test(
        "everything else is passed over",
        arguments: [
            "http://10.0.0.8:8085/", "ftp://10.0.0.7/", "http://user@10.0.0.7/", "http://10.0.0.7:0/",
            "http://10.0.0.7:99999/", "http://10.0.0.7/?x=y", "http://10.0.0.7/#a", "http://10.0.0.7.evil.example/",
            "http://10.0.0.7@evil.example/", "http://10.0.0.7\\@evil.example/", "//10.0.0.7/", "", "http://",
            "http://10.0.0.7/a\r\nX: y", "http://10.0.0.7/ b", "http://[10.0.0.7]x/",
            "http://10.0.0.7/" + String(repeating: "a", count: 255),
        ])
    func foreignURI(text: String) {
        #expect(ContactMeURI(text, of: "10.0.0.7") == nil)
    }

    @Test("a phone is asked again after a minute, then after its interval, within bounds")
    func rule() {
        #expect(ContactRule.gap(unanswered: 0, interval: 10_000) == 60)
        #expect(ContactRule.gap(unanswered: 1, interval: nil) == 60)
        #expect(ContactRule.gap(unanswered: 2, interval: nil) == 300)
        #expect(ContactRule.gap(unanswered: 9, interval: 90) == 90)
        #expect(ContactRule.gap(unanswered: 9, interval: 1) == 60)
        #expect(ContactRule.gap(unanswered: 9, interval: -.infinity) == 60)
        #expect(ContactRule.gap(unanswered: 9, interval: 1e9) == ContactRule.maximumGap)
    }

    @Test("of a thousand that want to ask one phone at one time, one may; a clock that was set back shuts nobody out")
    func oneOfMany() async throws {
        let time = Mutex(TestCertificates.now)
        let book = MemoryContactBook(now: { time.withLock { $0 } })
        let granted = try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<1000 {
                group.addTask { try await book.claimContactMe(at: TestServers.mac, gap: 60) == nil }
            }
            return try await group.reduce(into: 0) { count, isGranted in count += isGranted ? 1 : 0 }
        }
        #expect(granted == 1)
        time.withLock { $0 += 59 }
        #expect(try await book.claimContactMe(at: TestServers.mac, gap: 60) == TestCertificates.now + 60)
        time.withLock { $0 += 1 }
        #expect(try await book.claimContactMe(at: TestServers.mac, gap: 60) == nil)
        time.withLock { $0 -= 86_400 }
        #expect(try await book.claimContactMe(at: TestServers.mac, gap: 60) == nil)
    }

    @Test("a range is asked at the pace that is wanted, each address once, and what became of each is told")
    func sweep() async throws {
        let bell = try await doorbell()
        let time = Mutex((now: TestCertificates.now, slept: 0.0))
        let clock = ContactClock(
            now: { time.withLock { $0.now } },
            sleep: { seconds in
                time.withLock { time in
                    time.now += seconds
                    time.slept += seconds
                }
            })
        let sweep = ContactSweep(loops: TestLoops.shared, book: MemoryContactBook(now: clock.now), clock: clock)
        var outcomes: [ContactSweep.Outcome: Int] = [:]
        try await sweep.run(
            over: Array(repeating: "127.0.0.1", count: 21), port: bell.port,
            callBack: ContactMe.CallBack(address: nil, port: 18443),
            pace: ContactSweep.Pace(contacts: 4, addressesPerSecond: 10), timeouts: .patient
        ) { _, outcome in outcomes[outcome, default: 0] += 1 }
        #expect(outcomes == [.asked: 1, .tooEarly: 20])
        // Twenty times a tenth of a second after the first.
        #expect(abs(time.withLock { $0.slept } - 2) < 0.01)
        await bell.stop()
    }
}
