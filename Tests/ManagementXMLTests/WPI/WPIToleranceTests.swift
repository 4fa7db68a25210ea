import DeploymentModel
import ManagementXML
import Testing

@Suite("Messages of phones and servers are read as they were seen to be written")
struct WPIToleranceTests {
    private static let nonce = "0F1E2D3C4B5A69788796A5B4C3D2E1F0"
    private static let expected = WPIServerMessage(
        nonce: nonce, action: .writeItems, items: [Item(ItemKey("sntp-addr"), value: "ntp.example.org")])

    private static func serverText(
        root: String = "DLSMessage", attributes: String = #" xmlns="http://www.siemens.com/DLS""#,
        message: String =
            #"<Action>WriteItems</Action><ItemList><Item name="sntp-addr">ntp.example.org</Item></ItemList>"#,
        outside: String = ""
    ) -> String {
        "<\(root)\(attributes)><Message nonce=\"\(nonce)\">\(message)</Message>\(outside)</\(root)>"
    }

    private static func phoneBytes(_ attributes: String, _ content: String, root: String = "WorkpointMessage")
        -> [UInt8]
    {
        Array(
            #"<\#(root) xmlns="http://www.siemens.com/DLS"><Message \#(attributes)>\#(content)</Message></\#(root)>"#
                .utf8)
    }

    private static let item = #"<Item name="sntp-addr">ntp.example.org</Item>"#

    @Test(
        "A server's message is understood however it is dressed",
        arguments: [
            serverText(), serverText(attributes: ""), serverText(root: "DlsMessage", attributes: ""),
            serverText(attributes: #" xmlns="http://www.siemens.com/dls""#),
            serverText(message: "<Action>\n  WriteItems\n</Action><ReasonForContact/><ItemList>\(item)</ItemList>"),
            serverText(
                message: "<ReasonForContact></ReasonForContact><Action>WriteItems</Action>",
                outside: "<ItemList>\(item)</ItemList>"),
            serverText(message: "<ItemList>\(item)</ItemList><Action>WriteItems</Action><ItemList/>"),
            serverText(message: "<Action>writeitems</Action><ItemList>\n<!-- x -->\(item)\n</ItemList>"),
            serverText(
                message:
                    #"<Action>WriteItems</Action><ItemList><Item type="string" index="" status="secure" name="sntp-addr">ntp.example.org</Item></ItemList>"#
            ),
        ])
    func serverMessage(text: String) throws {
        #expect(try WPI.decodeServerMessage(Array(text.utf8)) == Self.expected)
    }

    @Test("The signed envelope is opened, whatever the signature is worth")
    func signedEnvelope() throws {
        let text =
            #"<?xml version="1.0"?><Signature xmlns="http://www.w3.org/2000/09/xmldsig#"><SignedInfo>"#
            + #"<CanonicalizationMethod Algorithm="http://www.w3.org/TR/2001/REC-xml-c14n-20010315"/>"#
            + "<SignatureMethod Algorithm=\"http://www.w3.org/2000/09/xmldsig#rsa-sha1\"></SignatureMethod>"
            + "<Reference URI=\"#DLSMessage\"><DigestMethod Algorithm=\"http://www.w3.org/2000/09/xmldsig#sha1\"/>"
            + "<DigestValue>AAAA</DigestValue></Reference></SignedInfo>\n<SignatureValue>AA\nAA</SignatureValue>"
            + #"<Object Id="DLSMessage">"# + Self.serverText()
            + "</Object></Signature>"
        for strict in [false, true] {
            #expect(try WPI.decodeServerMessage(Array(text.utf8), strict: strict) == Self.expected)
        }
    }

    @Test("Strict reading takes what we write and none of the departures")
    func strict() throws {
        #expect(try WPI.decodeServerMessage(WPI.encode(Self.expected), strict: true) == Self.expected)
        let departures = [
            Self.serverText(attributes: ""), Self.serverText(root: "DlsMessage"),
            Self.serverText(message: "<Action>WriteItems</Action>", outside: "<ItemList>\(Self.item)</ItemList>"),
            Self.serverText(message: "<Action>WriteItems</Action><ReasonForContact/><ItemList/>"),
            Self.serverText(message: "<ItemList/><Action>WriteItems</Action>"),
            Self.serverText(message: "<Action>writeitems</Action>"),
            Self.serverText(
                message: #"<Action>WriteItems</Action><ItemList><Item name="a" status="secure"/></ItemList>"#),
            Self.serverText(message: #"<Action>ReadItems</Action><ItemList><Item name="a">b</Item></ItemList>"#),
        ]
        for text in departures {
            #expect(throws: WireError.self, "\(text)") {
                try WPI.decodeServerMessage(Array(text.utf8), strict: true)
            }
        }
    }

    @Test("A phone's reply is understood however it is dressed")
    func phoneMessage() throws {
        let expected = WPIPhoneMessage(
            nonce: "6fa2b", reason: .replyTo(action: "WriteItems", status: .accepted), hasMoreFragments: true,
            items: [Item(ItemKey("a", index: 3), status: .undefinedStatus), Item(ItemKey("b"), value: "")])
        let items =
            #"<ItemList><Item status="secure" index="03" name="a"/><Item name="no name">x</Item><Item name="b"/></ItemList>"#
        let head = #"<ReasonForContact status="Accepted" action="writeItems">"# + "\n reply-to\t</ReasonForContact>"
        let messages = [
            Self.phoneBytes(#"fragment="next" maxItems="-1" nonce="6fa2b""#, head + items),
            Self.phoneBytes(
                #"nonce="6fa2b" fragment="Next""#, "<ReasonForContact/>" + head + items, root: "workpointmessage"),
            Self.phoneBytes(
                #"nonce='6fa2b'"#,
                #"<ReasonForContact action="WriteItems" fragment="next" status="ACCEPTED">Reply-To</ReasonForContact>"#
                    + items),
            Self.phoneBytes(
                #"nonce="6fa2b" fragment="next" other="x""#, items + head + "<Other>text<a>b</a>text</Other>"),
        ]
        for bytes in messages { #expect(try WPI.decodePhoneMessage(bytes) == expected) }
    }

    @Test("Old firmware takes references as they stand, but for those to the quotes")
    func quirk() throws {
        let text = Self.serverText(
            message:
                "<Action>WriteItems</Action><ItemList><Item name='a'>&lt;&#60;&amp;&quot;&#39;&#x22;&gt;</Item></ItemList>"
        )
        let old = try WPI.decodeServerMessage(Array(text.utf8), quirks: .keepsReferences)
        #expect(old.items == [Item(ItemKey("a"), value: "&lt;&#60;&amp;\"'\"&gt;")])
        #expect(try WPI.decodeServerMessage(Array(text.utf8)).items == [Item(ItemKey("a"), value: "<<&\"'\">")])
    }
}
