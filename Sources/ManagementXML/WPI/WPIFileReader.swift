import DeploymentModel

/// Reads orders about files as a phone understands them.
enum WPIFileReader {
    static func order(_ message: WPIServerMessage) -> WPIOrder {
        let indices = Set(message.items.compactMap(\.key.index)).sorted()
        if message.action == .softwareDeployment || indices.isEmpty {
            switch order(message.items, indices.first) {
            case .fetch(let order): return .perform(.fetchFile(order))
            case .delete(let kind, let name) where message.action == .fileDeployment:
                return .perform(.orderFiles([.delete(kind, name: name)]))
            default: return .refusedFiles
            }
        }
        var orders: [FileOrder] = []
        for index in indices {
            guard let order = order(message.items, index) else { return .refusedFiles }
            orders.append(order)
        }
        return .perform(.orderFiles(orders))
    }

    private static func order(_ items: [Item], _ index: Int?) -> FileOrder? {
        func value(_ name: String) -> String? {
            let value = items.value(of: name, index: index)
            return value?.isEmpty == false ? value : nil
        }
        guard let kind = value(WPIItem.fileType).flatMap(WPIFileWords.kind(for:)) else { return nil }
        if value(WPIItem.fileAction) == "delete" { return value(WPIItem.fileName).map { .delete(kind, name: $0) } }
        guard let url = value(WPIItem.fileURL) ?? ftpURL(value), FilePlace(url) != nil else { return nil }
        var order = FetchOrder(kind: kind, url: url)
        order.name = value(WPIItem.fileName)
        if let user = value(WPIItem.fileUser), url.hasPrefix("ftp://") {
            order.login = FetchOrder.Login(user: user, password: SecretText(value(WPIItem.filePassword) ?? ""))
        }
        if kind == .application {
            order.software = FetchOrder.Software(
                type: value(WPIItem.fileSoftwareType), version: value(WPIItem.fileSoftwareVersion),
                waitsForIdle: waits(value(WPIItem.filePriority)))
        }
        return .fetch(order)
    }

    /// One source has numbers in the place of the words, 0 for the first.
    private static func waits(_ priority: String?) -> Bool {
        priority == "normal" || priority == "0"
    }

    private static func ftpURL(_ value: (String) -> String?) -> String? {
        guard let host = value(WPIItem.fileServer), let name = value(WPIItem.fileName) else { return nil }
        let port = value(WPIItem.filePort).map { ":" + $0 } ?? ""
        let folder = (value(WPIItem.filePath) ?? "").split(separator: "/").map { $0 + "/" }.joined()
        return "ftp://\(host)\(port)/\(folder)\(name)"
    }
}
