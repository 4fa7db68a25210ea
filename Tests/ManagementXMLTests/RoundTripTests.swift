import DeploymentModel
import ManagementXML
import Testing

@Suite("Messages come back as they left")
struct RoundTripTests {
    @Test("Random requests, answers and refusals round-trip", arguments: UInt64(1)...8)
    func randomMessages(seed: UInt64) throws {
        var random = RandomMessages(seed: seed)
        for _ in 0..<100 {
            let request = random.request()
            let requestBytes = DirectXML.encode(request)
            let requestBack = try DirectXML.decodeRequest(requestBytes)
            #expect(requestBack == request)
            #expect(DirectXML.encode(requestBack) == requestBytes)
            let response = random.response()
            let responseBytes = DirectXML.encode(response)
            let responseBack = try DirectXML.decodeResponse(responseBytes)
            #expect(responseBack == response)
            #expect(DirectXML.encode(responseBack) == responseBytes)
            let refusal = random.refusal()
            #expect(DirectXML.decodeRefusal(DirectXML.encode(refusal, id: random.id())) == refusal)
        }
    }

    @Test("Every odd text arrives code point by code point", arguments: RandomMessages.oddTexts)
    func oddTexts(text: String) throws {
        let request = ManagementRequest(id: "1", action: .writeItems([Item(ItemKey("x"), value: text)]))
        let back = try DirectXML.decodeRequest(DirectXML.encode(request))
        guard case .writeItems(let items) = back.action else { return #expect(Bool(false)) }
        #expect(items.first?.value.map { Array($0.utf8) } == Array(text.utf8))
        let file = HeldFile(
            kind: .application, fingerprint: String(repeating: "0", count: 64), size: 1, version: text)
        let reply = ManagementReply(action: "Identify", status: .accepted, reason: text, files: [file])
        let answer = try DirectXML.decodeResponse(DirectXML.encode(ManagementResponse(id: "1", reply: reply)))
        #expect(answer.reply.reason.map { Array($0.utf8) } == Array(text.utf8))
        #expect(answer.reply.files.first?.version.map { Array($0.utf8) } == Array(text.utf8))
    }

    @Test("Every legal code point of the first plane and samples above arrive")
    func everyCodePoint() throws {
        var text = String.UnicodeScalarView()
        for value in Array(UInt32(0)...0xFFFF) + [0x1_0000, 0x1_F600, 0x10_FFFD, 0x10_FFFF] {
            guard let scalar = Unicode.Scalar(value), DirectXML.canCarry(String(scalar)) else { continue }
            text.append(scalar)
        }
        let request = ManagementRequest(id: "1", action: .writeItems([Item(ItemKey("x"), value: String(text))]))
        let back = try DirectXML.decodeRequest(DirectXML.encode(request))
        guard case .writeItems(let items) = back.action else { return #expect(Bool(false)) }
        #expect(items.first?.value.map { Array($0.utf8) } == Array(String(text).utf8))
    }

    @Test("Characters that XML has not are told beforehand and replaced")
    func illegalCharacters() throws {
        #expect(DirectXML.canCarry("a\t\r\n\u{7F}\u{85}\u{FFFD}😀"))
        for text in ["\u{0}", "a\u{1}", "\u{B}", "\u{1F}b", "\u{FFFE}", "\u{FFFF}"] {
            #expect(!DirectXML.canCarry(text))
            let request = ManagementRequest(id: "1", action: .writeItems([Item(ItemKey("x"), value: "[\(text)]")]))
            let back = try DirectXML.decodeRequest(DirectXML.encode(request))
            let replaced = String(
                String.UnicodeScalarView(
                    "[\(text)]".unicodeScalars.map { DirectXML.canCarry(String($0)) ? $0 : "\u{FFFD}" }))
            #expect(back.action == .writeItems([Item(ItemKey("x"), value: replaced)]))
        }
    }

    @Test("Short texts are cut to 200 characters when encoding, and longer ones refused when decoding")
    func shortTexts() throws {
        let long = String(repeating: "é", count: 300)
        let reply = ManagementReply(
            action: "Status", status: .failed, reason: long,
            phoneStatus: PhoneStatus(
                isBusy: true, registration: .failed, registrationReason: long, lastFileResult: long, uptime: 0,
                bootCount: 1))
        let bytes = DirectXML.encode(ManagementResponse(id: "1", reply: reply))
        let back = try DirectXML.decodeResponse(bytes).reply
        #expect(back.reason?.count == 200)
        #expect(back.phoneStatus?.registrationReason?.count == 200)
        #expect(back.phoneStatus?.lastFileResult?.count == 200)
        #expect(throws: WireError.self) {
            try DirectXML.decodeResponse(
                Array(
                    #"<ManagementResponse xmlns="\#(DirectXML.namespace)" id="1" action="Status" status="failed"><Reason>\#(long)</Reason></ManagementResponse>"#
                        .utf8))
        }
    }

    @Test("Content of every length up to 100 bytes round-trips in base64")
    func base64Lengths() throws {
        for length in 0...100 {
            let content = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ length) }
            let request = ManagementRequest(id: "1", action: .transferFile(.serverKeyMaterial, content: content))
            #expect(try DirectXML.decodeRequest(DirectXML.encode(request)) == request)
        }
    }

    @Test("The names of all actions are known to the decoder")
    func actionNames() {
        let actions: [ManagementAction] = [
            .identify, .readItems([]), .readAllItems, .nextFragment, .writeItems([]),
            .transferFile(.application, content: []), .readFile(.application), .deleteFile(.application),
            .fetchFile(FetchOrder(kind: .application, url: "ftp://h")), .restart, .factoryReset, .status,
        ]
        #expect(Set(actions.map(\.name)) == ManagementAction.names)
    }
}
