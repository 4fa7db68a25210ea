import DeploymentModel
import ManagementXML
import Testing

@Suite("Namespaces are resolved, and newer versions recognised")
struct NamespaceTests {
    private static let uri = DirectXML.namespace

    @Test(
        "Prefixes and re-declarations do not matter",
        arguments: [
            "<p:ManagementRequest xmlns:p='\(uri)' id='1'><p:Status/></p:ManagementRequest>",
            "<p:ManagementRequest xmlns:p='\(uri)' id='1'><Status xmlns='\(uri)'/></p:ManagementRequest>",
            "<ManagementRequest xmlns='\(uri)' id='1'><q:Status xmlns:q='\(uri)'/></ManagementRequest>",
            "<ManagementRequest id='1' xmlns='\(uri)' xmlns:unused='urn:x'><Status/></ManagementRequest>",
            "<p:ManagementRequest xmlns='urn:x' xmlns:p='\(uri)' id='1'><p:Status></p:Status></p:ManagementRequest>",
            "<ManagementRequest xmlns='urn:phonefleet&#58;management:1' id='1'><Status/></ManagementRequest>",
        ])
    func accepted(text: String) throws {
        #expect(try DirectXML.decodeRequest(Array(text.utf8)) == ManagementRequest(id: "1", action: .status))
    }

    @Test(
        "Elements and attributes of other namespaces are refused",
        arguments: [
            "<ManagementRequest id='1'><Status/></ManagementRequest>",
            "<ManagementRequest xmlns='urn:other' id='1'><Status/></ManagementRequest>",
            "<ManagementRequest xmlns='\(uri)' id='1'><Status xmlns=''/></ManagementRequest>",
            "<ManagementRequest xmlns='\(uri)' id='1'><Status xmlns='urn:x'/></ManagementRequest>",
            "<p:ManagementRequest xmlns:p='\(uri)' id='1'><Status/></p:ManagementRequest>",
            "<p:ManagementRequest xmlns:p='\(uri)' p:id='1'><p:Status/></p:ManagementRequest>",
            "<ManagementRequest xmlns='\(uri)' xml:id='1' id='1'><Status/></ManagementRequest>",
            "<ManagementRequest xmlns='\(uri)' xmlns:a='urn:a' a:id='2' id='1'><Status/></ManagementRequest>",
            "<ManagementRequest xmlns='urn:phonefleet:management:0' id='1'><Status/></ManagementRequest>",
            "<ManagementRequest xmlns='urn:phonefleet:management:02' id='1'><Status/></ManagementRequest>",
            "<ManagementRequest xmlns='urn:phonefleet:management:x' id='1'><Status/></ManagementRequest>",
        ])
    func refused(text: String) {
        #expect(Make.error(text)?.code == .unexpected)
    }

    @Test("A declaration ends with its element")
    func scope() {
        let text = Make.write("<Item name='a'/><Item xmlns='urn:x' name='b'/>")
        #expect(Make.error(text)?.code == .unexpected)
        let ended = Make.write("<p:Item xmlns:p='\(Self.uri)' name='a'/><p:Item name='b'/>")
        #expect(Make.error(ended)?.code == .malformed)
    }

    @Test("A newer version is named", arguments: [2, 17, 999_999_999])
    func newerVersion(version: Int) {
        let text = "<X:AnyName\n xmlns:X='urn:phonefleet:management:\(version)'><b/></X:AnyName>"
        let error = Make.error(text)
        #expect(error?.code == .newerVersion)
        #expect(error?.reason.contains("version \(version)") == true)
    }
}
