import Testing

@testable import DeploymentModel

/// Catalogue files of the user's own.
struct CatalogueFileTests {
    @Test func `the example of the reference adds a type and changes another`() throws {
        let catalogue = try Catalogue.load([(name: "door.json", bytes: try Self.exampleOfReference())])
        #expect(catalogue.types.count == (try #require(BuiltIn.catalogue)).types.count + 1)
        let door = try #require(catalogue.type(answering: "exampledoor"))
        #expect(door.parameter(item: "door-relay-seconds")?.ruleDescription == "whole number of seconds 1 to 30")
        #expect(door.parameter(item: "registrar-addr") != nil)
        let office = try #require(catalogue[PhoneTypeID("optipoint-600-office-sip-v2-3")])
        #expect(office.access == [ManagementAccess(tls: true, port: 443)])
        #expect(office.parameterCount == (try BuiltIn.type("optipoint-600-office-sip-v2-3")).parameterCount)
    }

    @Test func `the table of the reference tells of every type what the catalogue holds`() throws {
        let reference = try Repository.text("docs/reference/phone-types.md")
        for type in try #require(BuiltIn.catalogue).types {
            #expect(reference.contains(Self.row(of: type)), "missing: \(Self.row(of: type))")
        }
    }

    static func row(of type: PhoneType) -> String {
        let access = type.access.map { access in
            let kind = type.managementProtocol == .wpi ? "WPI, contact-me" : access.tls ? "TLS," : "plain,"
            let way = "\(kind) port \(access.port)"
            return access.softwareFrom.map { "from \($0): \(way)" } ?? way
        }
        let cells = [
            "`\(type.id)`", type.name, "`\(type.deviceType)`", access.joined(separator: "; "), "\(type.tabs.count)",
            "\(type.parameterCount)",
        ]
        return "| " + cells.joined(separator: " | ") + " |"
    }

    static func exampleOfReference() throws -> [UInt8] {
        let parts = try Repository.text("docs/reference/phone-types.md").split(separator: "```json\n")
        return Array(try #require(parts.last?.split(separator: "```").first).utf8)
    }

    @Test func `a file that changes a parameter changes it on every type that has it`() throws {
        let file = userFile(
            """
            "parameters": {"reg-ttl": {"extends": "reg-ttl", "default": "120", "maximum": 600}}
            """)
        let catalogue = try Catalogue.load([file])
        // The WPI families have a parameter of their own for the item, under the key `reg-ttl.wpi`.
        for type in catalogue.types where type.managementProtocol == .direct {
            guard let parameter = type.parameter(item: "reg-ttl") else { continue }
            #expect(parameter.defaultValue == "120")
            #expect(parameter.check("3600") != nil)
            #expect(parameter.label == "Registration timer")
        }
    }

    @Test func `a file that names a known type without extending it replaces it`() throws {
        let file = userFile(
            """
            "types": {"optipoint-410-entry-hfa": {"name": "Mine", "deviceType": "mine", "protocol": "direct",
              "access": [{"tls": true, "port": 8443}], "tabs": ["time"], "provenance": "decision"}}
            """)
        let catalogue = try Catalogue.load([file])
        #expect(catalogue.types.count == (try #require(BuiltIn.catalogue)).types.count)
        #expect(catalogue[PhoneTypeID("optipoint-410-entry-hfa")]?.tabs.map(\.id) == ["time"])
        #expect(catalogue[PhoneTypeID("optipoint-410-economy-hfa")]?.tabs.count == 14)
    }

    @Test func `later files are laid over earlier ones`() throws {
        let first = userFile("\"parameters\": {\"reg-ttl\": {\"extends\": \"reg-ttl\", \"default\": \"100\"}}")
        let second = userFile("\"parameters\": {\"reg-ttl\": {\"extends\": \"reg-ttl\", \"minimum\": 60}}")
        let catalogue = try Catalogue.load([first, second])
        let parameter = catalogue[PhoneTypeID("optipoint-400-standard-sip")]?.parameter(item: "reg-ttl")
        #expect(parameter?.defaultValue == "100")
        #expect(parameter?.minimum == 60)
    }

    @Test(arguments: [
        ("", "line 1: the text ends too early"),
        ("[]", "file: expects an object, got a list"),
        ("{}", "file: schema: expects \"phonefleet.phone-type-catalogue/1\""),
        ("{\"schema\": \"other/1\"}", "file: schema: expects \"phonefleet.phone-type-catalogue/1\""),
        ("{\n\"schema\": 1,\n\"schema\": 2}", "line 3: \"schema\" stands here twice"),
        ("{\"schema\":\n tru}", "line 2: not a JSON value"),
        ("{\"a\": \"\\ud800\"}", "line 1: half a surrogate pair in a text"),
    ])
    func `a file that is no catalogue is refused with the line or the field`(text: String, detail: String) {
        #expect(faults(loading: ("x.json", Array(text.utf8))) == ["x.json: \(detail)"])
    }

    @Test func `two faults of one type come in the order in which the type names its answers`() {
        let text = """
            {"schema": "phonefleet.phone-type-catalogue/1", "types": {"x": {"extends": "openstage-60",
                "deviceType": "X", "alsoAnswers": ["OpenStage 80", "OpenStage 15", "OpenStage 40", "OpenStage 60"]}}}
            """
        for _ in 0..<20 {
            let found = faults(loading: ("x.json", Array(text.utf8))).compactMap { fault in
                fault.split(separator: "belongs to type \"").last?.prefix { $0 != "\"" }
            }
            #expect(found == ["openstage-80", "openstage-15", "openstage-40", "openstage-60"])
        }
    }

    @Test(arguments: [
        ("\"types\": {\"x\": {\"extends\": \"optipoint-400-standart\"}}", "did you mean \"optipoint-400-standard\""),
        (
            "\"types\": {\"x\": {\"name\": \"X\"}}",
            "type \"x\": deviceType, tabs, protocol, access, provenance: missing"
        ),
        (
            "\"types\": {\"x\": {\"extends\": \"optipoint-400-standard\"}}",
            "belongs to type \"optipoint-400-standard\" already"
        ),
        ("\"types\": {\"a b\": {}}", "a key has 1 to 60 of a-z A-Z 0-9 - _ ."),
        ("\"parameters\": {\"x\": {\"kind\": \"color\"}}", "parameter \"x\": kind: expects one of text, number"),
        (
            "\"parameters\": {\"x\": {\"kolor\": 1}}",
            "parameter \"x\": unknown field \"kolor\", allowed are extends, item"
        ),
        ("\"parameters\": {\"reg-ttl\": {\"extends\": \"reg-ttl\", \"minimum\": 9999999}}", "is larger than maximum"),
        (
            "\"parameters\": {\"reg-ttl\": {\"extends\": \"reg-ttl\", \"default\": \"x\"}}",
            "default: expects whole number"
        ),
        ("\"parameters\": {\"reg-ttl\": {\"extends\": \"reg-ttl\", \"pattern\": \"(a\"}}", "pattern: cannot be read"),
        (
            "\"parameters\": {\"reg-ttl\": {\"extends\": \"reg-ttl\", \"indices\": [5, 1]}}",
            "indices: expects [first, last]"
        ),
        (
            "\"parameters\": {\"reg-ttl\": {\"extends\": \"reg-ttl\", \"indices\": [[5, 9], [1, 2]]}}",
            "indices: expects [first, last]"
        ),
        (
            "\"parameters\": {\"reg-ttl\": {\"extends\": \"reg-ttl\", \"indices\": \"keys\"}}",
            "indexSets: has no \"keys\", which parameter \"reg-ttl\" needs"
        ),
        (
            "\"types\": {\"openstage-60\": {\"extends\": \"openstage-60\", \"indexSets\": {\"function-keys\": [0, 1000]}}}",
            "indexSets: function-keys: expects [first, last]"
        ),
        (
            "\"types\": {\"openstage-60\": {\"extends\": \"openstage-60\", \"indexSets\": {\"function-keys\": [1, 1000]}}}",
            "needs indices below 1000"
        ),
        (
            "\"types\": {\"x\": {\"extends\": \"openstage-60\", \"deviceType\": \"OpenStage 15G\", \"alsoAnswers\": []}}",
            "belongs to type \"openstage-15\" already"
        ),
        (
            "\"types\": {\"openstage-60\": {\"extends\": \"openstage-60\", \"capabilitiesFrom\": {\"flying\": \"V1\"}}}",
            "unknown field \"flying\""
        ),
        ("\"parameters\": {\"admin-pwd\": {\"extends\": \"admin-pwd\", \"default\": \"123456\"}}", "a secret has none"),
        (
            "\"tabs\": {\"time\": {\"extends\": \"time\", \"parameters\": [\"nothing\"]}}",
            "no parameter is called \"nothing\""
        ),
        (
            "\"tabs\": {\"time\": {\"extends\": \"time\", \"parameters\": [\"dhcp\"]}}",
            "item \"dhcp\" stands on the type twice"
        ),
        (
            "\"parameters\": {\"qos-layer2\": {\"extends\": \"qos-layer2\", \"item\": \"qos2\"}}",
            "the type has no item \"qos-layer2\""
        ),
        (
            "\"types\": {\"optipoint-400-standard\": {\"extends\": \"optipoint-400-standard\", \"access\": []}}",
            "the first entry has no softwareFrom"
        ),
        (
            "\"types\": {\"optipoint-400-standard\": {\"extends\": \"optipoint-400-standard\", \"access\": [{\"tls\": true, \"port\": 0}]}}",
            "port: expects a whole number 1 to 65535"
        ),
    ])
    func `a wrong entry is reported with its place, its field and what is allowed`(content: String, expected: String) {
        let details = faults(loading: userFile(content))
        #expect(details.contains { $0.contains(expected) }, "\(details)")
    }

    @Test func `all errors of all files are reported together`() {
        let first = userFile("\"parameters\": {\"x\": {\"kind\": \"a\", \"minimum\": \"b\"}}", name: "one.json")
        let second = userFile("\"tabs\": {\"y\": {\"name\": 3}}", name: "two.json")
        let details = faults(loading: first, second)
        #expect(details.count == 3)
        #expect(details.filter { $0.hasPrefix("one.json: ") }.count == 2)
        #expect(details.filter { $0.hasPrefix("two.json: ") }.count == 1)
    }

    @Test func `a file with thousands of errors gives a bounded list`() {
        let entries = (0..<3000).map { "\"p\($0)\": {\"kind\": \"\($0)\"}" }.joined(separator: ",")
        let details = faults(loading: userFile("\"parameters\": {\(entries)}"))
        #expect(details.count == 101)
        #expect(details.last == "-: 2900 more faults are not shown")
    }

    @Test func `a file that is too deep or too large is refused`() {
        let deep = String(repeating: "[", count: 100_000)
        #expect(faults(loading: ("x", Array(deep.utf8))) == ["x: line 1: nested deeper than 16 levels"])
        let large = [UInt8](repeating: 0x20, count: (4 << 20) + 1)
        #expect(faults(loading: ("x", large)) == ["x: line 1: larger than 4 MiB"])
    }
}
