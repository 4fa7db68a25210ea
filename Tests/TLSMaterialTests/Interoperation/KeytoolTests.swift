import Foundation
import Testing

@testable import TLSMaterial

/// Java is large, so it is not among the packages that are installed for the tests; with it, its files are tried too.
@Suite(
    "PKCS#12 files of Java's keytool",
    .enabled(if: Workshop.isInstalled("keytool"), "needs keytool (Debian's openjdk-17-jre-headless)"))
struct KeytoolTests {
    private let workshop: Workshop

    init() throws { workshop = try Workshop() }

    private static let common = "-keystore file.p12 -storetype PKCS12 -storepass secret"

    @Test(
        "generated key material is read", arguments: ["-keyalg EC -groupname secp256r1", "-keyalg RSA -keysize 2048"])
    func generatedKeyMaterialIsRead(algorithm: String) throws {
        try workshop.run("keytool -genkeypair \(Self.common) \(algorithm) -alias phone -dname CN=phone,O=Example")
        let file = try workshop.read("file.p12")
        let contents = try PKCS12.decode(file, passPhrase: "secret")
        #expect(contents.integrity == .verified && contents.wasEncrypted)
        #expect(contents.keys.map(\.friendlyName) == ["phone"])
        let material = try KeyMaterial(pkcs12: contents)
        #expect(try material.keyMatchesLeaf())
        #expect(try ParsedCertificate(der: material.chain[0]).subject == .make("CN=phone,O=Example"))
        let error = #expect(throws: MaterialError.self) { try PKCS12.decode(file, passPhrase: "other") }
        #expect(error?.code == .wrongPassPhrase)
    }

    @Test("files in the form of old Java versions name the command that converts them")
    func oldFilesAreRefused() throws {
        let legacy = "-J-Dkeystore.pkcs12.legacy"
        try workshop.run(
            "keytool -genkeypair \(legacy) \(Self.common) -keyalg EC -groupname secp256r1 -alias phone -dname CN=phone")
        let error = #expect(throws: MaterialError.self) {
            try PKCS12.decode(try workshop.read("file.p12"), passPhrase: "secret")
        }
        #expect(error?.code == .unsupportedEncryption)
        #expect(error?.detail.contains("openssl pkcs12 -legacy -in FILE -nodes -out FILE.pem") == true)
    }

    @Test("a trust store is read as trusted certificates")
    func trustStoresAreRead() throws {
        let pki = try TestPKI()
        for (name, certificate) in [("one", pki.root.certificate), ("two", pki.stranger.certificate)] {
            try workshop.write("\(name).der", certificate.der)
            try workshop.run("keytool -importcert \(Self.common) -noprompt -alias \(name) -file \(name).der")
        }
        let trusted = try TrustedCertificates(file: try workshop.read("file.p12"), passPhrase: "secret")
        #expect(try trusted == TrustedCertificates([pki.root.certificate, pki.stranger.certificate]))
    }
}
