import DeploymentModel

/// The REGISTER requests of one phone at one registrar: numbers, credentials, and which answer belongs to which.
///
/// All requests share one `Call-ID` and count up (RFC 3261 section 10.2).
struct RegisterDialogue: Sendable {
    private let account: SIPAccount
    private let callID = RandomText.digits(16)
    private let tag = RandomText.digits(8)
    private var branch = ""
    private var number: UInt32 = 0
    private var server = SIPCredentials()
    private var proxy = SIPCredentials()
    /// Challenges that were answered since ``begin(leaving:)``, by server and by proxy.
    private var answered = (server: 0, proxy: 0)
    private var isLeaving = false
    /// The time that the registrar wants at least.
    private var least: UInt32?

    init(account: SIPAccount) {
        self.account = account
    }

    /// The time that is asked for; nil = as the registrar likes.
    var expires: UInt32? {
        if isLeaving { return 0 }
        return account.expires.map { max($0, least ?? 0) } ?? least
    }

    /// A new attempt: whatever was answered before does not count against it.
    mutating func begin(leaving: Bool = false) {
        answered = (0, 0)
        isLeaving = leaving
    }

    /// The next request.
    mutating func next() -> [UInt8] {
        number &+= 1
        branch = "z9hG4bK\(RandomText.digits(12))"
        return RegisterRequest(
            account: account, callID: callID, tag: tag, branch: branch, number: number, expires: expires,
            credentials: credentials()
        ).bytes
    }

    /// Whether a response answers the newest request (section 17.1.3).
    func isAnswered(by message: SIPMessage) -> Bool {
        guard let sequence = message.sequence else { return false }
        return message.branch == branch && sequence == (number, RegisterRequest.method)
    }

    /// Takes a challenge; the next request answers it.
    ///
    /// - Throws: what is to be told when it can not be answered, or when the answer was wrong: a second challenge whose
    ///   nonce is not merely too old (section 22.2 forbids to try the same again).
    mutating func adopt(_ message: SIPMessage, isProxy: Bool) throws(SIPProblem) {
        let challenge = try SIPChallenge.best(of: message.values(isProxy ? "proxy-authenticate" : "www-authenticate"))
        if let wanted = account.realm, wanted != challenge.realm {
            throw SIPProblem("the server asks for realm '\(challenge.realm)', the phone has '\(wanted)'")
        }
        let before = isProxy ? answered.proxy : answered.server
        guard before == 0 || (challenge.isStale && before < 3) else {
            throw SIPProblem("the server refused user '\(account.authenticationUser)' or the password")
        }
        guard !account.password.isEmpty else { throw SIPProblem("the server wants a password, the phone has none") }
        if isProxy {
            answered.proxy += 1
            proxy.adopt(challenge)
        } else {
            answered.server += 1
            server.adopt(challenge)
        }
    }

    /// Takes the least time of a 423 answer (section 10.2.8); false when it does not say one that helps.
    mutating func extend(to message: SIPMessage) -> Bool {
        guard let wanted = message["min-expires"].flatMap(SIPMessage.seconds), wanted > expires ?? 0,
            wanted <= 7 * 86_400
        else { return false }
        least = wanted
        return true
    }

    private mutating func credentials() -> [(name: String, value: String)] {
        var lines: [(name: String, value: String)] = []
        let uri = account.registrarURI
        if let value = server.answer(
            method: RegisterRequest.method, uri: uri, user: account.authenticationUser, password: account.password)
        {
            lines.append(("Authorization", value))
        }
        if let value = proxy.answer(
            method: RegisterRequest.method, uri: uri, user: account.authenticationUser, password: account.password)
        {
            lines.append(("Proxy-Authorization", value))
        }
        return lines
    }
}
