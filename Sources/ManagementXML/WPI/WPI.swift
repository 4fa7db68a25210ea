public import DeploymentModel

/// The wire of the WorkPoint Interface: bytes to values and back, without I/O.
///
/// The phone is the HTTP client: it posts a `WorkpointMessage` and gets a `DLSMessage` in the answer. What is written is
/// strict; what is read is taken as real phones and servers were seen to write it. What is known, from which source,
/// stands in `docs/reference/wpi.md`.
public enum WPI {
    /// The XML namespace of both messages.
    public static let namespace = wireNamespace.description
    /// The path to which phones post.
    public static let path = "/DeploymentService/LoginService"
    /// The content type of both messages.
    public static let contentType = "text/xml"
    /// The port at which phones look for a server in default mode.
    public static let port = 18443
    /// The port of a server that wants a certificate of the phone (secure mode).
    public static let securePort = 18444
    /// The most bytes of one message in either direction; whatever is longer is sent in parts.
    public static let messageBytes = 50_000

    /// Writes what a phone says.
    ///
    /// Characters that XML 1.0 cannot carry become U+FFFD. An item without value and status is written like the empty
    /// text, for which the protocol has no other form; next to a status the empty text is written like no value.
    public static func encode(_ message: WPIPhoneMessage) -> [UInt8] {
        WPIEncoder.encode(message)
    }

    /// Writes what a server says; the status of an item is left out, because only phones give one.
    ///
    /// Characters that XML 1.0 cannot carry become U+FFFD; ask ``canCarry(_:quirks:)`` before.
    public static func encode(_ message: WPIServerMessage) -> [UInt8] {
        WPIEncoder.encode(message)
    }

    /// Reads what a phone says, tolerant of everything that phones were seen to write differently.
    ///
    /// Elements and attributes that are not known are passed over. An item whose name is none (see `ItemKey`) is left
    /// out; a status that is not known is read as `undefined status`.
    public static func decodePhoneMessage(
        _ bytes: [UInt8], limits: DecodingLimits = .wpi
    ) throws(WireError) -> WPIPhoneMessage {
        try WPIPhoneDecoder.decode(bytes, limits: limits)
    }

    /// Reads what a server says, also inside a signed envelope, whose signature is not verified.
    ///
    /// Tolerant of everything that phones were seen to take; with `strict`, only of what the protocol's description
    /// has: the namespace, the spelling of the names, the order of the elements, no status and nothing foreign.
    /// - Parameter quirks: of the phone that reads.
    public static func decodeServerMessage(
        _ bytes: [UInt8], limits: DecodingLimits = .wpi, strict: Bool = false, quirks: WPIQuirks = []
    ) throws(WireError) -> WPIServerMessage {
        try WPIServerDecoder.decode(bytes, limits: limits, isStrict: strict, quirks: quirks)
    }

    /// Whether a value arrives as it left at a phone with these quirks.
    public static func canCarry(_ value: String, quirks: WPIQuirks = []) -> Bool {
        guard XMLCharacters.allLegal(value) else { return false }
        // A carriage return needs a reference, too: bare, XML makes a line feed of it.
        return !quirks.contains(.keepsReferences) || !value.utf8.contains { "<>&\r".utf8.contains($0) }
    }

    static let wireNamespace: StaticString = "http://www.siemens.com/DLS"
}

extension DecodingLimits {
    /// What either end of the WorkPoint Interface takes: a hard limit far above the size that both sides keep to.
    public static let wpi = DecodingLimits(
        bytes: 1 << 20, depth: 8, items: 4096, attributeBytes: 1024, textBytes: 1 << 19)
}

/// In what a phone departs from the others.
public struct WPIQuirks: OptionSet, Hashable, Sendable {
    public let rawValue: UInt8

    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// The phone takes `&lt;`, `&gt;`, `&amp;` and all numeric references but those to the two quotes as plain text.
    ///
    /// Seen with firmware of about V1 R4 and V1 R5; nothing is written about later ones.
    public static let keepsReferences = WPIQuirks(rawValue: 1)

    /// What is known of a phone with this software; nothing when the software is not known.
    public init(software: SoftwareVersion?) {
        self = []
        if let software, software < SoftwareVersion("V1 R6") { insert(.keepsReferences) }
    }
}
