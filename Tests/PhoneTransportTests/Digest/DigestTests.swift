import Testing

@testable import PhoneTransport

@Suite("Digest authentication")
struct DigestTests {
    private let uri = "/management"
    private let secret = DigestSecret(password: "123456")

    private func verdict(
        _ phone: inout DigestAuthenticator, _ client: inout DigestClient, password: String = "123456",
        at now: UInt64 = 10
    ) throws -> DigestVerdict {
        let header = try header(&client, password: password)
        return phone.verify(header, method: "POST", uri: uri, secret: secret, at: now)
    }

    private func expect(
        _ phone: inout DigestAuthenticator, _ client: inout DigestClient, password: String = "123456",
        at now: UInt64 = 10, _ expected: DigestVerdict, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let seen = try verdict(&phone, &client, password: password, at: now)
        #expect(seen == expected, sourceLocation: sourceLocation)
    }

    private func header(_ client: inout DigestClient, password: String = "123456") throws -> String {
        let header = client.authorization(method: "POST", uri: uri, password: password)
        return try #require(header)
    }

    private func met(_ phone: inout DigestAuthenticator, at now: UInt64 = 10) throws -> DigestClient {
        var client = DigestClient()
        let offered = phone.challenge(at: now).headerValue
        client.adopt(try #require(DigestChallenge(headerValue: offered)))
        return client
    }

    @Test("the example of RFC 7616 section 3.9.1 comes out")
    func matchesTheStandard() {
        let secret = DigestSecret(user: "Mufasa", realm: "http-auth@example.org", password: "Circle of Life")
        let response = secret.response(
            DigestUse(
                method: Array("GET".utf8), uri: Array("/dir/index.html".utf8),
                nonce: Array("7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v".utf8), count: Array("00000001".utf8),
                clientNonce: Array("f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ".utf8)))
        #expect(
            String(decoding: response, as: UTF8.self)
                == "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1")
    }

    @Test("one challenge serves many requests, each counted")
    func countsUses() throws {
        var phone = DigestAuthenticator()
        var client = try met(&phone)
        for _ in 0..<50 { try expect(&phone, &client, .accepted(nextNonce: nil)) }
    }

    @Test("a wrong password is wrong")
    func wrongPassword() throws {
        var phone = DigestAuthenticator()
        var client = try met(&phone)
        try expect(&phone, &client, password: "1234567", .wrong)
        try expect(&phone, &client, .accepted(nextNonce: nil))
    }

    @Test("a replayed header is stale, not accepted")
    func replay() throws {
        var phone = DigestAuthenticator()
        var client = try met(&phone)
        let header = try header(&client)
        var judged = phone.verify(header, method: "POST", uri: uri, secret: secret, at: 10)
        #expect(judged == .accepted(nextNonce: nil))
        judged = phone.verify(header, method: "POST", uri: uri, secret: secret, at: 10)
        #expect(judged == .stale)
    }

    @Test("a header for another method or target is wrong")
    func boundToTheRequest() throws {
        var phone = DigestAuthenticator()
        var client = try met(&phone)
        let header = try header(&client)
        var judged = phone.verify(header, method: "PUT", uri: uri, secret: secret, at: 10)
        #expect(judged == .wrong)
        judged = phone.verify(header, method: "POST", uri: "/other", secret: secret, at: 10)
        #expect(judged == .wrong)
    }

    @Test("a nonce that is too old, foreign or forgotten is stale")
    func staleNonces() throws {
        var phone = DigestAuthenticator(lifetime: 300)
        var other = DigestAuthenticator(lifetime: 300)
        var client = try met(&phone)
        var stranger = try met(&other)
        try expect(&phone, &client, at: 310, .accepted(nextNonce: nil))
        try expect(&phone, &client, at: 311, .stale)
        try expect(&phone, &stranger, .stale)
        var first = try met(&phone)
        try expect(&phone, &first, .accepted(nextNonce: nil))
        for _ in 0..<33 {
            var client = try met(&phone)
            try expect(&phone, &client, .accepted(nextNonce: nil))
        }
        try expect(&phone, &first, .stale)
    }

    @Test("asking for many nonces does not push out one in use")
    func floodOfChallenges() throws {
        var phone = DigestAuthenticator()
        var client = try met(&phone)
        try expect(&phone, &client, .accepted(nextNonce: nil))
        for _ in 0..<10_000 { _ = phone.challenge(at: 11) }
        try expect(&phone, &client, at: 12, .accepted(nextNonce: nil))
    }

    @Test("a nonce that is used up announces the next")
    func nextNonce() throws {
        var phone = DigestAuthenticator(usesPerNonce: 2)
        var client = try met(&phone)
        try expect(&phone, &client, .accepted(nextNonce: nil))
        guard case .accepted(let next?) = try verdict(&phone, &client) else {
            Issue.record("no next nonce")
            return
        }
        var late = client
        try expect(&phone, &late, .stale)
        client.adopt(nextNonce: try #require(DigestNextNonce.parse(DigestNextNonce.headerValue(next))))
        try expect(&phone, &client, .accepted(nextNonce: nil))
    }

    @Test("the SHA-256 challenge is chosen among several, and weaker ones never")
    func choosesTheStrongChallenge() {
        let several = """
            Basic realm="a", Digest realm="r, \\"q\\"", qop="auth, auth-int", algorithm=MD5, nonce="m", \
            Digest realm="r", qop="auth,auth-int", algorithm=SHA-256, nonce="s", opaque="o"
            """
        #expect(DigestChallenge(headerValue: several) == DigestChallenge(realm: "r", nonce: "s", opaque: "o"))
        #expect(DigestChallenge(headerValue: "Digest realm=\"r\", qop=\"auth\", nonce=\"m\"") == nil)
        #expect(DigestChallenge(headerValue: "Digest realm=\"r\", algorithm=SHA-256, nonce=\"m\"") == nil)
        #expect(DigestChallenge(headerValue: "Basic realm=\"r\"") == nil)
    }

    @Test(
        "headers that are no credentials are malformed",
        arguments: [
            "", "Basic YWRtaW46MTIzNDU2", "Digest", "Digest username=\"admin", "Digest a=1, a=2",
            "Digest username=\"admin\", realm=\"phonefleet-management\", nonce=\"x\", uri=\"/management\", nc=1, "
                + "cnonce=\"c\", qop=auth, algorithm=SHA-256, response=\"y\"",
            "Digest " + String(repeating: "a", count: 5000), "=,=,=", "Digest \"\\",
        ])
    func malformed(_ header: String) {
        var phone = DigestAuthenticator()
        let judged = phone.verify(header, method: "POST", uri: uri, secret: secret, at: 0)
        #expect(judged == .malformed)
    }

    @Test("a password prints masked, its hash too")
    func redacted() {
        #expect("\(secret)" == "••••••")
        var dumped = ""
        dump(secret, to: &dumped)
        #expect(!dumped.contains("digits"))
    }
}
