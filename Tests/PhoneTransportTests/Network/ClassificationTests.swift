import DeploymentModel
import Glibc
import Testing

@testable import PhoneTransport

@Suite("Naming what was seen of a peer")
struct ClassificationTests {
    @Test(
        "errors of the operating system have a code each",
        arguments: [
            (ECONNREFUSED, StatusCode.netRefused), (ETIMEDOUT, .netSilent), (ECONNRESET, .netReset), (EPIPE, .netReset),
            (EHOSTUNREACH, .netUnreachable), (ENETUNREACH, .netUnreachable), (EMFILE, .netLocal), (ENFILE, .netLocal),
            (EADDRNOTAVAIL, .netLocal), (EACCES, .netLocal), (ENOBUFS, .netLocal),
        ])
    func errors(_ errno: CInt, _ code: StatusCode) {
        #expect(NetworkFault.fault(errno: errno, subject: "10.0.0.1").code == code)
    }

    @Test("a first record is read as soon as it tells enough, and not before")
    func firstRecord() {
        let hello: [UInt8] =
            [0x16, 3, 1, 0, 42, 2, 0, 0, 38, 3, 1] + [UInt8](repeating: 7, count: 32) + [0, 0, 0x0A, 0]
        for length in 0..<46 { #expect(FirstRecord.read(Array(hello.prefix(length))) == nil) }
        let seen = FirstRecord.read(hello)
        #expect(seen == .serverHello(.init(version: "1.0", suite: CipherSuite(number: 0x000A))))
        #expect(CipherSuite(number: 0x000A).description == "RSA_WITH_3DES_EDE_CBC_SHA")
        #expect(CipherSuite(number: 0x00AA).description == "0x00AA")
        #expect(FirstRecord.read(Array("HTTP".utf8)) == nil)
        #expect(FirstRecord.read(Array("HTTP/1.0".utf8)) == .plainHTTP)
        #expect(FirstRecord.read(Array("HELO".utf8)) == .notTLS)
        #expect(FirstRecord.read([0x15, 3, 1, 0, 2, 2, 70]) == .alert(TLSAlert(number: 70)))
        #expect(FirstRecord.read([0x15, 9]) == .notTLS)
    }

    @Test("no bytes whatever upset the readers")
    func anyBytes() throws {
        var generator = Seeded(state: 42)
        let seeds = [
            Array("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n".utf8),
            Array("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nWWW-Authenticate: Digest realm=\"a\"\r\n\r\nhello".utf8),
            [0x16, 3, 1, 0, 42, 2, 0, 0, 38, 3, 1] + [UInt8](repeating: 7, count: 40),
            Array("Digest realm=\"phonefleet\", nonce=\"n\", qop=\"auth\", algorithm=SHA-256".utf8),
        ]
        for _ in 0..<4000 {
            guard var bytes = seeds.randomElement(using: &generator) else { continue }
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                bytes[Int.random(in: bytes.indices, using: &generator)] = .random(in: 0...255, using: &generator)
            }
            bytes = Array(bytes.prefix(Int.random(in: 0...bytes.count, using: &generator)))
            _ = FirstRecord.read(bytes)
            let text = String(decoding: bytes, as: UTF8.self)
            _ = DigestChallenge(headerValue: text)
            _ = DigestCredentials(text)
            var parser = HTTPReplyParser()
            bytes.withUnsafeBytes { bytes in
                var rest = bytes
                _ = try? parser.read(&rest)
            }
        }
    }

    /// A small generator with a seed, so that a failure can be seen again (SplitMix64).
    private struct Seeded: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = (state ^ state >> 30) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
            return mixed ^ mixed >> 31
        }
    }
}
