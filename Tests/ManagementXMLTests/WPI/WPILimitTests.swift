import DeploymentModel
import ManagementXML
import Testing

@Suite("Bad input of the WorkPoint Interface has its defined answer")
struct WPILimitTests {
    private static func phone(_ content: String, _ attributes: String = #"nonce="0""#) -> [UInt8] {
        Array("<WorkpointMessage><Message \(attributes)>\(content)</Message></WorkpointMessage>".utf8)
    }

    private static func code(_ bytes: [UInt8], limits: DecodingLimits = .wpi) -> WireError.Code? {
        do throws(WireError) {
            _ = try WPI.decodePhoneMessage(bytes, limits: limits)
            return nil
        } catch {
            return error.code
        }
    }

    private static let reason = "<ReasonForContact>solicited</ReasonForContact>"

    @Test("Size, depth, number of items and length of a value are bounded")
    func limits() {
        let good = Self.phone(Self.reason + #"<ItemList><Item name="a">bcd</Item><Item name="b"/></ItemList>"#)
        func limits(_ change: (inout DecodingLimits) -> Void) -> DecodingLimits {
            var limits = DecodingLimits.wpi
            change(&limits)
            return limits
        }
        #expect(Self.code(good) == nil)
        #expect(Self.code(good, limits: limits { $0.bytes = good.count - 1 }) == .tooLarge)
        #expect(Self.code(good, limits: limits { $0.depth = 3 }) == .tooLarge)
        #expect(Self.code(good, limits: limits { $0.items = 1 }) == .tooLarge)
        #expect(Self.code(good, limits: limits { $0.textBytes = 2 }) == .tooLarge)
        #expect(Self.code([UInt8](repeating: 0x20, count: 1 << 20 + 1)) == .tooLarge)
        let deep = String(repeating: "<x>", count: 10) + String(repeating: "</x>", count: 10)
        #expect(Self.code(Self.phone(deep + Self.reason)) == .tooLarge)
    }

    @Test(
        "What is missing, twice or makes no sense is refused",
        arguments: [
            "<WorkpointMessage/>", "<DLSMessage/>", "<WorkpointMessage><Message/></WorkpointMessage>",
            "<WorkpointMessage><Message nonce='0'/></WorkpointMessage>",
            "<WorkpointMessage><Message nonce=''>%</Message></WorkpointMessage>",
            "<WorkpointMessage><Message nonce='a b'>%</Message></WorkpointMessage>",
            "<WorkpointMessage><Message nonce='0'>%</Message><Message nonce='0'>%</Message></WorkpointMessage>",
            "<WorkpointMessage><Message nonce='0'>%%</Message></WorkpointMessage>",
            "<WorkpointMessage><Message nonce='0' maxItems='0'>%</Message></WorkpointMessage>",
            "<WorkpointMessage><Message nonce='0' maxItems='-2'>%</Message></WorkpointMessage>",
            "<WorkpointMessage><Message nonce='0' fragment='maybe'>%</Message></WorkpointMessage>",
            "<WorkpointMessage><Message nonce='0'><ReasonForContact>bored</ReasonForContact></Message></WorkpointMessage>",
            "<WorkpointMessage><Message nonce='0'><ReasonForContact>reply-to</ReasonForContact></Message></WorkpointMessage>",
            "<WorkpointMessage><Message nonce='0'><ReasonForContact action='WriteItems'>reply-to</ReasonForContact></Message></WorkpointMessage>",
            "<WorkpointMessage><Message nonce='0'><ReasonForContact action='WriteItems' status='odd'>reply-to</ReasonForContact></Message></WorkpointMessage>",
            "<WorkpointMessage><Message nonce='0'>%<ItemList><Item>x</Item></ItemList></Message></WorkpointMessage>",
            "<WorkpointMessage><Message nonce='0'>%<ItemList><Item name='a' index='x'/></ItemList></Message></WorkpointMessage>",
            "<WorkpointMessage><Message nonce='0'>%<ItemList><Item name='a'><b/></Item></ItemList></Message></WorkpointMessage>",
            "<WorkpointMessage><Message nonce='0'>%<ItemList><Item name='a'/></ItemList><ItemList><Item name='b'/></ItemList></Message></WorkpointMessage>",
        ])
    func senseless(text: String) {
        let text = text.replacing("%", with: Self.reason)
        #expect(Self.code(Array(text.utf8)) == .unexpected, "\(text)")
    }

    @Test(
        "What is no XML is refused as such",
        arguments: ["", "GET / HTTP/1.1", "<WorkpointMessage>", "<!DOCTYPE a><a/>"])
    func garbage(text: String) {
        #expect(Self.code(Array(text.utf8)) == .malformed)
    }

    @Test(
        "Old firmware cannot take values with markup characters or a carriage return; newer phones can",
        arguments: ["a<b", "a>b", "R&D", "a\rb"])
    func escaping(value: String) {
        let old = WPIQuirks(software: SoftwareVersion("V1 R5.6.0"))
        #expect(old == .keepsReferences && !WPI.canCarry(value, quirks: old))
        #expect(WPI.canCarry("\"quoted\" 'text' ü", quirks: old))
        #expect(WPIQuirks(software: SoftwareVersion("V3 R5.12.0")).isEmpty && WPI.canCarry(value))
        #expect(WPIQuirks(software: nil).isEmpty)
        #expect(!WPI.canCarry("\u{0}"))
    }
}
