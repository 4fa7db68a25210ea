import struct Foundation.Date

/// Looks for a path from the leaf to an anchor that is good under a profile, depth first, with bounded work.
struct PathSearch {
    /// A failure and how far the path had come by then.
    struct Setback {
        let failure: TrustFailure
        let progress: Int
    }

    /// Signature checks per search; enough for any honest chain, and an end for chains made of cross-certificates.
    static let workLimit = 128

    private let leaf: ParsedCertificate
    private let others: [ParsedCertificate]
    private let profile: TrustProfile
    private let role: ChainVerifier.PeerRole
    private let time: Date
    private let memory: SignatureMemory
    private var work = 0
    private(set) var furthest: Setback?

    init(
        _ chain: [ParsedCertificate], profile: TrustProfile, role: ChainVerifier.PeerRole, time: Date,
        memory: SignatureMemory
    ) {
        leaf = chain[0]
        others = Array(chain.dropFirst())
        self.profile = profile
        self.role = role
        self.time = time
        self.memory = memory
    }

    /// The first good path, or nil with ``furthest`` set.
    mutating func run() -> [ParsedCertificate]? { extend([leaf]) }

    private mutating func extend(_ path: [ParsedCertificate]) -> [ParsedCertificate]? {
        let last = path[path.count - 1]
        if profile.anchors.contains(last) {
            do throws(TrustFailure) {
                try PathJudgement(path: path, profile: profile, role: role, time: time, memory: memory).run()
                return path
            } catch { note(error, progress: 1_000 + PathJudgement.rank(error.reason)) }
        } else if last.content.isSelfIssued, isSigned(last, by: last) {
            // A root of its own: whatever else has this name, it did not sign this one.
            note(noIssuer(of: last, at: path.count - 1), progress: path.count * 2)
            return nil
        }
        let candidates = candidates(above: path)
        if candidates.isEmpty { note(noIssuer(of: last, at: path.count - 1), progress: path.count * 2) }
        for candidate in candidates {
            do throws(TrustFailure) {
                try checkLink(last, candidate, at: path.count - 1)
            } catch {
                note(error, progress: path.count * 2 + 1)
                continue
            }
            if let good = extend(path + [candidate]) { return good }
        }
        return nil
    }

    /// Certificates whose subject is the issuer, anchors first, those with the right key identifier before others.
    private func candidates(above path: [ParsedCertificate]) -> [ParsedCertificate] {
        guard path.count <= ChainVerifier.chainLimit else { return [] }
        let last = path[path.count - 1]
        let wanted = last.content.extensions.authorityKeyIdentifier
        var likely: [ParsedCertificate] = []
        var others: [ParsedCertificate] = []
        for candidate in profile.anchors + self.others where candidate.subject == last.issuer {
            // The same name and key twice in a path is a loop.
            guard !path.contains(where: { $0.sharesNameAndKey(with: candidate) }),
                !likely.contains(candidate), !others.contains(candidate)
            else { continue }
            let identifier = candidate.content.extensions.subjectKeyIdentifier
            if wanted == nil || identifier == nil || wanted == identifier {
                likely.append(candidate)
            } else {
                others.append(candidate)
            }
        }
        return likely + others
    }

    /// What must hold before a signature can be checked at all, then the signature.
    private mutating func checkLink(
        _ certificate: ParsedCertificate, _ issuer: ParsedCertificate, at index: Int
    ) throws(TrustFailure) {
        let who = "\(index == 0 ? "leaf" : "CA") \(certificate.subject.short)"
        switch certificate.content.signatureAlgorithm {
        case .rsaPKCS1(.md2), .rsaPKCS1(.md5):
            throw TrustFailure(.weakDigest, detail: "\(who) is signed by \(certificate.signatureDescription)")
        case .unsupported(let name):
            throw TrustFailure(.badSignature, detail: "\(who) is signed by \(name), which cannot be checked")
        default: break
        }
        if let problem = KeyStrength.problem(issuer, allowsLegacy: true) {
            throw TrustFailure(.weakKey, detail: "issuer \(issuer.subject.short) has \(problem)")
        }
        work += 1
        guard work <= Self.workLimit else {
            throw TrustFailure(
                .pathTooLong, detail: "too many possible paths; given up after \(Self.workLimit) signatures")
        }
        guard isSigned(certificate, by: issuer) else {
            throw TrustFailure(.badSignature, detail: "\(who) was not signed by the key of \(issuer.subject.short)")
        }
    }

    private func isSigned(_ certificate: ParsedCertificate, by issuer: ParsedCertificate) -> Bool {
        memory.isSigned(certificate, by: issuer)
    }

    private func noIssuer(of last: ParsedCertificate, at index: Int) -> TrustFailure {
        let name = last.issuer.short
        if last.content.isSelfIssued {
            let namesake = profile.anchors.contains { $0.subject == last.subject }
            let hint = namesake ? "; a CA of this name is trusted but has another key" : ""
            let who = index == 0 ? "self-signed leaf" : "self-signed CA"
            return TrustFailure(
                .unknownIssuer, detail: "\(who) \(name) is not trusted by '\(profile.name)'\(hint)")
        }
        let who = index == 0 ? "leaf" : "CA \(last.subject.short)"
        return TrustFailure(
            .chainIncomplete, detail: "\(who) was issued by \(name), which was not sent and is not trusted")
    }

    private mutating func note(_ failure: TrustFailure, progress: Int) {
        if progress > furthest?.progress ?? -1 { furthest = Setback(failure: failure, progress: progress) }
    }
}

extension ParsedCertificate {
    fileprivate func sharesNameAndKey(with other: ParsedCertificate) -> Bool {
        content.keyDigest == other.content.keyDigest && subject == other.subject
    }
}

extension DistinguishedName {
    /// For error texts.
    var short: String { isEmpty ? "(empty name)" : TrustFailure.cut(description, to: 90) }
}
