import DeploymentModel
import ManagementXML
import Testing

@Suite("Long answers go in fragments")
struct FragmentTests {
    private static func joined(_ parts: [ManagementReply]) -> ManagementReply? {
        guard var whole = parts.first else { return nil }
        for part in parts.dropFirst() {
            whole.items += part.items
            whole.files += part.files
            whole.hasMoreFragments = part.hasMoreFragments
        }
        return whole
    }

    private static func bytes(_ reply: ManagementReply) -> Int {
        DirectXML.encode(ManagementResponse(id: String(repeating: "i", count: 64), reply: reply)).count
    }

    @Test("A short answer is one fragment, itself")
    func short() {
        let reply = ManagementReply(action: "ReadItems", status: .accepted, items: [Item(ItemKey("a"), value: "1")])
        #expect(reply.fragments() == [reply])
        let bare = ManagementReply(action: "WriteItems", status: .failed, reason: "x")
        #expect(bare.fragments(maxBytes: 0) == [bare])
    }

    @Test("2,000 items make parts below the limit, that joined are the answer", arguments: [2000, 5000, 50_000])
    func items(limit: Int) {
        let items = (0..<2000).map { number in
            Item(
                ItemKey("item-\(number)", index: number % 3), value: number % 5 == 0 ? nil : "<&> value \(number)",
                status: number % 5 == 0 ? .failed : nil)
        }
        let reply = ManagementReply(action: "ReadAllItems", status: .accepted, reason: "r", items: items)
        let parts = reply.fragments(maxBytes: limit)
        #expect(parts.count > 1)
        #expect(parts.allSatisfy { Self.bytes($0) <= limit })
        #expect(parts.dropLast().allSatisfy { $0.hasMoreFragments })
        #expect(parts.last?.hasMoreFragments == false)
        #expect(Self.joined(parts) == reply)
        // No part is needlessly small: two neighbours would not have fitted into one.
        #expect(parts.count <= Self.bytes(reply) / (limit - 700) + 1)
    }

    @Test("Random answers joined again are the same", arguments: UInt64(1)...4)
    func random(seed: UInt64) {
        var random = RandomMessages(seed: seed)
        for _ in 0..<60 {
            let reply = random.response().reply
            for limit in [0, 400, 700, 1500] { #expect(Self.joined(reply.fragments(maxBytes: limit)) == reply) }
        }
    }

    @Test("An item longer than the limit is not cut")
    func longItem() {
        let long = Item(ItemKey("long"), value: String(repeating: "x", count: 3000))
        let short = Item(ItemKey("short"), value: "y")
        let reply = ManagementReply(action: "ReadItems", status: .accepted, items: [short, long, short])
        #expect(reply.fragments(maxBytes: 1000).map(\.items) == [[short], [long], [short]])
    }
}
