/// What a column of a device CSV holds.
enum CSVColumn: Hashable, Sendable {
    case id, mac, address, port, type, number, groups, note
    /// The device's own value of an item.
    case value(ItemKey)
    /// Known, but not to be set by a person: it is skipped.
    case readOnly(String)

    /// The header that is written.
    var header: String {
        switch self {
        case .id: "id"
        case .mac: "mac"
        case .address: "address"
        case .port: "port"
        case .type: "type"
        case .number: "number"
        case .groups: "groups"
        case .note: "note"
        case .value(let key): "value:\(key)"
        case .readOnly(let name): name
        }
    }

    private static let names: [String: CSVColumn] = [
        "id": .id, "deviceid": .id,
        "mac": .mac, "macaddress": .mac, "macaddr": .mac, "hardwareaddress": .mac,
        "ip": .address, "address": .address, "ipaddress": .address, "host": .address, "hostname": .address,
        "port": .port,
        "type": .type, "devicetype": .type, "phonetype": .type,
        "number": .number, "terminalnumber": .number, "e164": .number, "extension": .number, "phonenumber": .number,
        "group": .groups, "groups": .groups, "devicegroup": .groups, "devicegroups": .groups,
        "note": .note, "notes": .note, "comment": .note, "remark": .note,
    ]

    private static let readOnlyNames: Set<String> = [
        "software", "softwareversion", "status", "certificate", "fingerprint", "authenticated", "lastseen",
    ]

    /// Reads a header cell; upper and lower case, blanks, hyphens, dots and underscores do not matter.
    ///
    /// - Returns: the column, or what is wrong with the header.
    static func named(_ header: String) -> Result<CSVColumn, HeaderProblem> {
        let trimmed = ASCIIText.trimmed(header)
        guard !trimmed.isEmpty else { return .failure(HeaderProblem(detail: "a column without a name")) }
        let lowered = trimmed.lowercased()
        for prefix in ["value:", "item:"] where lowered.hasPrefix(prefix) {
            let item = ASCIIText.trimmed(trimmed.dropFirst(prefix.count))
            guard let key = ItemKey(parsing: item) else {
                return .failure(HeaderProblem(detail: "\(ASCIIText.quoted(item)) is no item name"))
            }
            guard key.name != WellKnownItem.terminalNumber else {
                return .failure(HeaderProblem(detail: "the terminal number has a column of its own: number"))
            }
            return .success(.value(key))
        }
        let plain = String(decoding: lowered.utf8.filter { ASCIIText.isLetterOrDigit($0) || $0 > 127 }, as: UTF8.self)
        if let column = names[plain] { return .success(column) }
        if readOnlyNames.contains(plain) { return .success(.readOnly(String(trimmed))) }
        let hint = NearestName.hint(plain, among: names.keys)
        let detail = "there is no column \(ASCIIText.quoted(trimmed))\(hint)"
        return .failure(HeaderProblem(detail: hint.isEmpty ? detail + ", a value is value:ITEM" : detail))
    }

    struct HeaderProblem: Error {
        var detail: String
    }
}
