import Foundation
import Testing

@testable import TLSMaterial

@Suite("Forms and limits of PKCS#12 files")
struct PKCS12FormTests {
    private let pki: TestPKI
    private let material: KeyMaterial

    init() throws {
        pki = try TestPKI()
        material = try pki.middle.issue(.make("CN=phone,O=Example"))
    }

    private func code(_ bytes: [UInt8], passPhrase: String? = nil) -> MaterialError.Code? {
        do throws(MaterialError) {
            _ = try PKCS12.decode(bytes, passPhrase: passPhrase)
            return nil
        } catch { return error.code }
    }

    private func bag(_ certificate: ParsedCertificate, _ attributes: [[UInt8]] = []) -> [UInt8] {
        PKCS12Writer.certificateBag(certificate.der, attributes: attributes)
    }

    @Test("every form of BER means the same as the DER, and OpenSSL takes it too")
    func berIsRead() throws {
        let file = try PKCS12.encode(material)
        let workshop = try Workshop()
        for seed in 0..<200 as Range<UInt64> {
            var writer = BERWriter(seed: seed)
            let ber = try writer.file(file)
            #expect(ber != file)
            #expect(DERFileKind(ber) == .pkcs12)
            #expect(try KeyMaterial(pkcs12: try PKCS12.decodeUnencrypted(ber)).isSame(as: material), "seed \(seed)")
            guard seed < 3 else { continue }
            try workshop.write("ber.p12", ber)
            try workshop.run("openssl pkcs12 -in ber.p12 -nodes -passin pass: -nomacver -out ber.pem")
            #expect(try KeyMaterial(file: try workshop.read("ber.pem"), passPhrase: nil).isSame(as: material))
        }
    }

    @Test("what is taken for DER as it stands is what would be made of it")
    func normalFormIsKnown() throws {
        let file = try PKCS12.encode(material)
        #expect(BERNormaliser.isNormal(file))
        #expect(try BERNormaliser.rebuilt(file, "file") == file)
        var (generator, normal) = (SeededGenerator(seed: 7), 0)
        for seed in 0..<2_000 as Range<UInt64> {
            var writer = BERWriter(seed: seed)
            var bytes = seed % 4 == 0 ? try writer.file(file) : file
            for _ in 0..<seed % 3 {
                let place = Int.random(in: bytes.indices, using: &generator)
                // Headers stand close together at the beginning.
                bytes[Bool.random(using: &generator) ? place : place % 64] = .random(in: 0...255, using: &generator)
            }
            guard BERNormaliser.isNormal(bytes) else { continue }
            normal += 1
            #expect(try BERNormaliser.rebuilt(bytes, "file") == bytes, "seed \(seed)")
        }
        #expect((500..<2_000).contains(normal))
        for bytes: [UInt8] in [
            [], [0x30], [0x30, 0x80, 0, 0], [0x30, 0x81, 0], [0x30, 0x81, 0x7F], [0x04, 0x82, 0, 0xFF], [0x30, 1],
            [0x30, 2, 4, 1], [0x30, 0, 0], [0x24, 0], [0, 0], [0x1F, 0], [0x04, 0x85, 0, 0, 0, 0, 1, 0],
        ] {
            #expect(!BERNormaliser.isNormal(bytes), "\(bytes)")
        }
        let deep = (0...BERNormaliser.depthLimit + 1).reduce([] as [UInt8]) { inner, _ in DEREncoding.sequence([inner])
        }
        #expect(!BERNormaliser.isNormal(deep))
    }

    @Test("encrypted parts in BER are opened")
    func encryptedBERIsRead() throws {
        let workshop = try Workshop()
        try workshop.write(material)
        try workshop.run(
            "openssl pkcs12 -export -inkey key.pem -in leaf.pem -certfile chain.pem -nomac -passout pass:x -out a.p12")
        let file = try workshop.read("a.p12")
        for seed in 0..<50 as Range<UInt64> {
            var writer = BERWriter(seed: seed)
            let contents = try PKCS12.decode(try writer.file(file), passPhrase: "x")
            #expect(try KeyMaterial(pkcs12: contents).isSame(as: material), "seed \(seed)")
        }
    }

    @Test("bags in any order, in nested bags and spread over several contents are found")
    func bagsAreFoundAnywhere() throws {
        let identifier = PKCS12Writer.localKeyID([1])
        let key = PKCS12Writer.keyBag(material.privateKey, attributes: identifier)
        let chain = try material.chain.map { try ParsedCertificate(der: $0) }
        func nest(_ bags: [[UInt8]]) -> [UInt8] {
            let inner = DEREncoding.explicit(0, DEREncoding.sequence(bags))
            return DEREncoding.sequence([DEREncoding.objectIdentifier(.safeContentsBag), inner])
        }
        let files: [[[[UInt8]]]] = [
            [[bag(chain[2]), bag(chain[1])], [bag(chain[0], identifier)], [key]],
            [[key] + chain.reversed().map { bag($0) }],
            [[nest([key, nest([bag(chain[1])])]), bag(chain[0])], [], [nest([nest([nest([bag(chain[2])])])])]],
            [[bag(pki.stranger.certificate), key, bag(chain[0]), bag(chain[0]), bag(chain[2]), bag(chain[1])]],
        ]
        for bags in files {
            let contents = try PKCS12.decodeUnencrypted(PKCS12Writer.file(bags))
            #expect(try KeyMaterial(pkcs12: contents).isSame(as: material))
        }
    }

    @Test("friendly names and identifiers are read among other attributes in any order; malformed ones are passed over")
    func attributesAreRead() throws {
        func attribute(_ kind: ObjectIdentifier, _ values: [[UInt8]]) -> [UInt8] {
            DEREncoding.sequence([DEREncoding.objectIdentifier(kind), DEREncoding.set(values)])
        }
        let other = attribute(ObjectIdentifier(1, 3, 6, 1, 4, 1, 311, 17, 1), [DEREncoding.value(0x1E, [0, 65])])
        let name = attribute(.friendlyName, [DEREncoding.value(0x1E, [0, 65, 0x20, 0xAC])])
        let identifier = attribute(.localKeyID, [DEREncoding.octetString([7])])
        let odd = [attribute(.friendlyName, [DEREncoding.value(0x1E, [0xD8])]), attribute(.localKeyID, [])]
        for attributes in [[other, name, identifier], [identifier, other, name], [name, identifier, other]] {
            let file = PKCS12Writer.file([[bag(pki.root.certificate, attributes)]])
            let entry = try #require(try PKCS12.decode(file).certificateEntries.first)
            #expect(entry.friendlyName == "A\u{20AC}" && entry.localKeyID == [7])
        }
        let file = PKCS12Writer.file([[bag(pki.root.certificate, odd)]])
        let entry = try #require(try PKCS12.decode(file).certificateEntries.first)
        #expect(entry.friendlyName == nil && entry.localKeyID == nil)
    }

    @Test("with two certificates of one key the one that the file names is the leaf")
    func localKeyIDChoosesTheLeaf() throws {
        let renewed = try pki.middle.issue(.make("CN=phone,O=Example"), privateKey: material.privateKey)
        let (old, new) = (try ParsedCertificate(der: material.chain[0]), try ParsedCertificate(der: renewed.chain[0]))
        let identifier = PKCS12Writer.localKeyID([9])
        let key = PKCS12Writer.keyBag(material.privateKey, attributes: identifier)
        let file = PKCS12Writer.file([[key, bag(old), bag(new, identifier)]])
        #expect(try KeyMaterial(file: file, passPhrase: nil).chain == [new.der])
    }

    @Test("limits hold: size, bags, nesting of bags and of values, rounds")
    func limitsHold() throws {
        let root = bag(pki.root.certificate)
        let many = PKCS12Writer.file([Array(repeating: root, count: SafeContentsReader.bagLimit + 1)])
        #expect(code(many) == .tooLarge)
        var nested = root
        for _ in 0...SafeContentsReader.depthLimit {
            let inner = DEREncoding.explicit(0, DEREncoding.sequence([nested]))
            nested = DEREncoding.sequence([DEREncoding.objectIdentifier(.safeContentsBag), inner])
        }
        #expect(code(PKCS12Writer.file([[nested]])) == .tooLarge)
        #expect(code(Array(repeating: 0x30, count: CertificateFile.sizeLimit + 1)) == .tooLarge)
        #expect(code((0..<5000).flatMap { _ in [0x30, 0x80] as [UInt8] }) == .tooLarge)
        #expect(code([0x30, 0x80] + (0..<70_000).flatMap { _ in [0x05, 0x00] as [UInt8] } + [0, 0]) == .tooLarge)
        let workshop = try Workshop()
        try workshop.write(material)
        try workshop.run(
            "openssl pkcs12 -export -iter 1 -nomac -inkey key.pem -in leaf.pem -passout pass:x -out a.p12 -certpbe NONE"
        )
        let file = try workshop.read("a.p12")
        var tight = EncryptedParts("x", command: "", budget: RoundBudget(rounds: 1))
        #expect(throws: Never.self) { try PKCS12.decode(file, tight) }
        tight.budget = RoundBudget(rounds: 0)
        let error = #expect(throws: MaterialError.self) { try PKCS12.decode(file, tight) }
        #expect(error?.code == .tooManyRounds)
    }

    @Test("structures that are no PKCS#12 are damaged, not trusted")
    func structureIsHeldTo() throws {
        let good = try PKCS12.encode(material)
        #expect(code(good) == nil)
        #expect(code([]) == .empty)
        #expect(code(good + [0]) == .damaged)
        for count in stride(from: 1, to: good.count, by: 7) { #expect(code(Array(good.prefix(count))) == .damaged) }
        var version = good
        version[6] = 4
        #expect(code(version) == .damaged)
        let unknown = DEREncoding.sequence([
            DEREncoding.objectIdentifier(ObjectIdentifier(1, 2, 3)), DEREncoding.explicit(0, DEREncoding.null),
        ])
        #expect(code(PKCS12Writer.file([[unknown]])) == .damaged)
        let crl = DEREncoding.sequence([
            DEREncoding.objectIdentifier(.crlBag), DEREncoding.explicit(0, DEREncoding.sequence([])),
        ])
        #expect(code(PKCS12Writer.file([[crl]])) == nil)
    }
}
