import DeploymentModel
import PhoneTransport
import Testing

@testable import VirtualPhone

@Suite("A phone answers a SIP server's challenge") struct SIPDigestTests {
    private func answer(_ challenge: String, times: Int = 1) throws -> AuthParameters {
        var credentials = SIPCredentials()
        var text: String?
        for _ in 0..<times {
            credentials.adopt(try SIPChallenge.best(of: [challenge]))
            text = credentials.answer(
                method: "REGISTER", uri: "sip:example.com", user: "bob", password: SecretText("zanzibar"))
        }
        let said = try #require(text)
        return try #require(AuthParameters.parse(said)?.first)
    }

    /// The answer as `openssl dgst` and the formula of RFC 2617 section 3.2.2 give it.
    @Test func withoutQop_asRFC2069Did() throws {
        let given = try answer("Digest realm=\"biloxi.com\", nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\"")
        #expect(given["response"] == "a8d6a9f0267411adc10ecb76de54b7ca")
        #expect(given["algorithm"] == nil && given["qop"] == nil)
    }

    @Test(arguments: [(SIPChallenge.Algorithm.md5, 32), (.sha256, 64)])
    func withQop_theUsesOfANonceAreCounted(algorithm: SIPChallenge.Algorithm, digits: Int) throws {
        let challenge =
            "Digest realm=\"a \\\"b\\\"\", nonce=\"n\", qop=\"auth-int,auth\", "
            + "algorithm=\(algorithm.rawValue), opaque=\"o\""
        let given = try answer(challenge, times: 3)
        #expect(given["nc"] == "00000003")
        #expect(given["response"]?.utf8.count == digits)
        #expect(given["realm"] == "a \"b\"" && given["opaque"] == "o" && given["qop"] == "auth")
        #expect(given["cnonce"]?.isEmpty == false)
    }

    @Test func theStrongestChallenge_isAnswered() throws {
        let best = try SIPChallenge.best(of: [
            "Digest realm=\"r\", nonce=\"1\", algorithm=MD5", "Digest realm=\"r\", nonce=\"2\", algorithm=SHA-256",
        ])
        #expect(best.nonce == "2")
    }

    @Test(arguments: [
        "Basic realm=\"r\"", "Digest realm=\"r\", nonce=\"1\", algorithm=MD5-sess",
        "Digest realm=\"r\", nonce=\"1\", qop=\"auth-int\"", "Digest realm=\"r\"", "Digest nonce=\"1\"", "",
        "Digest realm=\"r\", realm=\"s\", nonce=\"1\"",
    ])
    func whatIsNotKnown_isNotAnswered(challenge: String) {
        #expect(throws: SIPProblem.self) { try SIPChallenge.best(of: [challenge]) }
    }
}
