import DeploymentModel
import Foundation
import TLSMaterial
import Testing

@testable import PhoneTransport

@Suite("Handshakes with a TLS peer of another make", .timeLimit(.minutes(5)))
struct OpenSSLTests {
    private static let weak = ["-cipher", "ALL:@SECLEVEL=0"]

    private func diagnose(_ server: OpenSSLServer, _ profiles: [TrustProfile]) async throws -> Diagnosis {
        try await DirectProbe(loops: TestLoops.shared, now: { TestCertificates.now })
            .diagnose(
                address: "127.0.0.1", port: server.port, tls: true, profiles: profiles,
                timeouts: .unanswered)
    }

    private func dial(_ server: OpenSSLServer, _ profile: TrustProfile) async throws -> PeerEvidence {
        let session = try await DirectDialer(loops: TestLoops.shared, now: { TestCertificates.now })
            .session(
                with: PhoneTarget(
                    address: "127.0.0.1", port: server.port, security: .tls([profile]), timeouts: .patient))
        await session.close()
        return session.evidence
    }

    @Test("old versions are met with the legacy switch only", arguments: [("-tls1", "1.0"), ("-tls1_1", "1.1")])
    func oldVersions(_ option: String, _ version: String) async throws {
        let server = try await OpenSSLServer.start(TestCertificates.material(), [option] + Self.weak)
        let strict = try TestCertificates.profile()
        let fault = await fault { try await dial(server, strict) }
        #expect(fault?.code == .tlsProtocolVersion)
        let evidence = try await dial(server, TestCertificates.profile(minimumTLS: .v1_0, allowsLegacy: true))
        #expect(evidence.tlsVersion == version)
    }

    @Test("each version that is allowed by default is met", arguments: [("-tls1_2", "1.2"), ("-tls1_3", "1.3")])
    func goodVersions(_ option: String, _ version: String) async throws {
        let server = try await OpenSSLServer.start(TestCertificates.material(), [option])
        #expect(try await dial(server, TestCertificates.profile()).tlsVersion == version)
    }

    @Test("a profile that wants TLS 1.3 is not satisfied by 1.2")
    func minimum13() async throws {
        let server = try await OpenSSLServer.start(TestCertificates.material(), ["-tls1_2"])
        let profile = try TestCertificates.profile(minimumTLS: .v1_3)
        #expect(await fault { try await dial(server, profile) }?.code == .tlsProtocolVersion)
    }

    @Test("a phone of TLS 1.0 is diagnosed with its version and its chain")
    func diagnoseOldVersion() async throws {
        let server = try await OpenSSLServer.start(TestCertificates.material(), ["-tls1"] + Self.weak)
        let diagnosis = try await diagnose(server, [TestCertificates.profile()])
        #expect(diagnosis.fault?.code == .tlsProtocolVersion)
        #expect(diagnosis.fault?.detail == "the phone chose TLS 1.0, at least TLS 1.2 is wanted")
        #expect(diagnosis.tlsVersion == "1.0")
        #expect(diagnosis.certificates.count == 2)
    }

    @Test("a phone that knows only cipher suites of its own is diagnosed with the one it would choose")
    func diagnoseCipher() async throws {
        let cipher = ["-tls1_2", "-cipher", "CAMELLIA128-SHA:@SECLEVEL=0"]
        let rsa = try TestCertificates.material(keyType: .rsa2048)
        let server = try await OpenSSLServer.start(rsa, cipher)
        let profile = try TestCertificates.profile()
        #expect(await fault { try await dial(server, profile) }?.code == .tlsNoCommonCipher)
        let diagnosis = try await diagnose(server, [profile])
        #expect(diagnosis.fault?.code == .tlsNoCommonCipher)
        #expect(diagnosis.cipherSuite == "RSA_WITH_CAMELLIA_128_CBC_SHA")
    }

    @Test("a server without a certificate is diagnosed as that")
    func diagnoseNoCertificate() async throws {
        let server = try await OpenSSLServer.start(nil, ["-tls1_2"] + Self.weak)
        let diagnosis = try await diagnose(server, [TestCertificates.profile()])
        #expect(diagnosis.fault?.code == .tlsNoCertificate)
    }

    @Test("RSA key exchange is met, too")
    func rsaKeyExchange() async throws {
        let rsa = try TestCertificates.material(keyType: .rsa2048)
        let server = try await OpenSSLServer.start(rsa, ["-tls1_2", "-cipher", "AES128-SHA"])
        #expect(try await dial(server, TestCertificates.profile()).profile == "built-in")
    }

    @Test("a chain signed with SHA-1 is taken with the legacy switch only")
    func weakDigest() async throws {
        let ca = try #require(TestCertificates.ca)
        var template = try TestCertificates.template(TestCertificates.subject)
        template.digest = .sha1
        let server = try await OpenSSLServer.start(try ca.issue(template), ["-cipher", "DEFAULT:@SECLEVEL=0"])
        let strict = try TestCertificates.profile()
        #expect(await fault { try await dial(server, strict) }?.code.rawValue == "tls.weak-digest")
        #expect(try await dial(server, TestCertificates.profile(allowsLegacy: true)).profile == "built-in")
    }

    @Test("an unknown issuer is diagnosed with the CA that would be needed, as presented")
    func diagnoseIssuer() async throws {
        let other = try #require(TestCertificates.otherCA)
        let server = try await OpenSSLServer.start(TestCertificates.material(by: other))
        let diagnosis = try await diagnose(server, [TestCertificates.profile()])
        #expect(diagnosis.fault?.code.rawValue == "tls.unknown-issuer")
        #expect(diagnosis.missingIssuer?.description == other.certificate.subject.description)
        #expect(diagnosis.presentedAnchor == other.certificate)
        #expect(diagnosis.tlsVersion == "1.3")
    }

    @Test("a wrong subject is diagnosed with both names")
    func diagnoseSubject() async throws {
        let server = try await OpenSSLServer.start(TestCertificates.material("CN=optiPoint 600,O=Example"))
        let diagnosis = try await diagnose(server, [TestCertificates.profile()])
        #expect(diagnosis.fault?.code.rawValue == "tls.wrong-subject")
        #expect(diagnosis.presentedSubject?.description == "CN=optiPoint 600,O=Example")
        #expect(diagnosis.expectedSubjects.map(\.description) == [TestCertificates.subject])
    }

    @Test("a web server behind TLS is no phone")
    func webServer() async throws {
        let server = try await OpenSSLServer.start(TestCertificates.material())
        let report = try await look(
            server.port, profiles: [TestCertificates.profile()], timeouts: .unanswered)
        #expect(report.evidence.isAuthenticated)
        #expect(report.identity == nil)
        #expect(report.fault?.code == .netSilent)
        let foreign = try await look(server.port, timeouts: .unanswered)
        #expect(foreign.fault?.code == .tlsNoProfile)
        #expect(foreign.answerFault?.code == .netSilent)
    }
}
