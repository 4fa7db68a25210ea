import Foundation
import Testing

@testable import TLSMaterial

@Suite("Certificate files")
struct CertificateFileTests {
    private let issuer: CertificateIssuer
    private let leaf: KeyMaterial

    init() throws {
        issuer = try CertificateIssuer.selfSigned(.make("CN=Root"))
        leaf = try issuer.issue(.make("CN=phone"))
    }

    private func code(_ bytes: [UInt8]) -> MaterialError.Code? { error(bytes)?.code }

    private func error(_ bytes: [UInt8]) -> MaterialError? {
        do throws(MaterialError) {
            _ = try CertificateFile.certificates(in: bytes)
            return nil
        } catch { return error }
    }

    @Test("PEM blocks are read in their order with any text around them")
    func pemIsRead() throws {
        let one = try ParsedCertificate(der: leaf.chain[0])
        let two = issuer.certificate
        let text =
            "\u{FEFF}subject=CN = phone\r\n\(one.pem.replacingOccurrences(of: "\n", with: "\r\n"))\nissuer\n\(two.pem)bye"
        #expect(try CertificateFile.certificates(in: Array(text.utf8)) == [one, two])
    }

    @Test("one DER certificate is read")
    func derIsRead() throws {
        #expect(try CertificateFile.certificates(in: leaf.chain[0]).map(\.der) == [leaf.chain[0]])
    }

    @Test("a private key in a trust file is refused by name, in PEM and in DER")
    func privateKeysAreRefused() throws {
        let pkcs1 = Array(
            "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nAAAA\n-----END RSA PRIVATE KEY-----\n".utf8)
        let encrypted: [UInt8] = [
            0x30, 20, 0x30, 11, 6, 9, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 5, 13, 4, 5, 0, 0, 0, 0, 0,
        ]
        for bytes in [Array(leaf.pemText.utf8), leaf.privateKey, pkcs1, encrypted] {
            #expect(code(bytes) == .privateKeyInside)
        }
    }

    @Test("every unusable file has its own code")
    func codesTellApart() throws {
        let pem = issuer.certificate.pem
        #expect(code([]) == .empty)
        #expect(code(Array(" \r\n".utf8)) == .empty)
        #expect(code(Array("hello".utf8)) == .notACertificate)
        #expect(code(Array(repeating: 0x30, count: CertificateFile.sizeLimit + 1)) == .tooLarge)
        #expect(code(Array(leaf.chain[0].dropLast())) == .damaged)
        #expect(code(Array(pem.dropLast(30).utf8)) == .badPEM)
        #expect(code(Array(pem.replacingOccurrences(of: "M", with: "*").utf8)) == .badPEM)
        #expect(code(Array(pem.replacingOccurrences(of: "CERTIFICATE", with: "X509 CRL").utf8)) == .empty)
        #expect(code(Array(pem.replacingOccurrences(of: "CERTIFICATE", with: "PKCS7").utf8)) == .notACertificate)
        #expect(code(Array(PEMText.block("CERTIFICATE", [0x30, 3, 2, 1, 1]).utf8)) == .damaged)
    }

    @Test("key material is read with each kind of private key block")
    func keyMaterialIsRead() throws {
        let again = try KeyMaterial(pem: leaf.pemText)
        #expect(again.privateKey == leaf.privateKey && again.chain == leaf.chain)
        for type in CertificateIssuer.KeyType.allCases {
            let material = try issuer.issue(.make("CN=phone") { $0.keyType = type })
            let file = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).pem")
            defer { try? FileManager.default.removeItem(at: file) }
            try Data(material.pemText.utf8).write(to: file)
            let traditional = try OpenSSL.run(["pkey", "-in", file.path, "-traditional"])
            let certificates = material.chain.reversed().map { PEMText.block("CERTIFICATE", $0) }
            let read = try KeyMaterial(pem: certificates.joined() + traditional)
            #expect(try read.isSame(as: material))
        }
    }

    @Test("key material without key, without certificate or with two keys is refused")
    func incompleteKeyMaterialIsRefused() {
        let certificate = issuer.certificate.pem
        let key = PEMText.block("PRIVATE KEY", leaf.privateKey)
        let other = PEMText.block("PRIVATE KEY", issuer.material.privateKey)
        let encrypted = PEMText.block("ENCRYPTED PRIVATE KEY", [0x30, 0])
        let rows: [(String, MaterialError.Code)] = [
            (certificate, .empty), (key, .empty), (key + other + certificate, .severalKeys),
            (key + certificate, .keyMismatch),
            (encrypted + certificate, .damaged), ("", .empty),
        ]
        for (text, code) in rows {
            let error = #expect(throws: MaterialError.self) { try KeyMaterial(pem: text) }
            #expect(error?.code == code)
        }
    }
}
