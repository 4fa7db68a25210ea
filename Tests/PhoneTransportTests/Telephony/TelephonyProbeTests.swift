import DeploymentModel
import DeploymentTesting
import Foundation
import TLSMaterial
import Testing

@testable import PhoneTransport

@Suite("The chain of a telephony server is taken as a phone sees it", .timeLimit(.minutes(5)))
struct TelephonyProbeTests {
    private let authority: ThrowawayCA
    private let material: KeyMaterial
    private let timeouts = ContactTimeouts(connect: 60, handshake: 60, reply: 60)

    init() throws {
        authority = try ThrowawayCA(subject: "CN=Telephony CA")
        material = try authority.issue("CN=sip.test")
    }

    private func look(at address: String, _ port: Int) async throws -> TelephonySight {
        let loops = EventLoops(threads: 1)
        let sight = try await TelephonyProbe(loops: loops).look(at: address, port: port, timeouts: timeouts)
        try await loops.shutDown()
        return sight
    }

    @Test func aRegistrar_showsItsChain_andHearsNoWord() async throws {
        try await Kamailio.with(material) { server in
            let sight = try await look(at: server.address, server.port)
            #expect(sight.chain == material.chain && sight.fault == nil && sight.tlsVersion != nil)
            #expect(server.requests.isEmpty)
            let trusted = try TrustedCertificates([authority.issuer.certificate])
            guard case .accepted? = sight.judge(by: trusted, at: Date()) else {
                Issue.record("the right CA was refused")
                return
            }
        }
    }

    @Test func aForeignServer_namesTheCAThatIsMissing() async throws {
        let server = try await OpenSSLServer.start(material)
        let sight = try await look(at: "127.0.0.1", server.port)
        let other = try TrustedCertificates([try ThrowawayCA(subject: "CN=Other CA").issuer.certificate])
        guard case .refused(let refusal)? = sight.judge(by: other, at: Date()) else {
            Issue.record("a foreign CA was accepted")
            return
        }
        #expect(refusal.failure.reason == .unknownIssuer)
        #expect(refusal.missingIssuer?.description == "CN=Telephony CA")
        #expect(refusal.presentedIssuer == authority.issuer.certificate)
    }

    @Test(arguments: [["-tls1_2"], ["-tls1_3"]]) func everyVersion_isSpoken(options: [String]) async throws {
        let server = try await OpenSSLServer.start(material, options)
        let sight = try await look(at: "127.0.0.1", server.port)
        #expect(sight.chain == material.chain)
        #expect(sight.tlsVersion == (options == ["-tls1_2"] ? "1.2" : "1.3"))
    }

    @Test func aServerWithoutTLS_isTold() async throws {
        let loops = EventLoops(threads: 1)
        let server = try await TestServer.start(
            loops.group, .anything(.send(Array("SIP/2.0 400 Bad Request\r\n\r\n".utf8))))
        let sight = try await look(at: "127.0.0.1", server.port)
        #expect(sight.speaksNoTLS && sight.chain.isEmpty)
        try await loops.shutDown()
    }

    @Test func nobodyThere_isAFault_andNoVerdict() async throws {
        let sight = try await look(at: "127.0.0.1", 1)
        #expect(sight.fault?.code == .netRefused && !sight.speaksNoTLS)
        let trusted = try TrustedCertificates([authority.issuer.certificate])
        #expect(sight.judge(by: trusted, at: Date()) == nil)
    }
}
