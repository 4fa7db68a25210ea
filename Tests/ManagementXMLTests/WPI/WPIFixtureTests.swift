import DeploymentModel
import Foundation
import ManagementXML
import Testing

@Suite("Messages written by hand mean what the description says")
struct WPIFixtureTests {
    @Test("Every file has its meaning here, and is well-formed by another parser")
    func files() throws {
        let expected =
            WPIFixtures.phone.keys.map { "phone-" + $0 } + WPIFixtures.server.keys.map { "server-" + $0 }
        #expect(try WPIFixtures.names() == expected.sorted())
    }

    @Test("What phones say is read as meant", arguments: WPIFixtures.phone.keys.sorted())
    func phone(name: String) throws {
        let expected = try #require(WPIFixtures.phone[name])
        #expect(try WPI.decodePhoneMessage(WPIFixtures.bytes("phone-" + name)) == expected)
        #expect(try WPI.decodePhoneMessage(WPI.encode(expected)) == expected)
    }

    @Test("What servers say is read as meant, also strictly", arguments: WPIFixtures.server.keys.sorted())
    func server(name: String) throws {
        let expected = try #require(WPIFixtures.server[name])
        let bytes = try WPIFixtures.bytes("server-" + name)
        #expect(try WPI.decodeServerMessage(bytes) == expected)
        #expect(try WPI.decodeServerMessage(bytes, strict: true) == expected)
        #expect(try WPI.decodeServerMessage(WPI.encode(expected), strict: true) == expected)
    }

    @Test("Every action, every reason, every status of a reply and of an item is among them")
    func coverage() throws {
        #expect(Set(WPIFixtures.server.values.map(\.action)) == Set(WPIAction.allCases))
        let reasons = WPIFixtures.phone.values.map(\.reason)
        for reason in [WPIReason.startUp, .localChanges, .inventoryChanges, .status, .solicited, .cleanUp] {
            #expect(reasons.contains(reason))
        }
        for status in ManagementReply.Status.allCases {
            #expect(reasons.contains { if case .replyTo(_, status) = $0 { true } else { false } })
        }
        let statuses = WPIFixtures.phone.values.flatMap(\.items).compactMap(\.status)
        #expect(Set(statuses) == Set(ItemStatus.allCases))
    }

    @Test("What we write is, apart from white space, what was written by hand")
    func bytes() throws {
        func squeezed(_ bytes: [UInt8]) -> String {
            String(decoding: bytes, as: UTF8.self).split(separator: "\n")
                .map { $0.trimmingCharacters(in: .whitespaces) }.joined()
        }
        // The others hold forms that we read but do not write: white space in the reason, references, maxItems of -1.
        let same = ["status", "clean-up", "inventory-changes", "reply-write", "reply-write-faults", "reply-busy"]
        for name in same {
            let message = try #require(WPIFixtures.phone[name])
            #expect(squeezed(WPI.encode(message)) == squeezed(try WPIFixtures.bytes("phone-" + name)))
        }
        for (name, message) in WPIFixtures.server where name != "read-items" {
            #expect(squeezed(WPI.encode(message)) == squeezed(try WPIFixtures.bytes("server-" + name)))
        }
    }

    @Test("xmllint takes everything that we write")
    func wellFormed() async throws {
        var random = RandomWPIMessages(seed: 11)
        var messages = WPIFixtures.phone.values.map(WPI.encode) + WPIFixtures.server.values.map(WPI.encode)
        for _ in 0..<60 { messages += [WPI.encode(random.phoneMessage()), WPI.encode(random.serverMessage())] }
        #expect(try await SchemaValidator.complaints(about: messages).isEmpty)
    }
}
