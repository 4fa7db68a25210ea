import DeploymentModel
import Foundation
import ManagementXML
import TLSMaterial

extension WPIItem {
    static let contactGap = "dls-contact-interval"
    static let software = "related-software-version"
    static let modules = ["key-modules", "blf-modules", "slk-modules", "km15-modules"]

    /// Never among all items.
    static let certificates: Set<String> = [
        goToSecureMode, secureModeData, clientCertificate, serverCA, webCertificate, webCertificateInfo,
        bootstrappingTAN,
    ]
}

// What a phone says of itself over WPI.
extension PhoneBehaviour {
    /// The items with which a phone opens a conversation, in the order of real ones.
    func basicItems(contactURI: String) -> [Item] {
        var names = [
            "device-type", "related-device-type", "gigabit-ethernet-enabled", "software-type",
            "related-software-type", "software-version", WPIItem.software, WPIItem.contactMeURI, "mac-addr",
            WPIItem.configurationChanged, "part-number", "backlight-type", "sip-mobility-state", "e164", "user-pwd",
            "user-pwd-unicode", WPIItem.bootstrappingTAN, "basic-e164", "mobility-enabled", "slog-archive-me",
        ]
        names += ["slog-entry", "ocsr-connect", "admin-pwd", "user-pwd"].map { "fault-report-\($0)" }
        names.append("cloud-pin-value")
        return names.map { name in
            Item(ItemKey(name), value: ownWords(name, contactURI: contactURI) ?? shown(ItemKey(name)) ?? "")
        }
    }

    /// What the phone says of itself that is no setting; nil for every other item.
    func ownWords(_ name: String, contactURI: String) -> String? {
        switch name {
        case "mac-addr": callsAs.description
        case "device-type", "related-device-type": value(in: model.deviceTypeSlot)
        case "software-version", WPIItem.software: model.software.text
        case "software-type", "related-software-type": softwareType
        case WPIItem.contactMeURI: contactURI
        case WPIItem.configurationChanged: state.wpi?.isChanged == true ? "true" : "false"
        case WPIItem.secureMode: state.wpi?.secure != nil ? "1" : state.wpi?.sealed != nil ? "2" : "0"
        case WPIItem.securePort: state.wpi?.secure.map { "\($0.port)" }
        case WPIItem.bootstrappingTAN: state.wpi?.secure?.tan ?? ""
        case WPIItem.webCertificateInfo: webCertificateInfo
        case "basic-e164": value(in: model.numberSlot)
        case "user-pwd", "user-pwd-unicode": ""
        case _ where WPIItem.modules.contains(name): "\(state.wpi?.modules[name] ?? 0)"
        default: Self.fixedWords[name].flatMap { words in isSetting(name) ? nil : words }
        }
    }

    private func isSetting(_ name: String) -> Bool {
        guard case .success(let slot) = model.slot(of: ItemKey(name)) else { return false }
        return !model.slots[slot].isReadOnly
    }

    private static let fixedWords = [
        "gigabit-ethernet-enabled": "false", "part-number": "Unknown", "backlight-type": "1",
        "sip-mobility-state": "0", "mobility-enabled": "false", "slog-archive-me": "false",
        "fault-report-slog-entry": "false", "fault-report-ocsr-connect": "false", "fault-report-admin-pwd": "false",
        "fault-report-user-pwd": "false", "cloud-pin-value": "failure",
    ]

    private var softwareType: String {
        model.type.softwareType ?? "Siemens SIP"
    }

    /// Under which MAC address the phone calls.
    var callsAs: MACAddress { faults.lazy.compactMap(\.callsAs).first ?? state.mac }

    /// Of the file that was written last, in the form of ``WPICertificateInfo``, and of the certificate that the web server
    /// presents: `not-after=TIME subject=NAME`; the name is last, since it may hold blanks.
    private var webCertificateInfo: String {
        guard let leaf = presentedChain()?.first, let certificate = try? ParsedCertificate(der: leaf) else {
            return "none"
        }
        let end = certificate.notAfter.formatted(.iso8601)
        let held = file(.serverKeyMaterial).map {
            WPICertificateInfo(fingerprint: $0.fingerprint, size: $0.content.count).description
        }
        return "\(held ?? "built-in") not-after=\(end) subject=\(certificate.subject)"
    }

    // MARK: Reading

    /// The value of a setting as it is given to a server: secrets come back empty; nil when there is no such setting.
    private func shown(_ key: ItemKey) -> String? {
        guard case .success(let slot) = model.slot(of: key) else { return nil }
        return model.slots[slot].isSecret ? "" : value(in: slot)
    }

    func readOverWPI(_ keys: [ItemKey], contactURI: String) -> [Item] {
        keys.map { key in
            if key.index == nil, let words = ownWords(key.name, contactURI: contactURI) {
                return Item(key, value: words)
            }
            if WPIItem.certificates.contains(key.name) { return Item(key, value: "") }
            if let value = shown(key) ?? listedFile(key) { return Item(key, value: value) }
            guard case .failure(let refusal) = model.slot(of: key) else { return Item(key, status: .unknownItem) }
            return Item(key, status: refusal.status)
        }
    }

    /// Everything but certificates, with the list of the files that the phone fetched.
    func readAllOverWPI(contactURI: String) -> [Item] {
        var items = basicItems(contactURI: contactURI).filter { !WPIItem.certificates.contains($0.key.name) }
        items += ([WPIItem.secureMode] + WPIItem.modules).map {
            Item(ItemKey($0), value: ownWords($0, contactURI: contactURI) ?? "")
        }
        let said = Set(items.map(\.key))
        for (position, slot) in model.slots.enumerated()
        where !said.contains(slot.key) && !WPIItem.certificates.contains(slot.key.name) && !isOrder(slot.key.name) {
            items.append(Item(slot.key, value: slot.isSecret ? "" : value(in: position)))
        }
        for position in (state.wpi?.files ?? []).indices {
            for name in ["file-name", "file-type"] {
                let key = ItemKey(name, index: position + 1)
                items.append(Item(key, value: listedFile(key)))
            }
        }
        return items
    }

    /// Items that go with an order and are kept nowhere.
    private func isOrder(_ name: String) -> Bool {
        name.hasPrefix("file-") || name.hasPrefix("restart-") || name == WPIItem.cleanUpReason
            || name == WPIItem.sendSolicited
    }

    private func listedFile(_ key: ItemKey) -> String? {
        guard let index = key.index, let files = state.wpi?.files, files.indices.contains(index - 1) else { return nil }
        switch key.name {
        case "file-name": return files[index - 1].name
        case "file-type": return files[index - 1].type
        default: return nil
        }
    }
}
