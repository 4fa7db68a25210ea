import Foundation
import Testing

@testable import TLSMaterial

@Suite("Distinguished names")
struct DistinguishedNameTests {
    @Test(
        "a name in RFC 4514 form is printed as it should be written",
        arguments: [
            ("CN=optiPoint 410,O=Example", "CN=optiPoint 410,O=Example"),
            ("cn=a , o = b,  ou=c", "CN=a,O=b,OU=c"),
            ("CN=Before\\0dAfter,DC=example,DC=net", "CN=Before\\0DAfter,DC=example,DC=net"),
            ("OU=Sales+CN=J.  Smith,DC=example", "OU=Sales+CN=J.  Smith,DC=example"),
            ("CN=James \\\"Jim\\\" Smith\\, III", "CN=James \\\"Jim\\\" Smith\\, III"),
            ("CN=\"Smith, James\",O=\"a \\\" b\"", "CN=Smith\\, James,O=a \\\" b"),
            ("1.3.6.1.4.1.1466.0=#04024869", "1.3.6.1.4.1.1466.0=#04024869"),
            ("oid.2.5.4.3=x", "CN=x"),
            ("CN=Lu\\C4\\8Di\\C4\\87", "CN=Lučić"),
            ("CN=\\#x\\ ,O=x#y z", "CN=\\#x\\ ,O=x#y z"),
            ("E=a@example.org,streetAddress=One,SN=Smith", "emailAddress=a@example.org,STREET=One,SN=Smith"),
            ("CN=#0c03414243", "CN=ABC"),
            ("CN=,O=b=c", "CN=,O=b=c"),
            ("", ""),
        ])
    func printedAsWritten(text: String, printed: String) throws {
        let name = try DistinguishedName(rfc4514: text)
        #expect(name.description == printed)
        #expect(try DistinguishedName(rfc4514: printed) == name)
    }

    @Test(
        "what is no RFC 4514 name is refused with its place",
        arguments: [
            "CN", "=x", "CN=a,", "CN=a;O=b", "CN=a\"b", "CN=a<b", "CN=\"a", "CN=\"a\"b", "CN=\\", "CN=\\g", "CN=\\C",
            "CN=\\C3\\28", "CN=#", "CN=#0", "CN=#0c05414243", "XYZ=a", "1.2.x=#0500", "3.1=#0500", "1.40=#0500", "+",
            "CN=a++O=b", "CN=\u{0}", ",CN=a", "1..2=a",
        ])
    func nonsenseIsRefused(text: String) {
        #expect(throws: MaterialError.self) { try DistinguishedName(rfc4514: text) }
    }

    @Test("a name that is too large or has too many attributes is refused")
    func largeIsRefused() {
        let long = "CN=" + String(repeating: "x", count: DistinguishedName.sizeLimit)
        let many = Array(repeating: "CN=x", count: 129).joined(separator: ",")
        #expect(throws: MaterialError.self) { try DistinguishedName(rfc4514: long) }
        #expect(throws: MaterialError.self) { try DistinguishedName(rfc4514: many) }
    }

    @Test(
        "letter case, white space and the order inside one relative name play no part",
        arguments: [
            ("CN=Phone,O=Example", "cn=PHONE,o=eXample"), ("CN=a  b", "CN=\\ a b\\ "), ("CN=a\\09b", "CN=a b"),
            ("CN=a+O=b", "O=b+CN=a"), ("CN=ÄÖÜ", "CN=äöü"), ("CN=Straße", "CN=STRASSE"), ("CN=\u{FB01}x", "CN=fix"),
            ("CN=e\u{301}", "CN=\u{E9}"), ("CN=a\u{AD}b", "CN=ab"), ("CN=a\u{A0}b", "CN=a b"),
        ])
    func foldedNamesAreEqual(left: String, right: String) throws {
        let (one, other) = (try DistinguishedName.make(left), try DistinguishedName.make(right))
        #expect(one == other)
        #expect(one.hashValue == other.hashValue)
    }

    @Test(
        "another value, type, order or number of attributes makes another name",
        arguments: [
            ("CN=a", "CN=b"), ("CN=a", "O=a"), ("CN=a,O=b", "O=b,CN=a"), ("CN=a", "CN=a,O=b"), ("CN=a+O=b", "CN=a,O=b"),
            ("CN=ab", "CN=a b"), ("CN=a,CN=a", "CN=a"), ("CN=a+CN=a", "CN=a"), ("CN=a", ""),
            ("1.2.3=#0500", "1.2.3=#04020500"),
        ])
    func otherNamesDiffer(left: String, right: String) throws {
        #expect(try DistinguishedName.make(left) != DistinguishedName.make(right))
    }

    @Test("the text runs against the encoding")
    func textIsReversed() throws {
        let name = try DistinguishedName.make("CN=phone,OU=Phones,O=Example,C=DE")
        #expect(name.relativeNames.map { $0[0].type } == ["2.5.4.6", "2.5.4.10", "2.5.4.11", "2.5.4.3"])
        #expect(name.relativeNames[0][0].value == .text("DE", .printable))
        #expect(name.commonName == "phone")
        #expect(try name.isReversed(.make("C=DE,O=Example,OU=Phones,CN=phone")))
    }

    @Test("a text that its string type cannot hold is refused, never cut")
    func stringTypesHaveLimits() {
        for (text, type) in [
            ("ä", DistinguishedName.StringType.ia5), ("a@b", .printable), ("☎", .teletex), ("📞", .bmp),
        ] {
            #expect(throws: MaterialError.self) {
                try DistinguishedName(relativeNames: [[.init(type: "CN", text: text, stringType: type)]])
            }
        }
    }

    @Test("our text of a name is OpenSSL's RFC 2253 text, and reading it gives the name back")
    func textIsThatOfOpenSSL() throws {
        let root = try CertificateIssuer.selfSigned(.make("CN=Root"))
        let key = try root.issue(.make("CN=key")).privateKey
        let names = [
            "CN=phone,OU=Phones,O=Example,L=München,ST=BY,C=DE",
            "CN=a\\,b\\+c\\\"d\\\\e\\<f\\>g\\;h=i#j,O=\\#x,OU=\\ y\\ ",
            "CN=a+serialNumber=0815+UID=u,DC=example,DC=org",
            "emailAddress=a@example.org,SN=Nachname,GN=Vorname,title=Dr.",
            "1.3.6.1.4.1.99999.7=#0C0161,CN=x", "CN=x\\0Ay\\7F",
            "name=n,initials=i,pseudonym=p,dnQualifier=q,postalCode=1",
            "organizationIdentifier=o,businessCategory=b,description=d,generationQualifier=g,telephoneNumber=1",
            "CN=電話📞,STREET=Weg 1",
        ]
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).pem")
        defer { try? FileManager.default.removeItem(at: file) }
        for text in names {
            let leaf = try ParsedCertificate(der: root.issue(.make(text), privateKey: key).chain[0])
            try Data(leaf.pem.utf8).write(to: file)
            let options = ["-noout", "-subject", "-nameopt", "RFC2253,-esc_msb"]
            let output = try OpenSSL.run(["x509", "-in", file.path] + options)
            let theirs = output.trimmingPrefix("subject=").replacingOccurrences(of: "\n", with: "")
                .replacingOccurrences(of: "street=", with: "STREET=")
            #expect(leaf.subject.description == theirs)
            #expect(try DistinguishedName(rfc4514: theirs) == leaf.subject)
        }
    }
}
