import Testing

@testable import DeploymentModel

/// Settings on layers, and what they make of a phone together.
struct SettingsTests {
    private let type: PhoneType
    private let device = Device(
        id: DeviceID("d1"), type: PhoneTypeID("optipoint-400-standard-sip"), address: "10.0.0.7",
        mac: MACAddress("00:01:E3:12:34:56"), number: TerminalNumber("3201"), softwareVersion: SoftwareVersion("V3.0"))

    init() throws {
        type = try BuiltIn.type("optipoint-400-standard-sip")
    }

    private func setting(_ layer: SettingLayer, _ key: String, _ value: String) -> Setting {
        Setting(layer: layer, key: ItemKey(parsing: key) ?? ItemKey(key), value: .plain(value))
    }

    private func resolve(_ settings: [Setting], groups: [String] = []) -> EffectiveSettings {
        SettingsBook(settings).resolve(for: device, type: type, groups: groups)
    }

    private var own: SettingLayer { .device(device.id) }

    @Test func `the device wins over the group, the group over the site, the site over the type`() throws {
        let all = [
            setting(.type(type.id), "realm", "type"), setting(.site, "realm", "site"),
            setting(.group("floor"), "realm", "group"), setting(own, "realm", "device"),
        ]
        for count in 1...4 {
            let result = resolve(Array(all.prefix(count)).shuffled(), groups: ["floor"])
            let effective = try #require(result.settings.first)
            #expect(effective.origin == all[count - 1].layer)
            #expect(effective.value == all[count - 1].value)
            #expect(effective.overridden == all.prefix(count - 1).reversed())
        }
    }

    @Test func `only what was set is in effect, and nothing of other types, groups or devices`() {
        let result = resolve(
            [
                setting(.type(PhoneTypeID("other")), "realm", "a"), setting(.group("other"), "realm", "b"),
                setting(.device(DeviceID("d2")), "realm", "c"),
            ], groups: ["floor"])
        #expect(result == EffectiveSettings())
    }

    @Test func `the effective settings are in the order of their keys`() {
        let keys = ["phone-port", "realm", "select-dial[10]", "select-dial[2]", "Canonical-dialing-operator-code"]
        let result = resolve(keys.enumerated().map { setting($0 % 2 == 0 ? .site : own, $1, "5060") })
        #expect(result.faults == [])
        #expect(result.settings.map(\.key) == result.settings.map(\.key).sorted())
        #expect(result.settings.count == 5)
    }

    @Test func `two groups with different values are a conflict that names both`() throws {
        let settings = [setting(.group("a"), "realm", "x"), setting(.group("b"), "realm", "y")]
        let result = resolve(settings, groups: ["b", "a"])
        let fault = try #require(result.faults.first)
        #expect(fault.code == .planSettingConflict)
        #expect(fault.subject == "realm")
        #expect(fault.detail == "groups a and b give device d1 different values")
        #expect(result.settings.isEmpty)
    }

    @Test func `groups that agree, or a device that decides, are no conflict`() {
        let agree = [setting(.group("a"), "realm", "x"), setting(.group("b"), "realm", "x")]
        #expect(resolve(agree, groups: ["a", "b"]).faults == [])
        let decided = [
            setting(.group("a"), "realm", "x"), setting(.group("b"), "realm", "y"), setting(own, "realm", "z"),
        ]
        let result = resolve(decided, groups: ["a", "b"])
        #expect(result.faults == [])
        #expect(result.settings.first?.value == .plain("z"))
        #expect(result.settings.first?.overridden.count == 2)
    }

    @Test func `what a type does not have is passed over for the site and refused for the device`() {
        let site = resolve([setting(.site, "pbx-addr", "10.0.0.1")])
        #expect(site.faults == [])
        #expect(site.notApplicable.map(\.reason) == [.noSuchParameter])
        #expect(resolve([setting(own, "pbx-addr", "10.0.0.1")]).faults.map(\.code) == [.planInvalidValue])
        #expect(resolve([setting(own, "select-dial[99]", "1")]).faults.count == 1)
    }

    @Test func `what the phone's software does not have is passed over, except for just this phone`() throws {
        var old = device
        old.softwareVersion = SoftwareVersion("V2.3")
        for layer in [SettingLayer.type(type.id), .site, .group("g")] {
            let book = SettingsBook([setting(layer, "dial-plan-enabled", "true")])
            let result = book.resolve(for: old, type: type, groups: ["g"])
            #expect(result.faults == [])
            #expect(result.notApplicable.map(\.reason) == [.software(SoftwareVersion("V2.3"))])
            #expect(book.resolve(for: device, type: type, groups: ["g"]).settings.count == 1)
        }
        let book = SettingsBook([setting(own, "dial-plan-enabled", "true")])
        let fault = try #require(book.resolve(for: old, type: type, groups: []).faults.first)
        #expect(fault.detail == "only from software V2.4, the phone has V2.3; set on device d1")
    }

    @Test(arguments: [
        ("{number}", "3201"), ("sip:{number}@pbx", "sip:3201@pbx"), ("{mac}", "00:01:E3:12:34:56"),
        ("{ip}", "10.0.0.7"), ("{{number}", "{number}"), ("a}b", "a}b"), ("{number}{number}", "32013201"),
    ])
    func `placeholders are filled in with what the device has`(text: String, expected: String) {
        let result = resolve([setting(.site, "mwi-e164", text)])
        #expect(result.faults == [])
        #expect(result.settings.first?.value == .plain(expected))
    }

    @Test func `an unknown placeholder or one without a value is a fault`() {
        #expect(resolve([setting(.site, "realm", "{name}")]).faults.count == 1)
        #expect(resolve([setting(.site, "realm", "{number")]).faults.count == 1)
        let bare = Device(id: DeviceID("d9"), type: type.id)
        let book = SettingsBook([setting(.site, "sip-user-id", "{number}")])
        let fault = book.resolve(for: bare, type: type, groups: []).faults.first
        #expect(fault?.detail == "the value needs {number}, and device d9 has none; set on site")
    }

    @Test func `a filled-in value is held against the rule`() {
        #expect(resolve([setting(.site, "reg-port", "{number}")]).settings.first?.value == .plain("3201"))
        #expect(resolve([setting(.site, "l2qos-voice", "{number}")]).faults.count == 1)
    }

    @Test func `values are brought into the form that is sent`() {
        let result = resolve([setting(.site, "dhcp", "yes"), setting(.site, "sip-transport-user", "TLS")])
        #expect(result.settings.map(\.value) == [.plain("true"), .plain("2")])
    }

    @Test func `secrets go by reference and everything else by value`() throws {
        let reference = SettingValue.secret(.sealed("sip"))
        let good = Setting(layer: .site, key: ItemKey("sip-pwd"), value: reference)
        #expect(resolve([good]).settings.map(\.value) == [reference])
        let plain = try #require(resolve([setting(.site, "sip-pwd", "hunter2")]).faults.first)
        #expect(plain.code == .inputSecret)
        #expect(!plain.description.contains("hunter2"))
        let odd = Setting(layer: .site, key: ItemKey("realm"), value: reference)
        #expect(resolve([odd]).faults.map(\.code) == [.planInvalidValue])
    }

    @Test(arguments: ["e164", "mac-addr", "software-version"])
    func `what belongs to the device or the phone cannot be set`(item: String) {
        #expect(resolve([setting(own, item, "1")]).faults.map(\.code) == [.planInvalidValue])
    }

    @Test func `settings that deny a condition themselves are refused, an open condition is not`() throws {
        let denied = resolve([setting(.site, "vlan-method", "DHCP"), setting(.site, "vlan-id", "7")])
        let fault = try #require(denied.faults.first)
        #expect(fault.subject == "vlan-id")
        #expect(fault.detail == "counts only while vlan-method is 0, and the settings make it 1; set on site")
        #expect(resolve([setting(.site, "vlan-id", "7")]).faults == [])
        #expect(resolve([setting(.site, "vlan-method", "0"), setting(.site, "vlan-id", "7")]).faults == [])
    }

    @Test func `every fault of a phone is reported at once`() {
        let book = SettingsBook([
            setting(.site, "l2qos-voice", "9"), setting(.site, "reg-port", "x"), setting(.site, "realm", "{y}"),
        ])
        let error = #expect(throws: FaultList.self) { try book.effective(for: device, type: type, groups: []) }
        #expect(error?.faults.count == 3)
    }
}

/// The book itself.
struct SettingsBookTests {
    @Test func `a book forgets what is taken back and keeps the rest`() {
        var book = SettingsBook()
        let first = Setting(layer: .site, key: ItemKey("a"), value: .plain("1"))
        let second = Setting(layer: .site, key: ItemKey("b"), value: .plain("2"))
        book.set(second)
        book.set(first)
        book.set(Setting(layer: .site, key: ItemKey("a"), value: .plain("3")))
        #expect(book.count == 2)
        #expect(book.value(of: ItemKey("a"), on: .site) == .plain("3"))
        #expect(book.unset(ItemKey("a"), on: .site)?.value == .plain("3"))
        #expect(book.unset(ItemKey("a"), on: .site) == nil)
        #expect(book.settings == [second])
        book.removeAll(on: .site)
        #expect(book.isEmpty)
        #expect(book == SettingsBook())
    }

    @Test func `settings are listed from the weakest layer to the strongest`() {
        let layers: [SettingLayer] = [
            .type(PhoneTypeID("t")), .site, .group("a"), .group("b"), .device(DeviceID("d9")),
            .device(DeviceID("d10")),
        ]
        let settings = layers.map { Setting(layer: $0, key: ItemKey("k"), value: .plain("v")) }
        #expect(SettingsBook(settings.shuffled()).settings == settings)
    }

    @Test func `a book is checked without any device`() throws {
        let catalogue = try #require(BuiltIn.catalogue)
        func details(_ layer: SettingLayer, _ key: String, _ value: String) -> [String?] {
            let key = ItemKey(parsing: key) ?? ItemKey(key)
            return SettingsBook([Setting(layer: layer, key: key, value: .plain(value))]).check(against: catalogue)
                .map(\.detail)
        }
        #expect(details(.site, "sntp-addr", "ntp.example.org") == [])
        #expect(details(.site, "sip-user-id", "{number}") == [])
        #expect(details(.site, "sntp-adr", "x") == ["no parameter of that name; did you mean sntp-addr"])
        #expect(details(.site, "l2qos-voice", "9") == ["expects whole number 0 to 7, got \"9\""])
        #expect(details(.site, "select-dial", "1").count == 1)
        #expect(details(.type(PhoneTypeID("optipoint-410-entry-hfa")), "registrar-addr", "x").count == 1)
        #expect(details(.type(PhoneTypeID("nothing-like-it")), "dhcp", "true") == ["no type is called nothing-like-it"])
    }
}
