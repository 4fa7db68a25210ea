/// What a phone says in `WWW-Authenticate` (RFC 7616 section 3.3): the nonce to compute with.
public struct DigestChallenge: Hashable, Sendable {
    public var realm: String
    public var nonce: String
    public var opaque: String?
    /// Whether only the nonce was at fault, so that the same password may be tried again.
    public var isStale: Bool

    public init(realm: String = DigestScheme.realm, nonce: String, opaque: String? = nil, isStale: Bool = false) {
        self.realm = realm
        self.nonce = nonce
        self.opaque = opaque
        self.isStale = isStale
    }

    /// Reads a `WWW-Authenticate` value, which may offer several challenges.
    ///
    /// - Returns: the first Digest challenge with SHA-256 and `qop=auth`; nil when there is none, for then the peer
    ///   asks for something weaker (MD5, Basic) that is never given.
    public init?(headerValue: String) {
        guard let offered = AuthParameters.parse(headerValue) else { return nil }
        for challenge in offered where challenge.scheme == "digest" {
            guard let realm = challenge["realm"], let nonce = challenge["nonce"], !nonce.isEmpty,
                nonce.utf8.count <= 512,
                challenge["algorithm"]?.uppercased() == DigestHash.name,
                Self.offersAuth(challenge["qop"])
            else { continue }
            self.init(
                realm: realm, nonce: nonce, opaque: challenge["opaque"],
                isStale: challenge["stale"]?.lowercased() == "true")
            return
        }
        return nil
    }

    /// The `WWW-Authenticate` value.
    public var headerValue: String {
        var text = "Digest realm=\(realm.httpQuoted), qop=\"auth\", algorithm=SHA-256, nonce=\(nonce.httpQuoted)"
        if let opaque { text += ", opaque=\(opaque.httpQuoted)" }
        if isStale { text += ", stale=true" }
        return text
    }

    private static func offersAuth(_ list: String?) -> Bool {
        guard let list else { return false }
        return list.split(whereSeparator: { $0 == "," || $0 == " " }).contains { $0.lowercased() == "auth" }
    }
}

/// What a phone says in `Authentication-Info` (RFC 7616 section 3.5).
public enum DigestNextNonce {
    /// The `nextnonce` of a header value; nil when there is none.
    public static func parse(_ headerValue: String) -> String? {
        // The header has parameters only; the scheme in front lets the one reader serve both.
        guard let nonce = AuthParameters.parse("digest " + headerValue)?.first?["nextnonce"],
            !nonce.isEmpty, nonce.utf8.count <= 512
        else { return nil }
        return nonce
    }

    /// The header value that announces `nonce`.
    public static func headerValue(_ nonce: String) -> String {
        "nextnonce=\(nonce.httpQuoted)"
    }
}
