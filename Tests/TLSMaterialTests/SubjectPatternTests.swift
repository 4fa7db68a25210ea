import Testing

@testable import TLSMaterial

@Suite("Subject patterns")
struct SubjectPatternTests {
    private let phone = PhoneValues(
        mac: "00:01:E3:10:00:01", number: "49897223201", type: "optipoint-410-standard-sip", ip: "10.0.0.21")

    @Test(
        "each placeholder becomes the phone's own value",
        arguments: [
            ("CN={mac},O=Example", "CN=00:01:E3:10:00:01,O=Example"),
            (
                "CN={number}+serialNumber={mac},OU={type},O=Example",
                "CN=49897223201+serialNumber=00:01:E3:10:00:01,OU=optipoint-410-standard-sip,O=Example"
            ),
            ("CN=phone {number} at {ip}", "CN=phone 49897223201 at 10.0.0.21"),
            ("CN={{mac},O=Example", "CN={mac},O=Example"),
        ])
    func placeholdersAreFilled(pattern: String, subject: String) throws {
        let made = try SubjectPattern(pattern).subject(for: phone)
        #expect(made.description == subject)
        #expect(try made == .make(subject) || pattern.contains("{{"))
    }

    @Test("a value cannot add an attribute or change another, whatever it holds")
    func valuesCannotBreakOut() throws {
        let pattern = try SubjectPattern("CN={number},O=Example")
        for evil in ["1,O=Other", "1+O=Other", "\\,O=Other", "#0403", "{mac}", " 1 ", "\"", "1\0,O=Other"] {
            let name = try pattern.subject(for: PhoneValues(mac: "00:01:E3:10:00:01", number: evil))
            #expect(name.relativeNames.count == 2 && name.relativeNames.allSatisfy { $0.count == 1 })
            #expect(name.commonName == evil)
            #expect(try DistinguishedName(rfc4514: name.description) == name)
        }
    }

    @Test("an attribute that would be empty is an error that names it")
    func emptyAttributesAreNamed() throws {
        let missing = try error { _ = try SubjectPattern("CN={mac},OU={number}").subject(for: PhoneValues(mac: "x")) }
        #expect(missing.code == .noValue && missing.detail == "OU needs {number}, and the phone has none")
        let blank = try error { _ = try SubjectPattern("CN={number}").subject(for: PhoneValues(number: "  ")) }
        #expect(blank.code == .badName && blank.detail == "CN would be empty")
        #expect(try SubjectPattern("CN=phone,O=").emptyAttribute == "O")
        #expect(try SubjectPattern("CN={mac}").emptyAttribute == nil)
    }

    @Test("a value that is too long for its attribute is an error that names it")
    func longValuesAreNamed() throws {
        let long = try error {
            _ = try SubjectPattern("CN={type}").subject(for: PhoneValues(type: String(repeating: "x", count: 65)))
        }
        #expect(long.detail == "CN would have 65 characters; at most 64")
    }

    @Test(
        "an unknown placeholder is refused with the list of those that there are", arguments: ["{name}", "{mac", "{}"])
    func unknownPlaceholdersAreRefused(text: String) throws {
        let refused = try error { _ = try SubjectPattern("CN=\(text)") }
        #expect(refused.detail.contains("{mac}, {number}, {type}, {ip}"))
    }

    @Test("a pattern is read again from its own text", arguments: ["CN={mac},O=Example", "CN={{x},O=a\\, b {ip}"])
    func textIsStable(text: String) throws {
        let pattern = try SubjectPattern(text)
        #expect(pattern.description == text)
        #expect(try SubjectPattern(pattern.description) == pattern)
    }

    @Test("a subject with braces that a phone presents does not become a pattern")
    func presentedBracesStayLiteral() throws {
        let presented = try DistinguishedName(relativeNames: [[.init(type: "CN", text: "{mac}")]])
        let learned = try SubjectPattern(SubjectPattern(presented).description)
        #expect(learned.fixedSubject == presented)
        #expect(learned.placeholders.isEmpty)
    }

    @Test(
        "alternative names are DNS names and addresses, and nothing else",
        arguments: [
            ("dns:phone-{mac}.example", GeneralName.dns("phone-00-01-e3-10-00-01.example")),
            ("ip:{ip}", .ip([10, 0, 0, 21])), ("IP:::1", .ip([UInt8](repeating: 0, count: 15) + [1])),
            ("dns:{number}.{type}.example", .dns("49897223201.optipoint-410-standard-sip.example")),
        ])
    func alternativeNames(text: String, name: GeneralName) throws {
        #expect(try AlternativeNamePattern(text).name(for: phone) == name)
    }

    @Test(
        "what is no alternative name is refused",
        arguments: ["phone.example", "uri:x", "dns:", "dns:a b", "dns:-a", "dns:*.example", "ip:10.0.0", "ip:x"])
    func badAlternativeNames(text: String) {
        #expect(throws: MaterialError.self) { try AlternativeNamePattern(text) }
    }

    @Test("an alternative name of a phone with an unfit value is refused")
    func unfitValues() throws {
        #expect(throws: MaterialError.self) {
            try AlternativeNamePattern("ip:{ip}").name(for: PhoneValues(ip: "phone.example"))
        }
        #expect(throws: MaterialError.self) { try AlternativeNamePattern("ip:{ip}").name(for: PhoneValues()) }
    }

    private func error(_ work: () throws -> Void) throws -> MaterialError {
        try #require(throws: MaterialError.self, performing: work)
    }
}
