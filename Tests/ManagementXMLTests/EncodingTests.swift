import DeploymentModel
import ManagementXML
import Testing

@Suite("UTF-8 and ISO-8859-1 are read")
struct EncodingTests {
    private static func document(_ encoding: String, _ value: [UInt8]) -> [UInt8] {
        let parts = "<?xml version='1.0' encoding='\(encoding)'?>\(Make.write("<Item name='x'>|</Item>"))"
            .utf8.split(separator: UInt8(ascii: "|"))
        return Array(parts[0]) + value + Array(parts[1])
    }

    @Test("Every byte from 0xA0 up means its code point in ISO-8859-1")
    func latin1() throws {
        let bytes = Array(UInt8(0x80)...0xFF)
        let expected = String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
        for name in ["ISO-8859-1", "iso-8859-1"] {
            let request = try DirectXML.decodeRequest(Self.document(name, bytes))
            #expect(request.action == .writeItems([Item(ItemKey("x"), value: expected)]))
        }
    }

    @Test("UTF-8 is read with and without declaration and byte order mark")
    func utf8() throws {
        let value = Array("Grüße 日本語 😀".utf8)
        let expected = ManagementAction.writeItems([Item(ItemKey("x"), value: "Grüße 日本語 😀")])
        let document = Self.document("UTF-8", value)
        #expect(try DirectXML.decodeRequest(document).action == expected)
        #expect(try DirectXML.decodeRequest([0xEF, 0xBB, 0xBF] + document).action == expected)
        let bare = Array(Make.write("<Item name='x'>Grüße 日本語 😀</Item>").utf8)
        #expect(try DirectXML.decodeRequest(bare).action == expected)
    }

    @Test("A byte order mark and ISO-8859-1 contradict each other")
    func contradiction() {
        #expect(Make.error([0xEF, 0xBB, 0xBF] + Self.document("ISO-8859-1", []))?.code == .malformed)
    }

    @Test("UTF-16 is refused by name", arguments: [[0xFE, 0xFF, 0, 0x3C], [0xFF, 0xFE, 0x3C, 0]] as [[UInt8]])
    func utf16(bytes: [UInt8]) {
        #expect(Make.error(bytes) == WireError(.malformed, line: 1, reason: "UTF-16 is not taken"))
    }
}
