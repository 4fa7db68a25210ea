import DeploymentModel
import ManagementXML

/// Random messages of every kind, with the values that are hard to carry.
struct RandomMessages {
    private var generator: SeededGenerator

    init(seed: UInt64) {
        generator = SeededGenerator(seed: seed)
    }

    /// Texts that markup, white space rules or Unicode make hard.
    static let oddTexts = [
        "", " ", "  two  ", "\n", "\r", "\r\n", "\t", "a\rb\nc\r\nd\te", "]]>", "]]", "]", "<![CDATA[x]]>",
        "<!-- x -->",
        "&amp;", "&#13;", "&", "<", ">", "\"", "'", "\u{7F}", "\u{85}", "\u{2028}", "\u{FEFF}", "\u{FFFD}", "\u{E000}",
        "\u{D7FF}", "\u{10FFFF}", "\u{10000}", "Grüße", "日本語", "e\u{301}", "\u{E9}", "👩‍👩‍👧", "\u{FFFC}\u{FFFB}", "ｘ",
        "0", "true", "absent", "empty", "<?xml version=\"1.0\"?>",
    ]

    mutating func text() -> String {
        if generator.chance(40) { return generator.pick(Self.oddTexts) }
        var text = ""
        for _ in 0..<generator.number(0...12) { text += generator.pick(Self.oddTexts + ["a", "b", "word", "."]) }
        return text
    }

    mutating func shortText() -> String? {
        generator.chance(50) ? String(text().unicodeScalars.prefix(DirectXML.shortTextLength)) : nil
    }

    mutating func key() -> ItemKey {
        let name = generator.pick([
            "e164", "sntp-addr", "function-key-def", "A.b_c-9", "x", String(repeating: "n", count: 128),
        ])
        return ItemKey(name, index: generator.chance(40) ? generator.pick([0, 1, 9, 10, 1010, 999_999_999_999]) : nil)
    }

    mutating func item(withStatus: Bool) -> Item {
        Item(
            key(), value: generator.chance(80) ? text() : nil,
            status: withStatus && generator.chance(30) ? generator.pick(ItemStatus.allCases) : nil)
    }

    mutating func items(withStatus: Bool) -> [Item] {
        (0..<generator.number(0...8)).map { _ in item(withStatus: withStatus) }
    }

    mutating func content() -> [UInt8] {
        (0..<generator.number(0...70)).map { _ in UInt8(generator.number(0...255)) }
    }

    mutating func kind() -> FileKind {
        generator.pick([.serverKeyMaterial, .clientTrustedCertificates, .application, FileKind("Logo_2.x")])
    }

    mutating func fingerprint() -> String {
        String((0..<64).map { _ in generator.pick(Array("0123456789abcdef")) })
    }

    mutating func id() -> String {
        String((0..<generator.number(1...64)).map { _ in generator.pick(Array("abcXYZ019-")) })
    }

    mutating func action() -> ManagementAction {
        switch generator.number(0...11) {
        case 0: .identify
        case 1: .readItems((0..<generator.number(0...9)).map { _ in key() })
        case 2: .readAllItems
        case 3: .nextFragment
        case 4, 5: .writeItems(items(withStatus: false))
        case 6: .transferFile(kind(), content: content())
        case 7: .readFile(kind())
        case 8: .deleteFile(kind())
        case 9:
            .fetchFile(
                FetchOrder(
                    kind: kind(),
                    url: generator.pick([
                        "ftp://192.0.2.1/a/b.bin", "https://[2001:db8::1]:8443/~x?y=1&z=%20#f", "https://h",
                    ]),
                    sha256: generator.chance(50) ? fingerprint() : nil))
        case 10: generator.pick([.restart, .factoryReset])
        default: .status
        }
    }

    mutating func request() -> ManagementRequest {
        ManagementRequest(id: id(), action: action())
    }

    mutating func file() -> HeldFile {
        HeldFile(
            kind: kind(), fingerprint: fingerprint(), size: generator.number(0...9_999_999), version: shortText(),
            content: generator.chance(50) ? content() : nil)
    }

    mutating func phoneStatus() -> PhoneStatus {
        PhoneStatus(
            isBusy: generator.chance(50), registration: generator.pick(PhoneStatus.Registration.allCases),
            registrationReason: shortText(), lastFileResult: shortText(), uptime: generator.number(0...99_999_999),
            bootCount: generator.number(0...5000))
    }

    mutating func response() -> ManagementResponse {
        let reply = ManagementReply(
            action: generator.pick(ManagementAction.names.sorted()),
            status: generator.pick(ManagementReply.Status.allCases), reason: shortText(),
            items: items(withStatus: true), files: (0..<generator.number(0...3)).map { _ in file() },
            phoneStatus: generator.chance(30) ? phoneStatus() : nil, hasMoreFragments: generator.chance(30))
        return ManagementResponse(id: id(), reply: reply)
    }

    mutating func refusal() -> WireError {
        WireError(
            generator.pick(WireError.Code.allCases), line: generator.number(1...100_000), reason: shortText() ?? "")
    }
}
