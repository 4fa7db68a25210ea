import DeploymentModel
import DeploymentTesting
import Testing

@testable import VirtualPhone

@Suite struct FaultPlanTests {
    private let types = Array(repeating: PhoneTypeID.testTLS, count: 100)

    @Test(
        "every fault is read in the form in which it is written",
        arguments: [
            "refuses", "resets", "silent", "slow:100ms", "closes-in-reply", "malformed-xml", "oversized",
            "wrong-type:OpenStage 40", "certificate:expired", "certificate:not-yet-valid", "certificate:foreign",
            "certificate:wrong-dn", "tls1.0", "plain", "busy:5s", "rejects", "rejects:sntp-addr", "keeps-nothing",
            "keeps-nothing:sntp-addr", "restarts-on-write", "loses-power", "wrong-clock:-30d", "wrong-password",
            "absent:2m", "loses-power:new", "refuses-file", "refuses-file:server-key-material", "keeps-no-file",
            "keeps-no-file:client-trusted-certificates", "serves-old-chain", "breaks-tls", "loses-file-answer",
            "reencodes-files",
        ])
    func roundTrip(text: String) throws {
        #expect(try FaultPlan.Rule(parsing: text).fault.description == text)
    }

    @Test func shares_areReadBehindTheAt() throws {
        #expect(try FaultPlan.Rule(parsing: "busy:5s@10%") == .init(.busy(seconds: 5), .percent(10)))
        #expect(
            try FaultPlan.Rule(parsing: "keeps-nothing:sntp-addr@3") == .init(.keepsNothing("sntp-addr"), .count(3)))
        #expect(try FaultPlan.Rule(parsing: "silent@#7") == .init(.silent, .number(7)))
        #expect(
            try FaultPlan.Rule(parsing: "plain@optipoint-410-entry-hfa")
                == .init(.plain, .type(PhoneTypeID("optipoint-410-entry-hfa"))))
        #expect(try FaultPlan.Rule(parsing: "plain@all") == .init(.plain, .all))
    }

    @Test(
        "what is no fault is refused with the code input.value",
        arguments: [
            "", "nonsense", "busy:", "busy:5", "busy:fives", "busy:1e3s", "silent:5s", "certificate", "certificate:old",
            "silent@", "silent@101%", "silent@-1", "silent@#0", "silent@3.5", "@3", "busy:99999999999s",
            "loses-power:half",
            "refuses-file:application", "keeps-no-file:", "breaks-tls:5s",
        ])
    func wrong(text: String) {
        #expect { try FaultPlan.Rule(parsing: text) } throws: { ($0 as? Fault)?.code == .inputValue }
    }

    @Test func thePassword_isNotInTheDescription() {
        #expect(PhoneFault.wrongPassword("13571357").description == "wrong-password")
    }

    @Test func theSameSeed_strikesTheSamePhones() {
        let plan = FaultPlan([.init(.silent, .percent(10)), .init(.plain, .count(3))])
        let first = plan.spread(over: types, seed: 7)
        #expect(first == plan.spread(over: types, seed: 7))
        #expect(first != plan.spread(over: types, seed: 8))
        #expect(first.count { $0 == [.silent] } == 10)
        #expect(first.count { $0 == [.plain] } == 3)
    }

    @Test func faults_keepOffPhonesThatHaveOne_asLongAsThereAreSoundOnes() {
        let plan = FaultPlan([.init(.silent, .count(60)), .init(.plain, .count(60))])
        let spread = plan.spread(over: types, seed: 1)
        #expect(spread.count { $0.count == 1 } == 80)
        #expect(spread.count { $0.count == 2 } == 20)
    }

    @Test func anyShareAboveNothing_strikesAtLeastOnePhone() {
        #expect(FaultPlan([.init(.silent, .percent(0.1))]).spread(over: types, seed: 1).count { !$0.isEmpty } == 1)
        #expect(FaultPlan([.init(.silent, .percent(0))]).spread(over: types, seed: 1).count { !$0.isEmpty } == 0)
        #expect(FaultPlan([.init(.silent, .number(3))]).spread(over: types, seed: 1)[2] == [.silent])
    }
}
