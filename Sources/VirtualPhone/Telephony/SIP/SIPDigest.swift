import Crypto
import DeploymentModel
import PhoneTransport

/// What a SIP server asks a client to prove itself with (RFC 3261 section 22, RFC 8760).
struct SIPChallenge: Hashable, Sendable {
    enum Algorithm: String, Hashable, Sendable {
        case md5 = "MD5"
        case sha256 = "SHA-256"
    }

    var algorithm: Algorithm
    /// The algorithm as the server wrote it; nil when it did not, which means MD5.
    var namedAlgorithm: String?
    var realm: String
    var nonce: String
    var opaque: String?
    /// Whether `qop=auth` is spoken; without it as RFC 2069 did.
    var hasQop: Bool
    var isStale: Bool

    /// The strongest challenge of a message that can be answered; throws with what is wrong when there is none.
    static func best(of values: [String]) throws(SIPProblem) -> SIPChallenge {
        let offered = values.flatMap { AuthParameters.parse($0) ?? [] }.filter { $0.scheme == "digest" }
        let known = offered.compactMap(SIPChallenge.init)
        if let best = known.first(where: { $0.algorithm == .sha256 }) ?? known.first { return best }
        let names = offered.compactMap { $0["algorithm"] }.joined(separator: ", ")
        throw SIPProblem(
            offered.isEmpty
                ? "the server asks for a password in no way known here"
                : "the server asks for Digest in no way known here\(names.isEmpty ? "" : " (\(names))")")
    }

    private init?(_ given: AuthParameters) {
        guard let realm = given["realm"], let nonce = given["nonce"], !nonce.isEmpty, nonce.utf8.count <= 1024,
            let algorithm = Algorithm(rawValue: (given["algorithm"] ?? "MD5").uppercased())
        else { return nil }
        let qualities = given["qop"]?.split(whereSeparator: { $0 == "," || $0 == " " }).map { $0.lowercased() }
        if let qualities, !qualities.contains("auth") { return nil }
        self.algorithm = algorithm
        namedAlgorithm = given["algorithm"]
        self.realm = realm
        self.nonce = nonce
        opaque = given["opaque"]
        hasQop = qualities != nil
        isStale = given["stale"]?.lowercased() == "true"
    }
}

/// The answers to one server's challenges: counts the uses of a nonce, so that it serves for many requests.
struct SIPCredentials: Sendable {
    private var challenge: SIPChallenge?
    private var uses: UInt32 = 0
    private let clientNonce = RandomText.digits(16)

    mutating func adopt(_ challenge: SIPChallenge) {
        if challenge.nonce != self.challenge?.nonce { uses = 0 }
        self.challenge = challenge
    }

    /// The value of `Authorization` or `Proxy-Authorization`; nil as long as no challenge was seen.
    mutating func answer(method: String, uri: String, user: String, password: SecretText) -> String? {
        guard let challenge else { return nil }
        uses &+= 1
        let hash = challenge.algorithm.hash
        let secret = hash("\(user):\(challenge.realm):\(password.reveal())")
        let request = hash("\(method):\(uri)")
        var text = "Digest username=\(AuthParameters.quoted(user)), realm=\(AuthParameters.quoted(challenge.realm))"
        text += ", nonce=\(AuthParameters.quoted(challenge.nonce)), uri=\(AuthParameters.quoted(uri))"
        if challenge.hasQop {
            let count = HexText.eightDigits(uses)
            let response = hash("\(secret):\(challenge.nonce):\(count):\(clientNonce):auth:\(request)")
            text += ", response=\"\(response)\", qop=auth, nc=\(count), cnonce=\"\(clientNonce)\""
        } else {
            text += ", response=\"\(hash("\(secret):\(challenge.nonce):\(request)"))\""
        }
        if let named = challenge.namedAlgorithm { text += ", algorithm=\(named)" }
        if let opaque = challenge.opaque { text += ", opaque=\(AuthParameters.quoted(opaque))" }
        return text
    }
}

extension SIPChallenge.Algorithm {
    /// The hash of a text in lower-case hexadecimal.
    fileprivate var hash: (String) -> String {
        switch self {
        case .md5: { HexText.of(Insecure.MD5.hash(data: Array($0.utf8))) }
        case .sha256: { HexText.of(SHA256.hash(data: Array($0.utf8))) }
        }
    }
}

/// Bytes and numbers in lower-case hexadecimal.
enum HexText {
    private static let digits = Array("0123456789abcdef".utf8)

    static func of(_ bytes: some Sequence<UInt8>) -> String {
        var text: [UInt8] = []
        text.reserveCapacity(64)
        for byte in bytes {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }

    static func eightDigits(_ number: UInt32) -> String {
        of((0..<4).map { UInt8(truncatingIfNeeded: number >> UInt32(24 - 8 * $0)) })
    }
}

/// Texts that nobody can guess, for tags, branches, call ids and nonces.
enum RandomText {
    /// - Parameter bytes: how many random bytes; the text has twice as many digits.
    static func digits(_ bytes: Int) -> String {
        var generator = SystemRandomNumberGenerator()
        return HexText.of((0..<bytes).map { _ in UInt8.random(in: 0...255, using: &generator) })
    }
}
