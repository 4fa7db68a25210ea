import DeploymentModel
import Testing

@testable import VirtualPhone

@Suite("SIP is read strictly") struct SIPReaderTests {
    static let answer = """
        SIP/2.0 200 OK\r
        Via: SIP/2.0/TLS 127.0.0.1:5060;branch=z9hG4bKa;rport=4;received=127.0.0.1, SIP/2.0/TCP x;branch=z9hG4bKb\r
        From: <sip:1@x>;tag=a\r
        t: "Smith, \\"J\\" <x>" <sip:1@x;tag=no>;tag=b\r
        Call-ID: c\r
        CSeq: 7  REGISTER\r
        m: <sip:2@y>;expires=9, "a,b" <sip:1@z:5060;transport=tls> ; q=0.1 ; expires="60"\r
        Retry-After: 120 (maintenance);duration=1\r
        Subject: one\r
        \t two\r
        l: 3\r
        \r
        abc
        """

    private func read(_ text: String) throws(SIPProblem) -> SIPMessage? {
        var reader = SIPReader()
        reader.append(text.utf8)
        return try reader.next()
    }

    @Test func anAnswer_isReadWithAllThatARegistrationTurnsOn() throws {
        let message = try #require(try read(Self.answer))
        #expect(message.start == .response(status: 200, reason: "OK"))
        #expect(message.branch == "z9hG4bKa")
        #expect(message.sequence ?? (0, "") == (7, "REGISTER"))
        #expect(message.grantedSeconds(for: "sip:1@z:5060;transport=tls") == 60)
        #expect(message.grantedSeconds(for: "sip:3@y") == nil)
        #expect(message.retryAfter == 120)
        #expect(message["subject"] == "one two")
        #expect(message["to"].flatMap { SIPMessage.parameter("tag", of: $0[...]) } == "b")
        #expect(message.body == Array("abc".utf8))
    }

    @Test func bytesOneByOne_makeTheSameMessages() throws {
        let whole = try #require(try read(Self.answer))
        var reader = SIPReader()
        var messages: [SIPMessage] = []
        for byte in ("\r\n\r\n" + Self.answer + "\r\n" + Self.answer).utf8 {
            reader.append([byte])
            while let message = try reader.next() { messages.append(message) }
        }
        #expect(messages == [whole, whole])
    }

    @Test(arguments: [
        "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n", "SIP/2.0 99 No\r\nContent-Length: 0\r\n\r\n",
        "SIP/2.0 2OO OK\r\nContent-Length: 0\r\n\r\n", "SIP/2.0 200 OK\r\n\r\n",
        "SIP/2.0 200 OK\r\nContent-Length: 1\r\nl: 1\r\n\r\nx", "SIP/2.0 200 OK\r\nContent-Length: -1\r\n\r\n",
        "SIP/2.0 200 OK\r\nContent-Length: 0x1\r\n\r\n", "SIP/2.0 200 OK\r\nContent-Length: 65537\r\n\r\n",
        "SIP/2.0 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n",
        "SIP/2.0 200 OK\r\n Content-Length: 0\r\n\r\n", "SIP/2.0 200 OK\r\nbad name: 1\r\nContent-Length: 0\r\n\r\n",
        "SIP/2.0 200 OK\r\nnone\r\nContent-Length: 0\r\n\r\n", "SIP/2.0 200 O\u{0}K\r\nContent-Length: 0\r\n\r\n",
        "SIP/2.0 200 OK\nContent-Length: 0\r\n\r\n", "SIP/2.0 200 OK\r\nA: b\rc\r\nContent-Length: 0\r\n\r\n",
        " \r\n\r\n\r\n", "A B SIP/3.0\r\nContent-Length: 0\r\n\r\n",
    ])
    func whatCanBeReadInTwoWays_isRefused(text: String) {
        #expect(throws: SIPProblem.self) { try read(text) }
    }

    @Test func sizes_haveLimits() {
        let line = "X: " + String(repeating: "y", count: 1000) + "\r\n"
        #expect(throws: SIPProblem.self) { try read("SIP/2.0 200 OK\r\n" + String(repeating: line, count: 40)) }
        let many = String(repeating: "X: y\r\n", count: 200)
        #expect(throws: SIPProblem.self) { try read("SIP/2.0 200 OK\r\n" + many + "Content-Length: 0\r\n\r\n") }
    }

    @Test func numbersOfSeconds_areHeldWithin32Bits() {
        #expect(SIPMessage.seconds("4294967296") == UInt32.max)
        #expect(SIPMessage.seconds("99999999999") == nil)
        for text in ["", "-1", "1.5", "+1", " 1", "١"] { #expect(SIPMessage.seconds(text) == nil) }
    }

    @Test("Mutated messages are read or refused, whatever the cut", arguments: UInt64(1)...4)
    func mutants(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var whole = 0
        for _ in 0..<3000 {
            let bytes = mutated(Array(Self.answer.utf8), &generator)
            let first = messages(bytes, cutAt: bytes.count)
            let second = messages(bytes, cutAt: Int.random(in: 0...bytes.count, using: &generator))
            #expect(first == second, "seed \(seed)")
            if let message = first?.first {
                whole += 1
                use(message)
            }
        }
        // A mutator so rough that nothing gets past the reader would test nothing behind it.
        #expect(whole > 300)
    }

    /// Nil when the bytes are refused.
    private func messages(_ bytes: [UInt8], cutAt cut: Int) -> [SIPMessage]? {
        var reader = SIPReader()
        var messages: [SIPMessage] = []
        for part in [bytes[..<cut], bytes[cut...]] {
            reader.append(part)
            do throws(SIPProblem) {
                while let message = try reader.next() { messages.append(message) }
            } catch { return nil }
        }
        return messages
    }

    private func use(_ message: SIPMessage) {
        _ = message.sequence
        _ = message.branch
        _ = message.grantedSeconds(for: "sip:1@z:5060;transport=tls")
        _ = message.retryAfter
        _ = try? SIPChallenge.best(of: message.values("www-authenticate") + message.values("to"))
        _ = SIPAnswer.bytes(to: message, method: "OPTIONS")
    }

    private static let tricks = [
        "\r\n", "\r", "\n", " ", ",", ";", "\"", "<", ">", "\\", "=", ":", "Content-Length: 0\r\n", "\u{0}", "\u{FFFF}",
        "z9hG4bK", "99999999999", "SIP/2.0 ", "expires=", "\t",
    ].map { Array($0.utf8) }

    private func mutated(_ source: [UInt8], _ generator: inout SeededGenerator) -> [UInt8] {
        var bytes = source
        for _ in 0...Int.random(in: 0...2, using: &generator) {
            let place = Int.random(in: 0..<bytes.count, using: &generator)
            switch Int.random(in: 0...4, using: &generator) {
            case 0: bytes[place] = UInt8.random(in: 0...255, using: &generator)
            case 1: bytes.removeSubrange(place..<min(bytes.count - 1, place + 9))
            case 2, 3:
                bytes.insert(contentsOf: Self.tricks.randomElement(using: &generator) ?? [], at: place)
            default: bytes.insert(contentsOf: bytes[place..<min(bytes.count, place + 40)], at: place)
            }
        }
        return bytes
    }
}
