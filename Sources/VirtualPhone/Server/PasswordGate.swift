import DeploymentModel
import PhoneTransport

/// The phone's end of the password check: Digest, and a pause after wrong passwords that grows.
struct PasswordGate {
    enum Verdict {
        case right(nextNonce: String?)
        /// Answer 401 with this challenge.
        case challenge(DigestChallenge, wasWrong: Bool)
        /// Answer 429.
        case comeBack(seconds: Int)
    }

    private var digest = DigestAuthenticator()
    private var secret: (password: String, secret: DigestSecret)?
    private var wrong = 0
    private var closedUntil = 0.0
    private static let freeTries = 3
    private static let longestPause = 60.0

    mutating func challenge(at now: Double) -> DigestChallenge {
        digest.challenge(at: UInt64(max(0, now)))
    }

    /// Judges the credentials of a request that needs the password.
    mutating func judge(
        _ authorization: String?, method: String, uri: String, password: String, at now: Double
    ) -> Verdict {
        guard now >= closedUntil else { return .comeBack(seconds: max(1, Int((closedUntil - now).rounded(.up)))) }
        guard let authorization else { return .challenge(challenge(at: now), wasWrong: false) }
        let verdict = digest.verify(
            authorization, method: method, uri: uri, secret: secret(of: password), at: UInt64(max(0, now)))
        switch verdict {
        case .accepted(let nextNonce):
            wrong = 0
            return .right(nextNonce: nextNonce)
        case .stale:
            return .challenge(digest.challenge(isStale: true, at: UInt64(max(0, now))), wasWrong: false)
        case .malformed: return .challenge(challenge(at: now), wasWrong: false)
        case .wrong:
            noteWrongPassword(at: now)
            return .challenge(challenge(at: now), wasWrong: true)
        }
    }

    private mutating func noteWrongPassword(at now: Double) {
        wrong += 1
        guard wrong >= Self.freeTries else { return }
        let doublings = min(wrong - Self.freeTries, 6)
        closedUntil = now + min(Self.longestPause, Double(1 << doublings))
    }

    private mutating func secret(of password: String) -> DigestSecret {
        if let secret, secret.password == password { return secret.secret }
        let made = DigestSecret(password: password)
        secret = (password, made)
        return made
    }
}
