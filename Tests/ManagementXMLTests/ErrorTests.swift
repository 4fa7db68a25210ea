import DeploymentModel
import ManagementXML
import Testing

@Suite("An error names the line and the reason, and no value")
struct ErrorTests {
    private static let document = """
        <?xml version="1.0" encoding="UTF-8"?>
        <ManagementRequest xmlns="urn:phonefleet:management:1" id="1">
          <WriteItems>
            <ItemList>
              <Item name="a">one
        two</Item>
              <Item name="b">SECRET</Item>
            </ItemList>
          </WriteItems>
        </ManagementRequest>

        """

    @Test(
        "The line is that of the fault, whatever ends the lines",
        arguments: [
            ("version=\"1.0\"", "version=\"2.0\"", WireError.Code.malformed, 1),
            ("id=\"1\"", "id=\"\"", .unexpected, 2), (" id=\"1\"", "", .unexpected, 2),
            ("management:1", "management:2", .newerVersion, 2), ("<WriteItems>", "<WriteItems a='b'>", .unexpected, 3),
            ("<WriteItems>", "<WriteThings>", .unexpected, 3), ("<ItemList>", "<Items>", .unexpected, 4),
            ("<Item name=\"a\">", "<Item name=\"a\" status=\"failed\">", .unexpected, 5),
            ("two", "two&x;", .malformed, 6), ("two", "two\u{1}", .malformed, 6), ("two", "<two/>", .unexpected, 6),
            ("<Item name=\"b\">", "<Item name=\"SECRET!\">", .unexpected, 7),
            ("<Item name=\"b\">", "<Item\n\nb=\"c\">", .unexpected, 9),
            ("</ItemList>", "</ItemLists>", .malformed, 8), ("</ItemList>", "stray</ItemList>", .unexpected, 8),
            ("</WriteItems>", "</WriteItems><Status/>", .unexpected, 9),
            ("</ManagementRequest>\n", "</ManagementRequest>\n\nx", .malformed, 12),
        ])
    func line(old: String, new: String, code: WireError.Code, line: Int) {
        let text = Self.document.replacing(old, with: new)
        for lineEnd in ["\n", "\r\n", "\r"] {
            let error = Make.error(text.replacing("\n", with: lineEnd))
            #expect(error?.code == code, "\(new)")
            #expect(error?.line == line, "\(new): \(error?.reason ?? "")")
            #expect(error?.reason.contains("SECRET") == false)
        }
    }

    @Test("The untouched document is a request")
    func untouched() {
        #expect(Make.error(Self.document) == nil)
    }

    @Test("A long element name is shown in part")
    func longName() {
        let error = Make.error(Make.request("<\(String(repeating: "n", count: 900))/>"))
        #expect(error?.code == .unexpected)
        #expect((error?.reason.utf8.count ?? 0) < 100)
    }

    @Test("A refusal is read back, and nothing else is one")
    func refusals() {
        let error = WireError(.unexpected, line: 12, reason: "attribute colour does not belong here")
        #expect(DirectXML.decodeRefusal(DirectXML.encode(error, id: "a-1")) == error)
        #expect(DirectXML.decodeRefusal(DirectXML.encode(error, id: nil)) == error)
        #expect(DirectXML.decodeRefusal(Array("<html>Bad Request</html>".utf8)) == nil)
        #expect(DirectXML.decodeRefusal([]) == nil)
        #expect(DirectXML.decodeRefusal(DirectXML.encode(ManagementRequest(id: "1", action: .status))) == nil)
    }

    @Test("The other kinds of message are told apart by their root")
    func wrongKind() {
        let request = DirectXML.encode(ManagementRequest(id: "1", action: .status))
        #expect(
            throws: WireError(
                .unexpected, line: 2, reason: "element ManagementRequest where ManagementResponse is expected")
        ) {
            try DirectXML.decodeResponse(request)
        }
    }
}
