import DeploymentModel

/// What a phone looks at before it takes a file that it fetched.
enum FileRules {
    static let types: Set<String> = [
        "APP", "DONGLE", "MOH", "PICTURE", "PIC", "LDAP", "LOGO", "SCREENSAVER", "RINGTONE",
    ]

    private static let pictureBytes = 300_000
    private static let softwareFactor = 16

    /// Largest file of a type, in bytes.
    static func limit(_ type: String, options: WPIOptions) -> Int {
        switch type {
        case "APP": options.mostFileBytes * softwareFactor
        case "PICTURE", "PIC": min(pictureBytes, options.mostFileBytes)
        default: options.mostFileBytes
        }
    }

    /// Whether the beginning of a file suits its type.
    static func suits(_ type: String, head: [UInt8]) -> Bool {
        switch type {
        case "PICTURE", "PIC", "LOGO", "SCREENSAVER": isPicture(head)
        case "MOH", "RINGTONE": isSound(head)
        default: !head.isEmpty
        }
    }

    private static func isPicture(_ head: [UInt8]) -> Bool {
        head.starts(with: [0x89, 0x50, 0x4E, 0x47]) || head.starts(with: [0xFF, 0xD8, 0xFF])
            || head.starts(with: "BM".utf8)
    }

    private static func isSound(_ head: [UInt8]) -> Bool {
        if head.starts(with: "RIFF".utf8) || head.starts(with: "MThd".utf8) || head.starts(with: "ID3".utf8) {
            return true
        }
        return head.count >= 2 && head[0] == 0xFF && head[1] & 0xE0 == 0xE0
    }
}

/// What the header of a firmware image says: product text at offset 0x20, version text behind it.
///
/// Both are printable ASCII, ended by a zero byte; zero bytes between them are passed over. This layout is our reading of
/// the little that is known.
struct FirmwareImage: Hashable, Sendable {
    var product: String?
    var version: String?

    private static let productOffset = 0x20
    private static let longest = 64

    /// - Parameter head: the first bytes of the image, at least as many as the header has.
    init(head: [UInt8]) {
        var rest = head.dropFirst(Self.productOffset)
        product = Self.text(&rest)
        rest = rest.drop { $0 == 0 }
        version = product == nil ? nil : Self.text(&rest)
    }

    private static func text(_ bytes: inout ArraySlice<UInt8>) -> String? {
        let text = bytes.prefix { (32..<127).contains($0) }
        guard (1...longest).contains(text.count), text.count < bytes.count, bytes[text.endIndex] == 0 else {
            return nil
        }
        bytes = bytes.dropFirst(text.count)
        return String(decoding: text, as: UTF8.self)
    }

    /// The form of `software-version` (`V3 R5.12.0`) of a version that may be written like `3.5.12.0`.
    static func shown(_ version: String) -> String? {
        guard version.utf8.count <= longest, version.utf8.allSatisfy({ (32..<127).contains($0) }),
            version.contains(where: \.isNumber)
        else { return nil }
        let numbers = version.split(separator: ".", omittingEmptySubsequences: false)
        guard numbers.count == 4, numbers.allSatisfy({ !$0.isEmpty && $0.allSatisfy(\.isNumber) }) else {
            return version
        }
        return "V\(numbers[0]) R\(numbers[1]).\(numbers[2]).\(numbers[3])"
    }
}

/// A file that came, without its content.
struct LoadedFile: Hashable, Sendable {
    var size: Int
    /// SHA-256, lower-case hexadecimal.
    var fingerprint: String
    /// The first bytes.
    var head: [UInt8]

    static let headBytes = 256
}
