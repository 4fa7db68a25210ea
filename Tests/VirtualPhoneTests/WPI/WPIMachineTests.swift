import DeploymentModel
import DeploymentTesting
import Foundation
import ManagementXML
import Synchronization
import TLSMaterial
import Testing

@testable import VirtualPhone

/// One phone and its machine, with time and server in the hands of the test.
private struct Conversation {
    var phone: PhoneBehaviour
    var machine: WPIMachine
    var now = 0.0
    var orders: [CallOrder] = []

    init(
        software: String = "V3 R5.12.0", faults: [PhoneFault] = [], change: (inout WPIOptions) -> Void = { _ in }
    ) {
        var options = WPIOptions(server: WPIEndpoint(host: "192.0.2.1", port: 18443))
        change(&options)
        phone = PhoneBehaviour(
            model: CallingPhones.model(software: software), mac: MACAddress(value: 0x0001_E310_0001), faults: faults)
        let count = Mutex(0)
        machine = WPIMachine(options: options, contactURI: "http://192.0.2.7:8085/x", seed: 1) {
            "N\(count.withLock { $0 += 1; return $0 })"
        }
    }

    mutating func start() { orders = machine.started(&phone, after: 0, at: now) }

    /// Whether the phone reacted to the last contact.
    var isTaken = false

    mutating func contact(_ server: WPIEndpoint? = nil) {
        let new = machine.contacted(&phone, server: server, at: now)
        orders = new ?? []
        isTaken = new != nil
    }

    mutating func order(_ action: WPIAction, _ items: [Item] = [], nonce: String? = nil) {
        let message = WPIServerMessage(nonce: nonce ?? said?.nonce ?? "", action: action, items: items)
        orders = machine.received(.success(message), &phone, at: now)
    }

    mutating func cleanUp(_ items: [(String, String)] = []) {
        order(.cleanUp, items.map { Item(ItemKey($0.0), value: $0.1) })
    }

    /// Lets time go on to the machine's next deadline.
    mutating func wait() {
        guard let next = machine.deadline(of: phone, at: now) else { return orders = [] }
        now = max(now, next)
        orders = machine.timePassed(&phone, at: now)
    }

    mutating func lose() { orders = machine.lost(&phone, at: now) }

    /// The message that was ordered last.
    var said: WPIPhoneMessage? {
        for case .post(let message, _) in orders.reversed() { return message }
        return machine.conversation?.message
    }

    var posted: WPIPhoneMessage? {
        for case .post(let message, _) in orders { return message }
        return nil
    }

    var route: WPIRoute? {
        for case .post(_, let route) in orders { return route }
        return nil
    }

    var reply: ManagementReply.Status? {
        if case .replyTo(_, let status)? = posted?.reason { status } else { nil }
    }

    func value(_ name: String) -> String? { posted?.items.value(of: name) }
}

private func item(_ name: String, _ value: String? = nil, index: Int? = nil) -> Item {
    Item(ItemKey(name, index: index), value: value)
}

@Suite struct WPIMachineTests {
    @Test func aStart_isTold_andRepeatedWithGrowingPauses_untilSomebodyAnswers() throws {
        var talk = Conversation()
        talk.start()
        #expect(talk.posted?.reason == .startUp)
        var pauses: [Double] = []
        for _ in 0..<4 {
            talk.lose()
            #expect(talk.posted == nil && talk.orders == [.hangUp])
            let before = talk.now
            talk.wait()
            #expect(talk.posted?.reason == .startUp)
            pauses.append(talk.now - before)
        }
        #expect((15...30).contains(pauses[0]) && (120...240).contains(pauses[3]))
        talk.cleanUp()
        #expect(talk.orders == [.hangUp])
        #expect(talk.machine.deadline(of: talk.phone, at: talk.now) == nil)
    }

    @Test func anAnswerThatNeverComes_isALoss() {
        var talk = Conversation()
        talk.start()
        talk.wait()
        #expect(talk.now == 60 && talk.orders == [.hangUp])
    }

    @Test func anAnswerWithAnotherNonce_isRefused_withACleanUp() {
        var talk = Conversation()
        talk.start()
        talk.order(.writeItems, [item("sntp-addr", "192.0.2.66")], nonce: "N0")
        #expect(talk.posted?.reason == .cleanUp)
        #expect(talk.value("cleanup-reason") == "wrong nonce")
        #expect(talk.phone.value(of: ItemKey("sntp-addr")) == "0.0.0.0")
        talk.orders = talk.machine.received(nil, &talk.phone, at: talk.now)
        #expect(talk.orders == [.hangUp])
    }

    @Test func whatIsNoMessage_isRefused_withACleanUp() {
        var talk = Conversation()
        talk.start()
        let error = WireError(.malformed, line: 1, reason: "no end")
        talk.orders = talk.machine.received(.failure(error), &talk.phone, at: talk.now)
        #expect(talk.value("cleanup-reason") == "invalid XML: no end")
    }

    @Test func everyMessage_hasANonceOfItsOwn() {
        var talk = Conversation()
        talk.start()
        var nonces = [talk.posted?.nonce]
        for action in [WPIAction.readAllItems, .writeItems, .getNextFragment] {
            talk.order(action)
            nonces.append(talk.posted?.nonce)
        }
        #expect(Set(nonces).count == 4 && !nonces.contains(nil))
    }

    @Test func aNextFragmentThatThereIsNot_fails() {
        var talk = Conversation()
        talk.start()
        talk.order(.getNextFragment)
        #expect(talk.reply == .failed)
    }

    @Test func aDependentGroup_failsTogether() {
        var talk = Conversation()
        talk.start()
        talk.order(.writeItems, [item("ip-addr", "192.0.2.5"), item("subnet-mask", "99"), item("sntp-addr", "a")])
        #expect(talk.reply == .accepted)
        #expect(
            talk.posted?.items == [
                Item(ItemKey("ip-addr"), status: .failed), Item(ItemKey("subnet-mask"), status: .invalidData),
            ])
        #expect(talk.phone.value(of: ItemKey("sntp-addr")) == "a")
    }

    // MARK: Contact-me

    @Test func contacts_withinTheGap_areIgnored() {
        var talk = Conversation()
        talk.contact()
        #expect(talk.isTaken)
        talk.cleanUp()
        talk.now = 299
        talk.contact()
        #expect(!talk.isTaken)
        talk.now = 300
        talk.contact()
        #expect(talk.isTaken)
        #expect(talk.posted?.reason == .solicited)
    }

    @Test func theGap_isTheItems() {
        var talk = Conversation()
        talk.start()
        talk.order(.writeItems, [item("dls-contact-interval", "10")])
        talk.cleanUp()
        talk.contact()
        #expect(talk.isTaken)
        talk.cleanUp()
        talk.now += 10
        talk.contact()
        #expect(talk.isTaken)
    }

    @Test func aContactInAConversation_isAnsweredAfterIt() {
        var talk = Conversation()
        talk.start()
        talk.contact()
        #expect(talk.isTaken)
        #expect(talk.posted == nil)
        talk.orders = []
        talk.cleanUp()
        #expect(talk.posted?.reason == .solicited)
    }

    @Test func aPhoneWithoutServer_keepsTheOneThatContactsIt() {
        var talk = Conversation { $0.server = nil }
        talk.start()
        #expect(talk.posted == nil)
        let server = WPIEndpoint(host: "198.51.100.4", port: 18443)
        talk.contact(server)
        #expect(talk.isTaken)
        #expect(talk.posted?.reason == .startUp)
        #expect(talk.route?.server == server)
        #expect(talk.phone.state.wpi?.learnedServer == server)
    }

    // MARK: Busy

    @Test func aServerThatIsNamed_isCalledBeforeOneThatDoesNotAnswer_andOnlyOnceWithoutAPause() {
        let other = WPIEndpoint(host: "192.0.2.9", port: 18443)
        var talk = Conversation()
        talk.start()
        talk.lose()
        let due = talk.machine.notBefore
        talk.contact(other)
        #expect(talk.posted?.reason == .solicited && talk.route?.server == other)
        talk.cleanUp()
        #expect(talk.posted == nil && talk.machine.notBefore == due)
        talk.wait()
        #expect(talk.now == due && talk.posted?.reason == .startUp && talk.route?.server.host == "192.0.2.1")
        talk.now += 300
        talk.contact(other)
        #expect(talk.isTaken && talk.posted == nil)
        talk.lose()
        #expect(talk.posted?.reason == .solicited && talk.route?.server == other)
        talk.lose()
        #expect(talk.posted == nil && talk.orders == [.hangUp])
        talk.wait()
        #expect(talk.posted?.reason == .startUp && talk.route?.server.host == "192.0.2.1")
    }

    @Test func theUsualServer_thatIsNamedInAPause_hearsOfTheStartAtOnce() {
        var talk = Conversation()
        talk.start()
        talk.lose()
        talk.contact(WPIEndpoint(host: "192.0.2.1", port: 18443))
        #expect(talk.posted?.reason == .startUp && talk.now == 0)
        talk.cleanUp()
        #expect(talk.posted?.reason == .solicited)
    }

    @Test func inACall_writesAreBusy_andTheServerIsCalledWhenItEnds_once() {
        var talk = Conversation()
        for _ in 0..<2 {
            talk.now += 300
            talk.contact()
            #expect(talk.isTaken)
            talk.phone.startCall(seconds: 1000, at: 0)
            talk.order(.writeItems, [item("sntp-addr", "x")])
            #expect(talk.reply == .busy && talk.posted?.items == [])
            talk.cleanUp([("send-solicited", "true")])
            #expect(talk.orders == [.hangUp])
        }
        talk.wait()
        #expect(talk.now == 1000 && talk.posted?.reason == .solicited)
        talk.cleanUp()
        #expect(talk.orders == [.hangUp])
        #expect(talk.machine.deadline(of: talk.phone, at: talk.now) == nil)
    }

    @Test func anIdlePhone_isAskedForTheNextJob_atOnce() {
        var talk = Conversation()
        talk.start()
        talk.cleanUp([("send-solicited", "true")])
        #expect(talk.posted?.reason == .solicited)
    }

    @Test func oldFirmware_doesNotRememberIt() {
        var talk = Conversation(software: "V3 R2.0.0")
        talk.start()
        talk.cleanUp([("send-solicited", "true")])
        #expect(talk.orders == [.hangUp])
        #expect(talk.machine.deadline(of: talk.phone, at: talk.now) == nil)
    }

    // MARK: Local changes

    @Test(arguments: [("V3 R5.12.0", "192.0.2.9"), ("V2 R1.3.0", nil)])
    func localChanges_areTold_withValuesFromV2R2On(software: String, value: String?) {
        var talk = Conversation(software: software)
        talk.start()
        talk.cleanUp()
        _ = talk.phone.force("192.0.2.9", for: ItemKey("sntp-addr"))
        _ = talk.phone.force("7654321", for: ItemKey("user-pwd"))
        talk.orders = talk.machine.changedAtPhone(
            [ItemKey("sntp-addr"), ItemKey("user-pwd")], &talk.phone, at: talk.now)
        talk.wait()
        #expect(talk.now == 5 && talk.posted?.reason == .localChanges)
        #expect(talk.value("configuration-changed-flag") == "true")
        #expect(talk.value("sntp-addr") == value)
        #expect(talk.posted?.items.contains { $0.value == "7654321" } == false)
        talk.order(.readAllItems)
        talk.cleanUp()
        talk.now = 400
        talk.contact()
        #expect(talk.isTaken)
        #expect(talk.value("configuration-changed-flag") == "false")
    }

    // MARK: Overload

    @Test func anOverloadedServer_isCalledAgain_after20To60Seconds() {
        var talk = Conversation()
        talk.start()
        talk.cleanUp([("cleanup-reason", "overload")])
        #expect(talk.orders == [.hangUp])
        talk.wait()
        #expect((20...60).contains(talk.now) && talk.posted?.reason == .startUp)
    }

    // MARK: Restart

    @Test func aRestart_endsTheConversation_withoutReply() {
        var talk = Conversation()
        talk.start()
        talk.order(.restart)
        #expect(talk.orders == [.save, .hangUp, .restart])
        #expect(talk.phone.state.bootCount == 2)
    }

    @Test func aFactoryReset_needsItsPassword_andForgetsTheServer_unlessDHCPNamesIt() {
        var talk = Conversation { $0.isServerFromDHCP = false }
        talk.start()
        talk.order(.writeItems, [item("sntp-addr", "x")])
        talk.order(.restart, [item("restart-type", "FactoryReset"), item("restart-password", "1")])
        #expect(talk.reply == .failed && talk.phone.value(of: ItemKey("sntp-addr")) == "x")
        talk.order(.restart, [item("restart-type", "FactoryReset"), item("restart-password", "124816")])
        #expect(talk.orders.last == .restart && talk.phone.value(of: ItemKey("sntp-addr")) == "0.0.0.0")
        talk.machine.conversation = nil
        talk.start()
        #expect(talk.posted == nil)
    }

    // MARK: Polling

    @Test func aPoll_that202Answers_makesThePhoneCall() {
        var talk = Conversation {
            $0.polling = .init(proxy: WPIEndpoint(host: "192.0.2.3", port: 8080), interval: 60)
        }
        talk.start()
        talk.cleanUp()
        talk.wait()
        #expect(talk.now == 60 && talk.orders == [.poll])
        talk.orders = talk.machine.polled(&talk.phone, status: 200, at: talk.now)
        #expect(talk.orders.isEmpty)
        talk.orders = talk.machine.polled(&talk.phone, status: 202, at: talk.now)
        #expect(talk.posted?.reason == .solicited)
    }

    // MARK: Files

    private let logo = LoadedFile(size: 4, fingerprint: "ab", head: [0x89, 0x50, 0x4E, 0x47])

    @Test func oneFile_isFetched_andItsResultTold() {
        var talk = Conversation()
        talk.start()
        let url = item("file-https-base-url", "https://192.0.2.8/logo.png")
        talk.order(.fileDeployment, [url, item("file-type", "LOGO")])
        #expect(talk.orders.first == .hangUp && talk.posted == nil)
        guard case .fetch(let order)? = talk.orders.last else { return #expect(Bool(false), "no fetch") }
        #expect(order.source == .https(WPIEndpoint(host: "192.0.2.8", port: 443), path: "/logo.png"))
        talk.orders = talk.machine.fetched(.success(logo), &talk.phone, at: 3661)
        #expect(talk.posted?.reason == .status)
        #expect(talk.value("file-deployment-name") == "logo.png")
        #expect(talk.value("file-deployment-status") == "ok")
        #expect(talk.value("file-deployment-date") == "01:01:1970")
        #expect(talk.value("file-deployment-time") == "01:01:01")
        talk.cleanUp()
        #expect(talk.phone.state.wpi?.files.map(\.name) == ["logo.png"])
    }

    @Test func aFileThatIsNone_isToldAsFailed_andNotKept() {
        var talk = Conversation()
        talk.start()
        talk.order(.fileDeployment, [item("file-https-base-url", "https://h/a.png"), item("file-type", "LOGO")])
        let page = LoadedFile(size: 4, fingerprint: "ab", head: Array("<html>".utf8))
        talk.orders = talk.machine.fetched(.success(page), &talk.phone, at: 1)
        #expect(talk.value("file-deployment-status") == "failed")
        #expect(talk.phone.state.wpi?.files.isEmpty != false)
    }

    @Test(arguments: [false, true])
    func severalFiles_areFetchedOneByOne_andToldOnlyByTheSwitch(tells: Bool) {
        var talk = Conversation { $0.reportsEveryFile = tells }
        talk.start()
        let files = (1...2).flatMap { (index: Int) -> [Item] in
            [
                item("file-https-base-url", "https://h/\(index).png", index: index),
                item("file-type", "LOGO", index: index), item("file-action", "deploy", index: index),
            ]
        }
        talk.order(.fileDeployment, files)
        talk.orders = talk.machine.fetched(.success(logo), &talk.phone, at: 1)
        #expect(talk.orders.contains { if case .fetch = $0 { true } else { false } })
        #expect((talk.posted != nil) == tells)
        if tells { talk.cleanUp() }
        talk.orders = talk.machine.fetched(.success(logo), &talk.phone, at: 2)
        #expect(talk.phone.state.wpi?.files.count == 2)
        if tells { talk.cleanUp() }
        talk.now = 1000
        talk.contact()
        #expect(talk.isTaken)
        talk.order(.readAllItems)
        #expect(talk.posted?.items.value(of: "file-name", index: 2) == "2.png")
        talk.order(
            .fileDeployment,
            [
                item("file-name", "1.png", index: 1), item("file-type", "LOGO", index: 1),
                item("file-action", "delete", index: 1),
            ])
        #expect(talk.phone.state.wpi?.files.map(\.name) == ["2.png"])
    }

    @Test(arguments: [
        ([("file-type", "LOGO")], "file-server"), ([("file-type", "SOUP"), ("file-server", "h")], "file-type"),
        ([("file-type", "LOGO"), ("file-https-base-url", "http://h/x")], "file-https-base-url"),
        ([("file-type", "APP"), ("file-server", "h"), ("file-name", "x")], "file-type"),
        ([("file-type", "LOGO"), ("file-server", "h"), ("file-name", "x\r\nDELE y")], "file-name"),
    ])
    func anOrderThatIsNotUnderstood_isRefused(items: [(String, String)], culprit: String) {
        var talk = Conversation()
        talk.start()
        talk.order(.fileDeployment, items.map { item($0.0, $0.1) })
        #expect(talk.reply == .failed)
        #expect(talk.posted?.items == [Item(ItemKey(culprit), status: .invalidData)])
    }

    // MARK: Firmware

    private let image = LoadedFile(
        size: 4, fingerprint: "ab", head: Array(repeating: 1, count: 32) + Array("OpenStage 60\0\0V3 R6.1.0\0".utf8))

    private func deploy(_ talk: inout Conversation, _ more: [Item] = []) {
        talk.order(
            .softwareDeployment, [item("file-https-base-url", "https://h/x.img"), item("file-type", "APP")] + more)
    }

    @Test func firmware_isLoaded_andThePhoneStartsWithIt() {
        for (version, expected) in [(nil, "V3 R6.1.0"), ("3.7.2.0", "V3 R7.2.0")] {
            var talk = Conversation()
            talk.start()
            deploy(&talk, version.map { [item("file-sw-version", $0)] } ?? [])
            talk.orders = talk.machine.fetched(.success(image), &talk.phone, at: 1)
            #expect(talk.orders == [.save, .hangUp, .install(expected), .restart])
        }
    }

    @Test func firmwareOfAnotherPhone_isRefused() {
        var talk = Conversation()
        talk.start()
        deploy(&talk, [item("file-sw-version", "3.7.2.0")])
        var other = image
        other.head = Array(repeating: 1, count: 32) + Array("OpenStage 40\0V3 R6.1.0\0".utf8)
        talk.orders = talk.machine.fetched(.success(other), &talk.phone, at: 1)
        #expect(talk.value("file-deployment-status") == "failed")
    }

    @Test func inACall_onlyImmediateFirmwareIsTaken() {
        for (priority, isTaken) in [("normal", false), ("immediate", true)] {
            var talk = Conversation()
            talk.start()
            talk.phone.startCall(seconds: 100, at: 0)
            deploy(&talk, [item("file-priority", priority)])
            #expect((talk.reply == nil) == isTaken)
        }
    }

    @Test func firmwareOfNormalPriority_waitsForTheEndOfACallThatBeganMeanwhile() {
        var talk = Conversation()
        talk.start()
        deploy(&talk, [item("file-priority", "normal")])
        talk.phone.startCall(seconds: 100, at: 1)
        talk.orders = talk.machine.fetched(.success(image), &talk.phone, at: 2)
        #expect(talk.orders == [.save])
        talk.wait()
        #expect(talk.now == 101 && talk.orders.last == .restart)
    }

    // MARK: Secure mode

    private func bundle(_ ca: ThrowawayCA) throws -> [Item] {
        [
            item("goto-secure-mode", "nopin"),
            item("dls-client-certificate", Base64Coding.text(try ca.keyMaterialFile("CN=phone"))),
            item("dls-server-ca", ca.issuer.certificate.pem, index: 0), item("dls-server-ca", "", index: 1),
            item("dls-secure-port", "19444"),
        ]
    }

    @Test func secureMode_beginsAfterTheConversation_withAStartUpAtTheSecurePort() throws {
        var talk = Conversation()
        talk.start()
        talk.order(.writeItems, try bundle(ThrowawayCA()))
        #expect(talk.reply == .accepted && talk.posted?.items == [])
        #expect(talk.route?.secure == nil)
        talk.cleanUp()
        #expect(talk.posted?.reason == .startUp)
        #expect(talk.route?.server.port == 19444 && talk.route?.secure != nil)
        #expect(talk.value("bootstrapping-tan") == "")
    }

    @Test(arguments: [false, true])
    func whoWantedToBeCalledBeforeSecureMode_isCalledAtTheSecurePort(isLost: Bool) throws {
        var talk = Conversation { $0.speed = 1e6 }
        talk.start()
        talk.now = 1
        talk.contact(WPIEndpoint(host: "192.0.2.1", port: 18443))
        #expect(talk.isTaken)
        talk.order(.writeItems, try bundle(ThrowawayCA()))
        if isLost { talk.lose() } else { talk.cleanUp() }
        #expect(talk.posted?.reason == .startUp)
        talk.cleanUp()
        #expect(talk.posted?.reason == .solicited)
        #expect(talk.route?.server.port == 19444 && talk.route?.secure != nil)
    }

    @Test func secureModeByAServerThatWasNamed_beginsThere_andElseAtTheUsualOne() throws {
        let other = WPIEndpoint(host: "192.0.2.9", port: 18443)
        var talk = Conversation()
        talk.start()
        talk.lose()
        talk.contact(other)
        talk.order(.writeItems, try bundle(ThrowawayCA()))
        talk.cleanUp()
        #expect(talk.posted?.reason == .startUp && talk.route?.secure != nil)
        #expect(talk.route?.server == WPIEndpoint(host: "192.0.2.9", port: 19444))
        talk.lose()
        talk.wait()
        #expect(talk.posted?.reason == .startUp && talk.route?.secure != nil)
        #expect(talk.route?.server == WPIEndpoint(host: "192.0.2.1", port: 19444))
    }

    @Test func theItemsOfSecureMode_areRefusedTogether() throws {
        var talk = Conversation()
        talk.start()
        var items = try bundle(ThrowawayCA())
        items[1].value = "AAAA"
        talk.order(.writeItems, items + [item("sntp-addr", "x")])
        #expect(talk.posted?.items.count == 5)
        #expect(talk.posted?.items[1].status == .invalidData)
        #expect(talk.phone.state.wpi?.secure == nil && talk.phone.value(of: ItemKey("sntp-addr")) == "x")
        talk.order(.writeItems, [item("dls-server-ca", "x", index: 0)])
        #expect(talk.posted?.items.first?.status == .unexpectedItem)
    }

    @Test func eachIndexOfTheServersAuthorities_isAPlaceOfItsOwn() throws {
        let (first, second) = (try ThrowawayCA().issuer.certificate, try ThrowawayCA().issuer.certificate)
        var talk = Conversation()
        talk.start()
        talk.order(.writeItems, try bundle(ThrowawayCA()))
        talk.order(.writeItems, [item("dls-server-ca", first.pem, index: 0)])
        #expect(talk.phone.state.wpi?.secure?.authorities == [first.der])
        talk.order(.writeItems, [item("dls-server-ca", second.pem, index: 1)])
        #expect(talk.phone.state.wpi?.secure?.authorities == [first.der, second.der])
        talk.order(.writeItems, [item("dls-server-ca", "", index: 0)])
        #expect(talk.phone.state.wpi?.secure?.authorities == [second.der])
        talk.order(.writeItems, [item("dls-server-ca", "", index: 0), item("dls-server-ca", "", index: 1)])
        #expect(talk.posted?.items.allSatisfy { $0.status == .failed } == true)
        #expect(talk.phone.state.wpi?.secure?.authorities == [second.der])
    }

    @Test func aPIN_opensSecureMode_andTooManyWrongOnesAreTold() throws {
        let ca = try ThrowawayCA()
        let mode = SecureMode(
            clientCertificate: try ca.keyMaterialFile("CN=phone"), authorities: [ca.issuer.certificate.der], port: 18444
        )
        struct Wrong: Error {}
        func talkWithPIN() -> Conversation {
            var talk = Conversation {
                $0.secureModeOpener = { data, password in
                    guard data == [1, 2, 3], password == "98765" else { throw Wrong() }
                    return mode
                }
            }
            talk.start()
            talk.order(
                .writeItems,
                [item("goto-secure-mode", "pin"), item("secure-mode-data", "AQID"), item("max-pin-retries", "2")])
            talk.cleanUp()
            return talk
        }
        var talk = talkWithPIN()
        #expect(talk.orders == [.hangUp])
        talk.orders = talk.machine.entered(pin: "98765321", &talk.phone, at: 0) ?? []
        #expect(talk.posted?.reason == .startUp && talk.route?.secure != nil)
        talk.order(.readItems, [item("bootstrapping-tan")])
        #expect(talk.value("bootstrapping-tan") == "321")
        var other = talkWithPIN()
        other.orders = other.machine.entered(pin: "11111321", &other.phone, at: 0) ?? []
        #expect(other.orders == [.save])
        other.orders = other.machine.entered(pin: "22222321", &other.phone, at: 0) ?? []
        #expect(other.posted?.reason == .cleanUp)
        #expect(other.value("cleanup-reason") == "password retries exceeded")
        let late = other.machine.entered(pin: "98765321", &other.phone, at: 0)
        #expect(late == nil)
    }

    @Test func theWebServersCertificate_isTaken_andOnlyToldOf() throws {
        var talk = Conversation()
        talk.start()
        let file = try ThrowawayCA().keyMaterialFile("CN=phone 7")
        talk.order(.writeItems, [item("wbm-server-certificate", Base64Coding.text(file))])
        #expect(talk.reply == .accepted && talk.posted?.items == [])
        #expect(talk.phone.file(.serverKeyMaterial)?.content == file)
        talk.order(.readItems, [item("wbm-server-certificate"), item("wbm-server-certificate-info")])
        #expect(talk.value("wbm-server-certificate") == "")
        #expect(talk.value("wbm-server-certificate-info")?.contains("CN=phone 7") == true)
        talk.order(.writeItems, [item("wbm-server-certificate", "no")])
        #expect(talk.posted?.items.first?.status == .invalidData)
    }

    // MARK: Inventory and faults

    @Test func newModules_areTold() {
        var talk = Conversation()
        talk.start()
        talk.cleanUp()
        talk.phone.state.wpi = WPIState(modules: ["key-modules": 2])
        talk.orders = talk.machine.inventoryChanged(&talk.phone, at: talk.now)
        #expect(talk.posted?.reason == .inventoryChanges && talk.value("key-modules") == "2")
    }

    @Test func faults_showInTheMessages() {
        var replayed = Conversation(faults: [.repeatsNonce])
        replayed.start()
        let nonce = replayed.posted?.nonce
        replayed.order(.readAllItems)
        #expect(replayed.posted?.nonce == nonce)
        let other = MACAddress(value: 0x0001_E3AA_AAAA)
        var twin = Conversation(faults: [.sameMAC(other)])
        twin.start()
        #expect(twin.value("mac-addr") == other.description)
        var liar = Conversation(faults: [.changesIdentity])
        liar.start()
        liar.order(.readItems, [item("sntp-addr")])
        #expect(liar.value("mac-addr").flatMap { MACAddress($0) } != MACAddress(value: 0x0001_E310_0001))
    }
}

enum Base64Coding {
    static func text(_ bytes: [UInt8]) -> String { Data(bytes).base64EncodedString() }
}
