import Foundation
import Testing

@testable import TLSMaterial

@Suite("PKCS#12 files of OpenSSL")
struct OpenSSLPKCS12Tests {
    private let material: KeyMaterial
    private let workshop: Workshop

    init() throws {
        let pki = try TestPKI()
        material = try pki.middle.issue(.make("CN=phone,O=Example"))
        workshop = try Workshop()
        try workshop.write(material)
    }

    private static let export = "openssl pkcs12 -export -inkey key.pem -in leaf.pem -certfile chain.pem -out file.p12"

    private static let methods = [
        "", "-keypbe AES-128-CBC -certpbe AES-128-CBC", "-keypbe AES-192-CBC -certpbe AES-192-CBC -macalg sha512",
        "-keypbe AES-256-CBC -certpbe AES-256-CBC -macalg sha384 -iter 5000", "-macalg sha1 -iter 1 -maciter",
        "-keypbe PBE-SHA1-3DES -certpbe PBE-SHA1-3DES -macalg sha1", "-certpbe PBE-SHA1-2DES -keypbe PBE-SHA1-2DES",
        "-keypbe NONE", "-certpbe NONE", "-keypbe NONE -certpbe NONE", "-name 'a phone \u{E4}' -caname one -caname two",
        "-keypbe AES-256-CBC -certpbe PBE-SHA1-3DES -nomac", "-keypbe NONE -certpbe NONE -nomac",
    ]

    @Test("every method and check value that is supported is read", arguments: methods)
    func filesAreRead(options: String) throws {
        try workshop.run("\(Self.export) -passout pass:secret \(options)")
        let file = try workshop.read("file.p12")
        let contents = try PKCS12.decode(file, passPhrase: "secret")
        #expect(contents.integrity == (options.contains("-nomac") ? .none : .verified))
        #expect(contents.wasEncrypted == !options.contains("-keypbe NONE -certpbe NONE"))
        #expect(contents.certificates.map(\.der) == material.chain)
        #expect(contents.keys.map(\.friendlyName) == [options.contains("-name") ? "a phone \u{E4}" : nil])
        #expect(try KeyMaterial(file: file, passPhrase: "secret").isSame(as: material))
    }

    private static let passPhrases = [
        "", "x", "a long pass phrase with spaces and $igns", "gr\u{FC}\u{DF}e", "\u{20AC}", "\u{1F511}",
        String(repeating: "0123456789", count: 20),
    ]

    @Test("pass phrases of every kind open both families of methods", arguments: passPhrases)
    func passPhrasesOpen(text: String) throws {
        for options in ["", "-keypbe PBE-SHA1-3DES -certpbe PBE-SHA1-3DES -macalg sha1"] {
            try workshop.run("\(Self.export) -passout env:P \(options)", environment: ["P": text])
            let contents = try PKCS12.decode(try workshop.read("file.p12"), passPhrase: text)
            #expect(contents.integrity == .verified)
            #expect(try KeyMaterial(pkcs12: contents).isSame(as: material))
        }
    }

    @Test("a file with the empty pass phrase opens without one")
    func emptyPassPhraseNeedsNone() throws {
        try workshop.run("\(Self.export) -passout pass:")
        #expect(try PKCS12.decode(try workshop.read("file.p12")).integrity == .verified)
    }

    @Test("an unencrypted file with a check value is read without its pass phrase, and so as phones do")
    func macIsNotNeeded() throws {
        try workshop.run("\(Self.export) -passout pass:secret -keypbe NONE -certpbe NONE")
        let file = try workshop.read("file.p12")
        #expect(try PKCS12.decode(file).integrity == .unchecked)
        let contents = try PKCS12.decodeUnencrypted(file)
        #expect(contents.integrity == .unchecked)
        #expect(try KeyMaterial(pkcs12: contents).isSame(as: material))
        try workshop.run("\(Self.export) -passout pass:secret -keypbe NONE")
        let error = #expect(throws: MaterialError.self) { try PKCS12.decodeUnencrypted(try workshop.read("file.p12")) }
        #expect(error?.code == .unsupportedEncryption)
    }

    @Test("a file without a key is a set of trusted certificates")
    func certificatesAloneAreRead() throws {
        try workshop.run("openssl pkcs12 -export -nokeys -in chain.pem -out file.p12 -passout pass:secret")
        let trusted = try TrustedCertificates(file: try workshop.read("file.p12"), passPhrase: "secret")
        #expect(trusted.certificates.map(\.der) == Array(material.chain.dropFirst()))
        try workshop.run("\(Self.export) -passout pass:secret")
        let file = try workshop.read("file.p12")
        let error = #expect(throws: MaterialError.self) { try TrustedCertificates(file: file, passPhrase: "secret") }
        #expect(error?.code == .privateKeyInside)
    }

    @Test(
        "what is not supported is refused with a command that converts the file",
        arguments: [
            "-legacy", "-legacy -keypbe PBE-SHA1-RC4-128 -certpbe PBE-SHA1-RC4-128",
            "-legacy -certpbe PBE-SHA1-RC2-128",
        ])
    func unsupportedMethodsAreNamed(options: String) throws {
        try workshop.run("\(Self.export) -passout pass:secret \(options)")
        let error = #expect(throws: MaterialError.self) {
            try KeyMaterial(file: try workshop.read("file.p12"), passPhrase: "secret")
        }
        #expect(error?.code == .unsupportedEncryption)
        let detail = try #require(error?.detail)
        let command = try #require(detail.components(separatedBy: "convert the file with: ").last)
        try workshop.run("cp file.p12 FILE; \(command) -passin pass:secret")
        #expect(try KeyMaterial(file: try workshop.read("FILE.pem"), passPhrase: nil).isSame(as: material))
    }

    @Test("OpenSSL reads what is written here", arguments: CertificateIssuer.KeyType.allCases)
    func filesAreWritten(keyType: CertificateIssuer.KeyType) throws {
        let pki = try TestPKI()
        let material = try pki.middle.issue(.make("CN=phone,O=Example") { $0.keyType = keyType })
        try workshop.write("ours.p12", try PKCS12.encode(material))
        try workshop.run("openssl pkcs12 -in ours.p12 -nodes -passin pass: -nomacver -out ours.pem")
        #expect(try KeyMaterial(file: try workshop.read("ours.pem"), passPhrase: nil).isSame(as: material))
        let trusted = try TrustedCertificates([pki.root.certificate, pki.stranger.certificate])
        try workshop.write("ours.p12", try PKCS12.encode(trusted))
        try workshop.run("openssl pkcs12 -in ours.p12 -nokeys -passin pass: -nomacver -out ours.pem")
        #expect(try TrustedCertificates(file: try workshop.read("ours.pem"), passPhrase: nil) == trusted)
    }
}
