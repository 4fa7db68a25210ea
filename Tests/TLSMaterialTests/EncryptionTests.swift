import Foundation
import Testing

@testable import TLSMaterial

@Suite("Opening encrypted parts")
struct EncryptionTests {
    @Test("triple DES gives what OpenSSL encrypted")
    func tripleDESAgreesWithOpenSSL() throws {
        let workshop = try Workshop()
        var generator = SeededGenerator(seed: 3)
        for blocks in [0, 1, 2, 50] {
            let key = (0..<24).map { _ in UInt8.random(in: 0...255, using: &generator) }
            let iv = (0..<8).map { _ in UInt8.random(in: 0...255, using: &generator) }
            let plain = (0..<blocks * 8).map { _ in UInt8.random(in: 0...255, using: &generator) }
            try workshop.write("plain", plain)
            let cipher = "openssl enc -des-ede3-cbc -nopad -e -K \(key.hex) -iv \(iv.hex) -in plain -out cipher"
            try workshop.run(cipher)
            let des = try #require(TripleDES(key: key))
            #expect(des.decryptCBC(try workshop.read("cipher"), iv: iv) == plain)
        }
    }

    @Test("triple DES takes no key, vector or text of a wrong size")
    func tripleDESChecksSizes() throws {
        #expect(TripleDES(key: Array(repeating: 0, count: 23)) == nil)
        #expect(TripleDES(key: Array(repeating: 0, count: 25)) == nil)
        let des = try #require(TripleDES(key: Array(repeating: 0, count: 24)))
        #expect(des.decryptCBC([1, 2, 3], iv: Array(repeating: 0, count: 8)) == nil)
        #expect(des.decryptCBC(Array(repeating: 0, count: 8), iv: []) == nil)
    }

    @Test(
        "the key derivation of PKCS#12 gives what OpenSSL derives",
        arguments: [("SHA1", DigestKind.sha1), ("SHA256", .sha256), ("SHA384", .sha384), ("SHA512", .sha512)])
    func derivationAgreesWithOpenSSL(name: String, digest: DigestKind) throws {
        let rows: [(salt: Int, rounds: Int, count: Int, text: String)] = [
            (8, 1, 24, "smeg"), (20, 1000, 8, "queeg"), (130, 3, 200, String(repeating: "long ", count: 40)),
        ]
        for (row, purpose) in zip(rows, [KeyDerivation.Purpose.key, .iv, .mac]) {
            let salt = (0..<row.salt).map { UInt8(truncatingIfNeeded: $0 * 7 + 1) }
            let form = try #require(PassPhraseForm.all(row.text).first)
            let options = [
                "digest:\(name)", "hexpass:\(form.wide.hex)", "hexsalt:\(salt.hex)", "iter:\(row.rounds)",
                "id:\(purpose.rawValue)",
            ].map { "-kdfopt \($0)" }.joined(separator: " ")
            let expected = try Workshop().run("openssl kdf -keylen \(row.count) \(options) PKCS12KDF")
            var budget = RoundBudget.standard
            let derivation = KeyDerivation.pkcs12(digest, salt: salt, rounds: row.rounds)
            let bytes = try derivation.bytes(row.count, for: purpose, form, &budget)
            #expect(bytes.hex == expected.lowercased().filter(\.isHexDigit))
        }
    }

    @Test("a budget of rounds is spent over all parts, and an overdraft is refused before the work")
    func roundsAreBounded() throws {
        var budget = RoundBudget(rounds: 5000)
        let form = try #require(PassPhraseForm.all("x").first)
        let cheap = KeyDerivation.pbkdf2(.sha256, salt: [1], rounds: 2000)
        _ = try cheap.bytes(32, for: .key, form, &budget)
        _ = try cheap.bytes(32, for: .key, form, &budget)
        for derivation in [cheap, .pkcs12(.sha1, salt: [1], rounds: Int(Int32.max))] {
            let error = #expect(throws: MaterialError.self) { try derivation.bytes(32, for: .key, form, &budget) }
            #expect(error?.code == .tooManyRounds)
        }
    }

    @Test("a pass phrase has the forms that programs are known to write")
    func passPhraseForms() {
        #expect(PassPhraseForm.all(nil).map(\.wide) == [[], [0, 0]])
        #expect(PassPhraseForm.all("").map(\.wide) == [[], [0, 0]])
        #expect(PassPhraseForm.all("a").map(\.wide) == [[0, 97, 0, 0]])
        #expect(PassPhraseForm.all("\u{E4}").map(\.wide) == [[0, 0xE4, 0, 0], [0, 0xC3, 0, 0xA4, 0, 0]])
        #expect(PassPhraseForm.all("\u{1F511}").first?.wide == [0xD8, 0x3D, 0xDD, 0x11, 0, 0])
    }
}

extension [UInt8] {
    /// Two lower-case digits a byte.
    var hex: String { map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined() }
}
