import Testing

@testable import DeploymentModel

/// Which values a parameter takes, and in which words it says so.
struct ValueRuleTests {
    private func parameter(
        _ kind: ValueKind, minimum: Int? = nil, maximum: Int? = nil, minimumLength: Int? = nil,
        maximumLength: Int? = nil, pattern: String? = nil, choices: [Choice] = [], unit: String? = nil
    ) -> Parameter {
        Parameter(
            item: "x", label: "X", help: "", kind: kind, minimum: minimum, maximum: maximum,
            minimumLength: minimumLength, maximumLength: maximumLength, pattern: pattern, choices: choices, unit: unit,
            provenance: .decision)
    }

    @Test(arguments: [
        ("0", true), ("63", true), ("64", false), ("-1", false), ("", false), ("1.0", false), (" 1", false),
        ("01", false), ("99999999999999999999", false), ("-0", false), ("١", false),
    ])
    func `a number is a plain decimal in its range`(value: String, isRight: Bool) {
        #expect((parameter(.number, minimum: 0, maximum: 63).check(value) == nil) == isRight)
    }

    @Test(arguments: [
        ("10.0.0.1", true), ("255.255.255.255", true), ("0.0.0.0", true), ("", true), ("10.0.0", false),
        ("10.0.0.256", false), ("10.0.0.1.2", false), ("10.0.0.01", false), ("10..0.1", false), ("a.b.c.d", false),
        ("10.0.0.1 ", false), ("::1", false),
    ])
    func `an address is a dotted quad or nothing`(value: String, isRight: Bool) {
        #expect((parameter(.address).check(value) == nil) == isRight)
    }

    @Test(arguments: [
        ("ntp.example.org", true), ("ntp", true), ("10.0.0.1", true), ("xn--bcher-kva.example", true),
        ("3com.example", true), ("10.0.0.300", false), ("-a.example", false), ("a-.example", false),
        ("a..example", false), ("a_b", false), ("a b", false), (String(repeating: "a", count: 64), false),
        ("example.", false),
    ])
    func `a host is a name by RFC 1123 or an address`(value: String, isRight: Bool) {
        #expect((parameter(.host).check(value) == nil) == isRight)
    }

    @Test(arguments: [
        ("true", true), ("false", true), ("on", false), ("1", false), ("TRUE", false), ("", false),
    ])
    func `a boolean goes over the wire as true or false`(value: String, isRight: Bool) {
        #expect((parameter(.boolean).check(value) == nil) == isRight)
    }

    @Test(arguments: [
        ("app.img", true), ("", true), ("dir/app.img", false), ("..", false), ("a b", false), ("a\\b", false),
        ("*.img", false),
    ])
    func `a file is a name without directory`(value: String, isRight: Bool) {
        #expect((parameter(.file).check(value) == nil) == isRight)
    }

    @Test(arguments: [
        ("123456", true), ("*#0123456789", true), ("12345", false), (String(repeating: "1", count: 25), false),
        ("abcdef", false), ("12345 6", false),
    ])
    func `the administrator password has 6 to 24 of 0-9 and two signs`(value: String, isRight: Bool) throws {
        #expect((try BuiltIn.parameter("admin-pwd").check(value) == nil) == isRight)
    }

    @Test(arguments: [("1", true), ("65535", true), ("0", false), ("65536", false), ("", false)])
    func `a port is 1 to 65535`(value: String, isRight: Bool) {
        #expect((parameter(.port).check(value) == nil) == isRight)
    }

    @Test func `the length of a text counts characters, not bytes`() {
        let text = parameter(.text, maximumLength: 4)
        #expect(text.check("äöüß") == nil)
        #expect(text.check("äöüßx") != nil)
        #expect(text.check("line\nbreak") != nil)
        #expect(parameter(.text).check(String(repeating: "a", count: 256)) != nil)
    }

    @Test func `a fault names the item, the rule and the value`() throws {
        let fault = try #require(try BuiltIn.parameter("l2qos-voice").check("8", index: nil))
        #expect(fault.code == .planInvalidValue)
        #expect(fault.subject == "l2qos-voice")
        #expect(fault.detail == "expects whole number 0 to 7, got \"8\"")
    }

    @Test func `a fault never quotes a secret, and never a long or unprintable value whole`() throws {
        let secret = try #require(try BuiltIn.parameter("admin-pwd").check("hunter2!"))
        #expect(secret.detail?.contains("hunter2") == false)
        let long = try #require(parameter(.number).check(String(repeating: "a\u{1B}", count: 5000)))
        #expect((long.detail?.utf8.count ?? 0) < 120)
        #expect(long.detail?.contains("\u{1B}") == false)
    }

    @Test func `instances run over both levels of keys`() throws {
        let key = try BuiltIn.parameter("select-dial")
        #expect(key.check("110", index: 10) == nil)
        #expect(key.check("110", index: 1010) == nil)
        #expect(key.instances.count == 20)
        for index in [nil, 0, 11, 1000, 1011] as [Int?] {
            #expect(key.check("110", index: index)?.detail?.contains("expects an index 1 to 10") == true)
        }
        #expect(try BuiltIn.parameter("reg-port").check("5060", index: 1)?.detail == "has no index")
    }

    @Test(arguments: [
        ("l3qos-voice", "whole number 0 to 63"), ("rtp-packet-size", "one of: auto, 10 (10 ms), 20 (20 ms)"),
        ("reg-ttl", "whole number of seconds 0 to 86400"), ("sntp-tz-offset", "whole number -720 to 720 min"),
        ("sntp-addr", "host name or IPv4 address, or nothing"), ("dhcp", "true or false"),
        ("reg-port", "port 1 to 65535"), ("admin-pwd", "password, 6 to 24 characters, matching [0-9*#]*"),
        ("Canonical-dialing-local-country-code", "digits 0-9 * #, up to 5 characters"),
    ])
    func `every rule can be said in words`(item: String, words: String) throws {
        #expect(try BuiltIn.parameter(item).ruleDescription == words)
    }

    @Test(arguments: [
        ("dhcp", "on", "true"), ("dhcp", " No ", "false"), ("dhcp", "maybe", "maybe"),
        ("sip-transport-user", "tls", "2"), ("sip-transport-user", "2", "2"), ("sip-transport-user", "sctp", "sctp"),
        ("reg-ttl", "1h", "3600"), ("reg-ttl", "5m", "300"), ("reg-ttl", "90", "90"), ("reg-ttl", "1x", "1x"),
        ("holdringback-timer", "2h", "120"), ("holdringback-timer", "90s", "90s"), ("sntp-addr", " ntp ", "ntp"),
        ("realm", " kept as typed", " kept as typed"), ("reg-ttl", "999999999999999h", "3599999999999996400"),
    ])
    func `what people type becomes what goes over the wire`(item: String, typed: String, sent: String) throws {
        #expect(try BuiltIn.parameter(item).normalise(typed) == sent)
    }

    @Test func `a secret is set by reference only`() throws {
        let password = try BuiltIn.parameter("sip-pwd")
        #expect(try password.settingValue(typed: "env:SIP") == .secret(.environment("SIP")))
        #expect(throws: Fault.self) { try password.settingValue(typed: "hunter2") }
        #expect(try BuiltIn.parameter("sip-user-id").settingValue(typed: "{number}") == .plain("{number}"))
        #expect(throws: Fault.self) { try BuiltIn.parameter("sip-user-id").settingValue(typed: "{nummer}") }
    }
}

/// Patterns of catalogue files.
struct ValuePatternTests {
    @Test(arguments: [
        ("abc", "abc", true), ("abc", "abcd", false), ("abc", "xabc", false), ("a.c", "axc", true), ("a?b", "b", true),
        ("[a-c]+", "abcabc", true), ("[a-c]+", "abd", false), ("[^0-9]*", "abc", true), ("[^0-9]*", "a1", false),
        ("\\d{2,3}", "12", true), ("\\d{2,3}", "1234", false), ("\\d{2}", "1", false), ("a{2,}", "aaaa", true),
        ("(ab|cd)+", "abcdab", true), ("(ab|cd)+", "abc", false), ("a|b|c", "b", true), ("\\.", ".", true),
        ("\\.", "x", false), ("[a\\]-]+", "a]-", true), ("", "", true), ("(a|)b", "b", true), ("a{0}b", "b", true),
    ])
    func `a pattern matches whole values`(pattern: String, value: String, matches: Bool) throws {
        #expect(try #require(ValuePattern(pattern)).matches(value) == matches)
    }

    @Test(arguments: [
        "(", ")", "[", "[]", "a{", "a{3,2}", "*a", "[z-a]", "\\", "\\q", "^a", "a$", "(?:a)", "a{99999}",
        "(a{500}){500}", "(((((){1000}){1000}){1000}){1000}){1000}", String(repeating: "(", count: 5000),
    ])
    func `a pattern that cannot be read or is too large is refused`(pattern: String) {
        #expect(ValuePattern(pattern) == nil)
    }

    @Test func `a pattern that stalls other engines takes no longer than its value`() throws {
        let pattern = try #require(ValuePattern("(a*)*(a|a)*(a+)+b"))
        #expect(!pattern.matches(String(repeating: "a", count: 1024)))
        #expect(pattern.matches(String(repeating: "a", count: 1023) + "b"))
        #expect(!pattern.matches(String(repeating: "a", count: 5000) + "b"))
    }
}
