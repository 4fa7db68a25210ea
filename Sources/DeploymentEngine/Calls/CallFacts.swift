public import DeploymentModel
import ManagementXML
public import PhoneTransport

public import struct Foundation.Date

/// What a call says, as far as it can be believed to be meant: every value within limits, no secret among them.
struct CallFacts {
    let identity: PhoneIdentity
    let type: PhoneType?
    private let call: IncomingCall

    init(_ call: IncomingCall, catalogue: Catalogue) {
        self.call = call
        identity = call.identity
        type = identity.type(in: catalogue)
    }

    /// Longest value of an item that is kept, in bytes.
    private static let longestValue = 1000
    /// Most items that are looked at.
    private static let mostItems = 5000
    private static let longestName = 100
    private static let mostFiles = 100

    /// The items with their values, but for those that are none of a setting: secrets and what the catalogue does not know.
    func known(_ items: [Item]) -> [Item] {
        items.prefix(Self.mostItems).filter { item in
            item.status == nil && !Self.basics.contains(item.key.name) && keptValue(of: item) != nil
        }
    }

    /// The settings that the message names beside the items that every first message has.
    func changes(at moment: Date) -> [LocalChange] {
        call.opening.items.prefix(Self.mostItems).compactMap { item in
            let name = item.key.name
            guard item.status == nil, !Self.basics.contains(name), name.utf8.count <= Self.longestName,
                ItemKey(parsing: item.key.description) == item.key
            else { return nil }
            return LocalChange(key: item.key, value: keptValue(of: item), at: moment)
        }
    }

    /// Only of items that are known not to be secret.
    private func keptValue(of item: Item) -> String? {
        guard let parameter = type?.parameter(item: item.key.name), !parameter.isSecret, let value = item.value,
            value.utf8.count <= Self.longestValue
        else { return nil }
        return value
    }

    /// Where the phone listens for contact-me: a port at the address from which it called, never another address.
    ///
    /// nil when the phone names another one, as behind a router: whoever calls could send the tool anywhere.
    var contactPort: Int? {
        guard let uri = text("contact-me-uri", longest: 255).flatMap({ ContactMeURI($0, of: call.address) }),
            !uri.isTLS
        else { return nil }
        return uri.port
    }

    /// Whether something was changed at the phone that only reading it whole can tell.
    ///
    /// Never of a phone of a type that is not known: of its items none could be kept.
    var saysChangesOnlyWhenRead: Bool {
        guard let type, !type.can(.changedValues, software: identity.softwareVersion) else { return false }
        switch call.opening.reason {
        case .localChanges: return true
        case .startUp:
            let flag = call.opening.items.first { $0.key == ItemKey("configuration-changed-flag") }
            return flag?.value != "false"
        default: return false
        }
    }

    /// The results of files that the phone was ordered to fetch.
    var files: [FileReport] {
        WPITranslation.fileResults(in: call.opening).prefix(Self.mostFiles).compactMap { result in
            let words = [result.name, result.date ?? "", result.time ?? ""]
            guard words.allSatisfy({ $0.utf8.count <= 128 && PhoneIdentity.isSober($0) }) else { return nil }
            let moment = [result.date, result.time].compactMap(\.self).joined(separator: " ")
            return FileReport(
                type: result.kind?.rawValue ?? "", name: result.name, isDone: result.isOK,
                saidAt: moment.isEmpty ? nil : moment)
        }
    }

    var remark: String? {
        switch call.opening.reason {
        case .cleanUp: text("cleanup-reason")
        case .inventoryChanges:
            Self.modules.compactMap { name in text(name, longest: 8).map { "\(name) \($0)" } }.joinedIfAny
        default: nil
        }
    }

    /// The value of an item that stands in the message once, if it is a visible text of a length that can be meant.
    private func text(_ name: String, longest: Int = 128) -> String? {
        let values = call.opening.items.filter { $0.key == ItemKey(name) && $0.status == nil }
        guard values.count == 1, let value = values[0].value, value.utf8.count <= longest,
            PhoneIdentity.isSober(value)
        else { return nil }
        return value
    }

    private static let modules = ["key-modules", "blf-modules", "slk-modules", "km15-modules"]

    /// The items that first messages have, whatever was changed.
    private static let basics: Set<String> = [
        "mac-addr", "e164", "basic-e164", "device-type", "related-device-type", "software-type",
        "related-software-type", "software-version", "related-software-version", "gigabit-ethernet",
        "gigabit-ethernet-enabled", "contact-me-uri", "configuration-changed-flag", "part-number", "backlight-type",
        "sip-mobility-state", "user-pwd", "user-pwd-unicode", "bootstrapping-tan", "slog-archive-me",
        "fault-report-slog-entry", "fault-time-slog-entry", "fault-report-ocsr-connect", "fault-time-ocsr-connect",
        "fault-tome-ocsr-connect", "fault-report-admin-pwd", "fault-time-admin-pwd", "fault-report-user-pwd",
        "fault-time-user-pwd", "cloud-pin-value", "key-modules", "blf-modules", "slk-modules", "km15-modules",
        "requested-items", "modified-items", "mobility-enabled",
    ]
}

extension HeardCall {
    /// What is kept of a call.
    public init(_ call: IncomingCall, catalogue: Catalogue, at moment: Date) {
        let facts = CallFacts(call, catalogue: catalogue)
        let evidence = call.session.evidence
        var row = ScanRow(
            address: call.address, port: facts.contactPort, status: facts.type == nil ? .unknownType : .phone,
            type: facts.type?.id, deviceType: facts.identity.deviceType, mac: call.mac, number: facts.identity.number,
            softwareVersion: facts.identity.softwareVersion, tls: evidence.isAuthenticated, seenAt: moment)
        row.evidence = evidence.isAuthenticated ? evidence : nil
        let reason = CallReason(call.opening.reason)
        self.init(
            reason: reason, row: row, localChanges: reason == .localChanges ? facts.changes(at: moment) : [],
            files: facts.files, remark: facts.remark, at: moment)
    }
}

extension CallReason {
    init(_ reason: WPIReason) {
        switch reason {
        case .startUp: self = .startUp
        case .localChanges: self = .localChanges
        case .inventoryChanges: self = .inventoryChanges
        case .status: self = .status
        case .cleanUp: self = .cleanUp
        case .solicited, .replyTo: self = .solicited
        }
    }
}

extension IncomingCall {
    /// Who the phone says it is in its first message.
    fileprivate var identity: PhoneIdentity { PhoneIdentity(WPITranslation.identity(from: opening)) }
}

extension LocalChange {
    /// What is another value than before, or was not there.
    static func changes(from before: [Item], to now: [Item], at moment: Date) -> [LocalChange] {
        let values = Dictionary(before.map { ($0.key, $0.value) }, uniquingKeysWith: { first, _ in first })
        return now.compactMap { item in
            guard values[item.key] != .some(item.value) else { return nil }
            return LocalChange(key: item.key, value: item.value, at: moment)
        }
    }
}

extension [String] {
    fileprivate var joinedIfAny: String? { isEmpty ? nil : joined(separator: ", ") }
}
