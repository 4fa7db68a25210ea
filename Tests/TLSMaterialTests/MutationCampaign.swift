import Foundation

@testable import TLSMaterial

/// A repeatable source of random numbers (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}

/// Changes bytes of good inputs and feeds them to everything that reads.
struct MutationCampaign {
    private(set) var believed = 0
    private(set) var parsed = 0
    /// Certificates that were changed and then signed anew, so that their content reached the judgement, and were accepted.
    private(set) var acceptedAnew = 0
    private var generator: SeededGenerator
    private let certificates: [[UInt8]]
    private let texts: [[UInt8]]
    private let key: [UInt8]
    private let authority: PrivateKey
    let profiles: [TrustProfile]
    private let verifier = ChainVerifier(memory: SignatureMemory(limit: 16))

    init(seed: UInt64) throws {
        generator = SeededGenerator(seed: seed)
        let pki = try TestPKI()
        let rsa = try pki.root("CN=RSA") { $0.keyType = .rsa2048 }
        let busy = try pki.authority(pki.root, "CN=Busy") {
            $0.nameConstraints = NameConstraints(permitted: [.directory(try .make("O=Example")), .dns("example.org")])
            $0.extraExtensions = [try .init(type: "1.3.6.1.4.1.99999.1", critical: false, value: [5, 0])]
        }
        let leaf = try pki.leaf(busy) {
            $0.subjectAlternativeNames = [.dns("a.example.org"), .ip([10, 0, 0, 1]), .email("a@b")]
        }
        certificates = [leaf, busy.der, pki.root.der, rsa.der, try pki.leaf(rsa)]
        let material = try pki.root.issue(.make("CN=phone"))
        key = material.privateKey
        authority = try PrivateKey(pkcs8: busy.material.privateKey)
        texts = [
            material.pemText, pki.root.certificate.pem + rsa.certificate.pem, "CN=a\\,b+O=\\C3\\A4,1.2.3=#0500,E=\"x\"",
        ]
        .map { Array($0.utf8) }
        profiles = [try pki.trust(pki.root), try TrustProfile.make(anchors: [rsa.certificate], allowsLegacy: true)]
    }

    mutating func round() {
        let index = Int.random(in: 0..<certificates.count, using: &generator)
        let mutated = generator.mutate(certificates[index])
        if mutated != certificates[index] { judge(mutated, at: index) }
        if let text = texts.randomElement(using: &generator) { read(generator.mutate(text)) }
        if Int.random(in: 0..<4, using: &generator) == 0, let chain = changedAndSignedAnew() {
            if (try? verifier.verify(chain, againstAnyOf: profiles, at: noon)) != nil { acceptedAnew += 1 }
        }
    }

    private mutating func judge(_ mutated: [UInt8], at index: Int) {
        if let certificate = try? ParsedCertificate(der: mutated) {
            parsed += 1
            _ = certificate.subject.description
        }
        _ = try? CertificateFile.certificates(in: mutated)
        let chain = index == 1 ? [certificates[0], mutated] : [mutated, certificates[1]]
        if (try? verifier.verify(chain, againstAnyOf: profiles, at: noon)) != nil { believed += 1 }
    }

    /// A leaf whose signed part was changed before its CA signed it.
    mutating func changedAndSignedAnew() -> [[UInt8]]? {
        guard let leaf = try? ParsedCertificate(der: certificates[0]) else { return nil }
        let signed = generator.mutate(Array(leaf.content.signedBytes))
        guard let signature = try? authority.sign(signed, .sha256) else { return nil }
        let parts = [signed, authority.algorithm(.sha256), DEREncoding.bitString(signature)]
        return [DEREncoding.sequence(parts), certificates[1]]
    }

    private func read(_ bytes: [UInt8]) {
        _ = try? CertificateFile.certificates(in: bytes)
        let text = String(decoding: bytes, as: UTF8.self)
        if let material = try? KeyMaterial(pem: text), material.privateKey != key {
            _ = try? CertificateIssuer(material: material)
        }
        if let name = try? DistinguishedName(rfc4514: String(text.prefix(200))) { _ = name.description }
    }
}

extension SeededGenerator {
    /// One to four changes: a bit, a byte, a cut, a doubled part, an inserted byte, a length.
    mutating func mutate(_ original: [UInt8]) -> [UInt8] {
        var bytes = original
        for _ in 0..<Int.random(in: 1...4, using: &self) where !bytes.isEmpty {
            let place = Int.random(in: 0..<bytes.count, using: &self)
            let byte = UInt8.random(in: 0...255, using: &self)
            switch Int.random(in: 0..<8, using: &self) {
            case 0...2: bytes[place] ^= 1 << (byte & 7)
            case 3: bytes[place] = byte
            case 4: bytes.insert(byte, at: place)
            case 5: bytes.remove(at: place)
            case 6 where byte < 32: bytes.removeSubrange(place...)
            case 6: bytes[place] = [0, 0x7F, 0x80, 0x81, 0x84, 0xFF][Int(byte) % 6]
            default:
                let end = min(bytes.count, place + Int(byte & 31))
                bytes.insert(contentsOf: bytes[place..<end], at: place)
            }
        }
        return bytes
    }
}
