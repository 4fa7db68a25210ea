import DeploymentModel
import ManagementXML
import Testing

@Suite("Only well-formed XML of the plain kind is taken")
struct WellFormednessTests {
    private static let status = Make.request("<Status/>")

    @Test(
        "Malformed documents are refused as such",
        arguments: [
            "", " ", "text", "<", "<a", "<a ", "<a b", "<a b=", "<a b=\"", "<a b=c/>", "<a b='c'd='e'/>", "<>", "</a>",
            "< a/>", "<1a/>", "<-a/>", "<.a/>", "<:a/>", "<a:/>", "<a:b:c/>", "<a:b/>", "<a /b>", "<a/ >",
            "<!DOCTYPE a><a/>", "<!doctype a><a/>", "<?pi x?><a/>", "<a xmlns:b=''/>", "<a xmlns:xmlns='b'/>",
            "<a xmlns:xml='b'/>", "<a xmlns:b='http://www.w3.org/XML/1998/namespace'/>",
            "<a xmlns:b='http://www.w3.org/2000/xmlns/'/>", "<a b='1' b='2'/>", "<a xmlns='b' xmlns='b'/>",
            "<a xmlns:p='n' xmlns:q='n' p:b='1' q:b='2'/>", "<a b='<'/>", "<a b='&'/>", "<a b='&c;'/>", "<a b='&#0;'/>",
            "<a b='&#xD800;'/>", "<a b='&#xFFFE;'/>", "<a b='&#x110000;'/>", "<a b='&#99999999999999999999;'/>",
            "<a b='&#;'/>", "<a b='&#x;'/>", "<a b='&#xg;'/>", "<a b='&#X41;'/>", "<a b='&amp'/>", "<a b='&AMP;'/>",
            "<!-- -- --><a/>", "<!-- ---><a/>", "<!-- <a/>", "<?xml?><a/>", "<?xml version='1.1'?><a/>",
            "<?xml version='1.0'encoding='UTF-8'?><a/>", "<?xml encoding='UTF-8'?><a/>",
            "<?xml version='1.0' standalone='maybe'?><a/>",
            "<?xml version='1.0' standalone='yes' encoding='UTF-8'?><a/>",
            "<?xml version='1.0' encoding='UTF-16'?><a/>", "<?xml version='1.0' encoding='windows-1252'?><a/>",
            "<?xml version='1.0' ><a/>", " <?xml version='1.0'?><a/>", "<é/>",
        ])
    func malformed(text: String) {
        #expect(Make.error(text)?.code == .malformed, "\(text)")
    }

    @Test(
        "Malformed content is refused as such",
        arguments: [
            "a]]>b", "&", "&b;", "&#0;", "&#8;", "< b", "</b>", "<![CDATA[", "<![cdata[x]]>", "<!ELEMENT a>", "<?pi?>",
            "<!-- a", "<!-->", "\u{0}", "\u{1}", "\u{B}", "\u{FFFE}", "\u{FFFF}",
        ])
    func malformedContent(content: String) {
        #expect(Make.error(Make.write("<Item name='x'>\(content)</Item>"))?.code == .malformed, "\(content)")
    }

    @Test(
        "Bytes that are no UTF-8 are refused",
        arguments: [
            [0x80], [0xC0, 0x80], [0xC1, 0xBF], [0xC3], [0xC3, 0x28], [0xE0, 0x80, 0x80], [0xE2, 0x82],
            [0xED, 0xA0, 0x80],
            [0xEF, 0xBF, 0xBE], [0xF0, 0x80, 0x80, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xFF],
        ] as [[UInt8]])
    func invalidUTF8(bytes: [UInt8]) {
        let halves = Make.write("<Item name='x'>|</Item>").utf8.split(separator: UInt8(ascii: "|"))
        #expect(Make.error(Array(halves[0]) + bytes + Array(halves[1]))?.code == .malformed)
    }

    @Test(
        "What stands behind the root is refused", arguments: ["x", "<a/>", "</a>", "<?pi?>", "&amp;", "<![CDATA[]]>"])
    func leftovers(rest: String) {
        #expect(Make.error(Self.status + rest)?.code == .malformed)
    }

    @Test("Comments and white space may stand around the root and between elements")
    func miscellany() {
        let text =
            "\u{FEFF}<?xml version='1.0' encoding='utf-8' standalone='no' ?>\r\n<!-- a - b -->\t"
            + Make.request(" <!----> <Status ></Status\n>\n<!-- x --> ") + "<!-- y -->\n\n"
        #expect(Make.error(text) == nil)
    }

    @Test("Every truncation of a message is malformed")
    func truncations() {
        let bytes = Array(Make.write("<Item name='x' index='1'>a&amp;<![CDATA[b]]><!-- c --></Item>").utf8)
        #expect(Make.error(bytes) == nil)
        for length in 0..<bytes.count { #expect(Make.error(Array(bytes[..<length]))?.code == .malformed, "\(length)") }
    }

    @Test("Line ends and attribute white space are normalised as XML says")
    func normalisation() throws {
        let text = Make.write("<Item name='x'>a\r\nb\rc\n<![CDATA[\r\n\r]]>&#13;&#10;</Item>")
        let item = Item(ItemKey("x"), value: "a\nb\nc\n\n\n\r\n")
        #expect(try DirectXML.decodeRequest(Array(text.utf8)).action == .writeItems([item]))
        let file =
            "kind='logo' size='1' fingerprint='\(String(repeating: "0", count: 64))' version='a\tb\r\nc&#9;&#xA;d'"
        let answer = Make.answer("<FileList><File \(file)/></FileList>")
        #expect(try DirectXML.decodeResponse(Array(answer.utf8)).reply.files.first?.version == "a b c\t\nd")
    }
}
