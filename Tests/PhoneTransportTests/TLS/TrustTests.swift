import DeploymentModel
import Foundation
import ManagementXML
import NIOSSL
import TLSMaterial
import Testing

@testable import PhoneTransport

@Suite("Authentication of a phone in the handshake")
struct TrustTests {
    /// A server of one kind of chain and the code that it must get.
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var code: String
        var material: @Sendable () throws -> KeyMaterial
    }

    static let bad: [Case] = [
        Case(testDescription: "foreign CA", code: "tls.unknown-issuer") {
            try TestCertificates.material(by: TestCertificates.otherCA)
        },
        Case(testDescription: "wrong subject", code: "tls.wrong-subject") {
            try TestCertificates.material("CN=optiPoint 600,O=Example")
        },
        Case(testDescription: "expired", code: "tls.expired") { try TestCertificates.material(from: -10, to: -1) },
        Case(testDescription: "not yet valid", code: "tls.not-yet-valid") {
            try TestCertificates.material(from: 1, to: 10)
        },
    ]

    private func phone(_ material: KeyMaterial, maximum: TLSVersion? = nil) async throws -> TestServer {
        let phone = TestPhone()
        return try await TestServer.start(
            TestLoops.shared.group, tls: try TestCertificates.server(material, maximum: maximum),
            .requests { phone.answer($0) })
    }

    @Test("a phone with the right subject under the right CA is authenticated", arguments: ["1.2", "1.3"])
    func right(_ version: String) async throws {
        let material = try TestCertificates.material()
        let server = try await phone(material, maximum: version == "1.2" ? .tlsv12 : nil)
        let session = try await session(server, .tls([try TestCertificates.profile()]))
        #expect(session.evidence.profile == "built-in")
        #expect(session.evidence.tlsVersion == version)
        let leaf = try ParsedCertificate(der: material.chain[0])
        #expect(session.evidence.certificateFingerprint == leaf.fingerprint)
        #expect((session as? DirectSession)?.verifiedChain?.path.first == leaf)
        let write = ManagementAction.writeItems([Item(ItemKey("e164"), value: "3200")])
        #expect(try await session.perform(write, password: SecretText("123456")).status == .accepted)
        let key = ManagementAction.transferFile(.serverKeyMaterial, content: [1, 2, 3])
        #expect(try await session.perform(key, password: SecretText("123456")).status == .accepted)
        await session.close()
        #expect(try #require(await server.nextEnd()).plain.count > 0)
        await server.stop()
    }

    @Test("a chain that is not believed ends the handshake, and nothing but the handshake was sent", arguments: bad)
    func refused(_ bad: Case) async throws {
        let server = try await phone(try bad.material(), maximum: .tlsv12)
        let profile = try TestCertificates.profile()
        let fault = await fault { try await session(server, .tls([profile])) }
        #expect(fault?.code.rawValue == bad.code)
        #expect(fault?.subject == "127.0.0.1")
        let end = try #require(await server.nextEnd())
        #expect(end.plain == [])
        #expect(Self.contentTypes(of: end.raw).isSubset(of: [20, 21, 22]))
        await server.stop()
    }

    @Test("with TLS 1.3, too, a refused phone gets no byte of a request")
    func refusedIn13() async throws {
        let server = try await phone(try TestCertificates.material(by: TestCertificates.otherCA))
        let profile = try TestCertificates.profile()
        #expect(await fault { try await session(server, .tls([profile])) }?.code.rawValue == "tls.unknown-issuer")
        #expect(try #require(await server.nextEnd()).plain == [])
        await server.stop()
    }

    @Test("a TLS target that answers in plain is refused before anything but the handshake was sent")
    func plainAnswer() async throws {
        let server = try await TestServer.start(
            TestLoops.shared.group, .anything(.send(TestPhone.http(200, body: Array("<html/>".utf8)))))
        let profile = try TestCertificates.profile()
        #expect(await fault { try await session(server, .tls([profile])) }?.code == .tlsPlainHTTP)
        let end = try #require(await server.nextEnd())
        #expect(Self.contentTypes(of: end.raw) == [22])
        await server.stop()
    }

    @Test("a redirection is followed nowhere, and key material goes to whom it was meant for only")
    func redirection() async throws {
        let elsewhere = try await TestServer.start(TestLoops.shared.group, .anything(.close))
        let location = "Location: http://127.0.0.1:\(elsewhere.port)\(DirectXML.path)"
        let server = try await TestServer.start(
            TestLoops.shared.group, tls: try TestCertificates.server(try TestCertificates.material()),
            .requests { _ in .send(TestPhone.http(307, [location])) })
        let session = try await session(server, .tls([try TestCertificates.profile()]))
        let key = ManagementAction.transferFile(.serverKeyMaterial, content: Array("the private key".utf8))
        let fault = await fault { try await session.perform(key, password: SecretText("123456")) }
        #expect(fault?.code == .httpStatus)
        #expect(fault?.detail == "307")
        await session.close()
        await server.stop()
        await elsewhere.stop()
        #expect(await elsewhere.nextEnd() == nil)
    }

    @Test("key material is refused on a session that no profile authenticated, whatever is ordered")
    func unauthenticatedKey() async throws {
        let server = try await TestServer.start(TestLoops.shared.group, .requests { _ in .close })
        let session = try await session(server)
        for action in [
            ManagementAction.transferFile(.serverKeyMaterial, content: [1]), .readFile(.serverKeyMaterial),
        ] {
            #expect(await fault { try await session.perform(action, password: nil) }?.code == .tlsPlainRefused)
        }
        await session.close()
        #expect(try #require(await server.nextEnd()).raw == [])
        await server.stop()
    }

    @Test("the first profile of a list that accepts is the one that counts")
    func profileList() async throws {
        let server = try await phone(try TestCertificates.material())
        var old = try TestCertificates.profile()
        old.name = "old"
        old.subject = try SubjectPattern("CN=before")
        let session = try await session(server, .tls([old, try TestCertificates.profile()]))
        #expect(session.evidence.profile == "built-in")
        await session.close()
        await server.stop()
    }

    @Test("a lenient profile in the list does not lower the version for a strict one")
    func strictInList() async throws {
        let server = try await phone(try TestCertificates.material(), maximum: .tlsv12)
        let strict = try TestCertificates.profile(minimumTLS: .v1_3)
        var lenient = try TestCertificates.profile(minimumTLS: .v1_0, allowsLegacy: true)
        lenient.subject = try SubjectPattern("CN=somebody else")
        let fault = await fault { try await session(server, .tls([strict, lenient])) }
        #expect(fault?.code.rawValue == "tls.wrong-subject")
        await server.stop()
    }

    @Test("no profile at all is no licence to connect")
    func noProfile() async throws {
        let server = try await phone(try TestCertificates.material())
        #expect(await fault { try await session(server, .tls([])) }?.code == .tlsNoProfile)
        await server.stop()
    }

    /// The content types of the TLS records in a stream.
    static func contentTypes(of raw: [UInt8]) -> Set<UInt8> {
        var types: Set<UInt8> = []
        var position = 0
        while position + 5 <= raw.count {
            types.insert(raw[position])
            position += 5 + Int(raw[position + 3]) << 8 + Int(raw[position + 4])
        }
        return types
    }
}
