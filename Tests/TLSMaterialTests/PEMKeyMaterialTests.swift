import Foundation
import Testing

@testable import TLSMaterial

@Suite("Key material in PEM and DER files")
struct PEMKeyMaterialTests {
    private let pki: TestPKI
    private let material: KeyMaterial
    private let workshop: Workshop

    init() throws {
        pki = try TestPKI()
        material = try pki.middle.issue(.make("CN=phone,O=Example"))
        workshop = try Workshop()
        try workshop.write(material)
    }

    private func error(_ file: String, _ passPhrase: String? = nil) -> MaterialError? {
        do throws(MaterialError) {
            let bytes = (try? workshop.read(file)) ?? []
            _ = try KeyMaterial(file: bytes, passPhrase: passPhrase)
            return nil
        } catch { return error }
    }

    @Test("blocks in any order give the same chain, leaf first")
    func blocksInAnyOrder() throws {
        let certificates = material.chain.map { PEMText.block("CERTIFICATE", $0) }
        let key = PEMText.block("PRIVATE KEY", material.privateKey)
        let orders = [[0, 1, 2, 3], [3, 2, 1, 0], [1, 3, 0, 2], [2, 0, 3, 1]]
        for order in orders {
            let text = order.map { (certificates + [key])[$0] }.joined(separator: "some words\r\n")
            #expect(try KeyMaterial(file: Array(text.utf8), passPhrase: nil).isSame(as: material))
        }
    }

    @Test("certificates that do not belong to the chain are left out")
    func strangersAreLeftOut() throws {
        let text = pki.stranger.certificate.pem + material.pemText + certificate(0) + certificate(2)
        #expect(try KeyMaterial(file: Array(text.utf8), passPhrase: nil).isSame(as: material))
    }

    private func certificate(_ index: Int) -> String { PEMText.block("CERTIFICATE", material.chain[index]) }

    private static let methods = [
        "-v2 aes-256-cbc", "-v2 aes-192-cbc -v2prf hmacWithSHA384", "-v2 aes-128-cbc -v2prf hmacWithSHA512",
        "-v2 aes-128-cbc -v2prf hmacWithSHA1", "-v2 des3", "-v1 PBE-SHA1-3DES", "-v1 PBE-SHA1-2DES", "-iter 100000",
    ]

    @Test("an encrypted PKCS#8 key opens with its pass phrase and no other", arguments: methods)
    func encryptedKeysAreRead(options: String) throws {
        try workshop.run("openssl pkcs8 -topk8 -in key.pem -passout pass:secret \(options) -out enc.pem")
        try workshop.run("cat leaf.pem enc.pem chain.pem >file.pem")
        #expect(try KeyMaterial(file: try workshop.read("file.pem"), passPhrase: "secret").isSame(as: material))
        #expect(error("file.pem", "other")?.code == .wrongPassPhrase)
        #expect(error("file.pem")?.code == .passPhraseNeeded)
    }

    @Test(
        "keys that cannot be opened come with the command that converts them",
        arguments: [
            "openssl pkcs8 -topk8 -scrypt -in key.pem -passout pass:x -out enc.pem",
            "openssl pkcs8 -topk8 -provider legacy -provider default -v1 PBE-MD5-DES -in key.pem -passout pass:x -out enc.pem",
            "openssl ec -aes128 -in key.pem -passout pass:x -out enc.pem",
        ])
    func otherEncryptionsAreNamed(command: String) throws {
        try workshop.run("\(command); cat enc.pem leaf.pem chain.pem >FILE")
        let error = error("FILE", "x")
        #expect(error?.code == .unsupportedEncryption)
        let hint = try #require(error?.detail.components(separatedBy: "with: ").last)
        try workshop.run("\(hint) -passin pass:x; cat KEY.pem leaf.pem chain.pem >file.pem")
        #expect(try KeyMaterial(file: try workshop.read("file.pem"), passPhrase: nil).isSame(as: material))
    }

    @Test("files that hold only half of it say what is missing")
    func halvesAreNamed() throws {
        try workshop.run(
            """
            openssl pkey -in key.pem -outform DER -out key.der
            openssl x509 -in leaf.pem -outform DER -out leaf.der
            openssl crl2pkcs7 -nocrl -certfile leaf.pem -outform DER -out leaf.p7b
            openssl pkcs12 -export -nokeys -in leaf.pem -passout pass: -out leaf.p12
            openssl pkcs12 -export -nocerts -inkey key.pem -passout pass: -out key.p12
            openssl genpkey -algorithm ed25519 -out other.pem
            cat other.pem leaf.pem >ed25519.pem
            openssl ecparam -name secp521r1 -genkey -noout -out other.pem; cat other.pem leaf.pem >p521.pem
            """)
        let rows: [(file: String, code: MaterialError.Code, detail: String)] = [
            ("key.der", .empty, "openssl pkey -in KEY -inform DER"), ("leaf.der", .empty, "without its private key"),
            ("leaf.p7b", .notACertificate, "openssl pkcs7"), ("leaf.p12", .empty, "no private key"),
            ("key.p12", .empty, "no certificate"), ("leaf.pem", .empty, "no private key"),
            ("key.pem", .empty, "no certificate"), ("none", .empty, "empty"),
            ("ed25519.pem", .unsupportedKey, "P-256"), ("p521.pem", .unsupportedKey, "P-256"),
        ]
        for row in rows {
            let error = error(row.file)
            #expect(error?.code == row.code, "\(row.file)")
            #expect(error?.detail.contains(row.detail) == true, "\(row.file): \(error?.detail ?? "")")
        }
    }

    @Test("more certificates than any chain needs are refused before they are put in order")
    func tooManyCertificatesAreRefused() throws {
        let text = material.pemText + String(repeating: certificate(1), count: KeyMaterial.certificateLimit)
        let error = #expect(throws: MaterialError.self) { try KeyMaterial(pem: text) }
        #expect(error?.code == .tooLarge)
    }
}
