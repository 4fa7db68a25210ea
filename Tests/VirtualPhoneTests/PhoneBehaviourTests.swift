import DeploymentModel
import DeploymentTesting
import ManagementXML
import Testing
import VirtualPhone

@Suite struct PhoneBehaviourTests {
    /// A phone with a conversation, so that a test reads as question and answer.
    private struct Desk {
        var phone: PhoneBehaviour
        var conversation = PhoneConversation()

        init(_ faults: [PhoneFault] = [], type: PhoneType = .make()) {
            phone = PhoneBehaviour(
                model: PhoneModel(type: type), mac: MACAddress(value: 0x0001_E310_0001), faults: faults)
        }

        mutating func ask(
            _ action: ManagementAction, authenticated: Bool = true, at now: Double = 0
        ) -> PhoneOutcome {
            phone.handle(
                ManagementRequest(id: "a1", action: action), isAuthenticated: authenticated, in: &conversation, at: now)
        }

        mutating func write(_ values: KeyValuePairs<String, String>) -> [Item] {
            let items = values.map { Item(ItemKey(parsing: $0) ?? ItemKey($0), value: $1) }
            return ask(.writeItems(items)).response.reply.items
        }

        mutating func read(_ name: String) -> String? {
            let key = ItemKey(parsing: name) ?? ItemKey(name)
            return ask(.readItems([key])).response.reply.items.first?.value
        }
    }

    @Test func identify_needsNoPassword_andNamesThePhone() {
        var desk = Desk()
        let reply = desk.ask(.identify, authenticated: false).response.reply
        #expect(reply.status == .accepted)
        #expect(
            reply.items == [
                Item(ItemKey("device-type"), value: "optipoint-410-standard-hfa"),
                Item(ItemKey("software-version"), value: "V2.0"),
                Item(ItemKey("mac-addr"), value: "00:01:E3:10:00:01"),
            ])
    }

    @Test func everythingElseButStatus_isRefusedWithoutThePassword() {
        var desk = Desk()
        #expect(desk.ask(.status, authenticated: false).response.reply.status == .accepted)
        for action in [ManagementAction.readAllItems, .writeItems([]), .restart, .factoryReset, .nextFragment] {
            let outcome = desk.ask(action, authenticated: false)
            #expect(outcome.response.reply.status == .failed)
            #expect(outcome.effects.isEmpty)
        }
    }

    @Test func anAnswer_echoesTheIdOfTheRequest() {
        var desk = Desk()
        #expect(desk.ask(.status).response.id == "a1")
    }

    @Test func aValue_isKept_andTheDefaultComesBackWithAFactoryReset() {
        var desk = Desk()
        #expect(desk.read("sntp-addr") == "0.0.0.0")
        #expect(desk.write(["sntp-addr": "192.0.2.1", "e164": "4711"]).isEmpty)
        #expect(desk.read("sntp-addr") == "192.0.2.1")
        #expect(desk.phone.changedItems.count == 2)
        #expect(desk.ask(.factoryReset).effects == [.save, .restart])
        #expect(desk.read("sntp-addr") == "0.0.0.0")
        #expect(desk.phone.changedItems.isEmpty)
    }

    @Test func refusedItems_areListedEachWithItsOwnStatus_andTheRestIsKept() {
        var desk = Desk()
        let refused = desk.write([
            "sntp-addr": "192.0.2.1", "qos-l3-voice": "64", "serial": "1", "nonsense": "1", "key-label[11]": "x",
            "key-label": "x", "dhcp": "maybe", "mac-addr": "00:01:E3:00:00:01",
        ])
        #expect(
            refused == [
                Item(ItemKey("qos-l3-voice"), status: .invalidData),
                Item(ItemKey("serial"), status: .readOnly),
                Item(ItemKey("nonsense"), status: .unknownItem),
                Item(ItemKey("key-label", index: 11), status: .invalidIndex),
                Item(ItemKey("key-label"), status: .invalidIndex),
                Item(ItemKey("dhcp"), status: .invalidData),
                Item(ItemKey("mac-addr"), status: .readOnly),
            ])
        #expect(desk.read("sntp-addr") == "192.0.2.1")
        #expect(desk.read("qos-l3-voice") == "46")
    }

    @Test func aDependentGroup_isTakenOrRefusedAsAWhole() {
        var desk = Desk()
        let refused = desk.write(["ip-addr": "192.0.2.7", "subnet-mask": "33", "sntp-addr": "192.0.2.1"])
        #expect(
            refused == [
                Item(ItemKey("subnet-mask"), status: .invalidData), Item(ItemKey("ip-addr"), status: .failed),
            ])
        #expect(desk.read("ip-addr") == "")
        #expect(desk.read("sntp-addr") == "192.0.2.1")
        #expect(desk.write(["ip-addr": "192.0.2.7", "subnet-mask": "16"]).isEmpty)
        #expect(desk.read("ip-addr") == "192.0.2.7")
    }

    @Test func anItemWithACondition_isTakenOnlyWhileTheConditionHoldsAfterTheMessage() {
        let switchItem = Parameter.make(item: "timer", kind: .boolean, defaultValue: "false")
        func parameter(_ item: String, _ condition: String, group: String? = nil) -> Parameter {
            .make(
                item: item, maximumLength: 9, defaultValue: "1",
                onlyIf: ParameterCondition(item: condition, values: ["true"]), dependentGroup: group)
        }
        let parameters = [
            switchItem, parameter("duration", "timer", group: "g"), .make(item: "mate", dependentGroup: "g"),
            parameter("pause", "duration"),
        ]
        var desk = Desk(type: .make(parameters: parameters))
        // Two links of a chain and a member of a group fall with the first condition.
        #expect(
            desk.write(["pause": "2", "mate": "x", "duration": "true"]) == [
                Item(ItemKey("duration"), status: .unexpectedItem), Item(ItemKey("mate"), status: .failed),
                Item(ItemKey("pause"), status: .unexpectedItem),
            ])
        #expect(desk.phone.changedItems.isEmpty)
        #expect(desk.write(["duration": "1"]).isEmpty, "what it has already is no reason to complain")
        #expect(desk.write(["pause": "2", "duration": "true", "mate": "x", "timer": "true"]).isEmpty)
        #expect(desk.read("pause") == "2")
        #expect(
            desk.write(["timer": "false", "duration": "5"]) == [Item(ItemKey("duration"), status: .unexpectedItem)])
        #expect(desk.read("duration") == "true")
    }

    @Test func anItemThatComesTwice_isRefusedTheSecondTime() {
        var desk = Desk()
        let refused = desk.write(["sntp-addr": "192.0.2.1", "sntp-addr": "192.0.2.2"])
        #expect(refused == [Item(ItemKey("sntp-addr"), status: .unexpectedItem)])
        #expect(desk.read("sntp-addr") == "192.0.2.1")
    }

    @Test func secrets_areWrittenAndNeverReadBack() {
        var desk = Desk()
        #expect(desk.write(["user-pwd": "opensesame", "admin-pwd": "87654321"]).isEmpty)
        let answer = desk.ask(.readItems([ItemKey("user-pwd"), ItemKey("admin-pwd")])).response.reply.items
        #expect(
            answer == [Item(ItemKey("user-pwd"), status: .failed), Item(ItemKey("admin-pwd"), status: .failed)])
        let all = desk.ask(.readAllItems).response.reply.items
        #expect(!all.contains { $0.key.name.hasSuffix("pwd") })
        #expect(desk.phone.password == "87654321")
        #expect(desk.phone.value(of: ItemKey("user-pwd")) == "opensesame")
    }

    @Test func aPhoneInACall_answersBusy_andChangesNothing() {
        var desk = Desk()
        desk.phone.startCall(seconds: 5, at: 10)
        let before = desk.phone.state
        let changing: [ManagementAction] = [
            .writeItems([Item(ItemKey("sntp-addr"), value: "192.0.2.1")]), .restart, .factoryReset,
            .transferFile(.serverKeyMaterial, content: [0x30, 0]), .deleteFile(.serverKeyMaterial),
            .fetchFile(FetchOrder(kind: .application, url: "ftp://192.0.2.1/a")),
        ]
        for action in changing {
            let outcome = desk.ask(action, at: 14)
            #expect(outcome.response.reply.status == .busy, "\(action.name)")
            #expect(outcome.effects.isEmpty)
        }
        #expect(desk.phone.state == before)
        #expect(desk.ask(.readAllItems, at: 14).response.reply.status == .accepted)
        #expect(desk.ask(.status, at: 14).response.reply.phoneStatus?.isBusy == true)
        #expect(desk.ask(.restart, at: 15).response.reply.status == .accepted)
    }

    @Test func theTelephonyClient_hearsOfItemsAndTrustedCertificates_andIsReadInTheStatus() {
        var desk = Desk()
        #expect(desk.ask(.status).response.reply.phoneStatus?.registration == .notConfigured)
        desk.phone.telephony = TelephonyState(.failed, reason: String(repeating: "x", count: 300))
        let status = desk.ask(.status).response.reply.phoneStatus
        #expect(status?.registration == .failed)
        #expect(status?.registrationReason?.count == 200)
        _ = desk.ask(.restart)
        #expect(desk.phone.telephony == TelephonyState())
    }

    @Test func aRestart_countsAsAStart_andTheUptimeBeginsAnew() {
        var desk = Desk()
        #expect(desk.ask(.status, at: 100).response.reply.phoneStatus?.uptime == 100)
        #expect(desk.ask(.restart, at: 100).effects.contains(.restart))
        let status = desk.ask(.status, at: 107).response.reply.phoneStatus
        #expect(status?.uptime == 7)
        #expect(status?.bootCount == 2)
    }

    @Test func writingWhatThePhoneHas_changesNothing_andNeedsNoSaving() {
        var desk = Desk()
        #expect(desk.ask(.writeItems([Item(ItemKey("sntp-addr"), value: "0.0.0.0")])).effects.isEmpty)
        #expect(
            desk.ask(.writeItems([Item(ItemKey("sntp-addr"), value: "1.1.1.1")])).effects == [.save, .telephonyChanged])
    }

    @Test func moreItemsThanThePhoneTakes_areRefusedAsAWhole() {
        var desk = Desk(type: .make(limits: .init(items: 1, fileBytes: 10)))
        let items = ["sntp-addr", "ip-addr"].map { Item(ItemKey($0), value: "192.0.2.1") }
        #expect(desk.ask(.writeItems(items)).response.reply.status == .failed)
        #expect(desk.read("sntp-addr") == "0.0.0.0")
    }

    @Test func aLongAnswer_comesInParts_thatMakeTheWhole() {
        let parameters = (0..<80).map { number in Parameter.make(item: "text-\(number)", maximumLength: 255) }
        var desk = Desk(type: .make(parameters: parameters))
        let value = String(repeating: "<", count: 250)
        for number in 0..<80 { #expect(desk.write(["text-\(number)": value]).isEmpty) }
        var reply = desk.ask(.readAllItems).response.reply
        var items = reply.items
        var parts = 1
        while reply.hasMoreFragments {
            reply = desk.ask(.nextFragment).response.reply
            items += reply.items
            parts += 1
        }
        #expect(items.filter { $0.value == value }.count == 80)
        #expect(parts > 1)
        #expect(desk.ask(.nextFragment).response.reply.status == .failed)
    }

    @Test func fetchingAFile_isHonestlyRefused() {
        var desk = Desk()
        let order = FetchOrder(kind: .application, url: "ftp://192.0.2.1/app")
        #expect(desk.ask(.fetchFile(order)).response.reply.status == .failed)
    }

    // MARK: Faults of the behaviour

    @Test func rejects_refusesTheNamedItem_orTheFirst() {
        var named = Desk([.rejects("sntp-addr")])
        #expect(
            named.write(["e164": "1", "sntp-addr": "192.0.2.1"]) == [Item(ItemKey("sntp-addr"), status: .invalidData)])
        var unnamed = Desk([.rejects(nil)])
        #expect(
            unnamed.write(["e164": "1", "sntp-addr": "192.0.2.1"]) == [Item(ItemKey("e164"), status: .invalidData)])
    }

    @Test func keepsNothing_saysAccepted_andKeepsTheOldValue() {
        var desk = Desk([.keepsNothing("sntp-addr")])
        #expect(desk.write(["sntp-addr": "192.0.2.1", "e164": "12"]).isEmpty)
        #expect(desk.read("sntp-addr") == "0.0.0.0")
        #expect(desk.read("e164") == "12")
    }

    @Test func busy_lastsFromTheFirstOrderOn() {
        var desk = Desk([.busy(seconds: 5)])
        let write = ManagementAction.writeItems([Item(ItemKey("e164"), value: "12")])
        #expect(desk.ask(write, at: 100).response.reply.status == .busy)
        #expect(desk.ask(write, at: 104).response.reply.status == .busy)
        #expect(desk.ask(write, at: 105).response.reply.status == .accepted)
    }

    @Test func restartsOnWrite_keepsTheValues_losesTheAnswer_once() {
        var desk = Desk([.restartsOnWrite])
        let write = ManagementAction.writeItems([Item(ItemKey("e164"), value: "12")])
        #expect(desk.ask(write).effects == [.save, .restart, .loseAnswer])
        #expect(desk.read("e164") == "12")
        #expect(desk.phone.state.bootCount == 2)
        #expect(desk.ask(write).effects.isEmpty)
    }

    @Test func wrongType_isWhatThePhoneSays() {
        var desk = Desk([.wrongType("OpenStage 1")])
        #expect(desk.ask(.identify).response.reply.items.first?.value == "OpenStage 1")
    }

    @Test func wrongPassword_differsFromTheFactorys_alsoAfterAReset() {
        var desk = Desk([.wrongPassword("99999999")])
        #expect(desk.phone.password == "99999999")
        _ = desk.ask(.factoryReset)
        #expect(desk.phone.password == "99999999")
    }
}
