import DeploymentModel

/// Orders about files in the words of the WorkPoint Interface.
enum WPIFileWords {
    /// The kinds of files whose name on the wire is known.
    private static let types: [(kind: FileKind, word: String)] = [
        (.application, "APP"), (FileKind("dongle-key"), "DONGLE"), (FileKind("music-on-hold"), "MOH"),
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

    /// One file: the items have no index, and software has an action of its own.
    static func message(for order: FetchOrder, nonce: String) throws(Fault) -> WPIServerMessage {
        let items = try items(for: order, index: nil)
        let action: WPIAction = order.kind == .application ? .softwareDeployment : .fileDeployment
        return WPIServerMessage(nonce: nonce, action: action, items: items)
    }

    /// Several files, or one to be deleted: every item has the index of its file, from 1.
    static func message(for orders: [FileOrder], nonce: String) throws(Fault) -> WPIServerMessage {
        var items: [Item] = []
        for (offset, order) in orders.enumerated() {
            let index = offset + 1
            switch order {
            case .fetch(let order):
                items += try Self.items(for: order, index: index)
                items.append(Item(ItemKey(WPIItem.fileAction, index: index), value: "deploy"))
            case .delete(let kind, let name):
                items.append(Item(ItemKey(WPIItem.fileName, index: index), value: name))
                items.append(Item(ItemKey(WPIItem.fileType, index: index), value: try type(of: kind)))
                items.append(Item(ItemKey(WPIItem.fileAction, index: index), value: "delete"))
            }
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
        guard let place = FilePlace(order.url) else {
            throw Fault(.planNotSupported, subject: "FetchFile", detail: "an address that is not ftp:// or https://")
        }
        var pairs: [(String, String?)] = []
        if place.isHTTPS {
            pairs.append((WPIItem.fileURL, order.url))
        } else {
            pairs += [
                (WPIItem.fileServer, place.host), (WPIItem.filePort, place.port), (WPIItem.filePath, place.folder),
                (WPIItem.fileUser, order.login?.user), (WPIItem.filePassword, order.login?.password.reveal()),
            ]
        }
        pairs += [(WPIItem.fileName, order.name ?? place.name), (WPIItem.fileType, try type(of: order.kind))]
        if order.kind == .application {
            pairs += [
                (WPIItem.fileSoftwareType, order.software?.type),
                (WPIItem.fileSoftwareVersion, order.software?.version),
                (WPIItem.filePriority, order.software.map { $0.waitsForIdle ? "normal" : "immediate" }),
            ]
        }
        return pairs.compactMap { name, value in value.map { Item(ItemKey(name, index: index), value: $0) } }
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
            port = String(authority[authority.index(after: colon)...])
            authority = authority[..<colon]
        }
        host = String(authority)
        let path = rest[slash...].split(separator: "/")
        name = path.last.map(String.init) ?? ""
        folder = path.dropLast().joined(separator: "/")
        guard !host.isEmpty, !name.isEmpty else { return nil }
    }
}
