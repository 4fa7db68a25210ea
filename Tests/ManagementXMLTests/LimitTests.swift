import DeploymentModel
import ManagementXML
import Testing

@Suite("Limits are kept to the byte")
struct LimitTests {
    private static let small = DecodingLimits(bytes: 4000, depth: 4, items: 3, attributeBytes: 64, textBytes: 10)

    @Test("Bytes: as many as allowed, not one more")
    func bytes() {
        let text = Make.request("<Status/>")
        var limits = DecodingLimits.phone
        limits.bytes = text.utf8.count
        #expect(Make.error(text, limits: limits) == nil)
        limits.bytes -= 1
        #expect(Make.error(text, limits: limits)?.code == .tooLarge)
    }

    @Test("Depth: the deepest message fits, one less does not")
    func depth() {
        var limits = DecodingLimits.phone
        limits.depth = 4
        let text = Make.write("<Item name='x'/>")
        #expect(Make.error(text, limits: limits) == nil)
        limits.depth = 3
        #expect(Make.error(text, limits: limits)?.code == .tooLarge)
    }

    @Test("Deep nesting is refused without recursion")
    func deepNesting() {
        let text = String(repeating: "<a>", count: 300_000)
        #expect(Make.error(text)?.code == .tooLarge || Make.error(text)?.code == .unexpected)
        let inside = Make.request(String(repeating: "<ReadItems>", count: 90_000))
        #expect(Make.error(inside) != nil)
    }

    @Test("Items: as many as allowed, not one more")
    func items() {
        let item = "<Item name='x'/>"
        #expect(Make.error(Make.write(String(repeating: item, count: 3)), limits: Self.small) == nil)
        #expect(Make.error(Make.write(String(repeating: item, count: 4)), limits: Self.small)?.code == .tooLarge)
        #expect(Make.error(Make.write(String(repeating: item, count: 4096))) == nil)
        #expect(Make.error(Make.write(String(repeating: item, count: 4097)))?.code == .tooLarge)
    }

    @Test(
        "Text: counted in bytes after resolving",
        arguments: [
            ("0123456789", true), ("0123456789a", false), ("éééé&#233;", true), ("éééééé", false),
            ("&amp;&amp;&amp;&amp;&amp;&amp;&amp;&amp;&amp;&amp;", true), ("<![CDATA[01234]]>567890", false),
            ("<![CDATA[01234]]>56789", true),
        ])
    func text(text: String, fits: Bool) {
        #expect(
            Make.error(Make.write("<Item name='x'>\(text)</Item>"), limits: Self.small)?.code
                == (fits ? nil : .tooLarge))
    }

    @Test("Attributes: value, name and number are limited")
    func attributes() {
        let fits = String(repeating: "n", count: 64)
        #expect(Make.error(Make.write("<Item name='\(fits)'/>"), limits: Self.small) == nil)
        #expect(Make.error(Make.write("<Item name='\(fits)n'/>"), limits: Self.small)?.code == .tooLarge)
        #expect(Make.error(Make.write("<Item name='&#110;\(fits)'/>"), limits: Self.small)?.code == .tooLarge)
        #expect(Make.error(Make.write("<Item \(fits)n='x'/>"), limits: Self.small)?.code == .tooLarge)
        let many = (0..<17).map { "a\($0)=''" }.joined(separator: " ")
        #expect(Make.error(Make.write("<Item \(many)/>"))?.code == .tooLarge)
    }

    @Test("Namespace declarations are limited in number")
    func namespaces() {
        let item = "<Item name='x' " + (0..<13).map { "xmlns:a\($0)='urn:\($0)'" }.joined(separator: " ") + "/>"
        #expect(Make.error(Make.write(item)) == nil)
        #expect(Make.error(Make.write(String(repeating: item, count: 5)))?.code == .tooLarge)
    }

    @Test("Comments are limited in bytes")
    func comments() {
        let comment = "<!--" + String(repeating: " ", count: 4089) + "-->"
        #expect(Make.error(comment + comment + Make.request("<Status/>")) == nil)
        #expect(Make.error(comment + comment + "<!---->" + Make.request("<Status/>"))?.code == .tooLarge)
    }

    @Test("A message as large as allowed is read")
    func large() throws {
        let items = (0..<2000).map { Item(ItemKey("item-\($0)"), value: String(repeating: "v", count: 400)) }
        let request = ManagementRequest(id: "1", action: .writeItems(items))
        let bytes = DirectXML.encode(request)
        #expect(bytes.count > 800_000 && bytes.count < DecodingLimits.phone.bytes)
        #expect(try DirectXML.decodeRequest(bytes) == request)
    }
}
