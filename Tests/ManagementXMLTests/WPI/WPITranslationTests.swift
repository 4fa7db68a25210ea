import DeploymentModel
import ManagementXML
import Testing

@Suite("The tool's actions are said in the words of the WorkPoint Interface, and understood again")
struct WPITranslationTests {
    private static func messages(_ action: ManagementAction, room: WPITranslation.Room = .init()) throws
        -> [WPIServerMessage]
    {
        try WPITranslation.messages(for: action, nonce: WPIFixtures.nonce, room: room)
    }

    private static let several = FetchOrder(
        kind: FileKind("music-on-hold"), url: "https://files.example.org/wait.wav",
        workPoint: WorkPointOrder(also: [
            FetchOrder(kind: FileKind("picture"), url: "", workPoint: WorkPointOrder(name: "old.jpg", isDeletion: true))
        ]))

    private static let software = FetchOrder(
        kind: .application, url: "https://files.example.org/os60/opera_bind.img",
        workPoint: WorkPointOrder(
            priority: .normal,
            software: WorkPointOrder.Software(type: "Siemens SIP", version: SoftwareVersion("V3 R5.12.0"))))

    private static let ftp = FetchOrder(
        kind: FileKind("ringtone"), url: "ftp://192.0.2.9:2121/phones/tones/Harp.mp3",
        workPoint: WorkPointOrder(
            login: WorkPointOrder.Login(user: "phone", password: SecretText("not-a-secret"))))

    private static let said: [(fixture: String, action: ManagementAction)] = [
        ("read-all-items", .readAllItems),
        ("read-items", .readItems([ItemKey("sntp-addr"), ItemKey("function-key-def", index: 1)])),
        ("write-items", .writeItems(WPIFixtures.server["write-items"]?.items ?? [])),
        ("restart", .restart), ("factory-reset", .factoryReset),
        ("web-certificate", .transferFile(.serverKeyMaterial, content: Array(0...9))),
        ("web-certificate-info", .readFile(.serverKeyMaterial)),
        (
            "file-deployment-https",
            .fetchFile(FetchOrder(kind: FileKind("logo"), url: "https://files.example.org/phones/logo60.png"))
        ),
        ("file-deployment-ftp", .fetchFile(ftp)), ("file-deployment-several", .fetchFile(several)),
        ("software-deployment", .fetchFile(software)),
    ]

    @Test("An action becomes the message that was written by hand", arguments: said.indices)
    func messages(number: Int) throws {
        let (fixture, action) = Self.said[number]
        let expected = try #require(WPIFixtures.server[fixture])
        #expect(try Self.messages(action) == [expected], "\(fixture)")
    }

    @Test("A phone understands it, and saying what it understood makes the same message", arguments: said.indices)
    func orders(number: Int) throws {
        let (fixture, action) = Self.said[number]
        let message = try #require(WPIFixtures.server[fixture])
        guard case .perform(let understood) = WPITranslation.order(message) else {
            Issue.record("\(fixture) is not understood")
            return
        }
        #expect(try Self.messages(understood) == [message])
        switch action {
        case .fetchFile, .readFile: break
        default: #expect(understood == action)
        }
    }

    @Test("What a phone is asked without a message, and what the protocol has no words for")
    func withoutMessage() throws {
        #expect(try Self.messages(.identify).isEmpty)
        #expect(try Self.messages(.status).isEmpty)
        for action in [
            ManagementAction.transferFile(.clientTrustedCertificates, content: []), .readFile(FileKind("logo")),
            .deleteFile(.serverKeyMaterial), .fetchFile(FetchOrder(kind: FileKind("java-midlet"), url: "ftp://h/a")),
            .fetchFile(FetchOrder(kind: FileKind("logo"), url: "http://h/a")),
        ] {
            #expect(throws: Fault.self) { try Self.messages(action) }
        }
        #expect(WPITranslation.order(WPIServerMessage(nonce: "0", action: .fileDeployment)) == .refusedFiles)
    }

    @Test(
        "Orders about files that make no sense are refused",
        arguments: [
            ["file-type=LOGO", "file-name=a"], ["file-type=ODD", "file-name=a", "file-https-base-url=https://h/a"],
            ["file-type=LOGO", "file-https-base-url=ftp://h/a"], ["file-type=LOGO", "file-https-base-url=https://h/"],
            ["file-type=LOGO", "file-name=../a", "file-https-base-url=https://h/a"],
            ["file-type=LOGO", "file-name=a", "file-server=h/b"], ["file-type=LOGO", "file-name=a", "file-server=h:x"],
            ["file-type=LOGO", "file-action=delete"],
        ])
    func senselessFiles(items: [String]) {
        let message = WPIServerMessage(nonce: "0", action: .fileDeployment, items: items.map(WPIFixtures.item))
        #expect(WPITranslation.order(message) == .refusedFiles)
    }

    @Test("The end of a conversation carries its reason and the wish to be called")
    func cleanUp() {
        let nonce = WPIFixtures.nonce
        #expect(WPITranslation.cleanUp(nonce: nonce) == WPIFixtures.server["clean-up"])
        #expect(
            WPITranslation.cleanUp(nonce: nonce, reason: WPITranslation.overload)
                == WPIFixtures.server["clean-up-overload"])
        let again = WPITranslation.cleanUp(nonce: "0", reason: "later", asksToCallBack: true)
        #expect(WPITranslation.order(again) == .cleanUp(reason: "later", asksToCallBack: true))
    }

    @Test("A factory reset needs the fixed password, and no other kind of restart is known")
    func restart() {
        func order(_ items: [String]) -> WPIOrder {
            WPITranslation.order(WPIServerMessage(nonce: "0", action: .restart, items: items.map(WPIFixtures.item)))
        }
        #expect(order([]) == .perform(.restart))
        #expect(order(["restart-type="]) == .perform(.restart))
        #expect(order(["restart-type=FactoryReset"]) == .refusedRestart)
        #expect(order(["restart-type=FactoryReset", "restart-password=123456"]) == .refusedRestart)
        #expect(order(["restart-type=Other", "restart-password=124816"]) == .refusedRestart)
    }

    @Test("A phone's replies are the answers to the actions that they name")
    func replies() throws {
        let faults = try #require(WPIFixtures.phone["reply-write-faults"])
        let reply = try #require(WPITranslation.reply(to: .writeItems([]), from: faults))
        #expect(reply.status == .accepted && reply.items == faults.items && reply.action == "WriteItems")
        #expect(WPITranslation.reply(to: .readAllItems, from: faults) == nil)
        let busy = try #require(WPIFixtures.phone["reply-busy"])
        #expect(WPITranslation.reply(to: .writeItems([]), from: busy)?.status == .busy)
        let next = try #require(WPIFixtures.phone["reply-read-all-next"])
        #expect(WPITranslation.reply(to: .readAllItems, from: next)?.hasMoreFragments == true)
        let final = try #require(WPIFixtures.phone["reply-fragment-final"])
        #expect(WPITranslation.reply(to: .nextFragment, from: final)?.items.count == 2)
        let failed = try #require(WPIFixtures.phone["reply-failed"])
        #expect(WPITranslation.reply(to: .fetchFile(Self.software), from: failed)?.status == .failed)
        let opening = try #require(WPIFixtures.phone["start-up"])
        #expect(WPITranslation.reply(to: .readAllItems, from: opening) == nil)
        #expect(WPITranslation.identity(from: opening).items == opening.items)
    }

    @Test("Replies to several messages of one action are one answer")
    func joined() throws {
        let first = ManagementReply(action: "WriteItems", status: .accepted, items: [WPIFixtures.item("a!failed")])
        let second = ManagementReply(action: "WriteItems", status: .busy)
        let whole = try #require(WPITranslation.joined([first, second]))
        #expect(whole.status == .busy && whole.items == first.items)
        #expect(WPITranslation.joined([]) == nil)
    }

    @Test("A phone's answers become replies: only faults are named after a write, and long ones go in parts")
    func phoneSide() throws {
        let written = ManagementReply(
            action: "WriteItems", status: .accepted, items: ["a=1", "b!read only"].map(WPIFixtures.item))
        let messages = WPITranslation.messages(for: written, to: .writeItems, nonce: "0")
        #expect(messages.map(\.items) == [[WPIFixtures.item("b!read only")]])
        #expect(messages.first?.reason == .replyTo(action: "WriteItems", status: .accepted))
        let long = ManagementReply(
            action: "ReadAllItems", status: .accepted, items: (0..<3000).map { WPIFixtures.item("i[\($0)]=value") })
        #expect(WPITranslation.messages(for: long, to: .readAllItems, nonce: "0").count > 1)
    }

    @Test("A certificate that the phone does not take is a failed transfer, and its info is the file held")
    func certificates() throws {
        let transfer = ManagementAction.transferFile(.serverKeyMaterial, content: [1])
        let reason = WPIReason.replyTo(action: "WriteItems", status: .accepted)
        let refused = WPIPhoneMessage(
            nonce: "0", reason: reason, items: [WPIFixtures.item("wbm-server-certificate!invalid data")])
        let reply = try #require(WPITranslation.reply(to: transfer, from: refused))
        #expect(reply.status == .failed && reply.reason == "invalid data")
        #expect(
            WPITranslation.reply(to: transfer, from: WPIPhoneMessage(nonce: "0", reason: reason))?.status == .accepted)

        let info = WPICertificateInfo(fingerprint: String(repeating: "0a", count: 32), size: 12)
        #expect(WPICertificateInfo(parsing: info.description) == info)
        #expect(WPICertificateInfo(parsing: "sha-256=0a size=1") == nil)
        let told = WPIPhoneMessage(
            nonce: "0", reason: .replyTo(action: "ReadItems", status: .accepted),
            items: [Item(ItemKey("wbm-server-certificate-info"), value: info.description)])
        let files = WPITranslation.reply(to: .readFile(.serverKeyMaterial), from: told)?.files
        #expect(files == [HeldFile(kind: .serverKeyMaterial, fingerprint: info.fingerprint, size: 12)])
    }

    @Test("The result of a file is read from a message status, with and without index")
    func fileResults() throws {
        let result = WPIFileResult(
            name: "Harp.mp3", kind: FileKind("ringtone"), isOK: true, date: "24:11:2026", time: "12:30:05")
        let message = try #require(WPIFixtures.phone["status"])
        #expect(WPITranslation.fileResults(in: message) == [result])
        #expect(WPITranslation.items(of: result) == Array(message.items.dropFirst(2)))
        let several = WPIPhoneMessage(
            nonce: "0", reason: .status,
            items: [
                "file-deployment-name[1]=a.png", "file-deployment-type[1]=PIC", "file-deployment-status[1]=ok",
                "file-deployment-name[2]=b", "file-deployment-type[2]=NEW", "file-deployment-status[2]=failed",
            ].map(WPIFixtures.item))
        #expect(
            WPITranslation.fileResults(in: several) == [
                WPIFileResult(name: "a.png", kind: FileKind("picture"), isOK: true),
                WPIFileResult(name: "b", kind: nil, isOK: false),
            ])
        let opening = try #require(WPIFixtures.phone["start-up"])
        #expect(WPITranslation.fileResults(in: opening).isEmpty)
    }
}
