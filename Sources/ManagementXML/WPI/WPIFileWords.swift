import DeploymentModel

/// Orders about files in the words of the WorkPoint Interface.
enum WPIFileWords {
    /// The kinds of files whose name on the wire is known.
    private static let types: [(kind: FileKind, word: String)] = [
        (.application, "APP"), (FileKind("dongle"), "DONGLE"), (FileKind("music-on-hold"), "MOH"),
        (FileKind("picture"), "PICTURE"), (FileKind("ldap-template"), "LDAP"), (FileKind("logo"), "LOGO"),
        (FileKind("screen-saver"), "SCREENSAVER"), (FileKind("ringtone"), "RINGTONE"),
    ]

    /// The word on the wire; nil when there is none.
    static func word(for kind: FileKind) -> String? {
        types.first { $0.kind == kind }?.word
    }

    /// The kind that a word means; both words for pictures are in use.
    static func kind(for word: String) -> FileKind? {
        let word = word.uppercased()
        return types.first { $0.word == (word == "PIC" ? "PICTURE" : word) }?.kind
    }

    /// One file without index, where software has an action of its own; or several files (or one to be deleted), where
    /// every item has the index of its file, from 1.
    static func message(for order: FetchOrder, nonce: String) throws(Fault) -> WPIServerMessage {
        let more = order.workPoint?.also ?? []
        let isDeletion = order.workPoint?.isDeletion ?? false
        if more.isEmpty, !isDeletion {
            let action: WPIAction = order.kind == .application ? .softwareDeployment : .fileDeployment
            return WPIServerMessage(nonce: nonce, action: action, items: try items(for: order, index: nil))
        }
        var items: [Item] = []
        for (offset, order) in ([order] + more).enumerated() {
            items += try Self.items(for: order, index: offset + 1)
            let action = order.workPoint?.isDeletion == true ? WPIItem.delete : WPIItem.deploy
            items.append(Item(ItemKey(WPIItem.fileAction, index: offset + 1), value: action))
        }
        return WPIServerMessage(nonce: nonce, action: .fileDeployment, items: items)
    }

    private static func type(of kind: FileKind) throws(Fault) -> String {
        guard let word = word(for: kind) else {
            throw Fault(.planNotSupported, subject: "FetchFile", detail: "\(kind) is not carried by this protocol")
        }
        return word
    }

    private static func items(for order: FetchOrder, index: Int?) throws(Fault) -> [Item] {
        let details = order.workPoint ?? WorkPointOrder()
        var pairs: [(String, String?)] = []
        var name = details.name
        if !details.isDeletion {
            guard let place = FilePlace(order.url) else {
                throw Fault(
                    .planNotSupported, subject: "FetchFile", detail: "an address that is not ftp:// or https://")
            }
            pairs = source(place, of: order, details.login)
            name = name ?? place.name
        }
        pairs += [
            (WPIItem.fileName, name), (WPIItem.fileType, try type(of: order.kind)),
            (WPIItem.fileSoftwareType, details.software?.type),
            (WPIItem.fileSoftwareVersion, details.software?.version.text),
            (WPIItem.filePriority, details.priority?.rawValue),
        ]
        return pairs.compactMap { name, value in value.map { Item(ItemKey(name, index: index), value: $0) } }
    }

    /// From where the phone fetches: a whole URL over HTTPS, the parts of it over FTP.
    private static func source(
        _ place: FilePlace, of order: FetchOrder, _ login: WorkPointOrder.Login?
    ) -> [(String, String?)] {
        if place.isHTTPS { return [(WPIItem.fileURL, order.url)] }
        return [
            (WPIItem.fileServer, place.host), (WPIItem.filePort, place.port), (WPIItem.filePath, place.folder),
            (WPIItem.fileUser, login?.user), (WPIItem.filePassword, login?.password.reveal()),
        ]
    }
}

/// A URL of a file in the parts that FTP orders name one by one.
struct FilePlace: Hashable {
    var isHTTPS: Bool
    var host: String
    var port: String?
    /// Without the file's name and without slashes at its ends; may be empty.
    var folder: String
    var name: String

    /// Nil for what is not `ftp://host[:port]/[folder/]name` or `https://...`.
    init?(_ url: String) {
        var url = url
        guard url.withUTF8({ bytes in Vocabulary.isFetchURL(bytes) }) else { return nil }
        isHTTPS = url.hasPrefix("https://")
        let rest = url.dropFirst(isHTTPS ? 8 : 6)
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        var authority = rest[..<slash]
        if let colon = authority.lastIndex(of: ":"), authority[colon...].firstIndex(of: "]") == nil {
            let digits = authority[authority.index(after: colon)...]
            guard let number = UInt16(digits), number > 0 else { return nil }
            port = String(digits)
            authority = authority[..<colon]
        }
        host = String(authority)
        let path = rest[slash...].split(separator: "/")
        name = path.last.map(String.init) ?? ""
        folder = path.dropLast().joined(separator: "/")
        guard !host.isEmpty, !host.hasSuffix(":"), !name.isEmpty else { return nil }
    }
}
