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
        _ script: TestServer.Script, tls: Bool = true, timeouts: ContactTimeouts = ContactTimeouts()
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
        let server = try await phone()
        await server.stop()
        let report = try await look(server.port, tls: false)
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
        let report = try await look(full.port, timeouts: .short)
        #expect(report.fault == Fault(.netSilent, subject: "127.0.0.1"))
        #expect(!report.connected)
    }

    @Test("names are looked up; unknown and impossible ones are named")
    func names() async throws {
        let server = try await phone()
        let probe = DirectProbe(loops: TestLoops.shared)
        let timeouts = ContactTimeouts()
        let known = try await probe.contact(
            address: "localhost", port: server.port, tls: false, profiles: [], timeouts: timeouts)
        #expect(known.identity != nil || known.fault?.code == .netRefused)
        for name in ["no-such-host.invalid", "a b", "", "x/y", "1.2.3.4.5:80"] {
            let report = try await probe.contact(address: name, port: 80, tls: false, profiles: [], timeouts: timeouts)
            #expect(report.fault == Fault(.netNameNotFound, subject: name))
        }
        let port = try await probe.contact(
            address: "127.0.0.1", port: 70_000, tls: false, profiles: [], timeouts: timeouts)
        #expect(port.fault?.code == .netLocal)
        await server.stop()
    }
}

/// A listener whose queue is full, so that the kernel drops every further SYN.
final class FullListener: Sendable {
    struct Failed: Error {}

    let port: Int
    private let descriptors: [CInt]

    init() throws {
        let listener = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                bind(listener, pointer, length) == 0 && listen(listener, 0) == 0
                    && getsockname(listener, pointer, &length) == 0
            }
        }
        guard bound else { throw Failed() }
        port = Int(UInt16(bigEndian: address.sin_port))
        var descriptors = [listener]
        for _ in 0..<4 {
            let filler = socket(AF_INET, CInt(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0)
            withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { _ = connect(filler, $0, length) }
            }
            descriptors.append(filler)
        }
        self.descriptors = descriptors
    }

    deinit {
        for descriptor in descriptors { close(descriptor) }
    }
}
