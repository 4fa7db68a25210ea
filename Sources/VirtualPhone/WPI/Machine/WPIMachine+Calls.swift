import DeploymentModel
import ManagementXML

// Why and when a phone calls.
extension WPIMachine {
    // MARK: Events

    /// The phone started.
    ///
    /// - Parameter delay: seconds before it calls.
    mutating func started(_ phone: inout PhoneBehaviour, after delay: Double, at now: Double) -> [CallOrder] {
        notBefore = now + delay
        restartPolling(at: now)
        want(WPICall(wish: .startUp))
        return proceed(&phone, at: now)
    }

    /// Somebody asked the phone to call.
    ///
    /// - Parameter server: whom, if not the usual server.
    /// - Returns: nil when it came within the contact gap and is ignored.
    mutating func contacted(
        _ phone: inout PhoneBehaviour, server: WPIEndpoint?, at now: Double
    ) -> [CallOrder]? {
        if let last = lastReaction, now - last < contactGap(of: phone) { return nil }
        lastReaction = now
        var orders: [CallOrder] = []
        if let server, usualServer(of: phone) == nil {
            phone.state.keptWPI.learnedServer = server
            orders.append(.save)
        }
        let isOther = server.map { $0 != self.server(for: WPICall(wish: .solicited), phone) } ?? false
        if server != nil, !isOther { notBefore = min(notBefore, now) }
        want(WPICall(wish: .solicited, server: server, isFirst: isOther))
        return orders + proceed(&phone, at: now)
    }

    /// The answer of the proxy: 202 means that there is something to do.
    mutating func polled(_ phone: inout PhoneBehaviour, status: Int, at now: Double) -> [CallOrder] {
        guard status == 202 else { return [] }
        want(WPICall(wish: .solicited))
        return proceed(&phone, at: now)
    }

    /// Somebody changed settings at the phone.
    mutating func changedAtPhone(_ keys: [ItemKey], _ phone: inout PhoneBehaviour, at now: Double) -> [CallOrder] {
        phone.state.keptWPI.isChanged = true
        for key in keys where !changedKeys.contains(key) { changedKeys.append(key) }
        localChangesAt = localChangesAt ?? now + scaled(Self.localChangeDelay)
        return [.save]
    }

    /// A key module or the like came or went.
    mutating func inventoryChanged(_ phone: inout PhoneBehaviour, at now: Double) -> [CallOrder] {
        want(WPICall(wish: .inventoryChanges))
        return [.save] + proceed(&phone, at: now)
    }

    // MARK: What to do next

    /// Puts a call on the list; the same wish twice is one call.
    ///
    /// - Parameter isRepeated: an older wish, which leaves a newer one as it is.
    mutating func want(_ call: WPICall, isRepeated: Bool = false) {
        if let known = calls.firstIndex(where: { $0.wish == call.wish }) {
            if call.server != nil, !isRepeated { calls[known] = call }
            return
        }
        calls.append(call)
        calls.sort { $0.wish.rank < $1.wish.rank }
    }

    /// Begins the most urgent call that can be made now.
    mutating func proceed(_ phone: inout PhoneBehaviour, at now: Double) -> [CallOrder] {
        guard conversation == nil,
            let position = calls.firstIndex(where: \.isFirst)
                ?? (now < notBefore ? nil : calls.firstIndex { server(for: $0, phone) != nil }),
            let server = server(for: calls[position], phone)
        else { return [] }
        let call = calls.remove(at: position)
        let route = WPIRoute(server: server, secure: phone.state.wpi?.secure)
        let told = call.wish == .localChanges && phone.namesLocalChanges ? changedKeys : []
        let message = opening(call.wish, told: told, phone)
        restartPolling(at: now)
        conversation = Conversation(
            call: call, route: route, message: message, deadline: now + options.answerSeconds, told: told)
        return [.post(message, route)]
    }

    func server(for call: WPICall, _ phone: PhoneBehaviour) -> WPIEndpoint? {
        if let server = call.server { return server }
        guard let usual = usualServer(of: phone) else { return nil }
        guard let secure = phone.state.wpi?.secure else { return usual }
        return WPIEndpoint(host: usual.host, port: secure.port)
    }

    private func usualServer(of phone: PhoneBehaviour) -> WPIEndpoint? {
        let hasLost = phone.state.wpi?.hasLostServer == true && !options.isServerFromDHCP
        return (hasLost ? nil : options.server) ?? phone.state.wpi?.learnedServer
    }

    private func contactGap(of phone: PhoneBehaviour) -> Double {
        let seconds = phone.value(of: ItemKey(WPIItem.contactGap)).flatMap(Double.init)
        return scaled(seconds ?? Self.usualContactGap)
    }

    // MARK: Opening messages

    private func opening(_ wish: WPIWish, told: [ItemKey], _ phone: PhoneBehaviour) -> WPIPhoneMessage {
        var items = phone.basicItems(contactURI: contactURI)
        switch wish {
        case .status(let report): items += report.items
        case .inventoryChanges:
            items += WPIItem.modules.map {
                Item(ItemKey($0), value: phone.ownWords($0, contactURI: contactURI) ?? "0")
            }
        case .localChanges:
            let basic = Set(items.map(\.key))
            items += phone.readOverWPI(told.filter { !basic.contains($0) }, contactURI: contactURI)
        case .abort(let reason): items.append(Item(ItemKey(WPIItem.cleanUpReason), value: reason))
        case .startUp, .solicited: break
        }
        return WPIPhoneMessage(nonce: nonce(phone), maxItems: -1, reason: wish.reason, items: items)
    }

    /// A fresh one, unless a fault of the phone has it otherwise.
    func nonce(_ phone: PhoneBehaviour) -> String {
        if phone.faults.contains(.badNonce) { return "nonsense" }
        if phone.faults.contains(.repeatsNonce) { return String(repeating: "A1", count: 16) }
        return makeNonce()
    }
}
