import Foundation
import Testing

@testable import TLSMaterial

@Suite("Certificate issuer")
struct CertificateIssuerTests {
    @Test(
        "an issued chain is accepted under the issuer's own certificate", arguments: CertificateIssuer.KeyType.allCases)
    func issuedChainIsAccepted(type: CertificateIssuer.KeyType) throws {
        let root = try CertificateIssuer.selfSigned(.make("CN=Root,O=Example") { $0.keyType = type })
        let leaf = try root.issue(.make("CN=phone,O=Example") { $0.keyType = type })
        let verified = try ChainVerifier().verify(leaf.chain, against: .make(anchors: [root.certificate]), at: noon)
        #expect(verified.path.map(\.subject.description) == ["CN=phone,O=Example", "CN=Root,O=Example"])
        #expect(root.certificate.isSelfSigned && root.certificate.isCA)
        #expect(try leaf.keyMatchesLeaf())
    }

    @Test("serial numbers are positive, 16 bytes and never the same")
    func serialNumbersAreRandom() throws {
        let root = try CertificateIssuer.selfSigned(.make("CN=Root"))
        let key = try root.issue(.make("CN=phone")).privateKey
        let serials = try (0..<50).map { _ in
            try ParsedCertificate(der: root.issue(.make("CN=phone"), privateKey: key).chain[0]).serialNumber
        }
        #expect(Set(serials).count == 50)
        #expect(serials.allSatisfy { $0.count == 32 && ("4"..."7").contains(String($0.prefix(1))) })
    }

    @Test("a CA that was kept as PEM issues as before")
    func keptIssuerGoesOn() throws {
        let root = try CertificateIssuer.selfSigned(.make("CN=Root"))
        let middle = try root.issueCA(.make("CN=Middle"))
        let again = try CertificateIssuer(material: try KeyMaterial(pem: middle.material.pemText))
        let leaf = try again.issue(.make("CN=phone,O=Example"))
        #expect(leaf.chain.count == 3)
        let verified = try ChainVerifier().verify(leaf.chain, against: .make(anchors: [root.certificate]), at: noon)
        #expect(verified.path.count == 3)
    }

    @Test("a key that belongs to another certificate is refused")
    func foreignKeyIsRefused() throws {
        let one = try CertificateIssuer.selfSigned(.make("CN=One")).material
        let other = try CertificateIssuer.selfSigned(.make("CN=Other")).material
        let mixed = KeyMaterial(privateKey: one.privateKey, chain: other.chain)
        #expect(try !mixed.keyMatchesLeaf())
        #expect(throws: MaterialError.self) { try CertificateIssuer(material: mixed) }
    }

    @Test("no description of key material shows the key")
    func descriptionsAreRedacted() throws {
        let material = try CertificateIssuer.selfSigned(.make("CN=One")).material
        var dumped = ""
        dump(material, to: &dumped)
        for text in ["\(material)", String(reflecting: material), dumped] {
            #expect(!text.contains("\(material.privateKey[4])") || !text.contains("privateKey"))
            #expect(!text.contains("BEGIN"))
        }
        #expect(dumped.utf8.count < 200)
    }
}
