import Foundation
import ManagementXML

/// Documents on which schema and decoder are compared.
enum SchemaCases {
    private static let sha = String(repeating: "0a", count: 32)

    private static func file(_ attributes: String, _ content: String = "") -> String {
        Make.answer("<FileList><File \(attributes)>\(content)</File></FileList>")
    }

    private static func item(_ attributes: String, _ value: String = "v") -> String {
        Make.write("<Item \(attributes)>\(value)</Item>")
    }

    private static func answeredItem(_ attributes: String) -> String {
        Make.answer("<ItemList><Item \(attributes)/></ItemList>")
    }

    private static func status(_ attributes: String, _ content: String = "") -> String {
        Make.answer("<PhoneStatus \(attributes)>\(content)</PhoneStatus>")
    }

    private static let goodStatus = "busy='true' registration='failed' uptime='1' bootCount='1'"

    /// Refused by both.
    static let invalid: [String] = requests + items + files + answers + refusals + illFormed

    private static let requests = [
        Make.request(""), Make.request("<Status/><Status/>"), Make.request("text"), Make.request("<Unknown/>"),
        Make.request("<status/>"), Make.request("<Status>x</Status>"), Make.request("<Status> </Status>"),
        Make.request("<Status><Status/></Status>"), Make.request("<Status id='1'/>"),
        Make.request("<Status/>", attributes: ""), Make.request("<Status/>", attributes: "id=''"),
        Make.request("<Status/>", attributes: "id='a b'"), Make.request("<Status/>", attributes: "id=' a'"),
        Make.request("<Status/>", attributes: "id='\(String(repeating: "a", count: 65))'"),
        Make.request("<Status/>", attributes: "id='1' extra='2'"), Make.request("<Status xmlns=''/>"),
        Make.request("<ReadItems/>"), Make.request("<ReadItems><ItemList/><ItemList/></ReadItems>"),
        Make.request("<ReadItems><ItemList><Item name='x'>v</Item></ItemList></ReadItems>"),
        Make.request("<ReadItems><ItemList><Item name='x'> </Item></ItemList></ReadItems>"),
        Make.request("<ReadItems><ItemList><Item name='x' value='empty'/></ItemList></ReadItems>"),
        Make.request("<ReadItems><Item name='x'/></ReadItems>"), Make.request("<WriteItems/>"),
        Make.request("<WriteItems><ItemList>x</ItemList></WriteItems>"),
        Make.request("<ItemList/>"), "<Status \(Make.namespace)/>", "<Item \(Make.namespace) name='x'/>",
        "<managementrequest \(Make.namespace) id='1'><Status/></managementrequest>",
        "<ManagementRequest id='1'><Status/></ManagementRequest>",
        "<ManagementRequest xmlns='urn:phonefleet:management:2' id='1'><Status/></ManagementRequest>",
    ]

    private static let items = [
        item(""), item("name=''"), item("name='a b'"), item("name='é'"), item("name=' a'"), item("Name='a'"),
        item("name='\(String(repeating: "n", count: 129))'"), item("name='a' index=''"), item("name='a' index='-1'"),
        item("name='a' index='01'"), item("name='a' index='+1'"), item("name='a' index='1.0'"),
        item("name='a' index=' 1'"), item("name='a' index='1234567890123456789'"), item("name='a' status='failed'"),
        item("name='a' type='string'"), item("name='a' value='present'"), item("name='a'", "<b/>"),
        item("name='a' name='b'"), answeredItem("name='a' status=''"), answeredItem("name='a' status='Failed'"),
        answeredItem("name='a' status='unknown  item'"), answeredItem("name='a' status='secure'"),
        answeredItem("status='failed'"),
    ]

    private static let files = [
        Make.request("<TransferFile kind='a'/>"), Make.request("<TransferFile><Content/></TransferFile>"),
        Make.request("<TransferFile kind='a'><Content>A</Content></TransferFile>"),
        Make.request("<TransferFile kind='a'><Content>AA=</Content></TransferFile>"),
        Make.request("<TransferFile kind='a'><Content>AB==</Content></TransferFile>"),
        Make.request("<TransferFile kind='a'><Content>AAB=</Content></TransferFile>"),
        Make.request("<TransferFile kind='a'><Content>AAAA====</Content></TransferFile>"),
        Make.request("<TransferFile kind='a'><Content>AA-_</Content></TransferFile>"),
        Make.request("<TransferFile kind='a'><Content x='y'/></TransferFile>"),
        Make.request("<TransferFile kind='a'>AAAA</TransferFile>"), Make.request("<ReadFile/>"),
        Make.request("<ReadFile kind=''/>"), Make.request("<ReadFile kind='a/b'/>"),
        Make.request("<DeleteFile kind='a'><Content/></DeleteFile>"), Make.request("<FetchFile kind='a'/>"),
        Make.request("<FetchFile kind='a' url=''/>"), Make.request("<FetchFile kind='a' url='http://h/f'/>"),
        Make.request("<FetchFile kind='a' url='ftp://user:pw@h/f'/>"),
        Make.request("<FetchFile kind='a' url='ftp:///f'/>"),
        Make.request("<FetchFile kind='a' url='https://h/a b'/>"),
        Make.request("<FetchFile kind='a' url='https://h?x'/>"),
        Make.request("<FetchFile kind='a' url='ftp://h' sha256='\(sha.uppercased())'/>"),
        Make.request("<FetchFile kind='a' url='ftp://h' sha256='00'/>"), file("kind='a' size='1'"),
        file("fingerprint='\(sha)' size='1'"), file("kind='a' fingerprint='\(sha)'"),
        file("kind='a' fingerprint='\(sha)' size='-1'"),
        file("kind='a' fingerprint='\(sha)' size='1' version='\(String(repeating: "v", count: 201))'"),
        file("kind='a' fingerprint='\(sha)' size='1'", "AAAA"),
        file("kind='a' fingerprint='\(sha)' size='1'", "<Content/><Content/>"),
    ]

    private static let answers = [
        Make.answer("", attributes: "action='Status' status='accepted'"),
        Make.answer("", attributes: "id='1' status='accepted'"), Make.answer("", attributes: "id='1' action='Status'"),
        Make.answer("", attributes: "id='1' action='Dance' status='accepted'"),
        Make.answer("", attributes: "id='1' action='Status' status='Accepted'"),
        Make.answer("", attributes: "id='1' action='Status' status='accepted' fragment='last'"),
        Make.answer("x"), Make.answer("<Reason/><Reason/>"), Make.answer("<ItemList/><Reason/>"),
        Make.answer("<FileList/><ItemList/>"), Make.answer("<ItemList/><ItemList/>"), Make.answer("<Other/>"),
        Make.answer("<Reason>\(String(repeating: "r", count: 201))</Reason>"), Make.answer("<Reason><b/></Reason>"),
        status(""), status("busy='1' registration='failed' uptime='1' bootCount='1'"),
        status("busy='true' registration='unknown' uptime='1' bootCount='1'"),
        status("busy='true' registration='failed' uptime='1s' bootCount='1'"),
        status("busy='true' registration='failed' uptime='1'"), status(goodStatus, "x"),
        status(goodStatus, "<LastFileResult/><RegistrationReason/>"),
        status(goodStatus, "<RegistrationReason/><RegistrationReason/>"),
        status(goodStatus, "<LastFileResult/><LastFileResult/>"),
    ]

    private static func refusal(_ attributes: String, _ content: String = "<Reason>r</Reason>") -> String {
        "<ManagementRefusal \(Make.namespace) \(attributes)>\(content)</ManagementRefusal>"
    }

    private static let refusals = [
        refusal("line='1'"), refusal("code='xml.malformed'"), refusal("code='xml.other' line='1'"),
        refusal("code='xml.malformed' line='0'"), refusal("code='xml.malformed' line='1'", ""),
        refusal("code='xml.malformed' line='1' id=''"), refusal("code='xml.malformed' line='1'", "<Reason/><Reason/>"),
    ]

    private static let illFormed = [
        "", "x", "<a>", Make.request("<Status>"), Make.request("<Status/>") + "x", Make.request("<Status/>") + "<a/>",
        item("name='a'", "&b;"), item("name='a'", "&#0;"), item("name='a'", "]]>"), item("name='a'", "\u{1}"),
        item("name='a' index=1"), item("name='a'", "<!-- -- -->"), "<?xml version='1.0'?><?xml version='1.0'?><a/>",
        item("name='a' p:b='c'"), "<!DOCTYPE ManagementRequest [<!ENTITY e 'x'>]>" + item("name='a'", "&e;"),
    ]

    /// Taken by both.
    static let valid = [
        item("name='a'", ""), item("name='a'", "<![CDATA[<x>]]>"), item("name='a'", "a<!-- b -->c"),
        item("name='a'", " "),
        item("index='999999999999999999' name='a'"), Make.write(" \n"), Make.request(" <!-- c --> <Status></Status>\n"),
        Make.request("<TransferFile kind='a'><Content> AA AA\n\tAA==\r\n</Content></TransferFile>"),
        Make.request("<TransferFile kind='a'> <Content></Content> </TransferFile>"),
        Make.request("<FetchFile url='ftp://[::1]:21/' kind='a'/>"), Make.answer("<ItemList/><FileList/>"),
        Make.answer("<Reason></Reason><PhoneStatus \(goodStatus)/>"),
        file("kind='a' fingerprint='\(sha)' size='0'", " "),
        Make.request("<Status><!-- nothing --></Status>"),
        "<!-- before -->" + Make.request("<Status/>") + "<!-- after -->",
        Make.answer("", attributes: "id='1' action='Status' status='accepted'"),
        refusal("code='xml.too-large' line='1' id='a'", "<Reason/>"),
        file("kind='a' fingerprint='\(sha)' size='0' version=''"),
    ]

    /// A document that only the schema takes.
    struct Difference {
        var reason: String
        var document: [UInt8]

        init(_ reason: String, _ document: String) {
            self.reason = reason
            self.document = Array(document.utf8)
        }
    }

    /// The schema cannot say these things, or a validator sees the document only after the parser.
    static let differences: [Difference] = [
        Difference("an attribute cannot depend on the content", item("name='a' value='absent'")),
        Difference(
            "attributes of the schema instance namespace are always valid",
            Make.request(
                "<Status/>",
                attributes: "id='1' xmlns:x='http://www.w3.org/2001/XMLSchema-instance' x:schemaLocation='a b'")),
        Difference(
            "a document type is no matter of a schema", "<!DOCTYPE ManagementRequest>" + Make.request("<Status/>")),
        Difference("the parser behind the validator reports it and goes on", item("xmlns:xml='x' name='a'")),
        Difference("processing instructions are no matter of a schema", Make.request("<?pi x?><Status/>")),
        Difference(
            "other encodings are decoded before validation",
            "<?xml version='1.0' encoding='US-ASCII'?>" + Make.request("<Status/>")),
        Difference(
            "names outside ASCII may be prefixes",
            "<é:ManagementRequest xmlns:é='\(DirectXML.namespace)' id='1'><é:Status/></é:ManagementRequest>"),
        Difference(
            "comments are not counted", "<!--\(String(repeating: " ", count: 9000))-->" + Make.request("<Status/>")),
        Difference(
            "declarations are not counted",
            Make.request("<Status \((0..<20).map { "xmlns:p\($0)='urn:p'" }.joined(separator: " "))/>")),
        Difference(
            "the schema counts characters, the decoder bytes", item("name='a'", String(repeating: "é", count: 300_000))),
        Difference(
            "the schema does not count the bytes of a message",
            Make.write(
                String(repeating: "<Item name='a'>\(String(repeating: "v", count: 400_000))</Item>", count: 3))),
    ]
}
