import DeploymentModel
import ManagementXML

// What a phone makes of the server's words.
extension WPIMachine {
    /// The server answered the last message.
    ///
    /// - Parameter answer: nil for an answer without a body, which ends a conversation like a clean-up.
    mutating func received(
        _ answer: Result<WPIServerMessage, WireError>?, _ phone: inout PhoneBehaviour, at now: Double
    ) -> [CallOrder] {
        guard var current = conversation else { return [] }
        guard !current.isGivenUp else { return finish(&phone, at: now) }
        let message: WPIServerMessage
        switch answer {
        case nil: return finish(&phone, at: now)
        case .failure(let error): return giveUp("invalid XML: \(error.reason)", phone, at: now)
        case .success(let success): message = success
        }
        guard message.nonce == current.message.nonce else { return giveUp("wrong nonce", phone, at: now) }
        current.isHeard = true
        conversation = current
        return perform(message, &phone, at: now)
    }

    private mutating func perform(
        _ message: WPIServerMessage, _ phone: inout PhoneBehaviour, at now: Double
    ) -> [CallOrder] {
        switch message.action {
        case .cleanUp: return cleanUp(message.items, &phone, at: now)
        case .readItems:
            let items = phone.readOverWPI(message.items.map(\.key), contactURI: contactURI)
            return reply(message.action, with: items, phone, at: now)
        case .readAllItems:
            let hasChanged = phone.state.wpi?.isChanged == true
            let post = reply(message.action, with: phone.readAllOverWPI(contactURI: contactURI), phone, at: now)
            phone.state.wpi?.isChanged = false
            return (hasChanged ? [.save] : []) + post
        case .getNextFragment: return nextPart(phone, at: now)
        case .writeItems: return write(message.items, &phone, at: now)
        case .restart: return restart(message.items, &phone, at: now)
        case .fileDeployment, .softwareDeployment: return deploy(message, &phone, at: now)
        }
    }

    // MARK: Replies

    /// Answers an action; a long list of items goes in parts.
    mutating func reply(
        _ action: WPIAction, status: ManagementReply.Status = .accepted, with items: [Item] = [],
        _ phone: PhoneBehaviour, at now: Double
    ) -> [CallOrder] {
        conversation?.parts = ItemParts.split(items).reversed()
        conversation?.partsAction = action.rawValue
        return sendPart(status, phone, at: now)
    }

    private mutating func nextPart(_ phone: PhoneBehaviour, at now: Double) -> [CallOrder] {
        guard let current = conversation, !current.parts.isEmpty else {
            return reply(.getNextFragment, status: .failed, phone, at: now)
        }
        return sendPart(.accepted, phone, at: now)
    }

    private mutating func sendPart(
        _ status: ManagementReply.Status, _ phone: PhoneBehaviour, at now: Double
    ) -> [CallOrder] {
        guard var current = conversation else { return [] }
        var items = current.parts.popLast() ?? []
        if phone.faults.contains(.changesIdentity) {
            let stranger = MACAddress(value: phone.state.mac.value ^ 0xFF_FF00)
            items.append(Item(ItemKey(WellKnownItem.macAddress), value: stranger.description))
        }
        current.message = WPIPhoneMessage(
            nonce: nonce(phone), maxItems: -1, reason: .replyTo(action: current.partsAction, status: status),
            hasMoreFragments: !current.parts.isEmpty, items: items)
        current.deadline = now + options.answerSeconds
        conversation = current
        return [.post(current.message, current.route)]
    }

    private mutating func giveUp(_ reason: String, _ phone: PhoneBehaviour, at now: Double) -> [CallOrder] {
        guard var current = conversation else { return [] }
        current.isGivenUp = true
        current.message = WPIPhoneMessage(
            nonce: nonce(phone), maxItems: -1, reason: .cleanUp,
            items: [
                Item(ItemKey(WellKnownItem.macAddress), value: phone.callsAs.description),
                Item(ItemKey(WPIItem.cleanUpReason), value: String(reason.prefix(200))),
            ])
        current.deadline = now + options.answerSeconds
        conversation = current
        return [.post(current.message, current.route)]
    }

    // MARK: Actions

    private mutating func write(_ items: [Item], _ phone: inout PhoneBehaviour, at now: Double) -> [CallOrder] {
        var writer = WPIWriter(items, options: options)
        let write = writer.perform(on: &phone, at: now)
        if write.effects.contains(.restart) { return [.save, .hangUp, .restart] }
        if write.changesSecureMode { conversation?.changesSecureMode = true }
        var orders: [CallOrder] = write.effects.contains(.save) ? [.save] : []
        if write.effects.contains(.telephonyChanged) { orders.append(.telephonyChanged) }
        return orders + reply(.writeItems, status: write.status, with: write.refused, phone, at: now)
    }

    private mutating func restart(_ items: [Item], _ phone: inout PhoneBehaviour, at now: Double) -> [CallOrder] {
        let type = items.first { $0.key.name == WPIItem.restartType }
        let password = items.first { $0.key.name == WPIItem.restartPassword }
        if let type, type.value != WPIItem.factoryReset {
            return reply(.restart, status: .failed, with: [Item(type.key, status: .invalidData)], phone, at: now)
        }
        if type != nil, password?.value != WPIItem.factoryResetPassword {
            let key = ItemKey(WPIItem.restartPassword)
            return reply(.restart, status: .failed, with: [Item(key, status: .invalidData)], phone, at: now)
        }
        var rest = PhoneConversation()
        let action = type == nil ? ManagementAction.restart : .factoryReset
        let outcome = phone.handle(
            ManagementRequest(id: "r", action: action), isAuthenticated: true, in: &rest, at: now)
        guard outcome.response.reply.status == .accepted else {
            return reply(.restart, status: outcome.response.reply.status, phone, at: now)
        }
        return [.save, .hangUp, .restart]
    }

    // MARK: The end

    private mutating func cleanUp(_ items: [Item], _ phone: inout PhoneBehaviour, at now: Double) -> [CallOrder] {
        let reason = items.first { $0.key.name == WPIItem.cleanUpReason }?.value
        if reason == "overload", let current = conversation {
            conversation = nil
            want(current.call.failed, isRepeated: true)
            notBefore = now + scaled(Self.overloadPause.lowerBound + Self.overloadSpread * chance.nextUnit())
            return [.hangUp]
        }
        let isAsked = items.first { $0.key.name == WPIItem.sendSolicited }?.value == "true"
        if isAsked, phone.remembersSolicited {
            solicitedWhenIdle = WPICall(wish: .solicited, server: conversation?.call.server)
        }
        return finish(&phone, at: now)
    }

    /// The conversation came to its end.
    mutating func finish(_ phone: inout PhoneBehaviour, at now: Double) -> [CallOrder] {
        guard let ended = conversation else { return [] }
        conversation = nil
        finished += ended.isGivenUp ? 0 : 1
        let isPauseOfOthers = ended.call.isFirst && calls.contains { server(for: $0, phone) != ended.route.server }
        if !isPauseOfOthers {
            backOff.reset()
            notBefore = now
        }
        var orders: [CallOrder] = [.hangUp]
        if !ended.told.isEmpty, !ended.isGivenUp {
            changedKeys.removeAll(where: ended.told.contains)
            if changedKeys.isEmpty, phone.state.wpi?.isChanged == true {
                phone.state.wpi?.isChanged = false
                orders.insert(.save, at: 0)
            }
        }
        if ended.changesSecureMode { enterSecureMode(of: phone, from: ended.call.server) }
        restartPolling(at: now)
        if ended.changesSecureMode, let pin = options.enteredPIN {
            // As often as the phone asks, which the order may have made very often.
            for _ in 0..<5 { orders += entered(pin: pin, &phone, at: now) ?? [] }
        }
        return orders + begin(&phone, at: now)
    }

    /// What waited for the end of the conversation.
    private mutating func begin(_ phone: inout PhoneBehaviour, at now: Double) -> [CallOrder] {
        if !phone.isInCall(at: now), let call = solicitedWhenIdle {
            solicitedWhenIdle = nil
            want(call)
        }
        return proceed(&phone, at: now)
    }

    /// The server could not be reached, was not believed, or was lost before it answered.
    ///
    /// An opening that nobody heard is repeated after a pause that grows; of a conversation that had begun, the server
    /// knows that it was lost, and comes back to it.
    mutating func lost(_ phone: inout PhoneBehaviour, at now: Double) -> [CallOrder] {
        guard let current = conversation else { return [] }
        conversation = nil
        if !current.isHeard, !current.isGivenUp { want(current.call.failed, isRepeated: true) }
        if current.changesSecureMode { enterSecureMode(of: phone, from: current.call.server) }
        notBefore = current.isHeard ? now : now + scaled(backOff.pause())
        return [.hangUp] + begin(&phone, at: now)
    }
}

/// Cuts a list of items into parts that fit into one message each.
enum ItemParts {
    /// Envelope, attributes and tags around the items.
    private static let envelopeBytes = 700

    /// At least one part; an item that is by itself too long gets a part of its own.
    static func split(_ items: [Item], maxBytes: Int = WPI.messageBytes) -> [[Item]] {
        var parts: [[Item]] = [[]]
        var bytes = envelopeBytes
        for item in items {
            let size = size(of: item)
            if bytes + size > maxBytes, !parts[parts.count - 1].isEmpty {
                parts.append([])
                bytes = envelopeBytes
            }
            bytes += size
            parts[parts.count - 1].append(item)
        }
        return parts
    }

    /// At most so many bytes as the item takes on the wire.
    private static func size(of item: Item) -> Int {
        let value = (item.value ?? "").utf8.reduce(0) { sum, byte in
            switch byte {
            case UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "&"), UInt8(ascii: "\""), UInt8(ascii: "'"): sum + 6
            case 0..<32: sum + 5
            default: sum + 1
            }
        }
        return 80 + item.key.name.utf8.count + value
    }
}
