import Testing

@testable import DeploymentModel

/// The catalogue that is part of the program.
struct CatalogueBuiltInTests {
    let catalogue: Catalogue
    /// The types of the original, on the direct interface.
    let originals: [PhoneType]

    init() throws {
        catalogue = try #require(BuiltIn.catalogue)
        originals = catalogue.types.filter { $0.managementProtocol == .direct }
    }

    @Test func `the twelve types of the original are there`() {
        #expect(
            originals.map(\.name) == [
                "optiPoint 400 standard", "optiPoint 400 standard HFA", "optiPoint 400 standard SIP",
                "optiPoint 400 economy HFA", "optiPoint 410 entry HFA", "optiPoint 410 economy HFA",
                "optiPoint 410 standard HFA", "optiPoint 410 advance HFA", "optiPoint 600 office UP0/E",
                "optiPoint 600 office HFA", "optiPoint 600 office SIP V2.3", "optiPoint 600 office SIP V2.4",
            ])
    }

    @Test func `the types together have more than 150 parameters`() {
        #expect(Set(originals.flatMap { $0.parameters.map(\.item) }).count >= 150)
    }

    @Test func `every tab of the original's index belongs to a type`() {
        let named = Set(originals.flatMap { $0.tabs.map(\.name) })
        let index = [
            "Alert indications", "Audio/visual indications", "Contacts", "Country & language", "Dialling codes",
            "Dial plan", "File transfer", "Function keys", "HTTP settings", "Instant messaging", "IP routing",
            "Kerberos", "Key & lamp module 1", "Key & lamp module 2", "Keyset operations", "Messaging services",
            "Miscellaneous", "Passwords", "Personal directory", "Presence", "Quality of service", "Security",
            "Selected dialling", "SIP feature configuration", "Speech parameters", "Telephony configuration", "Time",
            "WAP", "Trusted certificates file management",
        ]
        #expect(index.filter { !named.contains($0) } == [])
    }

    @Test func `a 400 standard SIP of the newest software has more than twenty tabs`() throws {
        #expect(try BuiltIn.type("optipoint-400-standard-sip").tabs.count >= 20)
    }

    @Test func `TLS is for the 410 family, the 400 standard SIP from V3_0 and the 600 office SIP V2_4`() {
        let newest = catalogue.types.filter { $0.access(for: nil).tls }.map(\.id.rawValue)
        #expect(
            newest == [
                "optipoint-400-standard-sip", "optipoint-410-entry-hfa", "optipoint-410-economy-hfa",
                "optipoint-410-standard-hfa", "optipoint-410-advance-hfa", "optipoint-600-office-sip-v2-4",
            ])
    }

    @Test(arguments: [("V2.3", false, 8085), ("V2.4", false, 8085), ("V3.0", true, 443), ("V3.1", true, 443)])
    func `the access of a 400 standard SIP follows its software`(software: String, tls: Bool, port: Int) throws {
        let access = try BuiltIn.type("optipoint-400-standard-sip").access(for: SoftwareVersion(software))
        #expect(access.tls == tls)
        #expect(access.port == port)
    }

    @Test func `only types that ever use TLS hold certificate files`() {
        for type in originals {
            let usesTLS = type.access.contains(where: \.tls)
            #expect(type.fileKinds.contains(.serverKeyMaterial) == usesTLS, "\(type.id)")
            #expect(type.fileKinds.contains(.clientTrustedCertificates) == usesTLS, "\(type.id)")
        }
    }

    @Test func `each protocol has its own server and not that of another`() {
        let servers = ["registrar-addr": "SIP", "pbx-addr": "HFA", "gatekeeper-addr": "H.450"]
        for type in originals {
            let own = servers.keys.filter { type.parameter(item: $0) != nil }
            #expect(
                own.allSatisfy { type.family.contains(servers[$0] ?? "-") || type.name.contains(servers[$0] ?? "-") })
            #expect(own.count == (type.name.hasSuffix("UP0/E") ? 0 : 1), "\(type.id)")
        }
    }

    @Test func `every type has what the tool itself needs of a phone`() {
        for type in catalogue.types {
            #expect(type.parameter(item: WellKnownItem.terminalNumber) != nil, "\(type.id)")
            #expect(type.parameter(item: WellKnownItem.administratorPassword)?.isSecret == true, "\(type.id)")
            for item in [WellKnownItem.deviceType, WellKnownItem.macAddress, WellKnownItem.softwareVersion] {
                #expect(type.parameter(item: item)?.isReadOnly == true, "\(type.id) \(item)")
            }
        }
    }

    @Test func `every parameter explains itself`() {
        for type in catalogue.types {
            for parameter in type.parameters {
                #expect(parameter.help.hasSuffix("."), "\(parameter.item)")
                #expect(parameter.help.count >= 20, "\(parameter.item)")
                #expect(!parameter.ruleDescription.isEmpty, "\(parameter.item)")
            }
        }
    }

    @Test func `a label names one parameter of a type`() {
        for type in catalogue.types {
            let labels = Dictionary(grouping: type.parameters, by: { $0.label.lowercased() })
            #expect(labels.filter { $0.value.count > 1 }.keys.sorted() == [], "\(type.id)")
        }
    }

    @Test func `what a password is called is a secret, and nothing else is`() {
        for parameter in catalogue.types.flatMap({ Array($0.parameters) }) {
            #expect((parameter.kind == .password) == parameter.isSecret, "\(parameter.item)")
            #expect(!parameter.isSecret || parameter.defaultValue == nil, "\(parameter.item)")
        }
    }

    @Test func `the file transfer tab of the 410 advance names the files of the manual`() throws {
        let tab = try #require(try BuiltIn.type("optipoint-410-advance-hfa").tab(named: "file transfer"))
        let labels = tab.parameters.map(\.label)
        #expect(labels.contains("Java midlet filename"))
        #expect(labels.contains("Screen saver filename"))
        #expect(labels.contains("DSM application filename"))
    }

    @Test func `what is left out on purpose is listed with the reason`() {
        #expect(catalogue.gaps.contains { $0.name == "Operating mode" })
        #expect(catalogue.gaps.contains { $0.name == "Tag" })
    }

    @Test func `a phone is recognised by its device type in any case`() {
        #expect(catalogue.type(answering: "410ADVANCEhfa")?.id == PhoneTypeID("optipoint-410-advance-hfa"))
        #expect(catalogue.type(answering: "OpenStage 60") == nil)
    }

    @Test func `a scan needs two access points`() {
        #expect(
            Set(catalogue.accessPoints) == [
                ManagementAccess(tls: false, port: 8085), ManagementAccess(tls: true, port: 443),
            ])
    }

    @Test func `a type is found by id, name or device type, and a typo is guessed`() throws {
        let id = PhoneTypeID("optipoint-600-office-hfa")
        for name in ["optipoint-600-office-hfa", "OptiPoint 600 Office HFA", "600officehfa"] {
            #expect(catalogue.type(named: name)?.id == id)
        }
        #expect(catalogue.type(named: "optipoint-600-ofice-hfa") == nil)
        #expect(catalogue.suggestions(for: "optipoint-600-ofice-hfa").first == id)
    }

    @Test func `a parameter is found by item or label, and a typo is guessed`() throws {
        let type = try BuiltIn.type("optipoint-400-standard-sip")
        #expect(type.parameter(named: "sntp-addr")?.item == "sntp-addr")
        #expect(type.parameter(named: "sntp server ip address")?.item == "sntp-addr")
        #expect(type.parameter(named: "sntp-adr") == nil)
        #expect(type.suggestions(for: "sntp-adr").first == "sntp-addr")
        #expect(type.suggestions(for: "quite something else").isEmpty)
    }

    @Test func `tabs that came with later software have no parameter on older phones`() throws {
        let type = try BuiltIn.type("optipoint-400-standard-sip")
        let old = Set(type.itemKeys(software: SoftwareVersion("V2.3")).map(\.name))
        let new = Set(type.itemKeys(software: SoftwareVersion("V3.0")).map(\.name))
        #expect(!old.contains("dial-plan-enabled"))
        #expect(new.contains("dial-plan-enabled"))
        #expect(!old.contains("client-trusted-certificates-info"))
        #expect(new.contains("client-trusted-certificates-info"))
    }

    @Test func `the program holds exactly the data files of the repository`() throws {
        for file in BuiltInCatalogue.files {
            #expect(
                try Repository.text("catalogue/\(file.name)") == file.text,
                "\(file.name): run scripts/embed-catalogue.py")
        }
        let names = try #require(
            try? Repository.names(in: "catalogue").filter { $0.hasSuffix(".json") }.sorted())
        #expect(BuiltInCatalogue.files.map(\.name) == names)
    }
}
