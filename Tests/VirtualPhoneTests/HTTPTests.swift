import DeploymentModel
import DeploymentTesting
import Foundation
import ManagementXML
import ProcessTesting
import Testing
import VirtualPhone

/// What a phone answers to sound and unsound HTTP, over a bare socket.
@Suite struct HTTPTests {
    private static let identify = String(
        decoding: DirectXML.encode(ManagementRequest(id: "r1", action: .identify)), as: UTF8.self)

    private func withPhone(
        limits: ConnectionLimits = ConnectionLimits(), faults: FaultPlan = FaultPlan(), type: PhoneType? = nil,
        _ test: (VirtualPhoneInfo, VirtualFleet) async throws -> Void
    ) async throws {
        let type = type ?? .make(id: .testPlain, tls: false)
        let fleet = try await VirtualFleet.start(
            FleetConfiguration(
                count: 1, types: [.init(type.id)], listenRange: try ListenRange(parsing: "127.9.2.1"), port: 0,
                faults: faults, limits: limits),
            catalogue: Catalogue(types: [type]))
        var failure: (any Error)?
        do { try await test(fleet.phones[0], fleet) } catch { failure = error }
        await fleet.shutdown()
        if let failure { throw failure }
    }

    private func post(_ body: String, path: String = "/management", close: Bool = true, more: String = "") -> String {
        "POST \(path) HTTP/1.1\r\nHost: x\r\nContent-Type: application/xml\r\n\(more)"
            + (close ? "Connection: close\r\n" : "") + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    private func ask(_ phone: VirtualPhoneInfo, _ text: String, patience: Double = 20) async -> RawClient.Exchange {
        await RawClient.exchange(phone.address, phone.port, text, patience: patience)
    }

    @Test func identify_isAnswered_withAChallengeInHand() async throws {
        try await withPhone { phone, _ in
            let answer = await ask(phone, post(Self.identify))
            #expect(answer.text.hasPrefix("HTTP/1.1 200 OK\r\n"))
            #expect(answer.text.contains("WWW-Authenticate: Digest realm=\"phonefleet-management\""))
            #expect(answer.end == .closed)
        }
    }

    @Test func severalRequestsOnOneConnection_areAnsweredInOrder_alsoWhenTheyComeAtOnce() async throws {
        try await withPhone { phone, fleet in
            let first = post(Self.identify, close: false)
            let answer = await ask(phone, first + first + post(Self.identify))
            #expect(answer.text.components(separatedBy: "HTTP/1.1 200 OK").count == 4)
            #expect(fleet.state(of: phone.address)?.counts.requests == 3)
        }
    }

    @Test func aRequestInSingleBytes_isUnderstood() async throws {
        try await withPhone { phone, _ in
            let pieces = post(Self.identify).utf8.map { [$0] }
            let answer = await RawClient.exchange(phone.address, phone.port, pieces)
            #expect(answer.text.hasPrefix("HTTP/1.1 200 OK\r\n"))
        }
    }

    @Test(
        "what is no sound request is answered with its status, then the connection is closed",
        arguments: [
            ("\u{16}\u{03}\u{01}", "400"), ("GET /\r\n\r\n", "400"), ("GET / HTTP/1.1\r\n\r\n", "400"),
            ("GET  / HTTP/1.1\r\nHost: x\r\n\r\n", "400"), ("GET / HTTP/1.1\nHost: x\n\n", "400"),
            ("GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", "400"), ("GET / HTTP/1.1\r\nHost : x\r\n\r\n", "400"),
            ("GET / HTTP/1.1\r\nHost: x\r\n folded\r\n\r\n", "400"), ("GET / HTTP/2.0\r\nHost: x\r\n\r\n", "505"),
            ("POST /management HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n1", "400"),
            ("POST /management HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n1", "400"),
            ("POST /management HTTP/1.1\r\nHost: x\r\nContent-Length: 0x1\r\n\r\n1", "400"),
            ("POST /management HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "411"),
            ("POST /management HTTP/1.1\r\nHost: x\r\n\r\n", "411"),
            ("POST /management HTTP/1.1\r\nHost: x\r\nContent-Length: 1048577\r\n\r\n", "413"),
            ("POST /management HTTP/1.1\r\nHost: x\r\nContent-Length: 999999999999\r\n\r\n", "413"),
        ])
    func unsound(request: String, status: String) async throws {
        try await withPhone { phone, fleet in
            let answer = await ask(phone, request)
            #expect(answer.text.hasPrefix("HTTP/1.1 \(status) "), "\(answer.text)")
            #expect(answer.end == .closed)
            let body = answer.text.components(separatedBy: "\r\n\r\n").dropFirst().joined()
            #expect(DirectXML.decodeRefusal(Array(body.utf8)) != nil)
            #expect(fleet.state(of: phone.address)?.counts.requests == 0)
            #expect(fleet.state(of: phone.address)?.counts.badRequests == 1)
        }
    }

    @Test func anEndlessHead_isCutOff() async throws {
        try await withPhone { phone, _ in
            let answer = await ask(phone, "GET / HTTP/1.1\r\nX: " + String(repeating: "a", count: 1 << 20))
            #expect(answer.text.hasPrefix("HTTP/1.1 431 ") || answer.end == .reset)
            let lines = await ask(phone, "GET / HTTP/1.1\r\n" + String(repeating: "a:b\r\n", count: 101) + "\r\n")
            #expect(lines.text.hasPrefix("HTTP/1.1 431 "))
        }
    }

    @Test func wrongPathMethodAndType_haveTheirStatus_andTheConnectionGoesOn() async throws {
        try await withPhone { phone, _ in
            let text =
                post("", path: "/nowhere", close: false) + "DELETE /management HTTP/1.1\r\nHost: x\r\n\r\n"
                + "POST /management HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: 1\r\n\r\nx"
                + "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
            let statuses = await ask(phone, text).text.components(separatedBy: "HTTP/1.1 ").map { $0.prefix(3) }
            #expect(statuses == ["", "404", "405", "415", "200"])
        }
    }

    @Test func badXML_isAnsweredWithLineAndReason_andTheConnectionGoesOn() async throws {
        try await withPhone { phone, fleet in
            let bad = Self.identify.replacingOccurrences(of: "Identify", with: "Identifie")
            let answer = await ask(
                phone, post("<!DOCTYPE x>", close: false) + post(bad, close: false) + post(Self.identify))
            let statuses = answer.text.components(separatedBy: "HTTP/1.1 ").map { $0.prefix(3) }
            #expect(statuses == ["", "400", "400", "200"])
            #expect(fleet.state(of: phone.address)?.counts.badRequests == 2)
        }
    }

    @Test func thePhonesPage_needsNoPassword_isEscaped_andShowsNoSecret() async throws {
        try await withPhone { phone, fleet in
            fleet.set(ItemKey("e164"), to: "<script>alert(1)</script>", at: phone.address)
            fleet.set(ItemKey("user-pwd"), to: "opensesame", at: phone.address)
            let page = await ask(phone, "GET / HTTP/1.0\r\n\r\n")
            #expect(page.text.contains("&lt;script&gt;"))
            #expect(!page.text.contains("<script>"))
            #expect(!page.text.contains("opensesame"))
            #expect(page.text.contains(phone.mac.description))
            let head = await ask(phone, "HEAD / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            #expect(head.text.hasPrefix("HTTP/1.1 200 OK"))
            #expect(head.text.hasSuffix("\r\n\r\n"))
            let settings = await ask(phone, "GET /settings HTTP/1.0\r\n\r\n")
            #expect(settings.text.hasPrefix("HTTP/1.1 401 "))
        }
    }

    @Test func curlReadsTheSettingsPageWithThePassword() async throws {
        try await withPhone { phone, fleet in
            fleet.set(ItemKey("user-pwd"), to: "opensesame", at: phone.address)
            let page = try await Tool.run([
                "curl", "-s", "--digest", "-u", "admin:123456", "http://\(phone.address):\(phone.port)/settings",
            ])
            #expect(page.text.contains("sntp-addr"))
            #expect(!page.text.contains("opensesame"))
        }
    }

    @Test func aRequestThatDoesNotComeToItsEnd_isAnsweredAndClosed() async throws {
        try await withPhone(limits: ConnectionLimits(request: 0.5, idle: 60)) { phone, _ in
            // Of a second request, because the time of the first one runs from the connection on.
            let slow = await ask(phone, "GET / HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\nHo")
            #expect(slow.text.contains("\r\n\r\nHTTP/1.1 408 ") || slow.text.contains("</html>\nHTTP/1.1 408 "))
        }
        try await withPhone(limits: ConnectionLimits(request: 0.2, idle: 0.2)) { phone, _ in
            let idle = await ask(phone, "")
            #expect(idle.text.isEmpty)
            #expect(idle.end == .closed)
        }
    }

    @Test func aBodyThatIsAnnounced_isAskedFor() async throws {
        try await withPhone { phone, _ in
            let request = post(Self.identify, more: "Expect: 100-continue\r\n")
            let end = request.utf8.count - Self.identify.utf8.count
            let bytes = Array(request.utf8)
            let answer = await RawClient.exchange(
                phone.address, phone.port, [Array(bytes[..<end]), Array(bytes[end...])])
            #expect(answer.text.contains("HTTP/1.1 200 OK"))
        }
        try await withPhone(limits: ConnectionLimits(request: 0.3, idle: 20)) { phone, _ in
            let head = post(Self.identify, more: "Expect: 100-continue\r\n").dropLast(Self.identify.utf8.count)
            let announced = await ask(phone, String(head))
            #expect(announced.text.hasPrefix("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 408 "))
        }
    }

    @Test func aClientThatAsksAndNeverReads_isHeldBack() async throws {
        try await withPhone { phone, fleet in
            let get = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"
            let flood = Array(String(repeating: get, count: 100_000).utf8)
            await RawClient.flood(phone.address, phone.port, flood, patience: 0.3)
            #expect(fleet.state(of: phone.address).map { $0.counts.requests < 50_000 } == true)
            let after = await ask(phone, post(Self.identify))
            #expect(after.text.hasPrefix("HTTP/1.1 200 OK"))
        }
    }

    @Test func aPhoneWithAWrongClock_saysSoInItsAnswers() async throws {
        try await withPhone(faults: FaultPlan([.init(.wrongClock(seconds: -20 * 365.25 * 86400))])) { phone, _ in
            let answer = await ask(phone, "GET / HTTP/1.0\r\n\r\n")
            let year = Calendar(identifier: .gregorian).component(.year, from: Date())
            #expect(answer.text.contains("Date: "))
            #expect(!answer.text.contains(" \(year) "))
            #expect(answer.text.contains(" \(year - 20) "))
        }
    }

    @Test func garbage_neverStopsThePhone() async throws {
        try await withPhone { phone, fleet in
            var generator = Numbers(state: 42)
            let sound = Array(post(Self.identify).utf8)
            for round in 0..<300 {
                var bytes = sound
                for _ in 0...Int.random(in: 0..<8, using: &generator) where !bytes.isEmpty {
                    let place = Int.random(in: 0..<bytes.count, using: &generator)
                    switch Int.random(in: 0..<4, using: &generator) {
                    case 0: bytes[place] = UInt8.random(in: 0...255, using: &generator)
                    case 1: bytes.removeSubrange(place..<min(bytes.count, place + 5))
                    case 2: bytes.insert(contentsOf: bytes[place..<min(bytes.count, place + 30)], at: place)
                    default: bytes = Array(bytes[..<place])
                    }
                }
                if round.isMultiple(of: 3) {
                    bytes = (0..<200).map { _ in UInt8.random(in: 0...255, using: &generator) }
                }
                _ = await RawClient.exchange(phone.address, phone.port, [bytes], patience: 0.01)
            }
            let after = await ask(phone, post(Self.identify))
            #expect(after.text.hasPrefix("HTTP/1.1 200 OK"))
            #expect(fleet.state(of: phone.address)?.behaviour.changedItems.isEmpty == true)
        }
    }
}

/// Numbers that are the same in every run.
private struct Numbers: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state ^ (state >> 29)
    }
}
