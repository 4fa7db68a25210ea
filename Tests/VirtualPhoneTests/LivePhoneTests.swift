import DeploymentModel
import DeploymentTesting
import Foundation
import ManagementXML
import PhoneTransport
import Testing
import VirtualPhone

/// The same claims over phones in memory and over phones behind real TLS.
@Suite struct LivePhoneTests {
    private let password = SecretText("123456")
    private let write = ManagementAction.writeItems([Item(ItemKey("sntp-addr"), value: "192.0.2.1")])

    /// The code of what a body throws.
    private func code(_ body: () async throws -> Void) async -> StatusCode? {
        do { try await body() } catch { return (error as? Fault)?.code }
        return nil
    }

    @Test(arguments: TestPhones.Means.allCases)
    func oneConnection_identifies_reads_writesAndReadsBack(means: TestPhones.Means) async throws {
        try await TestPhones.with(means) { phones in
            let session = try await phones.session()
            let identity = try await session.perform(.identify, password: nil)
            #expect(identity.items.first?.value == "optipoint-410-standard-hfa")
            #expect(try await session.perform(.readAllItems, password: password).items.count > 10)
            #expect(try await session.perform(write, password: password).items.isEmpty)
            let back = try await session.perform(.readItems([ItemKey("sntp-addr")]), password: password)
            #expect(back.items == [Item(ItemKey("sntp-addr"), value: "192.0.2.1")])
            #expect(session.evidence.isAuthenticated)
            await session.close()
            #expect(phones.phone()?.value(of: ItemKey("sntp-addr")) == "192.0.2.1")
            if let counts = phones.counts() {
                #expect(counts.connections == 1)
                #expect(counts.handshakes == 1)
                #expect(counts.requests == 4)
                #expect(counts.writes == 1)
            }
        }
    }

    @Test(arguments: TestPhones.Means.allCases)
    func aNewPassword_countsFromTheNextRequestOn(means: TestPhones.Means) async throws {
        try await TestPhones.with(means) { phones in
            let session = try await phones.session()
            let change = ManagementAction.writeItems([Item(ItemKey("admin-pwd"), value: "87654321")])
            #expect(try await session.perform(change, password: password).items.isEmpty)
            #expect(await code { _ = try await session.perform(write, password: password) } == .phoneWrongPassword)
            #expect(try await session.perform(write, password: SecretText("87654321")).status == .accepted)
            await session.close()
        }
    }

    @Test(arguments: TestPhones.Means.allCases)
    func aRestart_dropsTheConnection_andThePhoneComesBackWithItsValues(means: TestPhones.Means) async throws {
        try await TestPhones.with(means) { phones in
            let session = try await phones.session()
            _ = try await session.perform(write, password: password)
            #expect(try await session.perform(.restart, password: password).status == .accepted)
            #expect(await code { _ = try await session.perform(.identify, password: nil) } != nil)
            await session.close()
            try await phones.waitForReturn()
            let again = try await phones.session()
            let status = try await again.perform(.status, password: nil).phoneStatus
            #expect(status?.bootCount == 2)
            await again.close()
            #expect(phones.phone()?.value(of: ItemKey("sntp-addr")) == "192.0.2.1")
            #expect(phones.counts().map { $0.restarts == 1 } != false)
        }
    }

    @Test(
        "a dial to a phone with a fault ends with its code",
        arguments: [
            (PhoneFault.refuses, StatusCode.netRefused), (.resetsHandshake, .netReset), (.silent, .tlsSilent),
            (.certificate(.expired), StatusCode("tls.expired")),
            (.certificate(.notYetValid), StatusCode("tls.not-yet-valid")),
            (.certificate(.foreign), StatusCode("tls.unknown-issuer")),
            (.certificate(.wrongSubject), StatusCode("tls.wrong-subject")), (.onlyTLS1_0, .tlsProtocolVersion),
            (.plain, .tlsPlainHTTP), (.absent(seconds: 86400), .netRefused),
        ], TestPhones.Means.allCases)
    func dialFault(fault: (PhoneFault, StatusCode), means: TestPhones.Means) async throws {
        let timeouts = ContactTimeouts(connect: 60, handshake: fault.0 == .silent ? 0.3 : 60, reply: 60)
        try await TestPhones.with(means, faults: [0: [fault.0]], timeouts: timeouts) { phones in
            #expect(await code { _ = try await phones.session() } == fault.1)
            #expect(phones.counts().map(\.requests) ?? 0 == 0)
        }
    }

    @Test(
        "a reply of a phone with a fault ends with its code",
        arguments: [
            (PhoneFault.closesInReply, [StatusCode.netClosed]), (.malformedXML, [.xmlMalformed]),
            (.oversized, [.httpTooLarge, .xmlTooLarge]), (.slow(seconds: 0.2), [.netSilent]),
        ], [TestPhones.Means.live])
    func replyFault(fault: (PhoneFault, [StatusCode]), means: TestPhones.Means) async throws {
        let isSlow = fault.1 == [.netSilent]
        let timeouts = ContactTimeouts(connect: 60, handshake: 60, reply: isSlow ? 0.5 : 60)
        try await TestPhones.with(means, faults: [0: [fault.0]], timeouts: timeouts) { phones in
            let session = try await phones.session()
            let seen = await code { _ = try await session.perform(.identify, password: nil) }
            #expect(seen.map(fault.1.contains) == true, "\(String(describing: seen))")
            await session.close()
        }
    }

    @Test(arguments: TestPhones.Means.allCases)
    func restartsOnWrite_losesTheAnswer_butTheValueIsThere(means: TestPhones.Means) async throws {
        try await TestPhones.with(means, faults: [0: [.restartsOnWrite]]) { phones in
            let session = try await phones.session()
            #expect(await code { _ = try await session.perform(write, password: password) } != nil)
            await session.close()
            try await phones.waitForReturn()
            let again = try await phones.session()
            let back = try await again.perform(.readItems([ItemKey("sntp-addr")]), password: password)
            #expect(back.items.first?.value == "192.0.2.1")
            #expect(try await again.perform(write, password: password).status == .accepted)
            await again.close()
        }
    }

    @Test(arguments: TestPhones.Means.allCases)
    func busyAndWrongPassword_areSaidOnTheLivingConnection(means: TestPhones.Means) async throws {
        try await TestPhones.with(
            means, count: 2, faults: [0: [.busy(seconds: 60)], 1: [.wrongPassword("99999999")]]
        ) { phones in
            let busy = try await phones.session(0)
            #expect(try await busy.perform(write, password: password).status == .busy)
            await busy.close()
            let locked = try await phones.session(1)
            #expect(await code { _ = try await locked.perform(write, password: password) } == .phoneWrongPassword)
            #expect(try await locked.perform(write, password: SecretText("99999999")).status == .accepted)
            await locked.close()
        }
    }

    @Test func afterThreeWrongPasswords_thePhoneAsksForPatience() async throws {
        try await TestPhones.with(.live) { phones in
            let session = try await phones.session()
            let wrong = SecretText("000000")
            for _ in 0..<2 {
                #expect(await code { _ = try await session.perform(write, password: wrong) } == .phoneWrongPassword)
            }
            let clock = ContinuousClock()
            let lastTry = clock.now
            #expect(await code { _ = try await session.perform(write, password: wrong) } == .phoneWrongPassword)
            let right = await code { _ = try await session.perform(write, password: password) }
            await session.close()
            #expect(phones.counts()?.wrongPasswords == 3)
            // The pause is one second; a machine that is slower than that has nothing to show.
            guard lastTry.duration(to: clock.now) < .seconds(1) else { return }
            #expect(right == .phoneBackOff)
            #expect(phones.counts()?.writes == 0)
        }
    }

    @Test func aTLSPhoneThatSpeaksPlain_sawNothingButTheHandshake() async throws {
        try await TestPhones.with(.live, faults: [0: [.plain]]) { phones in
            #expect(await code { _ = try await phones.session() } == .tlsPlainHTTP)
            #expect(phones.counts()?.requests == 0)
            #expect(phones.counts()?.badRequests == 1)
        }
    }
}
