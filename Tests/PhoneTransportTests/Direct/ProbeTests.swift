import DeploymentModel
import Foundation
import Glibc
import ManagementXML
import TLSMaterial
import Testing

@testable import PhoneTransport

@Suite("A contact of a scan")
struct ProbeTests {
    private func phone(_ material: KeyMaterial? = nil) async throws -> TestServer {
        let phone = TestPhone()
        return try await TestServer.start(
            TestLoops.shared.group, tls: try material.map { try TestCertificates.server($0) },
            .requests { phone.answer($0) })
    }

    private func tell(
        _ script: TestServer.Script, tls: Bool = true, timeouts: ContactTimeouts = .patient
    ) async throws -> ContactReport {
        let server = try await TestServer.start(TestLoops.shared.group, script)
        let report = try await look(server.port, tls: tls, timeouts: timeouts)
        await server.stop()
        return report
    }

    @Test("a trusted phone is identified in the contact that authenticated it")
    func trusted() async throws {
        let server = try await phone(try TestCertificates.material())
        let report = try await look(server.port, profiles: [try TestCertificates.profile()])
        #expect(report.fault == nil)
        #expect(report.connected && report.tls)
        #expect(report.evidence.isAuthenticated)
        #expect(report.chain.count == 2)
        #expect(report.identity?.items.first?.value == "optiPoint 410")
        await server.stop()
    }

    @Test("a plain phone is identified, and is no authenticated one")
    func plain() async throws {
        let server = try await phone()
        let report = try await look(server.port, tls: false)
        #expect(report.fault == nil)
        #expect(report.identity?.status == .accepted)
        #expect(!report.evidence.isAuthenticated)
        await server.stop()
    }

    @Test("an untrusted phone shows its chain, its identity and why it is not trusted")
    func untrusted() async throws {
        let server = try await phone(try TestCertificates.material(by: TestCertificates.otherCA))
        let report = try await look(server.port, profiles: [try TestCertificates.profile()])
        #expect(report.fault?.code.rawValue == "tls.unknown-issuer")
        #expect(report.fault?.subject == "127.0.0.1")
        #expect(report.chain.count == 2)
        #expect(report.evidence.certificateFingerprint != nil)
        #expect(!report.evidence.isAuthenticated)
        #expect(report.identity?.status == .accepted)
        await server.stop()
    }

    @Test("without a profile the chain is shown and the fault says so")
    func noProfile() async throws {
        let server = try await phone(try TestCertificates.material())
        let report = try await look(server.port)
        #expect(report.fault?.code == .tlsNoProfile)
        #expect(report.chain.count == 2)
        #expect(report.identity != nil)
        await server.stop()
    }

    @Test("nothing listening is refused")
    func refused() async throws {
        let place = try BoundSocket()
        let report = try await look(place.port, tls: false)
        #expect(report.fault == Fault(.netRefused, subject: "127.0.0.1"))
        #expect(!report.connected)
    }

    @Test("what a peer is comes from its first bytes")
    func notTLS() async throws {
        #expect(try await tell(.anything(.send(Array("HTTP/1.1 400 Bad\r\n".utf8)))).fault?.code == .tlsPlainHTTP)
        #expect(try await tell(.anything(.drip(Array("HTTP/1.1 400 Bad\r\n".utf8)))).fault?.code == .tlsPlainHTTP)
        #expect(try await tell(.greeting(Array("SSH-2.0-dropbear\r\n".utf8))).fault?.code == .tlsNotTLS)
        #expect(try await tell(.greeting(Array("220 ftp\r\n".utf8))).fault?.code == .tlsNotTLS)
        #expect(try await tell(.greeting(Array("SSH-2.0-x\r\n".utf8)), tls: false).fault?.code == .httpMalformed)
    }

    @Test("silence, closing and reset are told apart")
    func endings() async throws {
        let silent = try await tell(.anything(.silence), timeouts: .short)
        #expect(silent.fault == Fault(.tlsSilent, subject: "127.0.0.1"))
        #expect(try await tell(.anything(.send([0x16, 3, 3, 0, 100])), timeouts: .short).fault?.code == .tlsSilent)
        #expect(try await tell(.anything(.close)).fault?.code == .netClosed)
        #expect(try await tell(.anything(.reset)).fault?.code == .netReset)
        #expect(try await tell(.anything(.silence), tls: false, timeouts: .short).fault?.code == .netSilent)
        #expect(try await tell(.anything(.close), tls: false).fault?.code == .netClosed)
        #expect(try await tell(.anything(.reset), tls: false).fault?.code == .netReset)
    }

    @Test("an alert is named")
    func alert() async throws {
        let report = try await tell(.anything(.sendThenClose([0x15, 3, 1, 0, 2, 2, 80])))
        #expect(report.fault?.code == .tlsAlert)
        #expect(report.fault?.detail?.contains("internal_error") == true)
        let version = try await tell(.anything(.sendThenClose([0x15, 3, 1, 0, 2, 2, 70])))
        #expect(version.fault?.code == .tlsProtocolVersion)
        let cipher = try await tell(.anything(.sendThenClose([0x15, 3, 1, 0, 2, 2, 40])))
        #expect(cipher.fault?.code == .tlsNoCommonCipher)
    }

    @Test("an address that answers no SYN is silent after the time to connect")
    func silentAddress() async throws {
        let full = try FullListener()
        let report = try await look(full.port, timeouts: ContactTimeouts(connect: 0.3))
        #expect(report.fault == Fault(.netSilent, subject: "127.0.0.1"))
        #expect(!report.connected)
    }

    @Test("names are looked up; unknown and impossible ones are named")
    func names() async throws {
        let server = try await phone()
        let probe = DirectProbe(loops: TestLoops.shared)
        let timeouts = ContactTimeouts.patient
        let known = try await probe.contact(
            address: "localhost", port: server.port, tls: false, profiles: [], timeouts: timeouts)
        #expect(known.identity != nil || known.fault?.code == .netRefused)
        // No host can have a label of 64 letters, so no name server is asked, which might be slow or lie.
        for name in [String(repeating: "a", count: 64) + ".invalid", "a b", "", "x/y", "1.2.3.4.5:80"] {
            let report = try await probe.contact(address: name, port: 80, tls: false, profiles: [], timeouts: timeouts)
            #expect(report.fault == Fault(.netNameNotFound, subject: name))
        }
        let port = try await probe.contact(
            address: "127.0.0.1", port: 70_000, tls: false, profiles: [], timeouts: timeouts)
        #expect(port.fault?.code == .netLocal)
        await server.stop()
    }
}
