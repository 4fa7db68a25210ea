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

/// Judges rows of a scan anew, from the chains that the phones presented in it.
enum Rejudgement {
    /// The rows that are now trusted, as they are now.
    ///
    /// A known device with profiles of its own is judged by these, every other phone by those of its type.
    static func judge(_ rows: [ScanRow], in trust: TrustDirectory, at time: Date) -> [ScanRow] {
        rows.compactMap { row in
            row.type.flatMap { type in
                judge(row, by: trust.ownProfiles(for: row) ?? trust.profiles(for: type), at: time)
            }
        }
    }

    /// The row as it is now, if one of the profiles accepts its chain and its TLS version; nil when it stays as it was.
    static func judge(_ row: ScanRow, by profiles: [TrustProfile], at time: Date) -> ScanRow? {
        guard row.status == .notTrusted, row.tls, row.type != nil, !row.chain.isEmpty,
            let profile = try? nameOfProfile(accepting: row, among: profiles, at: time)
        else { return nil }
        var judged = row
        judged.status = .phone
        judged.fault = nil
        judged.evidence?.profile = profile
        return judged
    }

    /// The row as the known device that it is about is judged: by its own profiles alone where it has any.
    ///
    /// Whom the profile of the type accepted is not trusted when the device's own refuse it: built-in key material,
    /// which many have, is no proof in the place of a phone that was given its own.
    static func judgeByDevice(_ row: ScanRow, in trust: TrustDirectory, at time: Date) -> ScanRow {
        guard row.tls, let profiles = trust.ownProfiles(for: row) else { return row }
        guard row.status == .phone || row.status == .unknownType else {
            return judge(row, by: profiles, at: time) ?? row
        }
        var judged = row
        do throws(Fault) {
            let profile = try nameOfProfile(accepting: row, among: profiles, at: time)
            judged.evidence?.profile = profile
        } catch {
            judged.status = .notTrusted
            judged.fault = error
            judged.evidence?.profile = nil
        }
        return judged
    }

    /// The profile that accepts the row's chain and its TLS version; throws why none does.
    private static func nameOfProfile(
        accepting row: ScanRow, among profiles: [TrustProfile], at time: Date
    ) throws(Fault) -> String {
        let values = PhoneValues(row)
        let usable = profiles.compactMap { try? $0.resolved(for: values) }
        guard !usable.isEmpty else { throw Fault(.tlsNoProfile, subject: row.address) }
        let spoken = row.evidence?.tlsVersion
        let permitting = usable.filter { $0.permits(tlsVersion: spoken) }
        guard !permitting.isEmpty else {
            throw Fault(.tlsProtocolVersion, subject: row.address, detail: spoken.map { "TLS \($0)" })
        }
        do throws(TrustFailure) {
            return try ChainVerifier().verify(row.chain, againstAnyOf: permitting, at: time).profile
        } catch {
            throw Fault(StatusCode(error.reason.rawValue), subject: row.address, detail: error.detail)
        }
    }
}
