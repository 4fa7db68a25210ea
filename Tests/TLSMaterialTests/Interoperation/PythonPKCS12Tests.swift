import Foundation
import Testing

@testable import TLSMaterial

@Suite("PKCS#12 files of Python's cryptography")
struct PythonPKCS12Tests {
    private let material: KeyMaterial
    private let workshop: Workshop

    init() throws {
        material = try TestPKI().middle.issue(.make("CN=phone,O=Example"))
        workshop = try Workshop()
        try workshop.write(material)
        try workshop.write("write.py", Self.writer)
        try workshop.write("read.py", Self.reader)
    }

    private static let writer = """
        import sys
        from cryptography import x509
        from cryptography.hazmat.primitives import hashes, serialization as s
        from cryptography.hazmat.primitives.serialization import pkcs12
        read = lambda name: open(name, "rb").read()
        key = s.load_pem_private_key(read("key.pem"), None)
        leaf = x509.load_pem_x509_certificate(read("leaf.pem"))
        chain = [x509.load_pem_x509_certificate(b"-----BEGIN" + part)
                 for part in read("chain.pem").split(b"-----BEGIN")[1:]]
        builder = s.PrivateFormat.PKCS12.encryption_builder().kdf_rounds(3000)
        algorithms = {
            "none": lambda: s.NoEncryption(), "best": lambda: s.BestAvailableEncryption(b"secret"),
            "aes": lambda: builder.key_cert_algorithm(pkcs12.PBES.PBESv2SHA256AndAES256CBC)
                .hmac_hash(hashes.SHA512()).build(b"secret"),
            "3des": lambda: builder.key_cert_algorithm(pkcs12.PBES.PBESv1SHA1And3KeyTripleDESCBC)
                .hmac_hash(hashes.SHA1()).build(b"secret"),
        }
        alone = sys.argv[2] == "alone"
        open("file.p12", "wb").write(pkcs12.serialize_key_and_certificates(
            None if alone else "a phone \\u00e4".encode(), None if alone else key, None if alone else leaf,
            chain, algorithms[sys.argv[1]]()))
        """

    private static let reader = """
        from cryptography.hazmat.primitives import serialization as s
        from cryptography.hazmat.primitives.serialization import pkcs12
        key, leaf, chain = pkcs12.load_key_and_certificates(open("ours.p12", "rb").read(), None)
        out = open("ours.pem", "wb")
        if key: out.write(key.private_bytes(s.Encoding.PEM, s.PrivateFormat.PKCS8, s.NoEncryption()))
        for certificate in ([leaf] if leaf else []) + chain: out.write(certificate.public_bytes(s.Encoding.PEM))
        """

    @Test("key and chain are read", arguments: ["none", "best", "aes", "3des"])
    func keyMaterialIsRead(method: String) throws {
        try workshop.run("python3 write.py \(method) all")
        let passPhrase = method == "none" ? nil : "secret"
        let contents = try PKCS12.decode(try workshop.read("file.p12"), passPhrase: passPhrase)
        #expect(contents.wasEncrypted == (method != "none"))
        #expect(contents.keys.map(\.friendlyName) == ["a phone \u{E4}"])
        #expect(try KeyMaterial(pkcs12: contents).isSame(as: material))
    }

    @Test("certificates alone are read", arguments: ["none", "best", "aes", "3des"])
    func certificatesAreRead(method: String) throws {
        try workshop.run("python3 write.py \(method) alone")
        let passPhrase = method == "none" ? nil : "secret"
        let trusted = try TrustedCertificates(file: try workshop.read("file.p12"), passPhrase: passPhrase)
        #expect(Set(trusted.certificates.map(\.der)) == Set(material.chain.dropFirst()))
    }

    @Test("what is written here is read by Python")
    func filesAreWritten() throws {
        try workshop.write("ours.p12", try PKCS12.encode(material))
        try workshop.run("python3 read.py")
        #expect(try KeyMaterial(file: try workshop.read("ours.pem"), passPhrase: nil).isSame(as: material))
        let trusted = try TrustedCertificates(material.chain.map { try ParsedCertificate(der: $0) })
        try workshop.write("ours.p12", try PKCS12.encode(trusted))
        try workshop.run("python3 read.py")
        #expect(try TrustedCertificates(file: try workshop.read("ours.pem"), passPhrase: nil) == trusted)
    }
}
