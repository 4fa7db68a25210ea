import DeploymentModel
import ManagementXML

/// Random messages of phones and servers, with the values that are hard to carry.
struct RandomWPIMessages {
    private var random: RandomMessages
    private var generator: SeededGenerator

    init(seed: UInt64) {
        random = RandomMessages(seed: seed)
        generator = SeededGenerator(seed: seed &+ 1)
    }

    mutating func nonce() -> String {
        String((0..<generator.pick([32, 32, 23, 1, 128])).map { _ in generator.pick(Array("0123456789ABCDEFabc")) })
    }

    /// Items whose values come back as they left: none is both empty and with a status, none without both.
    private mutating func items(withStatus: Bool) -> [Item] {
        random.items(withStatus: withStatus).map { item in
            var item = item
            if item.status == nil { item.value = item.value ?? "" } else if item.value == "" { item.value = nil }
            return item
        }
    }

    mutating func phoneMessage() -> WPIPhoneMessage {
        let answer = WPIReason.replyTo(
            action: generator.pick(WPIAction.allCases).rawValue, status: generator.pick(ManagementReply.Status.allCases)
        )
        let reason = generator.pick([
            answer, answer, .startUp, .localChanges, .inventoryChanges, .status, .solicited, .cleanUp,
        ])
        return WPIPhoneMessage(
            nonce: nonce(), maxItems: generator.chance(30) ? generator.number(1...5000) : nil, reason: reason,
            hasMoreFragments: reason == answer && generator.chance(30), items: items(withStatus: true))
    }

    mutating func serverMessage() -> WPIServerMessage {
        let action = generator.pick(WPIAction.allCases)
        var items = items(withStatus: false)
        if action == .readItems { items = items.map { Item($0.key) } }
        return WPIServerMessage(nonce: nonce(), action: action, items: items)
    }
}
