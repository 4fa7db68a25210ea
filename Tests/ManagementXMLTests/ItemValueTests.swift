import DeploymentModel
import ManagementXML
import Testing

@Suite("An item tells its value from no value")
struct ItemValueTests {
    private static func written(_ item: String) throws -> Item? {
        let text =
            #"<ManagementRequest xmlns="\#(DirectXML.namespace)" id="1"><WriteItems><ItemList>\#(item)</ItemList></WriteItems></ManagementRequest>"#
        guard case .writeItems(let items) = try DirectXML.decodeRequest(Array(text.utf8)).action else { return nil }
        return items.first
    }

    private static func answered(_ item: String) throws -> Item? {
        let text =
            #"<ManagementResponse xmlns="\#(DirectXML.namespace)" id="1" action="ReadItems" status="accepted"><ItemList>\#(item)</ItemList></ManagementResponse>"#
        return try DirectXML.decodeResponse(Array(text.utf8)).reply.items.first
    }

    private let key = ItemKey("x")

    @Test(
        "An element without content is the empty text", arguments: [#"<Item name="x"/>"#, #"<Item name="x"></Item>"#])
    func emptyText(item: String) throws {
        #expect(try Self.written(item) == Item(key, value: ""))
        #expect(try Self.answered(item) == Item(key, value: ""))
    }

    @Test("An element without content but with a status has no value")
    func statusOnly() throws {
        #expect(try Self.answered(#"<Item name="x" status="read only"/>"#) == Item(key, status: .readOnly))
    }

    @Test("The attribute value tells the two rare cases and may confirm the others")
    func marker() throws {
        #expect(try Self.written(#"<Item name="x" value="absent"/>"#) == Item(key))
        #expect(try Self.written(#"<Item name="x" value="empty"/>"#) == Item(key, value: ""))
        let empty = Item(key, value: "", status: .failed)
        #expect(try Self.answered(#"<Item name="x" status="failed" value="empty"/>"#) == empty)
        #expect(try Self.answered(#"<Item name="x" status="failed" value="absent"/>"#) == Item(key, status: .failed))
    }

    @Test("The attribute value goes with no content", arguments: ["absent", "empty"])
    func markerWithContent(marker: String) {
        #expect(throws: WireError.self) { try Self.written(#"<Item name="x" value="\#(marker)">y</Item>"#) }
    }

    @Test("All four combinations of value and status round-trip")
    func combinations() throws {
        for value in [nil, "", " ", "v"] {
            for status in [nil, ItemStatus.invalidData] {
                let item = Item(ItemKey("x", index: 3), value: value, status: status)
                let reply = ManagementReply(action: "ReadItems", status: .accepted, items: [item])
                let bytes = DirectXML.encode(ManagementResponse(id: "1", reply: reply))
                #expect(try DirectXML.decodeResponse(bytes).reply.items == [item])
            }
        }
    }

    @Test("A status is not sent to a phone, and not taken by one")
    func statusInRequest() throws {
        let item = Item(key, value: "v", status: .failed)
        let bytes = DirectXML.encode(ManagementRequest(id: "1", action: .writeItems([item])))
        #expect(try DirectXML.decodeRequest(bytes).action == .writeItems([Item(key, value: "v")]))
        #expect(throws: WireError.self) { try Self.written(#"<Item name="x" status="failed"/>"#) }
    }

    @Test("Every status has its words on the wire", arguments: ItemStatus.allCases)
    func statuses(status: ItemStatus) throws {
        #expect(try Self.answered(#"<Item name="x" status="\#(status.rawValue)"/>"#) == Item(key, status: status))
    }
}
