import Foundation
import Testing

@testable import TLSMaterial

@Suite("Parsed certificates")
struct ParsedCertificateTests {
    @Test("fields are those that OpenSSL reads", arguments: CertificateIssuer.KeyType.allCases)
    func fieldsAgreeWithOpenSSL(type: CertificateIssuer.KeyType) throws {
        let issuer = try CertificateIssuer.selfSigned(.make("CN=Root") { $0.keyType = type })
        let leaf = try ParsedCertificate(
            der: issuer.issue(.make("CN=phone") { $0.notAfter = Date(timeIntervalSince1970: 2_600_000_000) }).chain[0])
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).pem")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data(leaf.pem.utf8).write(to: file)
        let options = ["-noout", "-serial", "-dates", "-dateopt", "iso_8601", "-fingerprint", "-sha256"]
        let output = try OpenSSL.run(["x509", "-in", file.path] + options)
        #expect(output.contains("serial=\(leaf.serialNumber)\n"))
        func spaced(_ date: Date) -> String { date.formatted(.iso8601).replacingOccurrences(of: "T", with: " ") }
        #expect(output.contains("notBefore=\(spaced(leaf.notBefore))\n"))
        #expect(output.contains("notAfter=\(spaced(leaf.notAfter))\n"))
        #expect(output.replacingOccurrences(of: ":", with: "").lowercased().contains(leaf.fingerprint))
        #expect(leaf.version == 3)
        #expect(!leaf.isCA && !leaf.isSelfSigned)
        #expect(leaf.keyDescription == "P-256")
        #expect(issuer.certificate.keyDescription == (type == .p256 ? "P-256" : "RSA 2048"))
        #expect(leaf.signatureDescription == (type == .p256 ? "ECDSA with SHA-256" : "RSA with SHA-256"))
    }

    @Test("a certificate that only claims to be self-signed is not")
    func claimIsNotEnough() throws {
        let one = try CertificateIssuer.selfSigned(.make("CN=Root"))
        let two = try CertificateIssuer.selfSigned(.make("CN=Root"))
        let cross = try one.crossCertify(two.certificate, .make("CN=Root"))
        #expect(cross.subject == cross.issuer)
        #expect(!cross.isSelfSigned)
    }

    @Test("the same bytes are read once and other bytes are another certificate, however few are kept")
    func readOnce() throws {
        let memory = CertificateMemory(limit: 4)
        let issuer = try CertificateIssuer.selfSigned(.make("CN=Root"))
        let chains = try (0..<8).map { _ in try issuer.issue(.make("CN=phone")).chain }
        let root = try memory.content(of: chains[0][1])
        for chain in chains {
            let leaf = try memory.content(of: chain[0])
            #expect(leaf.der == chain[0])
            #expect(try memory.content(of: chain[0]) === leaf)
            #expect(try memory.content(of: chain[1]) === root)
        }
        var damaged = chains[0][0]
        damaged.removeLast()
        for _ in 0..<2 { #expect(throws: MaterialError.self) { try memory.content(of: damaged) } }
    }

    @Test("a private key that was read before says the same again, in its usual form and in another")
    func keysAreKnownAgain() throws {
        for type in CertificateIssuer.KeyType.allCases {
            let key = try PrivateKey(type)
            for _ in 0..<2 {
                let encoding = try PrivateKeyEncoding(key.pkcs8)
                #expect(encoding.pkcs8 == key.pkcs8)
                #expect(encoding.publicKey == key.publicKey)
            }
        }
        // RFC 5915 lets the public key be left away.
        let key = try PrivateKey(.p256)
        let scalar = Array(key.pkcs8[36..<68])
        let short = DEREncoding.sequence([
            DEREncoding.integer(0),
            DEREncoding.sequence([
                DEREncoding.objectIdentifier(.ecPublicKey), DEREncoding.objectIdentifier(.p256),
            ]),
            DEREncoding.octetString(
                DEREncoding.sequence([
                    DEREncoding.integer(1), DEREncoding.octetString(scalar),
                ])),
        ])
        for _ in 0..<2 {
            #expect(try PrivateKeyEncoding(short).pkcs8 == key.pkcs8)
            #expect(try PrivateKeyEncoding(short).publicKey == key.publicKey)
        }
        var damaged = key.pkcs8
        damaged[0] = 0x31
        for _ in 0..<2 { #expect(throws: MaterialError.self) { try PrivateKeyEncoding(damaged) } }
    }

    @Test("sizes and beginnings that no certificate has are told apart")
    func nonsenseHasItsCode() {
        let rows: [([UInt8], MaterialError.Code)] = [
            ([], .empty), ([0x31, 0], .notACertificate), ([0x30, 0], .damaged), ([0x30, 0x80, 0, 0], .damaged),
            (Array(repeating: 0x30, count: ParsedCertificate.sizeLimit + 1), .tooLarge),
            (Array(repeating: 0x30, count: 4_000), .damaged),
        ]
        for (bytes, code) in rows {
            let error = #expect(throws: MaterialError.self) { try ParsedCertificate(der: bytes) }
            #expect(error?.code == code)
        }
    }

    @Test(
        "times are written and read back to the second, in both forms",
        arguments: [
            -62_167_219_200, -631_152_001, -631_152_000, -1, 0, 951_782_399, 951_868_800, 1_709_164_800, 2_524_607_999,
            2_524_608_000, 4_107_542_399, 253_402_300_799,
        ])
    func timesComeBack(seconds: Int) throws {
        let date = Date(timeIntervalSince1970: Double(seconds))
        let bytes = CertificateTime.encode(date)
        #expect(try CertificateTime.decode(.der(bytes[...], "time")) == date)
        #expect(bytes[0] == ((-631_152_000..<2_524_608_000).contains(seconds) ? 0x17 : 0x18))
    }

    @Test(
        "malformed times are refused",
        arguments: [
            "250229000000Z", "251301000000Z", "250101240000Z", "250101006000Z", "2501010000Z", "250101000000+0100",
            "25010100000AZ", "",
        ])
    func malformedTimesAreRefused(text: String) {
        let bytes = DEREncoding.value(0x17, Array(text.utf8))
        #expect(throws: MaterialError.self) { try CertificateTime.decode(.der(bytes[...], "time")) }
    }

    @Test(
        "object identifiers are written and read back",
        arguments: ["0.9.2342.19200300.100.1.25", "2.999.3", "1.2.840.113549.1.1.11", "2.5.4.3"])
    func identifiersComeBack(text: String) throws {
        let identifier = try #require(ObjectIdentifier(dotted: text))
        #expect(identifier.dotted == text)
        #expect(ObjectIdentifier(content: identifier.bytes[...]) == identifier)
    }
}
