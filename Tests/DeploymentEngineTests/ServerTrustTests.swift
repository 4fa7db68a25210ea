@testable import DeploymentEngine
import DeploymentModel
import DeploymentStore
import Foundation
import PhoneTransport
import TLSMaterial
import Testing

/// Takes phones as they come, whatever is demanded of them.
private struct PlainDialer: PhoneDialer {
    let inner: any PhoneDialer

    func session(with target: PhoneTarget) async throws -> any PhoneSession {
        var target = target
        target.security = .plain
        return try await inner.session(with: target)
    }
}

@Suite("Phones in secure mode that are told whom to believe, live", .timeLimit(.minutes(5)))
struct ServerTrustTests {
    /// A phone in secure mode, which believes the usual server.
    private func withSecurePhone(_ body: (SecureBench) async throws -> Void) async throws {
        try await SecureBench.with { bench in
            try await bench.visit(try bench.order(try bench.material())).carryOut()
            try await body(bench)
        }
    }

    /// - Parameters:
    ///   - place: where the phone is told.
    ///   - proof: where it proves that it was.
    private func visit(
        _ bench: SecureBench, at place: WPIServer, trusting authorities: [ParsedCertificate], proof: WPIServer? = nil
    ) async throws -> SecureModeVisit {
        var visit = try await bench.visit(SecureModeOrder(trusting: authorities))
        let (store, id, all) = (bench.store, bench.device.id, Set(authorities.map(\.fingerprint)))
        visit.place.dialer = bench.dialer(to: place)
        visit.place.desk = place === bench.coming ? bench.comingDesk : bench.desk
        visit.proof = proof.map { CallPlace(dialer: bench.dialer(to: $0), desk: bench.comingDesk) }
        visit.keeping.begin = { try await store.setServerTrust(ServerBelief(), of: id) }
        visit.keeping.prove = { _ in try await store.setServerTrust(ServerBelief(all), of: id) }
        return visit
    }

    private func noted(_ bench: SecureBench) async throws -> Set<String>? {
        try await bench.store.serverTrustState(of: []).beliefs[bench.device.id]?.sure
    }

    @Test("A phone believes two authorities on the way from one to the other, and proves each step by a call")
    func wholeWay() async throws {
        try await withSecurePhone { bench in
            let (old, new) = (bench.serverAnchor, bench.comingAnchor)
            try await visit(bench, at: bench.server, trusting: [old, new], proof: bench.coming).trustServer()
            #expect(try await noted(bench) == [old.fingerprint, new.fingerprint])
            // The certificate of the usual server is believed as before, and told in it the phone gives up the other.
            try await visit(bench, at: bench.server, trusting: [old]).trustServer()
            #expect(try await noted(bench) == [old.fingerprint])
            try await visit(bench, at: bench.server, trusting: [old, new], proof: bench.coming).trustServer()
            // It is reached by the new one alone, and believes nothing else in the end.
            try await visit(bench, at: bench.coming, trusting: [new]).trustServer()
            #expect(try await noted(bench) == [new.fingerprint])
            let back = try await visit(bench, at: bench.server, trusting: [old])
            bench.clock.hurry()
            #expect(await fault { try await back.trustServer() } == .phoneDidNotCall)
            #expect(try await bench.mode() == .active)
        }
    }

    @Test("A phone that does not believe the other certificate proves nothing, and is reached as before")
    func unbelieved() async throws {
        try await withSecurePhone { bench in
            let old = bench.serverAnchor
            var visit = try await visit(bench, at: bench.server, trusting: [old], proof: bench.coming)
            visit.keeping.begin = { bench.clock.hurry() }
            #expect(await fault { try await visit.trustServer() } == .callServerNotBelieved)
            #expect(try await noted(bench) == [])
            bench.clock.calm()
            try await self.visit(bench, at: bench.server, trusting: [old]).trustServer()
            #expect(try await noted(bench) == [old.fingerprint])
        }
    }

    @Test("Each place is written by itself, the authority that the phone believes already first")
    func places() throws {
        let (old, new) = (try certificate("Old"), try certificate("New"))
        let order = SecureModeOrder(trusting: [old, new])
        let keys = (0...1).map { ItemKey("dls-server-ca", index: $0) }
        #expect(order.messages == [[Item(keys[0], value: old.pem)], [Item(keys[1], value: new.pem)]])
        #expect(SecureModeOrder(trusting: [new]).messages.map { $0.map(\.value) } == [[new.pem], [""]])
    }

    private func certificate(_ name: String) throws -> ParsedCertificate {
        let subject = try DistinguishedName(relativeNames: [[.init(type: "CN", text: name)]])
        return try CertificateAuthority.make(
            subject: subject, keyType: .p256, days: 1, policy: AuthorityPolicy(subject: SubjectPattern(subject)),
            at: Date()
        ).certificate
    }

    @Test("Nothing is told to a phone that did not prove itself")
    func notAuthenticated() async throws {
        try await SecureBench.with { bench in
            var visit = try await visit(bench, at: bench.server, trusting: [bench.comingAnchor])
            visit.place.dialer = PlainDialer(inner: visit.place.dialer)
            #expect(await fault { try await visit.trustServer() } == .tlsPlainRefused)
            #expect(try await bench.refusalInDefaultMode() == nil)
        }
    }
}
