import Foundation

/// Judges one complete path whose signatures hold (RFC 5280 section 6.1 and the profile's own rules).
///
/// The order is from what makes the path meaningless to what is wrong with a sound path, so the first failure is the
/// most telling.
struct PathJudgement {
    let path: [ParsedCertificate]
    let profile: TrustProfile
    let role: ChainVerifier.PeerRole
    let time: Date
    let memory: SignatureMemory

    /// How far a path has come when it fails for this reason.
    static func rank(_ reason: TrustFailure.Reason) -> Int { order.firstIndex(of: reason) ?? 0 }

    private static let order: [TrustFailure.Reason] = [
        .issuerNotCA, .pathTooLong, .unknownCriticalExtension, .nameConstraints, .weakKey, .weakDigest,
        .badCertificate, .keyUsage,
        .extendedKeyUsage, .anchorExpired, .expired, .notYetValid, .wrongSubject, .pinMismatch,
    ]

    func run() throws(TrustFailure) {
        for index in path.indices.dropFirst() { try checkIssuer(index) }
        for index in path.indices { try checkCriticalExtensions(index) }
        try NameConstraintCheck(path: path).run()
        for index in path.indices { try checkStrength(index) }
        try checkLeafKey()
        try checkLeafUsage()
        for index in path.indices { try checkExtendedUsage(index) }
        for index in path.indices.reversed() { try checkValidity(index) }
        try checkSubject()
        try checkPin()
    }

    /// Basic constraints, path length and key usage of whoever signed another certificate.
    private func checkIssuer(_ index: Int) throws(TrustFailure) {
        let content = path[index].content
        if let constraints = content.extensions.basicConstraints {
            guard constraints.isCA else { throw TrustFailure(.issuerNotCA, detail: "\(who(index)) is not a CA") }
            // Self-issued intermediates do not count (RFC 5280 section 4.2.1.9).
            let between = path[1..<index].count { !$0.content.isSelfIssued }
            if let limit = constraints.pathLength, between > limit {
                let detail = "\(who(index)) allows \(limit) CAs below itself, the chain has \(between)"
                throw TrustFailure(.pathTooLong, detail: detail)
            }
        } else if content.version == 3 || !isAnchor(index) {
            let what =
                content.version == 3 ? "has no basic constraints" : "is X.509 v\(content.version) and not the anchor"
            throw TrustFailure(.issuerNotCA, detail: "\(who(index)) \(what), so it is no CA")
        }
        if let usage = content.extensions.keyUsage, !usage.contains(.keyCertSign) {
            throw TrustFailure(.keyUsage, detail: "\(who(index)) may not sign certificates (key usage)")
        }
    }

    private func checkCriticalExtensions(_ index: Int) throws(TrustFailure) {
        guard let unknown = path[index].content.extensions.unknownCritical.first else { return }
        let detail = "\(who(index)) has the critical extension \(unknown.dotted), which is not known here"
        throw TrustFailure(.unknownCriticalExtension, detail: detail)
    }

    private func checkStrength(_ index: Int) throws(TrustFailure) {
        if let problem = KeyStrength.problem(path[index], allowsLegacy: profile.allowsLegacy) {
            throw TrustFailure(.weakKey, detail: "\(who(index)) has \(problem)")
        }
        // Nobody relies on the signature of an anchor.
        guard !isAnchor(index) else { return }
        if KeyStrength.isWeak(path[index].content.signatureAlgorithm.digest, allowsLegacy: profile.allowsLegacy) {
            let detail = "\(who(index)) is signed by \(path[index].signatureDescription); at least SHA-256 is expected"
            throw TrustFailure(.weakDigest, detail: detail)
        }
    }

    /// The keys of issuers were loaded to check signatures; that of the leaf was not yet.
    private func checkLeafKey() throws(TrustFailure) {
        guard !memory.hasUsableKey(path[0]) else { return }
        throw TrustFailure(.badCertificate, detail: "\(who(0)) has a malformed \(path[0].keyDescription) key")
    }

    private func checkLeafUsage() throws(TrustFailure) {
        let wanted: KeyUsage = [.digitalSignature, .keyEncipherment, .keyAgreement]
        guard let usage = path[0].content.extensions.keyUsage, usage.isDisjoint(with: wanted) else { return }
        let detail = "\(who(0)) may neither sign nor encipher keys, so it is of no use for TLS (key usage)"
        throw TrustFailure(.keyUsage, detail: detail)
    }

    private func checkExtendedUsage(_ index: Int) throws(TrustFailure) {
        let wanted: ObjectIdentifier = role == .server ? .serverAuthentication : .clientAuthentication
        guard let purposes = path[index].content.extensions.extendedKeyUsage, !purposes.contains(wanted),
            !purposes.contains(.anyExtendedKeyUsage)
        else { return }
        let seen = purposes.prefix(3).map(\.dotted).joined(separator: ", ")
        let detail = "\(who(index)) is not for TLS \(role)s; its extended key usage is \(seen)"
        throw TrustFailure(.extendedKeyUsage, detail: detail)
    }

    /// From the anchor down, since an expired CA explains more than an expired leaf.
    private func checkValidity(_ index: Int) throws(TrustFailure) {
        let certificate = path[index]
        if time < certificate.notBefore {
            let detail = "\(who(index)) is valid from \(iso(certificate.notBefore)); the time is \(iso(time))"
            throw TrustFailure(.notYetValid, detail: detail)
        }
        guard time > certificate.notAfter else { return }
        // A leaf that is its own anchor is still a leaf.
        let asAnchor = isAnchor(index) && index > 0
        if asAnchor && profile.allowsExpiredAnchor { return }
        let detail = "\(who(index)) expired at \(iso(certificate.notAfter)); the time is \(iso(time))"
        throw TrustFailure(asAnchor ? .anchorExpired : .expired, detail: detail)
    }

    private func checkSubject() throws(TrustFailure) {
        let seen = path[0].subject
        guard let wanted = profile.subject.fixedSubject else {
            let detail = "each phone has its own subject (\(profile.subject)), and which one this is was not known"
            throw TrustFailure(.wrongSubject, detail: detail)
        }
        guard seen != wanted else { return }
        let hint = seen.isReversed(wanted) ? " (the same attributes in the opposite order)" : ""
        let detail = "expected \(wanted.short), the phone has \(seen.short)\(hint)"
        throw TrustFailure(.wrongSubject, detail: detail)
    }

    private func checkPin() throws(TrustFailure) {
        guard let pin = profile.pin else { return }
        let wanted = pin.lowercased().filter { $0 != ":" && !$0.isWhitespace }
        let seen = path[0].publicKeyFingerprint
        guard wanted != seen else { return }
        throw TrustFailure(.pinMismatch, detail: "expected key \(wanted.prefix(64)), the phone has \(seen)")
    }

    private func isAnchor(_ index: Int) -> Bool { index == path.count - 1 }

    private func who(_ index: Int) -> String {
        let role = index == 0 ? "leaf" : isAnchor(index) ? "trusted CA" : "intermediate CA"
        return "\(role) \(path[index].subject.short)"
    }

    private func iso(_ date: Date) -> String { date.formatted(.iso8601) }
}
