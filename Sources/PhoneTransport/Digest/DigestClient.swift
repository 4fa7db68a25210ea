/// The tool's end of Digest authentication: counts the uses of a nonce and answers with the password.
///
/// A value of one session; requests are made one after the other.
public struct DigestClient: Sendable {
    private var challenge: DigestChallenge?
    private var uses: UInt32 = 0
    private let user: String
    private let clientNonce: [UInt8]
    private var cached: (password: String, realm: String, secret: DigestSecret)?

    public init(user: String = DigestScheme.user) {
        self.user = user
        clientNonce = DigestHash.randomText()
    }

    /// Whether the phone has said a nonce, so that a password can be used without an extra round trip.
    public var canAuthorize: Bool { challenge != nil }

    /// Takes the phone's newest challenge; a nonce that is already in use goes on being counted.
    public mutating func adopt(_ challenge: DigestChallenge) {
        if challenge.nonce != self.challenge?.nonce || challenge.realm != self.challenge?.realm { uses = 0 }
        self.challenge = challenge
    }

    /// Takes the nonce that the phone wants to see from now on.
    public mutating func adopt(nextNonce: String) {
        guard let current = challenge, current.nonce != nextNonce else { return }
        challenge?.nonce = nextNonce
        uses = 0
    }

    /// The `Authorization` value for the next request; nil as long as no challenge was seen.
    public mutating func authorization(method: String, uri: String, password: String) -> String? {
        guard let challenge else { return nil }
        uses &+= 1
        let count = DigestHash.eightDigits(uses)
        let response = secret(for: password, realm: challenge.realm).response(
            DigestUse(
                method: Array(method.utf8), uri: Array(uri.utf8), nonce: Array(challenge.nonce.utf8), count: count,
                clientNonce: clientNonce))
        var text = "Digest username=\(user.httpQuoted), realm=\(challenge.realm.httpQuoted), uri=\(uri.httpQuoted)"
        text += ", algorithm=SHA-256, qop=auth, nonce=\(challenge.nonce.httpQuoted), nc="
        text += String(decoding: count, as: UTF8.self)
        text += ", cnonce=\""
        text += String(decoding: clientNonce, as: UTF8.self)
        text += "\", response=\""
        text += String(decoding: response, as: UTF8.self)
        text += "\""
        if let opaque = challenge.opaque { text += ", opaque=\(opaque.httpQuoted)" }
        return text
    }

    private mutating func secret(for password: String, realm: String) -> DigestSecret {
        if let cached, cached.password == password, cached.realm == realm { return cached.secret }
        let secret = DigestSecret(user: user, realm: realm, password: password)
        cached = (password, realm, secret)
        return secret
    }
}
