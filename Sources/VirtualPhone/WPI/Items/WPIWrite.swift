import DeploymentModel
import ManagementXML
import TLSMaterial

/// What came of an order to write items.
struct WPIWrite {
    var status = ManagementReply.Status.accepted
    /// The refused items, in the order of the message.
    var refused: [Item] = []
    var effects: PhoneOutcome.Effects = []
    /// The next conversations are in secure mode, or under other certificates.
    var changesSecureMode = false
}

/// Sorts the items of one message by what they are to the phone, and takes what it can.
struct WPIWriter {
    private let items: [Item]
    private let options: WPIOptions
    private var write = WPIWrite()
    private var refusals: [ItemKey: ItemStatus] = [:]

    init(_ items: [Item], options: WPIOptions) {
        self.items = items
        self.options = options
    }

    private static let secureNames: Set<String> = [
        WPIItem.goToSecureMode, WPIItem.secureModeData, WPIItem.clientCertificate, WPIItem.serverCA,
    ]

    mutating func perform(on phone: inout PhoneBehaviour, at now: Double) -> WPIWrite {
        let secure = items.filter { isSecure($0.key.name) }
        let web = items.filter { $0.key.name == WPIItem.webCertificate }
        let own = items.filter { isOwnWord($0.key.name, phone) }
        let handled = Set((secure + web + own).map(\.key))
        let ordinary = items.filter { !handled.contains($0.key) }
        writeSettings(ordinary, phone: &phone, at: now)
        guard write.status == .accepted else { return write }
        for item in own { refusals[item.key] = .readOnly }
        if let last = web.last { takeWebCertificate(last, phone: &phone, at: now) }
        if !secure.isEmpty { takeSecureMode(secure, phone: &phone) }
        write.refused = items.compactMap { item in refusals[item.key].map { Item(item.key, status: $0) } }
        return write
    }

    private func isSecure(_ name: String) -> Bool {
        if Self.secureNames.contains(name) { return true }
        guard name == WPIItem.securePort || name == WPIItem.maxPINRetries else { return false }
        return items.contains { $0.key.name == WPIItem.goToSecureMode }
    }

    /// What the phone says of itself and nobody can tell it, unless the type lists it as a setting.
    private func isOwnWord(_ name: String, _ phone: PhoneBehaviour) -> Bool {
        guard name != WPIItem.securePort, phone.ownWords(name, contactURI: "") != nil else { return false }
        if case .success(let slot) = phone.model.slot(of: ItemKey(name)) { return phone.model.slots[slot].isReadOnly }
        return true
    }

    private mutating func writeSettings(_ items: [Item], phone: inout PhoneBehaviour, at now: Double) {
        var conversation = PhoneConversation()
        let outcome = phone.handle(
            ManagementRequest(id: "w", action: .writeItems(items)), isAuthenticated: true, in: &conversation, at: now)
        write.status = outcome.response.reply.status
        write.effects.formUnion(outcome.effects)
        for item in outcome.response.reply.items { refusals[item.key] = item.status ?? .failed }
    }

    // MARK: Certificates

    private mutating func takeWebCertificate(_ item: Item, phone: inout PhoneBehaviour, at now: Double) {
        guard let content = Base64Text.decode(item.value ?? "") else { return refusals[item.key] = .invalidData }
        var conversation = PhoneConversation()
        let outcome = phone.handle(
            ManagementRequest(id: "k", action: .transferFile(.serverKeyMaterial, content: content)),
            isAuthenticated: true, in: &conversation, at: now)
        if outcome.response.reply.status != .accepted { refusals[item.key] = .invalidData }
        write.effects.formUnion(outcome.effects)
    }

    /// All items of secure mode are taken or refused together.
    private mutating func takeSecureMode(_ items: [Item], phone: inout PhoneBehaviour) {
        var wpi = phone.state.keptWPI
        do throws(ItemRefusal) {
            switch items.first(where: { $0.key.name == WPIItem.goToSecureMode })?.value {
            case "nopin":
                wpi.secure = try openBundle(items, renewing: nil)
                wpi.sealed = nil
            case "pin": wpi.sealed = try sealed(items)
            case nil:
                guard let known = wpi.secure else { throw ItemRefusal(items[0].key, .unexpectedItem) }
                wpi.secure = try openBundle(items, renewing: known)
            default: throw ItemRefusal(ItemKey(WPIItem.goToSecureMode), .invalidData)
            }
            phone.state.wpi = wpi
            write.changesSecureMode = true
            write.effects.insert(.save)
        } catch {
            for item in items { refusals[item.key] = item.key == error.key ? error.status : .failed }
        }
    }

    private func openBundle(_ items: [Item], renewing known: SecureMode?) throws(ItemRefusal) -> SecureMode {
        var mode = known ?? SecureMode(clientCertificate: [], authorities: [], port: WPI.securePort)
        let certificate = ItemKey(WPIItem.clientCertificate)
        if let item = items.first(where: { $0.key == certificate }) {
            guard let file = Base64Text.decode(item.value ?? ""), ClientMaterial.isUsable(file) else {
                throw ItemRefusal(certificate, .invalidData)
            }
            mode.clientCertificate = file
        }
        mode.authorities = try authorities(items, known: mode.authorities)
        if let item = items.first(where: { $0.key.name == WPIItem.securePort }) {
            guard let port = Int(item.value ?? ""), (1...65535).contains(port) else {
                throw ItemRefusal(item.key, .invalidData)
            }
            mode.port = port
        }
        guard !mode.clientCertificate.isEmpty, !mode.authorities.isEmpty else {
            throw ItemRefusal(ItemKey(WPIItem.goToSecureMode), .failed)
        }
        return mode
    }

    /// Each index is a place of its own, which an empty text empties.
    private func authorities(_ items: [Item], known: [[UInt8]]) throws(ItemRefusal) -> [[UInt8]] {
        var places: [[UInt8]?] = [known.first, known.dropFirst().first]
        for item in items where item.key.name == WPIItem.serverCA {
            let place = item.key.index ?? 0
            guard places.indices.contains(place) else { throw ItemRefusal(item.key, .invalidIndex) }
            guard let text = item.value, !text.isEmpty else {
                places[place] = nil
                continue
            }
            guard let found = try? CertificateFile.certificates(in: Array(text.utf8)), let authority = found.first
            else { throw ItemRefusal(item.key, .invalidData) }
            places[place] = authority.der
        }
        return places.compactMap(\.self)
    }

    private func sealed(_ items: [Item]) throws(ItemRefusal) -> SealedSecureMode {
        let key = ItemKey(WPIItem.secureModeData)
        guard options.secureModeOpener != nil else { throw ItemRefusal(key, .notSupported) }
        guard let item = items.first(where: { $0.key == key }), let data = Base64Text.decode(item.value ?? ""),
            !data.isEmpty
        else { throw ItemRefusal(key, .invalidData) }
        let tries = items.first { $0.key.name == WPIItem.maxPINRetries }.map { Int($0.value ?? "") ?? 0 } ?? 3
        guard (1...99).contains(tries) else { throw ItemRefusal(ItemKey(WPIItem.maxPINRetries), .invalidData) }
        return SealedSecureMode(data: data, mostTries: tries)
    }
}
