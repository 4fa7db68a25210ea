import DeploymentModel

/// Reads orders about files as a phone understands them.
enum WPIFileReader {
    static func order(_ message: WPIServerMessage) -> WPIOrder {
        let indices = Set(message.items.compactMap(\.key.index)).sorted()
        var orders: [FetchOrder] = []
        for index in indices.isEmpty ? [nil] : indices.map(Optional.some) {
            guard let order = order(message.items, index) else { return .refusedFiles }
            orders.append(order)
        }
        var first = orders.removeFirst()
        if message.action == .softwareDeployment {
            guard orders.isEmpty, first.kind == .application, first.workPoint?.isDeletion == false else {
                return .refusedFiles
            }
        }
        first.workPoint?.also = orders
        return .perform(.fetchFile(first))
    }

    private static func order(_ items: [Item], _ index: Int?) -> FetchOrder? {
        func value(_ name: String) -> String? {
            let value = items.value(of: name, index: index)
            return value?.isEmpty == false ? value : nil
        }
        guard let kind = value(WPIItem.fileType).flatMap(WPIFileWords.kind(for:)) else { return nil }
        var details = WorkPointOrder(name: value(WPIItem.fileName), priority: priority(value(WPIItem.filePriority)))
        if let version = value(WPIItem.fileSoftwareVersion) {
            details.software = WorkPointOrder.Software(
                type: value(WPIItem.fileSoftwareType), version: SoftwareVersion(version))
        }
        details.isDeletion = value(WPIItem.fileAction) == WPIItem.delete
        if details.isDeletion {
            return details.name == nil ? nil : FetchOrder(kind: kind, url: "", workPoint: details)
        }
        guard details.name?.contains("/") != true, let url = value(WPIItem.fileURL) ?? ftpURL(value),
            let place = FilePlace(url), place.isHTTPS == (value(WPIItem.fileURL) != nil)
        else { return nil }
        details.name = details.name ?? place.name
        if !place.isHTTPS, let user = value(WPIItem.fileUser) {
            details.login = WorkPointOrder.Login(
                user: user, password: SecretText(value(WPIItem.filePassword) ?? ""))
        }
        return FetchOrder(kind: kind, url: url, workPoint: details)
    }

    /// One source has numbers in the place of the words, 0 for the first.
    private static func priority(_ word: String?) -> WorkPointOrder.Priority? {
        switch word {
        case "0": .normal
        case "1": .immediate
        default: word.flatMap(WorkPointOrder.Priority.init(rawValue:))
        }
    }

    private static func ftpURL(_ value: (String) -> String?) -> String? {
        guard let host = value(WPIItem.fileServer), !host.contains("/"), let name = value(WPIItem.fileName) else {
            return nil
        }
        let port = value(WPIItem.filePort).map { ":" + $0 } ?? ""
        let folder = (value(WPIItem.filePath) ?? "").split(separator: "/").map { $0 + "/" }.joined()
        return "ftp://\(host)\(port)/\(folder)\(name)"
    }
}
