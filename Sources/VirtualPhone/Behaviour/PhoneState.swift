public import DeploymentModel
import TLSMaterial

/// Everything of a virtual phone that outlives a loss of power.
public struct PhoneState: Hashable, Sendable {
    public let mac: MACAddress
    /// Number of starts in the phone's life, the first one included.
    public internal(set) var bootCount = 1
    /// At most one of each kind.
    public internal(set) var files: [StoredFile] = []
    /// What became of the last file that the phone was ordered to fetch.
    public internal(set) var lastFileResult: String?
    var changed = ChangedItems()
    /// Nil as long as nothing of WPI is to be kept.
    var wpi: WPIState?
    /// The same to be changed: whatever is changed is kept from then on.
    var keptWPI: WPIState {
        get { wpi ?? WPIState() }
        set { wpi = newValue }
    }

    init(mac: MACAddress) {
        self.mac = mac
    }
}

/// A file that a phone holds.
public struct StoredFile: Hashable, Sendable {
    public let kind: FileKind
    public let content: [UInt8]
    /// SHA-256, lower-case hexadecimal.
    public let fingerprint: String
    /// What the file holds, for people: subject, fingerprint and last day of its certificates.
    public let summary: String

    /// Takes a file only when a phone can use it.
    init(kind: FileKind, content: [UInt8]) throws(FileCheck.Refusal) {
        summary = try FileCheck.summary(of: content, as: kind)
        self.kind = kind
        self.content = content
        fingerprint = Fingerprint(of: content).text
    }
}
