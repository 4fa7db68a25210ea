import Testing

@testable import DeploymentModel

/// The OpenStage and OpenScape Desk Phone families.
struct WPICatalogueTests {
    let types: [PhoneType]
    let catalogue: Catalogue

    init() throws {
        catalogue = try #require(BuiltIn.catalogue)
        types = catalogue.types.filter { $0.managementProtocol == .wpi }
    }

    @Test func `every family is there with either software`() {
        let families = [
            "openstage-15", "openstage-20", "openstage-20-e", "openstage-40", "openstage-60", "openstage-80",
            "desk-phone-ip-35g", "desk-phone-ip-55g", "cp100", "cp110", "cp200", "cp205", "cp210", "cp400", "cp410",
            "cp600", "cp700", "cp710",
        ]
        #expect(types.map(\.id.rawValue) == families.flatMap { [$0, "\($0)-hfa"] })
    }

    @Test func `all 420 items with a public name are in the catalogue, letter by letter`() throws {
        #expect(PublicItemNames.all.count == 420)
        #expect(Set(PublicItemNames.all.map(\.name)).count == 420)
        let full = try BuiltIn.type("openstage-60")
        for item in PublicItemNames.all {
            let parameter = full.parameter(item: item.name)
            #expect(parameter != nil, "\(item.name)")
            if item.isRepeated { #expect(parameter?.indices.isEmpty == false, "\(item.name)") }
        }
    }

    @Test func `beyond those 420 there are two items that other sources name`() throws {
        let known = Set(PublicItemNames.all.map(\.name))
        let own = try BuiltIn.type("cp710").parameters.map(\.item).filter { !known.contains($0) }
        #expect(own == ["gigabit-ethernet", "dcmp-url"])
    }

    @Test func `an item has instances only where the sources say so`() throws {
        let repeated = Set(PublicItemNames.all.filter(\.isRepeated).map(\.name))
        let beyond = try BuiltIn.type("openstage-60").parameters.filter { parameter in
            !parameter.indices.isEmpty && !repeated.contains(parameter.item)
        }.map(\.item)
        // Two authorities by the description of the bootstrap, and user data in portions by that of mobility.
        #expect(beyond.filter { !$0.hasPrefix("userdata-") } == ["dls-server-ca"])
    }

    @Test func `everything is told with words that do not claim too much`() {
        let words: Set<Provenance> = [.guide, .observed, .implementation, .decision]
        for parameter in types.flatMap({ Array($0.parameters) }) {
            #expect(words.contains(parameter.provenance), "\(parameter.item)")
        }
        #expect(types.allSatisfy { words.contains($0.provenance) })
    }

    @Test(arguments: [
        ("openstage-15", 8), ("openstage-40", 6), ("openstage-60", 8), ("openstage-80", 9), ("desk-phone-ip-35g", 3),
        ("desk-phone-ip-55g", 8),
    ])
    func `the keys of a model have its numbers, a second level, and two modules`(id: String, last: Int) throws {
        for item in ["function-key-def", "key-label-unicode", "line-sip-uri", "locked-function-keys"] {
            let parameter = try #require(try BuiltIn.type(id).parameter(item: item))
            for index in [1, last, 301, 312, 401, 412] {
                #expect(parameter.accepts(index: index))
                #expect(parameter.accepts(index: index + 1000))
            }
            for index in [0, last + 1, 300, 313, 400, 413, 1000, last + 1001, 1300] {
                #expect(!parameter.accepts(index: index))
            }
            #expect(!parameter.accepts(index: nil))
            #expect(parameter.instances.count == 2 * (last + 24))
            #expect(parameter.instances.compactMap(\.self) == parameter.instances.compactMap(\.self).sorted())
        }
    }

    @Test func `a phone without keys has no items of keys`() throws {
        for id in ["openstage-20", "openstage-20-e", "openstage-60-hfa"] {
            #expect(try BuiltIn.type(id).parameters.allSatisfy(\.shiftedIndices.isEmpty))
        }
    }

    @Test(arguments: [
        ("OpenStage 60", "Siemens SIP", "openstage-60"), ("OpenStage 60", "Siemens HFA", "openstage-60-hfa"),
        ("OpenStage 60 G", "Siemens SIP", "openstage-60"), ("openstage 60", "unify sip", "openstage-60"),
        ("OpenStage 20E", "Siemens SIP", "openstage-20-e"), ("OpenStage 20 E", "Siemens HFA", "openstage-20-e-hfa"),
        ("OpenScape Desk Phone CP600", "Unify SIP", "cp600"),
        ("OpenScape Desk Phone IP 55G", "Siemens SIP", "desk-phone-ip-55g"),
    ])
    func `device type and software type together name the type`(device: String, software: String, id: String) {
        #expect(catalogue.type(answering: device, softwareType: software)?.id == PhoneTypeID(id))
    }

    @Test func `what a phone leaves open or makes up names no type`() {
        #expect(catalogue.type(answering: "OpenStage 60") == nil)
        #expect(catalogue.types(answering: "OpenStage 60").map(\.id.rawValue) == ["openstage-60", "openstage-60-hfa"])
        #expect(catalogue.type(answering: "OpenStage 60", softwareType: "Siemens MGCP") == nil)
        #expect(catalogue.type(answering: "OpenStage 60", softwareType: "") == nil)
        #expect(catalogue.type(answering: "OpenStage 99", softwareType: "Siemens SIP") == nil)
    }

    @Test func `a type that has no software type is known by its device type, whatever the phone says of its software`()
    {
        let id = PhoneTypeID("optipoint-600-office-hfa")
        #expect(catalogue.type(answering: "600officeHFA", softwareType: "anything")?.id == id)
    }

    @Test(arguments: [
        (PhoneCapability.escapedValues, "V1 R5.9.0", "V2 R0.1.0"), (.changedValues, "V2 R1.9.0", "V2 R2.0.0"),
        (.chunkedBodies, "V2 R2.9.0", "V3 R1.0.0"), (.sendSolicited, "V3 R2.9.0", "V3 R3.0.0"),
    ])
    func `what old software cannot do follows from its version`(
        capability: PhoneCapability, old: String, new: String
    ) throws {
        let type = try BuiltIn.type("openstage-40")
        #expect(!type.can(capability, software: SoftwareVersion(old)))
        #expect(type.can(capability, software: SoftwareVersion(new)))
        #expect(type.can(capability, software: nil))
        #expect(try BuiltIn.type("cp600").can(capability, software: SoftwareVersion(old)))
    }

    @Test func `software V1R5 lacks the items that real phones of it did not know`() throws {
        let type = try BuiltIn.type("openstage-60")
        for item in ["default-locked-config-menus", "default-locked-function-keys", "server-based-dnd"] {
            let parameter = try #require(type.parameter(item: item))
            #expect(!parameter.isSupported(by: SoftwareVersion("V1 R5.4.0")), "\(item)")
            #expect(parameter.isSupported(by: SoftwareVersion("V3 R5.12.0")), "\(item)")
        }
    }

    @Test func `passwords, communities, PINs and private keys are secrets`() throws {
        let type = try BuiltIn.type("openstage-60")
        let secrets = Set(type.parameters.filter(\.isSecret).map(\.item))
        let named = type.parameters.map(\.item).filter { $0.contains("-pwd") || $0.hasSuffix("-password") }
            .filter { !$0.hasPrefix("fault-") }
        #expect(secrets.isSuperset(of: named))
        #expect(
            secrets.subtracting(named)
                == [
                    "bootstrapping-tan", "cloud-pin-value", "secure-mode-data", "dls-client-certificate",
                    "wbm-server-certificate", "restart-password",
                ].filter { !named.contains($0) }.reduce(into: Set()) { $0.insert($1) })
    }

    @Test func `what goes with an order only cannot be set and is not held by a phone`() throws {
        let type = try BuiltIn.type("openstage-60")
        let held = Set(type.itemKeys().map(\.name))
        for item in ["goto-secure-mode", "restart-password", "file-server", "time", "wbm-server-certificate"] {
            let parameter = try #require(type.parameter(item: item))
            #expect(!held.contains(item))
            #expect(throws: Fault.self) { try parameter.settingValue(typed: "1", index: nil) }
        }
        #expect(held.contains("wbm-server-certificate-info"))
    }

    @Test func `a whole phone has more than a thousand values and each belongs to one item`() throws {
        let keys = try BuiltIn.type("openstage-80").itemKeys()
        #expect(keys.count > 1000)
        #expect(Set(keys).count == keys.count)
    }
}
