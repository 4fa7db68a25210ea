import DeploymentModel
import DeploymentStore
import Foundation
import TLSMaterial

/// By which authorities the phones in secure mode, and those on the way there, believe this program.
struct ServerTrust {
    /// By the SHA-256 of the authorities' certificates.
    let byDevice: [DeviceID: ServerBelief]

    /// - Parameter inUse: whom phones believe of which nothing was noted: they came under the certificate in use.
    init(_ noted: [DeviceID: ServerBelief], inUse: ServerIdentity?) {
        let usual = ServerBelief(inUse.map { [$0.anchor.fingerprint] } ?? [])
        byDevice = noted.mapValues { $0.isUnknown ? usual : $0 }
    }

    /// The phones that would not call a server with this certificate, or may not, in the order of their ids.
    func unbelieving(_ identity: ServerIdentity, at time: Date = Date()) -> [DeviceID] {
        let isValid = identity.refusal(at: time) == nil
        return byDevice.filter { !isValid || !identity.isKnown(by: $0.value.sure) }.keys.sorted()
    }

    /// Says which phones would be lost with this certificate alone; nothing when none would.
    func fault(of identity: ServerIdentity, at time: Date = Date()) -> Fault? {
        let phones = unbelieving(identity, at: time)
        guard !phones.isEmpty else { return nil }
        let named = phones.prefix(5).map(\.rawValue).joined(separator: ", ")
        let more = phones.count > 5 ? ", ..." : ""
        let why = identity.refusal(at: time).map { "; \($0)" } ?? ""
        return Fault(
            .callServerNotBelieved, subject: "server certificate",
            detail: "\(phones.count) of \(Words.count(byDevice.count, "phone")) in secure mode: \(named)\(more)\(why)")
    }
}
