import DeploymentModel
import Foundation
import ManagementXML
import Testing

@Suite("The schema and the decoder say the same")
struct SchemaTests {
    @Test("Every example is valid")
    func examples() async throws {
        let examples = try Documents.examples()
        let verdicts = try await SchemaValidator.validate(examples.map(\.bytes))
        for (example, isValid) in zip(examples, verdicts) { #expect(isValid, "\(example.name)") }
    }

    @Test("What the encoders produce is valid")
    func encoded() async throws {
        var random = RandomMessages(seed: 99)
        var documents: [[UInt8]] = []
        for _ in 0..<60 {
            documents.append(DirectXML.encode(random.request()))
            documents.append(DirectXML.encode(random.response()))
            documents.append(DirectXML.encode(random.refusal(), id: random.id()))
        }
        let odd = RandomMessages.oddTexts + ["\u{0}\u{1}\u{B}\u{FFFE}\u{FFFF}"]
        let items = (0..<2000).map { Item(ItemKey("item-\($0)", index: $0), value: odd[$0 % odd.count]) }
        documents.append(DirectXML.encode(ManagementRequest(id: "1", action: .writeItems(items))))
        documents.append(DirectXML.encode(ManagementRequest(id: "1", action: .readItems(items.map(\.key)))))
        let reply = ManagementReply(action: "ReadAllItems", status: .accepted, items: items)
        documents.append(DirectXML.encode(ManagementResponse(id: "1", reply: reply)))
        for (number, isValid) in try await SchemaValidator.validate(documents).enumerated() {
            #expect(isValid, "\(String(decoding: documents[number].prefix(2000), as: UTF8.self))")
        }
    }

    @Test("What is invalid is refused by both")
    func invalid() async throws {
        let documents = SchemaCases.invalid.map { Array($0.utf8) }
        #expect(documents.count >= 40)
        for (number, isValid) in try await SchemaValidator.validate(documents).enumerated() {
            #expect(!isValid, "the schema takes \(SchemaCases.invalid[number])")
            #expect(!WireProperty.isMessage(documents[number]), "the decoder takes \(SchemaCases.invalid[number])")
        }
    }

    @Test("What is unusual but valid is taken by both")
    func unusual() async throws {
        let documents = SchemaCases.valid.map { Array($0.utf8) }
        for (number, isValid) in try await SchemaValidator.validate(documents).enumerated() {
            #expect(isValid, "the schema refuses \(SchemaCases.valid[number])")
            #expect(WireProperty.isMessage(documents[number]), "the decoder refuses \(SchemaCases.valid[number])")
        }
    }

    @Test("Where they differ, the decoder is the stricter one, for a stated reason")
    func differences() async throws {
        let cases = SchemaCases.differences
        let verdicts = try await SchemaValidator.validate(cases.map(\.document))
        for (difference, isValid) in zip(cases, verdicts) {
            #expect(isValid, "the schema refuses, too: \(difference.reason)")
            #expect(!WireProperty.isMessage(difference.document), "the decoder takes it: \(difference.reason)")
        }
    }
}
