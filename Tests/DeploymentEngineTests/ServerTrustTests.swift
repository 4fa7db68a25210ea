import DeploymentEngine
import DeploymentModel
import DeploymentStore
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
        visit.proof = proof.map { CallPlace(dialer: bench.dialer(to: $0), desk: bench.desk) }
        visit.keeping.begin = { try await store.setServerTrust([], of: id) }
        visit.keeping.prove = { _ in try await store.setServerTrust(all, of: id) }
        return visit
    }

    private func noted(_ bench: SecureBench) async throws -> Set<String>? {
        try await bench.store.serverTrust()[bench.device.id]
    }

    private func code(_ body: () async throws -> Void) async -> StatusCode? {
        do {
            try await body()
            return nil
        } catch {
            return (error as? Fault)?.code
        }
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
            #expect(await code { try await back.trustServer() } == .phoneDidNotCall)
            #expect(try await bench.mode() == .active)
        }
    }

    @Test("A phone that does not believe the other certificate proves nothing, and is reached as before")
    func unbelieved() async throws {
        try await withSecurePhone { bench in
            let old = bench.serverAnchor
            var visit = try await visit(bench, at: bench.server, trusting: [old], proof: bench.coming)
            visit.keeping.begin = { bench.clock.hurry() }
            #expect(await code { try await visit.trustServer() } == .callServerNotBelieved)
            #expect(try await noted(bench) == [])
            bench.clock.calm()
            try await self.visit(bench, at: bench.server, trusting: [old]).trustServer()
            #expect(try await noted(bench) == [old.fingerprint])
        }
    }

    @Test("Nothing is told to a phone that did not prove itself")
    func notAuthenticated() async throws {
        try await SecureBench.with { bench in
            var visit = try await visit(bench, at: bench.server, trusting: [bench.comingAnchor])
            visit.place.dialer = PlainDialer(inner: visit.place.dialer)
            #expect(await code { try await visit.trustServer() } == .tlsPlainRefused)
            #expect(try await bench.refusalInDefaultMode() == nil)
        }
    }
}
