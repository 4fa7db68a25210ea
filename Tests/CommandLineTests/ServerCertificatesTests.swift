import DeploymentModel
import DeploymentStore
import Foundation
import TLSMaterial
import Testing

@testable import phonefleet

@Suite("The program's certificates")
struct ServerCertificatesTests {
    private let now = Date()
    private let phone = DeviceID("d1")

    private func made(_ known: KeyMaterial? = nil, isNew: Bool = false, at time: Date? = nil) throws -> ServerIdentity {
        try ServerIdentity.issue(by: known, keyType: .p256, hasNewAuthority: isNew, at: time ?? now)
    }

    /// A store with one phone in secure mode, which believes by an authority.
    private func store(believing identity: ServerIdentity) async throws -> Store {
        let store = try Store.inMemory()
        try await store.saveDevices(adding: [
            Device(id: phone, address: "10.0.0.1", mac: MACAddress(value: 0x001A_E800_0001))
        ])
        try await store.proveSecureMode(of: phone, fingerprint: "aa", authority: identity.anchor.fingerprint)
        return store
    }

    private func keep(_ identity: ServerIdentity, as use: ServerCertificates.Use = .inUse, in store: Store) async throws
    {
        let kept = try await ServerCertificates(in: store)
        #expect(try await kept.write(kept.putting(identity, as: use), to: store))
    }

    @Test("A phone counts as believing only while the certificate that it knows is valid")
    func validity() throws {
        let identity = try made()
        let known = ServerTrust([phone: ServerBelief([identity.anchor.fingerprint])], inUse: nil)
        #expect(known.unbelieving(identity, at: now).isEmpty)
        #expect(known.unbelieving(identity, at: identity.certificate.notAfter + 1) == [phone])
        #expect(known.unbelieving(identity, at: identity.certificate.notBefore - 1) == [phone])
        #expect(known.fault(of: identity, at: identity.certificate.notAfter + 1)?.detail?.contains("expired") == true)
        let doubted = ServerTrust([phone: ServerBelief(doubtful: [identity.anchor.fingerprint])], inUse: identity)
        #expect(doubted.unbelieving(identity, at: now) == [phone])
        // Another authority of the same name is another one, and of whom nothing was noted came under the one in use.
        #expect(known.unbelieving(try made(), at: now) == [phone])
        #expect(ServerTrust([phone: ServerBelief()], inUse: identity).unbelieving(identity, at: now).isEmpty)
    }

    @Test("Two processes that make the first one at the same moment agree on one")
    func firstUse() async throws {
        let store = try Store.inMemory()
        async let one = ServerCertificates.current(in: store)
        async let two = ServerCertificates.current(in: store)
        let anchors = [try await one.inUse.anchor, try await two.inUse.anchor]
        #expect(anchors[0] == anchors[1])
        #expect(try await ServerCertificates.current(in: store).inUse.anchor == anchors[0])
    }

    @Test("An authority that has ended is replaced by itself only where no phone knows it", arguments: [true, false])
    func ended(isKnown: Bool) async throws {
        let identity = try made(at: now - 4_000 * 86_400)
        let store = isKnown ? try await store(believing: identity) : try Store.inMemory()
        try await keep(identity, in: store)
        let current = try await ServerCertificates.current(in: store, at: now).inUse
        #expect((current.anchor == identity.anchor) == isKnown)
        #expect((current.refusal(at: now) == nil) != isKnown)
    }

    @Test("The one beside is renewed too, by its own authority")
    func besideRenewed() async throws {
        let (usual, other) = (try made(), try made(isNew: true, at: now - 380 * 86_400))
        let store = try await store(believing: usual)
        try await keep(usual, in: store)
        try await keep(other, as: .beside, in: store)
        let kept = try await ServerCertificates.current(in: store, at: now).kept
        let beside = try #require(kept.beside)
        #expect(kept.inUse?.certificate == usual.certificate)
        #expect(beside.anchor == other.anchor)
        #expect(beside.certificate.notAfter > other.certificate.notAfter)
    }

    @Test("The one beside keeps who renews it when another authority comes into use, and brings it back")
    func besideAuthority() async throws {
        let usual = try made()
        let store = try await store(believing: usual)
        try await keep(usual, in: store)
        try await keep(try made(usual.authority), as: .beside, in: store)
        let other = try made(usual.authority, isNew: true)
        #expect(other.anchor.subject != usual.anchor.subject)
        try await keep(other, in: store)
        var kept = try await ServerCertificates(in: store)
        #expect(kept.beside?.isOurs == true)
        #expect(try await kept.write(try kept.exchanging(), to: store))
        kept = try await ServerCertificates(in: store)
        #expect(kept.inUse?.anchor == usual.anchor)
        #expect(kept.inUse?.isOurs == true)
        #expect(kept.beside?.isOurs == true)
        #expect(try await kept.write(try kept.dropping(), to: store))
        kept = try await ServerCertificates(in: store)
        #expect(kept.beside == nil)
        #expect(throws: Fault.self) { try kept.exchanging() }
    }

    @Test("What was decided by certificates that are gone is not done")
    func gone() async throws {
        let usual = try made()
        let store = try await store(believing: usual)
        try await keep(usual, in: store)
        try await keep(try made(usual.authority), as: .beside, in: store)
        let kept = try await ServerCertificates(in: store)
        #expect(try await kept.write(try kept.dropping(), to: store))
        #expect(try await !kept.write(try kept.exchanging(), to: store))
        #expect(try await ServerCertificates(in: store).inUse?.certificate == usual.certificate)
    }
}
