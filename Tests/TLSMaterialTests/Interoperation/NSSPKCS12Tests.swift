import Foundation
import Testing

@testable import TLSMaterial

/// Network Security Services, the library of Mozilla's programs, writes BER: indefinite lengths and strings in pieces.
@Suite("PKCS#12 files of NSS")
struct NSSPKCS12Tests {
    private let material: KeyMaterial
    private let workshop: Workshop

    init() throws {
        material = try TestPKI().root.issue(.make("CN=phone,O=Example"))
        workshop = try Workshop()
        try workshop.write(material)
        try workshop.run(
            """
            openssl pkcs12 -export -inkey key.pem -in leaf.pem -certfile chain.pem -name phone -out in.p12 -passout pass:x
            mkdir db
            certutil -N -d sql:db --empty-password
            pk12util -i in.p12 -d sql:db -W x
            """)
    }

    // NSS writes 600,000 rounds, which takes a debug build seconds; so there are few cases.
    @Test("key and chain are read from BER", arguments: ["", "-c DES-EDE3-CBC -C AES-192-CBC"])
    func keyMaterialIsRead(options: String) throws {
        try workshop.run("pk12util -o out.p12 -n phone -d sql:db -W 'gr\u{FC}n secret' \(options)")
        let file = try workshop.read("out.p12")
        #expect(file.starts(with: [0x30, 0x80]))
        let contents = try PKCS12.decode(file, passPhrase: "gr\u{FC}n secret")
        #expect(contents.integrity == .verified && contents.wasEncrypted)
        #expect(try KeyMaterial(pkcs12: contents).isSame(as: material))
    }
}
