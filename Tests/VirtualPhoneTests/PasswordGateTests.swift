import PhoneTransport
import Testing

@testable import VirtualPhone

@Suite struct PasswordGateTests {
    private func judge(_ gate: inout PasswordGate, _ password: String, at now: Double) throws -> PasswordGate.Verdict {
        var client = DigestClient()
        client.adopt(gate.challenge(at: now))
        let header = client.authorization(method: "POST", uri: "/management", password: password)
        return gate.judge(header, method: "POST", uri: "/management", password: "123456", at: now)
    }

    @Test func afterThreeWrongPasswords_eachFurtherOneCostsTwiceThePause_upToAMinute() throws {
        var gate = PasswordGate()
        var now = 100.0
        for pause in [0, 0, 1, 2, 4, 8, 16, 32, 60, 60] as [Double] {
            guard case .challenge(_, wasWrong: true) = try judge(&gate, "000000", at: now) else {
                Issue.record("not heard at \(now)")
                return
            }
            if pause > 0 {
                guard case .comeBack(let seconds) = try judge(&gate, "123456", at: now + pause - 0.5) else {
                    Issue.record("heard before the pause of \(pause) s was over")
                    return
                }
                #expect(seconds == 1)
            }
            now += pause
        }
    }

    @Test func theRightPassword_endsTheCount() throws {
        var gate = PasswordGate()
        for _ in 0..<2 {
            for _ in 0..<2 { _ = try judge(&gate, "000000", at: 100) }
            guard case .right = try judge(&gate, "123456", at: 100) else {
                Issue.record("the right password was not heard")
                return
            }
        }
    }
}
