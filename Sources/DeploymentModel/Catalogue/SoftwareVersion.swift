/// A phone's software version, compared by its numbers: `V2.4` < `V3.0` < `V3.0.12`, `V2 R1.3` < `V2 R2`.
public struct SoftwareVersion: Hashable, Sendable, Comparable, CustomStringConvertible {
    public let text: String
    private let numbers: [Int]

    /// Reads every run of digits as one number (runs longer than nine digits are capped); text without a digit is a version below all others.
    public init(_ text: String) {
        self.text = text
        var numbers: [Int] = []
        var current: Int?
        for byte in text.utf8 {
            if (48...57).contains(byte) {
                current = min((current ?? 0) * 10 + Int(byte - 48), 999_999_999)
            } else if let number = current {
                numbers.append(number)
                current = nil
            }
        }
        if let current { numbers.append(current) }
        while numbers.last == 0 { numbers.removeLast() }
        self.numbers = numbers
    }

    public var description: String { text }

    public static func == (left: SoftwareVersion, right: SoftwareVersion) -> Bool { left.numbers == right.numbers }
    public static func < (left: SoftwareVersion, right: SoftwareVersion) -> Bool {
        left.numbers.lexicographicallyPrecedes(right.numbers)
    }
    public func hash(into hasher: inout Hasher) { hasher.combine(numbers) }
}

extension SoftwareVersion: Codable {
    public init(from decoder: any Decoder) throws {
        self.init(try decoder.singleValueContainer().decode(String.self))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}
