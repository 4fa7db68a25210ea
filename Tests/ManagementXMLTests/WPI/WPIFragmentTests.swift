import DeploymentModel
import ManagementXML
import Testing

@Suite("Long messages go in parts, both ways")
struct WPIFragmentTests {
    private static func items(_ count: Int, bytes: Int = 80) -> [Item] {
        (0..<count).map { Item(ItemKey("item-\($0)"), value: String(repeating: "v", count: bytes)) }
    }

    @Test("A phone's long reply is cut below 50 kB, marked next and final, and loses nothing")
    func reply() throws {
        let whole = WPIPhoneMessage(
            nonce: "0", reason: .replyTo(action: "ReadAllItems", status: .accepted), items: Self.items(2000))
        let parts = whole.fragments()
        #expect(parts.count > 4)
        #expect(parts.flatMap(\.items) == whole.items)
        #expect(parts.map(\.hasMoreFragments) == Array(repeating: true, count: parts.count - 1) + [false])
        for part in parts {
            #expect(WPI.encode(part).count <= WPI.messageBytes)
            #expect(try WPI.decodePhoneMessage(WPI.encode(part)) == part)
        }
        let text = String(decoding: WPI.encode(parts[0]), as: UTF8.self)
        #expect(text.contains(#" fragment="next""#))
    }

    @Test("A short or empty reply is one part, and a part is filled to the byte")
    func boundary() {
        var reply = WPIPhoneMessage(nonce: "0", reason: .replyTo(action: "ReadItems", status: .accepted))
        #expect(reply.fragments() == [reply])
        reply.items = Self.items(10)
        let bytes = WPI.encode(reply).count
        #expect(reply.fragments(maxBytes: bytes).count == 1)
        #expect(reply.fragments(maxBytes: bytes - 1).count == 2)
        #expect(reply.fragments(maxBytes: 1).count == 10)
    }

    @Test("A server's long list becomes several messages within bytes and maxItems", arguments: [nil, 1, 7, 100])
    func write(maxItems: Int?) {
        let whole = WPIServerMessage(nonce: "0", action: .writeItems, items: Self.items(1500))
        let parts = whole.parts(maxItems: maxItems)
        #expect(parts.flatMap(\.items) == whole.items)
        for part in parts {
            #expect(part.action == .writeItems && part.items.count <= maxItems ?? .max)
            #expect(WPI.encode(part).count <= WPI.messageBytes)
        }
    }

    @Test("Items of one instance and those of secure mode stay in one message")
    func together() {
        let items = (1...9).flatMap { index in
            ["function-key-def", "key-label-unicode", "select-dial"].map { Item(ItemKey($0, index: index), value: "1") }
        }
        let parts = WPIServerMessage(nonce: "0", action: .writeItems, items: items).parts(maxItems: 4)
        #expect(parts.map(\.items.count) == Array(repeating: 3, count: 9))
        #expect(parts.allSatisfy { Set($0.items.map(\.key.index)).count == 1 })

        let bootstrap = ["goto-secure-mode", "dls-client-certificate", "dls-server-ca", "dls-secure-port"]
        let secure = WPIServerMessage(
            nonce: "0", action: .writeItems, items: bootstrap.map { Item(ItemKey($0), value: "1") } + Self.items(3))
        #expect(secure.parts(maxItems: 2).map(\.items.count) == [4, 2, 1])

        let free = secure.parts(maxItems: 2) { _, _ in false }
        #expect(free.map(\.items.count) == [2, 2, 2, 1])
    }
}
