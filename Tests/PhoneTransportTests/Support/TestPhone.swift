import DeploymentModel
import Foundation
import ManagementXML
import NIOSSL
import Synchronization
import TLSMaterial

@testable import PhoneTransport

/// A phone of a few lines: answers the management interface as the reference says, with Digest authentication.
final class TestPhone: Sendable {
    private struct State {
        var authenticator: DigestAuthenticator
        var now: UInt64 = 0
        var wrong = 0
    }

    private let state: Mutex<State>
    private let secret = DigestSecret(password: "123456")
    private let offersNonceEarly: Bool
    private let reply: @Sendable (ManagementAction) -> ManagementReply

    init(
        authenticator: DigestAuthenticator = DigestAuthenticator(), offersNonceEarly: Bool = true,
        reply: @escaping @Sendable (ManagementAction) -> ManagementReply = TestPhone.accept
    ) {
        state = Mutex(State(authenticator: authenticator))
        self.offersNonceEarly = offersNonceEarly
        self.reply = reply
    }

    /// Lets the phone's clock run on.
    func pass(seconds: UInt64) {
        state.withLock { $0.now += seconds }
    }

    static let accept: @Sendable (ManagementAction) -> ManagementReply = { action in
        ManagementReply(
            action: action.name, status: .accepted,
            items: action == .identify ? [Item(ItemKey("device-type"), value: "optiPoint 410")] : [])
    }

    func answer(_ request: TestServer.Request) -> TestServer.Answer {
        let message: ManagementRequest
        do throws(WireError) {
            message = try DirectXML.decodeRequest(request.body)
        } catch {
            return .send(Self.http(400, body: DirectXML.encode(error, id: nil)))
        }
        return state.withLock { state in
            var fields: [String] = []
            if message.action == .identify || message.action == .status {
                if offersNonceEarly { fields = [challenge(&state, isStale: false)] }
            } else {
                switch authorize(request, &state) {
                case .accepted(let next):
                    fields = next.map { ["Authentication-Info: \(DigestNextNonce.headerValue($0))"] } ?? []
                case .stale: return .send(Self.http(401, [challenge(&state, isStale: true)]))
                case .wrong:
                    state.wrong += 1
                    if state.wrong > 3 { return .send(Self.http(429, ["Retry-After: 4"])) }
                    return .send(Self.http(401, [challenge(&state, isStale: false)]))
                case .malformed: return .send(Self.http(401, [challenge(&state, isStale: false)]))
                }
            }
            let response = ManagementResponse(id: message.id, reply: reply(message.action))
            return .send(Self.http(200, fields, body: DirectXML.encode(response)))
        }
    }

    private func challenge(_ state: inout State, isStale: Bool) -> String {
        "WWW-Authenticate: \(state.authenticator.challenge(isStale: isStale, at: state.now).headerValue)"
    }

    private func authorize(_ request: TestServer.Request, _ state: inout State) -> DigestVerdict {
        guard let header = request.header("Authorization") else { return .malformed }
        return state.authenticator.verify(
            header, method: "POST", uri: DirectXML.path, secret: secret, at: state.now)
    }

    static func http(_ status: Int, _ fields: [String] = [], body: [UInt8] = []) -> [UInt8] {
        let lines = ["HTTP/1.1 \(status) X"] + fields + ["Content-Length: \(body.count)", "", ""]
        return Array(lines.joined(separator: "\r\n").utf8) + body
    }
}

/// Certificates for tests, made once.
enum TestCertificates {
    static let ca = try? CertificateIssuer.selfSigned(template("CN=Test CA,O=Example"))
    static let otherCA = try? CertificateIssuer.selfSigned(template("CN=Other CA,O=Example"))
    static let subject = "CN=optiPoint 410,O=Example"
    static let now = Date(timeIntervalSince1970: 1_800_000_000)

    struct Missing: Error {}

    static func template(_ subject: String, from: Double = -1, to: Double = 100) throws -> CertificateIssuer.Template {
        CertificateIssuer.Template(
            subject: try DistinguishedName(rfc4514: subject), notBefore: now.addingTimeInterval(from * 86_400),
            notAfter: now.addingTimeInterval(to * 86_400))
    }

    static func material(
        _ subject: String = subject, by issuer: CertificateIssuer? = ca, from: Double = -1, to: Double = 10,
        keyType: CertificateIssuer.KeyType = .p256
    ) throws -> KeyMaterial {
        guard let issuer else { throw Missing() }
        var template = try template(subject, from: from, to: to)
        template.keyType = keyType
        return try issuer.issue(template)
    }

    static func profile(
        minimumTLS: TrustProfile.MinimumTLS = .v1_2, allowsLegacy: Bool = false
    ) throws -> TrustProfile {
        guard let ca else { throw Missing() }
        return TrustProfile(
            name: "built-in", subject: try DistinguishedName(rfc4514: subject), anchors: [ca.certificate],
            minimumTLS: minimumTLS, allowsLegacy: allowsLegacy)
    }

    static func server(_ material: KeyMaterial, maximum: TLSVersion? = nil) throws -> TLSConfiguration {
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: try material.chain.map { .certificate(try NIOSSLCertificate(bytes: $0, format: .der)) },
            privateKey: .privateKey(try NIOSSLPrivateKey(bytes: material.privateKey, format: .der)))
        configuration.maximumTLSVersion = maximum
        return configuration
    }
}

/// The threads that all tests of this target share.
enum TestLoops {
    static let shared = EventLoops(threads: 2)
}

extension ContactTimeouts {
    /// For peers that answer: no load of the machine makes them silent.
    static let patient = ContactTimeouts(connect: 60, handshake: 60, reply: 60)
    /// For peers that are there and shall be found silent.
    static let short = ContactTimeouts(connect: 60, handshake: 0.3, reply: 0.3)
    /// For peers that shake hands and are no phones.
    static let unanswered = ContactTimeouts(connect: 60, handshake: 60, reply: 0.3)
}

/// Opens a session with a test server.
func session(
    _ server: TestServer, _ security: PhoneTarget.Security = .plain, timeouts: ContactTimeouts = .patient
) async throws -> any PhoneSession {
    try await DirectDialer(loops: TestLoops.shared, now: { TestCertificates.now })
        .session(with: PhoneTarget(address: "127.0.0.1", port: server.port, security: security, timeouts: timeouts))
}

/// Looks at a test server.
func look(
    _ port: Int, tls: Bool = true, profiles: [TrustProfile] = [], timeouts: ContactTimeouts = .patient
) async throws -> ContactReport {
    try await DirectProbe(loops: TestLoops.shared, now: { TestCertificates.now })
        .contact(address: "127.0.0.1", port: port, tls: tls, profiles: profiles, timeouts: timeouts)
}

/// The fault that a body throws.
func fault(of body: () async throws -> some Any) async -> Fault? {
    do {
        _ = try await body()
        return nil
    } catch {
        return error as? Fault
    }
}
