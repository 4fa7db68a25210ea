import DeploymentModel
import DeploymentTesting
import Foundation
import ManagementXML
import Synchronization
import TLSMaterial

@testable import PhoneTransport

/// Notes calls in memory and does with them what the test says.
final class TestReceiver: CallReceiver {
    private struct State {
        var startUps: [MACAddress: Int] = [:]
        var noted: [MACAddress] = []
        var secondPhones: [MACAddress: String] = [:]
    }

    private let state = Mutex(State())
    private let refusal: @Sendable (IncomingCall) throws -> Fault?
    private let work: @Sendable (IncomingCall, CallNote) async -> Void
    /// The calls that were handed over, as they come.
    let received: AsyncStream<IncomingCall>
    private let feed: AsyncStream<IncomingCall>.Continuation

    init(
        work: @escaping @Sendable (IncomingCall, CallNote) async -> Void = { call, _ in await call.session.close() },
        refusal: @escaping @Sendable (IncomingCall) throws -> Fault? = { _ in nil }
    ) {
        self.refusal = refusal
        self.work = work
        (received, feed) = AsyncStream.makeStream()
    }

    func note(_ call: IncomingCall) async throws -> CallNote {
        let refusal = try refusal(call)
        return state.withLock { state in
            state.noted.append(call.mac)
            if call.opening.reason == .startUp { state.startUps[call.mac, default: 0] += 1 }
            return CallNote(startUps: state.startUps[call.mac] ?? 0, refusal: refusal)
        }
    }

    func receive(_ call: IncomingCall, _ note: CallNote) async {
        feed.yield(call)
        await work(call, note)
    }

    func noteSecondPhone(_ mac: MACAddress, at address: String) {
        state.withLock { $0.secondPhones[mac] = address }
    }

    var noted: [MACAddress] { state.withLock { $0.noted } }
    var secondPhones: [MACAddress: String] { state.withLock { $0.secondPhones } }
}

extension TestReceiver {
    /// Holds each call open until the phone says the next thing: asks it for everything, then lets it go.
    static func asking() -> TestReceiver {
        TestReceiver { call, _ in
            _ = try? await call.session.perform(.readAllItems, password: nil)
            await call.session.close()
        }
    }
}

/// Events that a test waits for.
final class Latch: Sendable {
    private let events: AsyncStream<Void>
    private let feed: AsyncStream<Void>.Continuation

    init() { (events, feed) = AsyncStream.makeStream() }

    func open() { feed.yield() }

    func wait() async {
        for await _ in events { return }
    }
}

enum TestServers {
    static let mac = "00:1A:E8:12:34:56"
    static let phone = MACAddress(value: 0x001A_E812_3456)

    static func start(
        _ receiver: TestReceiver = TestReceiver(), securePort: Int? = nil, pollPort: Int? = nil,
        minimumTLS: TrustProfile.MinimumTLS = .v1_2, allowsLegacy: Bool = false,
        limits change: (inout WPILimits) -> Void = { _ in },
        report: @escaping @Sendable (WPIDefect, Fault) -> Void = { _, _ in },
        profiles: @escaping @Sendable (MACAddress) async throws -> [TrustProfile] = { _ in [] }
    ) async throws -> WPIServer {
        var limits = WPILimits()
        // No load of the machine ends a conversation; a test of a limit sets it.
        limits.handshake = 300
        limits.firstRequest = 300
        limits.request = 300
        limits.idle = 300
        limits.linger = 300
        limits.queueing = 300
        limits.thinking = 300
        limits.reply = 300
        limits.refusal = 300
        change(&limits)
        return try await WPIServer.start(
            WPIServerConfiguration(
                address: "127.0.0.1", port: 0, securePort: securePort, pollPort: pollPort,
                material: try TestCertificates.material("CN=server,O=Example"), minimumTLS: minimumTLS,
                allowsLegacy: allowsLegacy, limits: limits, profiles: profiles),
            receiver: receiver, loops: TestLoops.shared, now: { TestCertificates.now }, report: report)
    }
}

/// What phones in secure mode show, and by what they are judged.
enum SecureCallers {
    static let subject = "CN=phone-1,O=Example"

    static func material(
        _ subject: String = subject, isOther: Bool = false, by issuer: CertificateIssuer? = nil, from: Double = -1,
        to: Double = 100
    ) throws -> KeyMaterial {
        guard let issuer = issuer ?? (isOther ? TestCertificates.otherCA : TestCertificates.ca) else {
            throw TestCertificates.Missing()
        }
        var template = try TestCertificates.template(subject, from: from, to: to)
        template.extendedKeyUsage = .value(["1.3.6.1.5.5.7.3.2"])
        return try issuer.issue(template)
    }

    static func profile(
        _ authority: CertificateIssuer? = TestCertificates.ca, allowsExpiredAnchor: Bool = false
    ) throws -> TrustProfile {
        guard let authority else { throw TestCertificates.Missing() }
        return TrustProfile(
            name: "phones", subject: try DistinguishedName(rfc4514: subject), anchors: [authority.certificate],
            allowsExpiredAnchor: allowsExpiredAnchor)
    }
}

/// Where a phone listens for contact-me: counts who knocks and answers as told.
func doorbell(_ status: Int = 204) async throws -> TestServer {
    try await TestServer.start(TestLoops.shared.group, .requests { _ in .sendThenClose(TestPhone.http(status)) })
}

extension WPIServerMessage {
    func text(of name: String) -> String? { items.first { $0.key.name == name }?.value }
}
