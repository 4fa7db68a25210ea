import DeploymentModel
import Foundation

/// Values for the tests of devices, scans and files.
enum Fixture {
    static let tlsType = PhoneTypeID("optipoint-410-standard-hfa")
    static let plainType = PhoneTypeID("optipoint-400-economy-hfa")

    /// A TLS type, a plain type, and one that is plain before V3.0.
    static let catalogue = Catalogue(types: [
        type(
            "optipoint-410-standard-hfa", "optiPoint 410 standard HFA", access: [ManagementAccess(tls: true, port: 443)]
        ),
        type(
            "optipoint-400-economy-hfa", "optiPoint 400 economy HFA", access: [ManagementAccess(tls: false, port: 8085)]
        ),
        type(
            "optipoint-400-standard-sip", "optiPoint 400 standard SIP",
            access: [
                ManagementAccess(tls: false, port: 8085),
                ManagementAccess(softwareFrom: SoftwareVersion("V3.0"), tls: true, port: 443),
            ]),
    ])

    private static func type(_ id: String, _ name: String, access: [ManagementAccess]) -> PhoneType {
        PhoneType(
            id: PhoneTypeID(id), name: name, deviceType: name, family: name.hasPrefix("optiPoint 410") ? "410" : "400",
            managementProtocol: .direct, access: access, softwareVersions: [SoftwareVersion("V3.0")], tabs: [],
            fileKinds: [], limits: PhoneType.Limits(items: 100, fileBytes: 65_536),
            durations: PhoneType.Durations(transfer: 1, restart: 60), provenance: .decision)
    }

    static func mac(_ number: Int) -> MACAddress { MACAddress(value: 0x0001_E300_0000 + UInt64(number)) }

    static func number(_ text: String) -> TerminalNumber? { TerminalNumber(text) }

    static let isSecret: @Sendable (ItemKey) -> Bool = { $0.name.hasSuffix("-pwd") }

    static func context(
        _ devices: [Device] = [], groups: [DeviceGroup] = [], settings: [Setting] = [],
        catalogue: Catalogue = Fixture.catalogue
    ) -> DeviceCSVContext {
        DeviceCSVContext(
            devices: devices, groups: groups, settings: settings, catalogue: catalogue, isSecret: isSecret)
    }

    /// The file at a path of this repository.
    static func repositoryFile(_ path: String) -> URL {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent(path)
    }

    /// The content of the fenced blocks of one kind in a document.
    static func blocks(_ kind: String, in path: String) throws -> [String] {
        let text = try String(contentsOf: repositoryFile(path), encoding: .utf8)
        return text.components(separatedBy: "```\(kind)\n").dropFirst().compactMap {
            $0.components(separatedBy: "```").first
        }
    }
}

/// Random numbers that are the same for the same seed (SplitMix64).
struct DevicesSeed: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }

    mutating func below(_ limit: Int) -> Int { Int.random(in: 0..<limit, using: &self) }

    mutating func pick<Value>(_ values: [Value]) -> Value { values[below(values.count)] }

    mutating func chance(_ oneIn: Int) -> Bool { below(oneIn) == 0 }

    /// Text with everything that files have to quote.
    mutating func awkwardText(longest: Int = 12) -> String {
        let pieces = [
            "a", "Z", "0", "9", " ", "  ", "\n", "\r\n", "\r", "\t", "\"", "'", ",", ";", "|", "\\", ":", ": ", " #",
            "#", "- ",
            "=", "+", "@", "-", "&a", " &b", " *a", "*31#", "{", "}", "[", "]", "%", "!", "~", "null", "yes", "0x1F",
            "1e3",
            "12:30", "é", "Ö", "日本", "👩‍👩‍👧", "\u{7F}", "\u{85}", "\u{A0}", "\u{2028}", "\u{FEFF}", "\u{FFFD}", "\u{1}",
            "{number}",
            "(none)", "(empty)", "secret:", "env:X", "---", "...", "<<", "?", "`", "$",
        ]
        var text = ""
        for _ in 0..<below(longest) { text += pick(pieces) }
        return text
    }
}
