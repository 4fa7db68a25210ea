import DeploymentModel
import ManagementXML

/// One file that a phone is to fetch or to delete.
struct FileOrder: Hashable, Sendable {
    enum Kind: Hashable, Sendable {
        case deploy, delete
        /// Firmware; nil = the image itself says which.
        case software(version: String?)
    }

    var kind: Kind
    var name: String
    var type: String
    var source: FileSource?
    /// Whether the phone tells what became of it.
    var isReported = true
    /// The server that ordered it and hears of it.
    var server: WPIEndpoint?
    /// Firmware that is loaded although the phone is in a call.
    var isImmediate = true
}

/// What the phone says of an order when it is done.
struct FileReport: Hashable, Sendable {
    var name: String
    var type: String
    var isDone: Bool
    /// When, by the phone's clock, in seconds since 1970.
    var clock: Int

    /// The items of a `status` message: date as `DD:MM:YYYY`, time as `HH:MM:SS`, UTC.
    var items: [Item] {
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let days = Int((Double(clock) / 86400).rounded(.down))
        let rest = clock - days * 86400
        let (year, month, day) = HTTPDate.civil(days)
        let words = [
            ("date", "\(two(day)):\(two(month)):\(year)"),
            ("time", "\(two(rest / 3600)):\(two(rest / 60 % 60)):\(two(rest % 60))"), ("name", name), ("type", type),
            ("status", isDone ? "ok" : "failed"),
        ]
        return words.map { Item(ItemKey("file-deployment-\($0.0)"), value: $0.1) }
    }
}

/// Where a file is fetched from.
enum FileSource: Hashable, Sendable {
    case https(WPIEndpoint, path: String)
    case ftp(WPIEndpoint, path: String, user: String, password: SecretText)
}

/// Reads the items of `FileDeployment` and `SoftwareDeployment`.
struct FileOrderReader {
    private let items: [Item]
    private let isSoftware: Bool

    init(_ message: WPIServerMessage) {
        items = message.items
        isSoftware = message.action == .softwareDeployment
    }

    /// The orders in the order of their index; more than one, or any with an index, is an order of several.
    func orders() throws(ItemRefusal) -> [FileOrder] {
        let indices = Set(items.compactMap(\.key.index)).sorted()
        guard indices.count <= Self.mostFiles else {
            throw ItemRefusal(ItemKey("file-name"), .invalidIndex)
        }
        guard !indices.isEmpty, !isSoftware else { return [try order(nil)] }
        var orders: [FileOrder] = []
        for index in indices { orders.append(try order(index)) }
        return orders
    }

    private static let mostFiles = 50

    /// The value for one file; what has no index holds for all of them.
    private func value(_ name: String, _ index: Int?) -> String? {
        let own = items.first { $0.key == ItemKey(name, index: index) }
        let found = own ?? items.first { $0.key == ItemKey(name) }
        return found?.value.flatMap { $0.isEmpty ? nil : $0 }
    }

    private func order(_ index: Int?) throws(ItemRefusal) -> FileOrder {
        func refuse(_ name: String) -> ItemRefusal {
            ItemRefusal(ItemKey(name, index: index), .invalidData)
        }
        let isDeletion = value("file-action", index) == "delete"
        if let action = value("file-action", index), action != "deploy", !isDeletion { throw refuse("file-action") }
        guard let type = value("file-type", index) ?? (isSoftware ? "APP" : nil) else { throw refuse("file-type") }
        guard FileRules.types.contains(type), (type == "APP") == isSoftware else { throw refuse("file-type") }
        let source = isDeletion ? nil : try source(index)
        guard let name = value("file-name", index) ?? source.map(Self.name) else { throw refuse("file-name") }
        var order = FileOrder(kind: isDeletion ? .delete : .deploy, name: name, type: type, source: source)
        if isSoftware {
            order.kind = .software(version: value("file-sw-version", nil))
            order.isImmediate = try isImmediate()
        }
        return order
    }

    private func isImmediate() throws(ItemRefusal) -> Bool {
        switch value("file-priority", nil) {
        case nil, "immediate", "1": true
        case "normal", "0": false
        default: throw ItemRefusal(ItemKey("file-priority"), .invalidData)
        }
    }

    private static func name(of source: FileSource) -> String {
        switch source {
        case .https(_, let path), .ftp(_, let path, _, _):
            path.split(separator: "?").first?.split(separator: "/").last.map(String.init) ?? "file"
        }
    }

    private func source(_ index: Int?) throws(ItemRefusal) -> FileSource {
        if let url = value("file-https-base-url", index) {
            guard let (server, path) = FileURL.https(url) else {
                throw ItemRefusal(ItemKey("file-https-base-url", index: index), .invalidData)
            }
            return .https(server, path: path)
        }
        guard let host = value("file-server", index), host.utf8.allSatisfy(HTTPText.isHostByte) else {
            throw ItemRefusal(ItemKey("file-server", index: index), .invalidData)
        }
        guard let port = Int(value("file-port", index) ?? "21"), (1...65535).contains(port) else {
            throw ItemRefusal(ItemKey("file-port", index: index), .invalidData)
        }
        let parts = [value("file-path", index), value("file-name", index)].compactMap { $0 }
        let path = parts.joined(separator: "/").replacing("//", with: "/")
        // A line break would begin another command.
        guard value("file-name", index) != nil, path.utf8.allSatisfy({ $0 >= 32 && $0 != 127 }) else {
            throw ItemRefusal(ItemKey("file-name", index: index), .invalidData)
        }
        let user = value("file-username", index) ?? "anonymous"
        let password = value("file-pwd", index) ?? "phone"
        guard (user + password).utf8.allSatisfy({ $0 >= 32 && $0 != 127 }) else {
            throw ItemRefusal(ItemKey("file-username", index: index), .invalidData)
        }
        return .ftp(WPIEndpoint(host: host, port: port), path: path, user: user, password: SecretText(password))
    }
}

/// The addresses of files.
enum FileURL {
    /// Server and path of `https://HOST[:PORT]/PATH`; nil for anything else, also for one with user and password.
    static func https(_ url: String) -> (WPIEndpoint, path: String)? {
        guard url.lowercased().hasPrefix("https://"), url.utf8.allSatisfy({ $0 > 32 && $0 != 127 }) else { return nil }
        let rest = url.dropFirst(8)
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        guard let server = try? WPIEndpoint(parsing: String(rest[..<slash]), usualPort: 443) else { return nil }
        let path = rest[slash...].prefix { $0 != "#" }
        return (server, path.isEmpty ? "/" : String(path))
    }
}
