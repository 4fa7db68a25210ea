import DeploymentModel
import ManagementXML
import Testing

@Suite("The examples of the reference are true")
struct ExampleTests {
    @Test("Every example decodes, and decodes to the same after encoding")
    func examplesDecode() throws {
        for example in try Documents.examples() {
            #expect(WireProperty.isMessage(example.bytes), "\(example.name)")
            #expect(WireProperty.violation(example.bytes) == nil, "\(example.name)")
        }
    }

    @Test("There is an example of the request and of the answer of every action, and of every refusal")
    func examplesAreComplete() throws {
        var requests: Set<String> = []
        var answers: Set<String> = []
        var refusals: Set<WireError.Code> = []
        for example in try Documents.examples() {
            if let request = try? DirectXML.decodeRequest(example.bytes) { requests.insert(request.action.name) }
            if let answer = try? DirectXML.decodeResponse(example.bytes) { answers.insert(answer.reply.action) }
            if let refusal = DirectXML.decodeRefusal(example.bytes) { refusals.insert(refusal.code) }
        }
        #expect(requests == ManagementAction.names)
        #expect(answers == ManagementAction.names)
        #expect(refusals == Set(WireError.Code.allCases))
    }

    private static func example(_ name: String) throws -> [UInt8] {
        try #require(try Documents.examples().first { $0.name == name }).bytes
    }

    @Test("The example of odd values means what the reference says")
    func oddValues() throws {
        let action = try DirectXML.decodeRequest(try Self.example("write-items-request-odd-values")).action
        #expect(
            action
                == .writeItems([
                    Item(ItemKey("directory-import"), value: "one\ntwo\rthree\r\nfour"),
                    Item(ItemKey("dial-plan"), value: "  <9> & ]]>\u{20AC}  "),
                    Item(ItemKey("reset-me")),
                ]))
    }

    @Test("The example in ISO-8859-1 is read as such")
    func latin1() throws {
        let action = try DirectXML.decodeRequest(try Self.example("latin1-request")).action
        #expect(action == .writeItems([Item(ItemKey("display-id-unicode"), value: "München")]))
    }

    @Test("The example of a read answer has a value, an empty value and two statuses")
    func readAnswer() throws {
        let reply = try DirectXML.decodeResponse(try Self.example("read-items-response")).reply
        #expect(
            reply.items == [
                Item(ItemKey("sntp-addr"), value: "ntp.example.org"),
                Item(ItemKey("function-key-def", index: 1), value: "59"),
                Item(ItemKey("sntp-addr-backup"), value: ""),
                Item(ItemKey("admin-pwd"), status: .failed),
                Item(ItemKey("function-key-def", index: 99), status: .invalidIndex),
            ])
    }
}
