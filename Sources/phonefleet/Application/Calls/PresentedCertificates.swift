import DeploymentStore
import TLSMaterial

/// The program's certificates as they are presented to phones while these are told whom to believe.
struct PresentedCertificates {
    let inUse: ServerIdentity
    /// The one kept beside, if that comes from another authority.
    let beside: ServerIdentity?
    /// By whom the phones in secure mode believe.
    let trust: ServerTrust
    /// By which all of this was chosen.
    let state: ServerTrustState

    init(in store: Store) async throws {
        let (inUse, kept) = try await ServerCertificates.current(in: store)
        self.inUse = inUse
        beside = kept.beside.flatMap { $0.anchor == inUse.anchor ? nil : $0 }
        (trust, state) = (kept.trust, kept.state)
    }

    /// By which phones are to believe this program, that of the certificate in use first.
    var authorities: [ParsedCertificate] { [inUse, beside].compactMap { $0?.anchor } }

    var order: ServerTrustOrder { ServerTrustOrder(authorities.map(\.fingerprint), by: state) }
}
