import DeploymentModel
import Foundation
import ProcessTesting
import TLSMaterial
import Testing

@testable import PhoneTransport

@Suite("Causes in what the phone presents, shown by peers of other makes", .timeLimit(.minutes(2)))
struct CertificateCauseTests {
    private static let weak = ["-cipher", "ALL:@SECLEVEL=0"]

    /// `openssl s_server -www` says nothing to our question; a second is enough to know that.
    private static let timeouts = ContactTimeouts(connect: 20, handshake: 20, reply: 0.3)

    private func diagnose(
        _ material: KeyMaterial, _ options: [String] = [], _ profile: TrustProfile? = nil
    ) async throws -> Diagnosis {
        let server = try await OpenSSLServer.start(material, options)
        let profile = try profile ?? TestCertificates.profile()
        return try await PhoneTransportTests.diagnose(server.port, [profile], timeouts: Self.timeouts)
    }

    @Test("a flipped bit in the leaf's signature", arguments: ["-tls1_2", "-tls1_3"])
    func badSignature(_ version: String) async throws {
        var template = try TestCertificates.template(TestCertificates.subject)
        template.spoilsSignature = true
        let ca = try #require(TestCertificates.ca)
        let fault = try await diagnose(try ca.issue(template), [version]).fault
        #expect(fault?.code == StatusCode("tls.bad-signature"))
        #expect(fault?.detail?.contains("was not signed by the key of CN=Test CA,O=Example") == true)
    }

    @Test("a chain without its intermediate CA names the CA that is missing")
    func incomplete() async throws {
        let ca = try #require(TestCertificates.ca)
        let middle = try ca.issueCA(TestCertificates.template("CN=Middle CA,O=Example"))
        var material = try middle.issue(TestCertificates.template(TestCertificates.subject))
        material = KeyMaterial(privateKey: material.privateKey, chain: [material.chain[0], material.chain[2]])
        let diagnosis = try await diagnose(material)
        #expect(diagnosis.fault?.code == StatusCode("tls.chain-incomplete"))
        #expect(diagnosis.missingIssuer?.description == "CN=Middle CA,O=Example")
        #expect(diagnosis.presentedAnchor == nil)
    }

    @Test("a leaf issued by a certificate that is no CA")
    func issuerNotCA() async throws {
        let ca = try #require(TestCertificates.ca)
        let phone = try ca.issue(TestCertificates.template("CN=some phone,O=Example"))
        let material = try CertificateIssuer(material: phone).issue(
            TestCertificates.template(TestCertificates.subject))
        let fault = try await diagnose(material).fault
        #expect(fault?.code == StatusCode("tls.issuer-not-ca"))
        #expect(fault?.detail?.contains("CN=some phone,O=Example") == true)
    }

    @Test("expired and not yet valid say until and from when")
    func validity() async throws {
        let old = try await diagnose(try TestCertificates.material(from: -10, to: -1)).fault
        #expect(old?.code == StatusCode("tls.expired"))
        #expect(old?.detail?.contains("expired at 2027-01-14T08:00:00Z; the time is 2027-01-15T08:00:00Z") == true)
        let early = try await diagnose(try TestCertificates.material(from: 1, to: 10)).fault
        #expect(early?.code == StatusCode("tls.not-yet-valid"))
        #expect(early?.detail?.contains("valid from 2027-01-16T08:00:00Z") == true)
    }

    @Test("SHA-1 under the leaf is weak, with the legacy switch it is not")
    func weakDigest() async throws {
        let ca = try #require(TestCertificates.ca)
        var template = try TestCertificates.template(TestCertificates.subject)
        template.digest = .sha1
        let material = try ca.issue(template)
        let options = ["-cipher", "DEFAULT:@SECLEVEL=0"]
        #expect(try await diagnose(material, options).fault?.code == StatusCode("tls.weak-digest"))
        let lenient = try TestCertificates.profile(allowsLegacy: true)
        #expect(try await diagnose(material, options, lenient).contact.evidence.isAuthenticated)
    }

    @Test("a peer that demands a client certificate", arguments: ["-tls1_2", "-tls1_3"])
    func clientCertificate(_ version: String) async throws {
        let diagnosis = try await diagnose(try TestCertificates.material(), ["-Verify", "1", version])
        #expect(diagnosis.fault?.code == .tlsClientCertificate)
        #expect(diagnosis.certificates.count == 2)
    }

    @Test("a peer that knows TLS 1.0 only is looked at again, and what a lenient profile would say is known")
    func oldVersion() async throws {
        let server = try await OpenSSLServer.start(TestCertificates.material(), ["-tls1"] + Self.weak)
        let strict = try TestCertificates.profile()
        var lenient = try TestCertificates.profile(minimumTLS: .v1_0, allowsLegacy: true)
        lenient.name = "old phones"
        let diagnosis = try await PhoneTransportTests.diagnose(
            server.port, [strict], others: [lenient], timeouts: Self.timeouts)
        #expect(diagnosis.fault?.code == .tlsProtocolVersion)
        #expect(diagnosis.tlsVersion == "1.0")
        #expect(diagnosis.verdicts.map(\.fault?.code) == [.tlsProtocolVersion])
        #expect(diagnosis.alternatives == ["old phones"])
    }

    @Test("a phone of 3DES and nothing else is met with the legacy switch only")
    func tripleDES() async throws {
        let server = try await GnuTLSServer.start(
            TestCertificates.material(keyType: .rsa2048),
            priority: "NORMAL:-VERS-ALL:+VERS-TLS1.2:-CIPHER-ALL:+3DES-CBC:-KX-ALL:+RSA")
        let strict = try await PhoneTransportTests.diagnose(
            server.port, [TestCertificates.profile()], timeouts: Self.timeouts)
        #expect(strict.fault?.code == .tlsNoCommonCipher)
        #expect(strict.cipherSuite == "RSA_WITH_3DES_EDE_CBC_SHA")
        #expect(strict.certificates.count == 2)
        let lenient = try TestCertificates.profile(allowsLegacy: true)
        let met = try await PhoneTransportTests.diagnose(server.port, [lenient], timeouts: Self.timeouts)
        #expect(met.contact.evidence.profile == "built-in")
        // Offered for the sake of the second profile, and taken by the phone, 3DES does not satisfy the first.
        var elsewhere = lenient
        elsewhere.subject = SubjectPattern(try DistinguishedName(rfc4514: "CN=somebody else"))
        let strictFirst = [try TestCertificates.profile(), elsewhere]
        let both = try await PhoneTransportTests.diagnose(server.port, strictFirst, timeouts: Self.timeouts)
        #expect(!both.contact.evidence.isAuthenticated)
        #expect(both.verdicts.map(\.fault?.code) == [.tlsNoCommonCipher, StatusCode("tls.wrong-subject")])
    }

    @Test("a phone with an RSA key of 1024 bits is believed with the legacy switch only")
    func shortKey() async throws {
        let material = try await Self.shortKeyMaterial()
        let server = try await GnuTLSServer.start(
            material, priority: "NORMAL:-VERS-ALL:+VERS-TLS1.2:%VERIFY_ALLOW_SIGN_WITH_SHA1")
        let leaf = try ParsedCertificate(der: material.chain[0])
        var profile = TrustProfile(name: "own", subject: leaf.subject, anchors: [leaf])
        let strict = try await PhoneTransportTests.diagnose(server.port, [profile], timeouts: Self.timeouts)
        #expect(strict.fault?.code == StatusCode("tls.weak-key"))
        #expect(strict.fault?.detail?.contains("an RSA key of 1024 bits") == true)
        profile.allowsLegacy = true
        let lenient = try await PhoneTransportTests.diagnose(server.port, [profile], timeouts: Self.timeouts)
        #expect(lenient.contact.evidence.profile == "own")
    }

    private static func shortKeyMaterial() async throws -> KeyMaterial {
        let key = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        defer { try? FileManager.default.removeItem(at: key) }
        let made = try await Tool.run([
            "openssl", "req", "-x509", "-newkey", "rsa:1024", "-nodes", "-subj", "/O=Example/CN=old phone", "-days",
            "3650", "-keyout", key.path,
        ])
        return try KeyMaterial(pem: made.text + String(contentsOf: key, encoding: .utf8))
    }
}
