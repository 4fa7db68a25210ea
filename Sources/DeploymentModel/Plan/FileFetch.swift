/// A file that a phone shall fetch by itself from a server, or delete.
public struct FileFetch: Hashable, Sendable, Codable {
    /// `https://` or `ftp://`, without user and password; empty for a deletion.
    public var url: String
    /// Under which name the phone keeps the file.
    public var name: String
    /// Of software its version, by which the phone is judged afterwards.
    public var version: SoftwareVersion?
    /// Of software its type in the phone's words, for example `Siemens SIP`.
    public var softwareType: String?
    /// At the file server.
    public var user: String?
    public var password: SecretReference?
    /// Whether the phone shall not wait until it is idle.
    public var isImmediate: Bool
    public var isDeletion: Bool

    public init(
        url: String, name: String, version: SoftwareVersion? = nil, softwareType: String? = nil, user: String? = nil,
        password: SecretReference? = nil, isImmediate: Bool = false, isDeletion: Bool = false
    ) {
        self.url = url
        self.name = name
        self.version = version
        self.softwareType = softwareType
        self.user = user
        self.password = password
        self.isImmediate = isImmediate
        self.isDeletion = isDeletion
    }

    /// What the phone has to show for it: the version, or the file's name.
    public var label: String { version?.text ?? name }
}

extension FileFetch {
    /// What stands in the way of the order, whatever the phone.
    func faults(of kind: FileKind) -> [Fault] {
        var faults: [Fault] = []
        let scheme = url.prefix { $0 != ":" }.lowercased()
        if isDeletion ? !url.isEmpty : !["https", "ftp"].contains(scheme) || !url.contains("://") {
            faults.append(Fault(.inputValue, subject: "\(kind)", detail: "a file is fetched by https:// or ftp://"))
        }
        let authority = url.split(separator: "/", maxSplits: 2).dropFirst().first ?? ""
        if authority.contains("@") {
            faults.append(
                Fault(.inputSecret, subject: "\(kind)", detail: "user and password do not belong into the URL"))
        }
        if name.isEmpty || name.utf8.count > 128 || name.contains("/") {
            faults.append(
                Fault(.inputValue, subject: "\(kind)", detail: "a file has a name of 1 to 128 bytes without '/'"))
        }
        if kind == .application, isDeletion || version == nil {
            faults.append(Fault(.inputValue, subject: "\(kind)", detail: "software is ordered with its version"))
        }
        return faults
    }
}
