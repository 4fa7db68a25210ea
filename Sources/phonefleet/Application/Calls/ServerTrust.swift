import DeploymentModel
import DeploymentStore
import TLSMaterial

/// By which authorities the phones in secure mode believe this program.
struct ServerTrust {
    /// SHA-256 of the authorities' certificates.
    let byDevice: [DeviceID: Set<String>]

    init(in store: Store) async throws {
        let noted = try await store.serverTrust()
        let current = try await ServerIdentity.kept(.inUse, in: store)?.anchor.fingerprint
        // Of whom nothing is noted came into secure mode under the certificate in use.
        byDevice = noted.mapValues { $0.isEmpty ? Set([current].compactMap(\.self)) : $0 }
    }

    /// The phones that would not call a server with this certificate, in the order of their ids.
    func unbelieving(_ identity: ServerIdentity) -> [DeviceID] {
        byDevice.filter { !identity.isBelieved(by: $0.value) }.keys.sorted()
    }

    /// Says which phones would be lost; nothing when none would.
    func fault(of phones: [DeviceID]) -> Fault? {
        guard !phones.isEmpty else { return nil }
        let named = phones.prefix(5).map(\.rawValue).joined(separator: ", ")
        let more = phones.count > 5 ? ", ..." : ""
        return Fault(
            .callServerNotBelieved, subject: "server certificate",
            detail: "\(phones.count) of \(Words.count(byDevice.count, "phone")) in secure mode: \(named)\(more)")
    }
}
