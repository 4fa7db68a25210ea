import Crypto

/// What a phone makes of an `Authorization` header.
public enum DigestVerdict: Hashable, Sendable {
    /// The password is right and the request is no replay. A next nonce is to be announced in `Authentication-Info`.
    case accepted(nextNonce: String?)
    /// The password is right, but the nonce is foreign, too old, used up or was seen with this count: answer 401 with
    /// ``DigestAuthenticator/challenge(isStale:at:)``, stale.
    case stale
    /// The password (or the user, realm or URI) is wrong.
    case wrong
    /// No Digest credentials with SHA-256 and `qop=auth`.
    case malformed
}

/// The phone's end of Digest authentication (RFC 7616): issues nonces and judges answers.
///
/// Nonces are sealed with a key of this value, so issuing one keeps nothing: whoever asks for a million nonces can
/// neither fill the memory nor push out those in use. Only a nonce that was used with the right password is kept, with
/// its highest count. Of those the oldest makes room, and then everything issued up to it is stale, so that a
/// forgotten nonce can never be used again.
///
/// Times are seconds of any clock that never goes back. One owner calls; nothing is locked inside.
public struct DigestAuthenticator: Sendable {
    private struct Nonce {
        var serial: UInt32
        var highestCount: UInt32
    }

    private let realm: String
    private let lifetime: UInt64
    private let usesPerNonce: UInt32
    private let key: SymmetricKey
    private var issued: UInt32 = 0
    /// In rising order of serials; nonces in use.
    private var inUse: [Nonce] = []
    private var forgottenUpTo: UInt32 = 0
    private static let capacity = 32

    /// - Parameters:
    ///   - lifetime: seconds for which a nonce is good.
    ///   - usesPerNonce: highest nonce count that is taken; the next nonce is announced before it is reached.
    public init(realm: String = DigestScheme.realm, lifetime: UInt64 = 300, usesPerNonce: UInt32 = 1000) {
        self.realm = realm
        self.lifetime = lifetime
        self.usesPerNonce = max(1, usesPerNonce)
        key = SymmetricKey(size: .bits128)
    }

    /// A challenge with a fresh nonce.
    public mutating func challenge(isStale: Bool = false, at now: UInt64) -> DigestChallenge {
        DigestChallenge(realm: realm, nonce: issue(at: now), isStale: isStale)
    }

    /// Judges the credentials of one request.
    ///
    /// - Parameters:
    ///   - headerValue: the `Authorization` value.
    ///   - uri: the request target as it stood in the request line.
    ///   - secret: what the right password amounts to in this realm.
    public mutating func verify(
        _ headerValue: String, method: String, uri: String, user: String = DigestScheme.user, secret: DigestSecret,
        at now: UInt64
    ) -> DigestVerdict {
        guard let credentials = DigestCredentials(headerValue) else { return .malformed }
        let use = DigestUse(
            method: Array(method.utf8), uri: Array(uri.utf8), nonce: Array(credentials.nonce.utf8),
            count: Array(credentials.count.utf8), clientNonce: Array(credentials.clientNonce.utf8))
        let isRight = DigestHash.isEqual(secret.response(use), credentials.response.utf8)
        guard isRight, credentials.user == user, credentials.realm == realm, credentials.uri == uri else {
            return .wrong
        }
        guard let count = DigestHash.number(use.count).map(UInt32.init(truncatingIfNeeded:)),
            let serial = serial(of: use.nonce, at: now), register(serial, count: count)
        else { return .stale }
        return .accepted(nextNonce: count >= usesPerNonce ? issue(at: now) : nil)
    }

    /// 16 digits of time, 8 of serial number, 32 of seal.
    private mutating func issue(at now: UInt64) -> String {
        issued &+= 1
        let head =
            DigestHash.eightDigits(UInt32(truncatingIfNeeded: now >> 32))
            + DigestHash.eightDigits(UInt32(truncatingIfNeeded: now)) + DigestHash.eightDigits(issued)
        return String(decoding: head + seal(head[...]), as: UTF8.self)
    }

    private func seal(_ head: ArraySlice<UInt8>) -> [UInt8] {
        DigestHash.hexDigits(of: HMAC<SHA256>.authenticationCode(for: head, using: key).prefix(16))
    }

    /// The serial number of a nonce that we issued and that is not too old.
    private func serial(of nonce: [UInt8], at now: UInt64) -> UInt32? {
        guard nonce.count == 56, DigestHash.isEqual(nonce[24...], seal(nonce[..<24])),
            let time = DigestHash.number(nonce[..<16]), let serial = DigestHash.number(nonce[16..<24]),
            now >= time, now - time <= lifetime
        else { return nil }
        return UInt32(truncatingIfNeeded: serial)
    }

    /// Whether this count of the nonce is new; remembers it then.
    private mutating func register(_ serial: UInt32, count: UInt32) -> Bool {
        guard count > 0, count <= usesPerNonce, serial > forgottenUpTo else { return false }
        if let known = inUse.firstIndex(where: { $0.serial == serial }) {
            guard count > inUse[known].highestCount else { return false }
            inUse[known].highestCount = count
            return true
        }
        let place = inUse.firstIndex { $0.serial > serial } ?? inUse.count
        inUse.insert(Nonce(serial: serial, highestCount: count), at: place)
        if inUse.count > Self.capacity { forgottenUpTo = inUse.removeFirst().serial }
        return true
    }
}

/// The parameters of an `Authorization` header that the judgement needs.
struct DigestCredentials: Hashable {
    var user: String
    var realm: String
    var nonce: String
    var uri: String
    var response: String
    var count: String
    var clientNonce: String

    /// Nil unless it is Digest with SHA-256, `qop=auth` and every parameter that RFC 7616 section 3.4 demands.
    init?(_ headerValue: String) {
        guard let list = AuthParameters.parse(headerValue), list.count == 1, let given = list.first,
            given.scheme == "digest", given["algorithm"]?.uppercased() == DigestHash.name, given["qop"] == "auth",
            let user = given["username"], let realm = given["realm"], let nonce = given["nonce"],
            let uri = given["uri"], let response = given["response"], let count = given["nc"], count.utf8.count == 8,
            let clientNonce = given["cnonce"], !clientNonce.isEmpty
        else { return nil }
        self.user = user
        self.realm = realm
        self.nonce = nonce
        self.uri = uri
        self.response = response
        self.count = count
        self.clientNonce = clientNonce
    }
}
