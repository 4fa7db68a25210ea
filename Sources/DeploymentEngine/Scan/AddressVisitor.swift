import DeploymentModel
import Foundation
import PhoneTransport
import TLSMaterial

/// Looks at all ports of one address.
struct AddressVisitor: Sendable {
    let probe: any PhoneProbe
    let catalogue: Catalogue
    let request: ScanRequest
    let now: @Sendable () -> Date
    /// Every profile that may matter: which of them applies is known only when the phone has said its type.
    private let profiles: [TrustProfile]

    init(probe: any PhoneProbe, catalogue: Catalogue, request: ScanRequest, now: @escaping @Sendable () -> Date) {
        self.probe = probe
        self.catalogue = catalogue
        self.request = request
        self.now = now
        var seen: Set<String> = []
        let all = [request.profiles(nil)] + catalogue.types.map { request.profiles($0.id) }
        profiles = all.joined().filter { seen.insert($0.name).inserted }
    }

    /// Contacts the ports together, because a silent one takes the whole timeout, and keeps what tells most.
    func visit(_ address: String) async throws -> ScanRow {
        if request.ports.count == 1, let port = request.ports.first { return try await look(address, port) }
        return try await withThrowingTaskGroup(of: (Int, ScanRow).self) { group in
            for (place, port) in request.ports.enumerated() {
                group.addTask { (place, try await look(address, port)) }
            }
            var rows: [ScanRow?] = Array(repeating: nil, count: request.ports.count)
            while let (place, row) = try await group.next() {
                rows[place] = row
                // A phone over TLS is as good as it gets; whatever the other ports would say does not matter.
                if row.tls, row.status == .phone { break }
            }
            group.cancelAll()
            return ScanRow.best(of: rows.compactMap(\.self)) ?? ScanRow(address: address)
        }
    }

    private func look(_ address: String, _ port: ScanRequest.Port) async throws -> ScanRow {
        let report = try await probe.contact(
            address: address, port: port.number, tls: port.tls, profiles: port.tls ? profiles : [],
            timeouts: request.pace.timeouts)
        return ScanRow(report, catalogue: catalogue, profiles: request.profiles, at: now())
    }
}
