import DeploymentEngine
import DeploymentModel
import DeploymentStore
import Foundation
import ManagementXML
import PhoneTransport
import TLSMaterial

/// Who is looked at, and what the device list knows of it.
struct Patient: Sendable {
    var address: String
    var port: Int
    var tls: Bool
    /// Whether the phone calls, and is not called (WPI).
    var calls = false
    /// The entry of the device list; nil for an address that is not on it.
    var device: Device?
    var groups: [String] = []
}

/// What a close look at one phone found, with what device list and trust profiles say to it.
struct Examination: Sendable {
    /// What another port of the phone presented.
    struct OtherPort: Sendable {
        var port: Int
        /// SHA-256 of the leaf, lower-case hexadecimal.
        var fingerprint: String
        var isSame: Bool
    }

    var patient: Patient
    var diagnosis: Diagnosis
    /// The cause; nil when all is well.
    var fault: Fault?
    /// The type by the device list, else by the phone's own word.
    var type: PhoneType?
    /// What the phone says of itself.
    var identity: PhoneIdentity?
    /// Whether the phone says that it holds key material of its own; nil when it said nothing.
    var hasOwnKeyMaterial: Bool?
    var otherPort: OtherPort?
    /// Other devices of the list that last presented the same certificate.
    var twins = 0

    /// By the device list, else by the phone's own word: for subjects that each phone has for itself.
    var values: PhoneValues {
        if let device = patient.device { return PhoneValues(device) }
        return PhoneValues(
            mac: identity?.mac?.description, number: identity?.number?.rawValue, type: type?.id.rawValue,
            ip: patient.address)
    }

    /// How a phone of this type and software is reached.
    var access: ManagementAccess? { type?.access(for: patient.device?.softwareVersion ?? identity?.softwareVersion) }
}

/// Looks closely at phones: what they present, and what the device list and the trust profiles say to that.
struct Examiner: Sendable {
    let catalogue: Catalogue
    let trust: TrustDirectory
    /// Devices of the list by the certificate that they last presented.
    let holders: [String: Int]
    let probe: DirectProbe
    let timeouts: ContactTimeouts
    /// Where phones serve their web pages over TLS; looked at where it is not the management port.
    let webPort: Int

    init(
        catalogue: Catalogue, trust: TrustDirectory, devices: [Device], loops: EventLoops, timeouts: ContactTimeouts,
        webPort: Int
    ) {
        self.catalogue = catalogue
        self.trust = trust
        holders = devices.compactMap(\.certificateFingerprint).reduce(into: [:]) { $0[$1, default: 0] += 1 }
        probe = DirectProbe(loops: loops)
        self.timeouts = timeouts
        self.webPort = webPort
    }

    /// - Throws: `CancellationError` only.
    func examine(_ patient: Patient) async throws -> Examination {
        let known = patient.device.map { trust.profiles(for: $0, groups: patient.groups) }
        let diagnosis = try await probe.diagnose(
            address: patient.address, port: patient.port, tls: patient.tls, profiles: known ?? trust.all,
            timeouts: timeouts)
        var examination = Examination(patient: patient, diagnosis: diagnosis)
        if let reply = diagnosis.contact.identity {
            examination.identity = PhoneIdentity(reply)
            examination.hasOwnKeyMaterial = reply.files.contains { $0.kind == .serverKeyMaterial }
        }
        let listed = patient.device?.type.flatMap { catalogue[$0] }
        let possible = examination.identity?.types(in: catalogue) ?? []
        let said = possible.first { $0.id == listed?.id } ?? (possible.count == 1 ? possible.first : nil)
        examination.type = listed ?? said
        judge(&examination, by: known)
        if examination.fault == nil, let listed = patient.device?.type, let said, said.id != listed {
            examination.fault = Fault(
                .phoneWrongType, subject: patient.address,
                detail: "listed as \(listed), the phone says \(said.deviceType)")
        }
        examination.twins = twins(of: examination)
        examination.otherPort = try await otherPort(of: examination)
        return examination
    }

    /// An address that is not on the list is judged by what applies to the type that it says it is.
    private func judge(_ examination: inout Examination, by known: [TrustProfile]?) {
        let values = examination.values
        let applying =
            known
            ?? (examination.type.map { trust.profiles(for: $0.id) } ?? trust.all).compactMap {
                try? $0.resolved(for: values)
            }
        let names = Set(applying.map(\.name))
        let others = trust.all.filter { !names.contains($0.name) }.compactMap { try? $0.resolved(for: values) }
        if examination.patient.tls { examination.diagnosis.judge(by: applying, others: others) }
        examination.fault = examination.diagnosis.fault
    }

    private func twins(of examination: Examination) -> Int {
        guard let leaf = examination.diagnosis.certificates.first else { return 0 }
        let isCounted = examination.patient.device?.certificateFingerprint == leaf.fingerprint
        return max(0, holders[leaf.fingerprint, default: 0] - (isCounted ? 1 : 0))
    }

    private func otherPort(of examination: Examination) async throws -> Examination.OtherPort? {
        let patient = examination.patient
        guard webPort != patient.port, let leaf = examination.diagnosis.certificates.first else { return nil }
        let report = try await probe.contactLegacy(
            address: patient.address, port: webPort, profiles: [], timeouts: timeouts)
        guard let seen = report.evidence.certificateFingerprint else { return nil }
        return Examination.OtherPort(port: webPort, fingerprint: seen, isSame: seen == leaf.fingerprint)
    }
}
