public import DeploymentModel
import TLSMaterial
public import struct Foundation.Date

/// Checks the files of a plan before it is run: what the planner, which knows no certificates, cannot see.
public enum FileCheck {
    /// Everything that stands in the way, one fault for all phones that have the same reason; empty when nothing does.
    ///
    /// A new chain must be good under the profiles that are to be valid after the change (`material.not-trusted`), and a
    /// content must be what the plan says (`input.secret`, `material.damaged`). The run checks it again, for each phone
    /// before anything is sent to it. Works on all processors; throws `CancellationError`.
    ///
    /// - Parameters:
    ///   - secrets: the texts by which the plan names them as `sealed:run/NAME`, by NAME.
    ///   - date: the moment at which certificates must be valid.
    public static func faults(
        of plan: TransferPlan, secrets: [String: SecretText], at date: Date
    ) async throws -> [Fault] {
        var profiles: [String: TrustProfile] = [:]
        var tally = FaultTally()
        for record in plan.profiles {
            do throws(Fault) { profiles[record.name] = try TrustProfile(record) } catch { tally.add(error) }
        }
        let contents = try await contents(of: plan, secrets)
        let known = profiles
        let found = try await Processors.map(plan.devices) { device in
            device.files.compactMap { file -> Fault? in
                guard case .transfer(let reference, let facts) = file.change, let content = contents[reference] else {
                    return nil
                }
                let trust = file.newTrust.isEmpty ? device.trust : file.newTrust
                do throws(Fault) {
                    try check(
                        try content.get(), facts, trust.compactMap { known[$0] }.resolved(for: device), at: date)
                    return nil
                } catch {
                    return error
                }
            }
        }
        for (device, faults) in zip(plan.devices, found) {
            for fault in faults { tally.add(fault, of: device.address) }
        }
        return tally.list
    }

    /// Each content once, however many phones are to get it.
    private static func contents(
        of plan: TransferPlan, _ secrets: [String: SecretText]
    ) async throws -> [SecretReference: Result<FileContent, Fault>] {
        var kinds: [SecretReference: FileKind] = [:]
        for file in plan.devices.lazy.flatMap(\.files) {
            if case .transfer(let reference, _) = file.change { kinds[reference] = file.kind }
        }
        let opened = try await Processors.map(Array(kinds)) { ($0.key, open($0.key, $0.value, secrets)) }
        return Dictionary(uniqueKeysWithValues: opened)
    }

    private static func open(
        _ reference: SecretReference, _ kind: FileKind, _ secrets: [String: SecretText]
    ) -> Result<FileContent, Fault> {
        guard case .sealed(let name) = reference, let secret = secrets[String(name.dropFirst("run/".count))] else {
            return .failure(Fault(.inputSecret, subject: reference.description, detail: "no such secret"))
        }
        do throws(Fault) {
            return .success(try FileContent(kind, secret, subject: kind.rawValue))
        } catch {
            return .failure(error)
        }
    }

    /// Throws what speaks against sending a content.
    static func check(
        _ content: FileContent, _ planned: FileFacts, _ profiles: [TrustProfile], at date: Date
    ) throws(Fault) {
        guard content.facts.fingerprint == planned.fingerprint else {
            throw Fault(.inputSecret, detail: "the sealed content is not the planned one")
        }
        guard case .material(let material) = content.meaning else { return }
        do throws(TrustFailure) {
            _ = try ChainVerifier().verify(material.chain, againstAnyOf: profiles, at: date)
        } catch {
            throw Fault(.materialNotTrusted, detail: "\(error.reason.rawValue): \(error.detail)")
        }
    }
}
