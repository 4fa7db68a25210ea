import DeploymentEngine
import DeploymentModel
import Foundation
import PhoneTransport

/// A second look, with everything that the library can speak, at phones whose handshake failed for want of it.
///
/// An ordinary look offers what the trust profiles allow, so it never sees the chain of a phone that knows only old TLS.
struct LegacyLook {
    /// What was seen of the phones that could be met only so, by address.
    var rows: [String: ScanRow] = [:]

    /// The phones among the rows that may be met by an old version or cipher suite.
    static func look(at rows: [ScanRow], in workspace: Workspace) async throws -> LegacyLook {
        let trust = try await TrustDirectory.load(from: workspace)
        let loops = EventLoops()
        let probe = DirectProbe(loops: loops)
        let candidates = rows.filter { $0.tls && $0.chain.isEmpty && $0.status == .notTrusted && $0.port != nil }
        let seen = try await BoundedWork.map(candidates, width: 64) { row in
            let report = try await probe.contactLegacy(
                address: row.address, port: row.port ?? 443, profiles: trust.all, timeouts: ContactTimeouts())
            return ScanRow(
                report, catalogue: workspace.catalogue, profiles: { trust.profiles(for: $0) }, at: Date())
        }
        try await loops.shutDown()
        var look = LegacyLook()
        for row in seen where !row.chain.isEmpty { look.rows[row.address] = row }
        return look
    }
}
