import DeploymentEngine
import DeploymentModel
import DeploymentStore
import Foundation
import TLSMaterial

/// What a scan changed in the device list.
struct IntakeSummary {
    var added: [Device] = []
    var changed = 0
    var conflicts: [Fault] = []
}

/// Brings scan rows into the device list through the one matching step.
struct ScanIntake {
    var workspace: Workspace

    /// Matches and saves all in one step; entries in conflict are marked and otherwise left as they are.
    func take(_ rows: [ScanRow]) async throws -> IntakeSummary {
        let list = try await workspace.store.devices()
        let decisions = DeviceMatcher(catalogue: workspace.catalogue).match(rows, against: list)
        var summary = IntakeSummary()
        var updated: [DeviceID: Device] = [:]
        var added: [Device] = []
        var changed: Set<DeviceID> = []
        for decision in decisions {
            switch decision {
            case .known(let device, let changes):
                updated[device.id] = device
                if !changes.isEmpty { changed.insert(device.id) }
            case .new(let fields):
                added.append(fields.device(id: DeviceID("")))
            case .conflict(let conflict):
                summary.conflicts.append(conflict.fault)
                for id in conflict.devices {
                    guard var device = updated[id] ?? list.first(where: { $0.id == id }) else { continue }
                    device.status = .conflict
                    updated[id] = device
                }
            }
        }
        withholdTakenNumbers(&updated, &added, in: list)
        summary.changed = changed.count
        summary.added = try await workspace.store.saveDevices(
            adding: added, updating: updated.values.sorted { $0.id < $1.id })
        return summary
    }

    /// A number can stand on one entry only: who comes second is listed without it, in conflict.
    private func withholdTakenNumbers(_ updated: inout [DeviceID: Device], _ added: inout [Device], in list: [Device]) {
        var holders: [TerminalNumber: DeviceID] = [:]
        for device in list where updated[device.id] == nil {
            if let number = device.number { holders[number] = device.id }
        }
        let known = Dictionary(uniqueKeysWithValues: list.map { ($0.id, $0.number) })
        for id in updated.keys.sorted() {
            guard var device = updated[id], let number = device.number else { continue }
            if holders[number] != nil {
                device.number = known[id] ?? nil
                device.status = .conflict
                updated[id] = device
            }
            if let number = device.number { holders[number] = id }
        }
        for index in added.indices {
            guard let number = added[index].number else { continue }
            if holders[number] != nil {
                added[index].number = nil
                added[index].status = .conflict
            } else {
                holders[number] = DeviceID("")
            }
        }
    }
}

/// Judges rows of a scan anew after trust profiles were added, from the chains that the phones presented in it.
enum Rejudgement {
    /// The rows that are now trusted, as they are now.
    static func judge(_ rows: [ScanRow], in trust: TrustDirectory, at time: Date) -> [ScanRow] {
        rows.compactMap { row in row.type.flatMap { judge(row, by: trust.profiles(for: $0), at: time) } }
    }

    /// The row as it is now, if one of the profiles accepts its chain and its TLS version; nil when it stays as it was.
    static func judge(_ row: ScanRow, by profiles: [TrustProfile], at time: Date) -> ScanRow? {
        guard row.status == .notTrusted, row.tls, row.type != nil, !row.chain.isEmpty else { return nil }
        let values = PhoneValues(row)
        let permitting = profiles.compactMap { try? $0.resolved(for: values) }
            .filter { $0.permits(tlsVersion: row.evidence?.tlsVersion) }
        guard !permitting.isEmpty,
            let verified = try? ChainVerifier().verify(row.chain, againstAnyOf: permitting, at: time)
        else { return nil }
        var judged = row
        judged.status = .phone
        judged.fault = nil
        judged.evidence?.profile = verified.profile
        return judged
    }
}
