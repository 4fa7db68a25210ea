import DeploymentModel
import Foundation
import ManagementXML
import TLSMaterial
import Testing

@testable import PhoneTransport

/// Looks closely at a peer on this machine, as `phonefleet diagnose` does.
func diagnose(
    _ port: Int, _ profiles: [TrustProfile], others: [TrustProfile] = [],
    timeouts: ContactTimeouts = ContactTimeouts(connect: 20, handshake: 20, reply: 20)
) async throws -> Diagnosis {
    var diagnosis = try await DirectProbe(loops: TestLoops.shared, now: { TestCertificates.now })
        .diagnose(address: "127.0.0.1", port: port, tls: true, profiles: profiles, timeouts: timeouts)
    diagnosis.judge(by: profiles, others: others)
    return diagnosis
}

@Suite("Causes before any certificate came", .timeLimit(.minutes(1)))
struct NetworkCauseTests {
    private func diagnose(
        _ script: TestServer.Script, timeouts: ContactTimeouts = ContactTimeouts(connect: 20, handshake: 20, reply: 20)
    ) async throws -> Diagnosis {
        let server = try await TestServer.start(TestLoops.shared.group, script)
        let profile = try TestCertificates.profile()
        let diagnosis = try await PhoneTransportTests.diagnose(server.port, [profile], timeouts: timeouts)
        await server.stop()
        return diagnosis
    }

    @Test("nothing listens")
    func refused() async throws {
        let server = try await TestServer.start(TestLoops.shared.group, .anything(.silence))
        await server.stop()
        let profile = try TestCertificates.profile()
        #expect(try await PhoneTransportTests.diagnose(server.port, [profile]).fault?.code == .netRefused)
    }

    @Test("the connection is reset in the handshake")
    func reset() async throws {
        #expect(try await diagnose(.anything(.reset)).fault?.code == .netReset)
    }

    @Test("the connection is closed in the handshake")
    func closed() async throws {
        let fault = try await diagnose(.anything(.close)).fault
        #expect(fault?.code == .netClosed)
        #expect(fault?.detail == "in the handshake")
    }

    @Test("the peer speaks plain HTTP")
    func plainHTTP() async throws {
        let page = TestPhone.http(400, body: Array("<html/>".utf8))
        #expect(try await diagnose(.anything(.send(page))).fault?.code == .tlsPlainHTTP)
    }

    @Test("the peer speaks another protocol", arguments: ["220 ftp.example.org\r\n", "SSH-2.0-x\r\n", "\u{80}\u{2}\0"])
    func otherProtocol(_ greeting: String) async throws {
        #expect(try await diagnose(.greeting(Array(greeting.utf8))).fault?.code == .tlsNotTLS)
    }

    @Test("the peer takes the connection and is silent")
    func silent() async throws {
        let timeouts = ContactTimeouts(connect: 20, handshake: 0.2, reply: 20)
        #expect(try await diagnose(.anything(.silence), timeouts: timeouts).fault?.code == .tlsSilent)
    }

    /// A ServerHello of SSL 3.0 with RC4, and garbage after it.
    private static let oldHello: [UInt8] =
        [0x16, 3, 0, 0, 42, 2, 0, 0, 38, 3, 0] + [UInt8](repeating: 7, count: 32) + [0, 0, 5, 0] + [9, 9, 9, 9]

    @Test("the peer knows SSL 3.0 only")
    func sslVersion3() async throws {
        let diagnosis = try await diagnose(.anything(.send(Self.oldHello)))
        #expect(diagnosis.fault?.code == .tlsProtocolVersion)
        #expect(diagnosis.fault?.detail == "the phone chose SSL 3.0, at least TLS 1.2 is wanted")
        #expect(diagnosis.tlsVersion == "SSL 3.0")
        #expect(diagnosis.cipherSuite == "RSA_WITH_RC4_128_SHA")
    }

    @Test(
        "an alert is named, and those with a cause of their own have its code",
        arguments: [
            (70, StatusCode.tlsProtocolVersion, "the phone refused every version offered"),
            (40, .tlsNoCommonCipher, "the phone sent the alert handshake_failure"),
            (71, .tlsNoCommonCipher, "the phone sent the alert insufficient_security"),
            (80, .tlsAlert, "the phone sent the alert internal_error"),
            (49, .tlsAlert, "the phone sent the alert access_denied"),
            (112, .tlsAlert, "the phone sent the alert unrecognized_name"),
        ])
    func alert(_ number: UInt8, _ code: StatusCode, _ detail: String) async throws {
        let fault = try await diagnose(.anything(.sendThenClose([0x15, 3, 3, 0, 2, 2, number]))).fault
        #expect(fault?.code == code)
        #expect(fault?.detail == detail)
    }

    @Test("a ServerHello is read however it is spread over records")
    func spreadHello() {
        let message = Self.oldHello.dropFirst(5).dropLast(4)
        let records = message.flatMap { byte -> [UInt8] in [0x16, 3, 1, 0, 1, byte] }
        let hello = FirstRecord.ServerHello(version: "SSL 3.0", suite: CipherSuite(number: 5))
        #expect(FirstRecord.read(records) == .serverHello(hello))
        #expect(FirstRecord.read(Array(records.dropLast(18))) == nil)
    }
}
