import DeploymentEngine
import DeploymentModel
import DeploymentStore
import Foundation
import TLSMaterial

/// Brings certificates of an outside CA together with the requests that wait for them.
struct CertificateIntake {
    var workspace: Workspace
    /// Name of the trust profile for the phones that get them.
    var profile: String

    /// What was taken over.
    struct Summary {
        var certificates: [IssuedCertificate] = []
        var patterns: Set<String> = []
        var anchors: [ParsedCertificate] = []
        /// Whether each phone has a trust profile of the subject in its certificate.
        var hasOwnProfiles = false
    }

    /// Takes all that fit a request, in one step; throws a ``FaultList`` when one of them cannot be used.
    func take(_ returned: ReturnedCertificates) async throws -> Summary {
        var summary = Summary()
        var faults: [Fault] = []
        let requests = try await workspace.store.pendingRequests()
        let keys = try await workspace.store.materialKeys(requests.map(\.keyFingerprint))
        let now = Date()
        for request in requests {
            guard let leaf = returned.certificate(of: request.keyFingerprint) else { continue }
            let chain = returned.chain(from: leaf)
            let material = KeyMaterial(
                privateKey: keys[request.keyFingerprint]?.fileContent ?? [], chain: chain.map(\.der))
            faults += MaterialCheck.findings(of: material, limits: .init(), at: now).map {
                Fault(StatusCode($0.code.rawValue), subject: request.subject, detail: $0.detail)
            }
            do throws(MaterialError) {
                summary.certificates.append(
                    try IssuedCertificate(
                        chain: material.chain, authority: nil, holder: .device(request.device), profile: profile,
                        at: now))
            } catch {
                faults.append(Fault(error, subject: request.subject))
            }
            summary.patterns.insert(request.pattern)
            if let top = chain.last, !summary.anchors.contains(top) { summary.anchors.append(top) }
        }
        guard faults.isEmpty else { throw FaultList(faults) }
        guard !summary.certificates.isEmpty else {
            let waiting = Words.count(requests.count, "request")
            throw Fault(.inputNotFound, detail: "no certificate is for the key of one of \(waiting) that wait")
        }
        let known = try await workspace.store.trustRecords()
        let trust = try trustRecord(for: summary, among: known)
        try await check(summary, against: trust, at: now)
        if (try? SubjectPattern(trust.subject))?.mayChange == true {
            try await giveOwnProfiles(to: &summary, like: trust, besides: known)
        }
        let isKnown = known.contains { $0.name == profile }
        try await workspace.store.answerRequests(with: summary.certificates, trust: isKnown ? nil : trust)
        return summary
    }

    private func giveOwnProfiles(
        to summary: inout Summary, like shared: TrustRecord, besides known: [TrustRecord]
    ) async throws {
        var profiles = SubjectProfiles(known)
        for place in summary.certificates.indices {
            let chain = summary.certificates[place].chain
            guard let leaf = chain.first.flatMap({ try? ParsedCertificate(der: $0) }) else { continue }
            let own = profiles.profile(of: leaf, like: shared)
            try await workspace.store.saveTrust(own)
            summary.certificates[place].profile = own.name
        }
        summary.hasOwnProfiles = true
    }

    /// The profile that there is, or is to be made.
    private func trustRecord(for summary: Summary, among records: [TrustRecord]) throws(Fault) -> TrustRecord {
        let known = records.first { $0.name == profile }
        guard known != nil || summary.patterns.count == 1, let pattern = known?.subject ?? summary.patterns.first
        else {
            throw Fault(
                .inputValue, subject: profile,
                detail: "the requests have different patterns; make a trust profile first and name it with --profile")
        }
        return known ?? TrustRecord(name: profile, subject: pattern, anchors: summary.anchors.map(\.pem))
    }

    /// Throws when the phones would not be believed under it, for instance because the CA wrote another subject.
    private func check(_ summary: Summary, against record: TrustRecord, at time: Date) async throws {
        let unresolved = try TrustProfile(record)
        let devices = Dictionary(
            uniqueKeysWithValues: try await workspace.store.devices().map { ($0.id, PhoneValues($0)) })
        var faults: [Fault] = []
        for certificate in summary.certificates {
            let values = certificate.holder.device.flatMap { devices[$0] } ?? PhoneValues()
            guard let profile = try? unresolved.resolved(for: values) else { continue }
            do throws(TrustFailure) {
                _ = try ChainVerifier().verify(certificate.chain, against: profile, at: time)
            } catch {
                faults.append(
                    Fault(StatusCode(error.reason.rawValue), subject: certificate.subject, detail: error.detail))
            }
        }
        guard faults.isEmpty else { throw FaultList(faults) }
    }
}
