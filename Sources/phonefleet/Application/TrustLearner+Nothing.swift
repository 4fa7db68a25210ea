import DeploymentModel
import Foundation
import TLSMaterial

extension TrustLearner {
    /// Why there is nothing to learn from these rows: what each phone failed with, or that all are trusted already.
    func whyNothing(in rows: [ScanRow], of subject: String) -> FaultList {
        let faults = rows.compactMap { row in
            Self.expiry(of: row) ?? row.fault.map { Fault($0.code, subject: row.address, detail: $0.detail) }
        }
        guard faults.isEmpty else { return FaultList(faults) }
        let isTrusted = rows.contains { $0.status == .phone && $0.tls }
        return FaultList([
            Fault(
                .inputNotFound, subject: subject,
                detail: isTrusted
                    ? "every phone with TLS is trusted already" : "no phone presented a CA certificate of its own")
        ])
    }

    /// A phone without a profile whose own chain is not in order: the chain's flaw says more than the missing profile.
    private static func expiry(of row: ScanRow) -> Fault? {
        guard row.status == .notTrusted, let der = row.chain.first, let leaf = try? ParsedCertificate(der: der),
            let anchor = row.chain.lazy.compactMap({ try? ParsedCertificate(der: $0) }).last(where: \.isSelfSigned)
        else { return nil }
        let profile = TrustProfile(name: "candidate", subject: leaf.subject, anchors: [anchor])
        do throws(TrustFailure) {
            _ = try ChainVerifier().verify(row.chain, against: profile, at: row.seenAt ?? Date())
            return nil
        } catch {
            return Fault(StatusCode(error.reason.rawValue), subject: row.address, detail: error.detail)
        }
    }
}
