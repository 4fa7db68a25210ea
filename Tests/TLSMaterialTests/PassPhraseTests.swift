import Foundation
import Testing

@testable import TLSMaterial

@Suite("A wrong pass phrase and damage are told apart")
struct PassPhraseTests {
    private let material: KeyMaterial
    private let workshop: Workshop

    init() throws {
        material = try TestPKI().root.issue(.make("CN=phone,O=Example"))
        workshop = try Workshop()
        try workshop.write(material)
    }

    private func file(_ options: String) throws -> [UInt8] {
        try workshop.run(
            "openssl pkcs12 -export -inkey key.pem -in leaf.pem -certfile chain.pem -out a.p12 -passout pass:x \(options)"
        )
        return try workshop.read("a.p12")
    }

    private func code(_ bytes: [UInt8], _ passPhrase: String?) -> MaterialError.Code? {
        do throws(MaterialError) {
            _ = try KeyMaterial(file: bytes, passPhrase: passPhrase)
            return nil
        } catch { return error.code }
    }

    private static let methods = [
        "", "-nomac", "-keypbe PBE-SHA1-3DES -certpbe PBE-SHA1-3DES -macalg sha1", "-certpbe NONE",
        "-keypbe NONE",
    ]

    @Test("another pass phrase is called wrong, and a missing one is asked for", arguments: methods)
    func wrongPassPhraseIsNamed(options: String) throws {
        let file = try file(options)
        for text in ["X", "x ", "another", "\u{E4}", ""] { #expect(code(file, text) == .wrongPassPhrase, "'\(text)'") }
        #expect(code(file, nil) == .passPhraseNeeded)
        #expect(code(file, "x") == nil)
    }

    @Test("where only the check value depends on the pass phrase, the message names both possibilities")
    func checkValueAlone() throws {
        let file = try file("-keypbe NONE -certpbe NONE")
        let error = #expect(throws: MaterialError.self) { try PKCS12.decode(file, passPhrase: "y") }
        #expect(error?.code == .wrongPassPhrase)
        #expect(error?.detail.contains("or the file was changed") == true)
    }

    @Test(
        "no changed byte makes the right pass phrase look wrong, and none passes unseen",
        arguments: [
            "-iter 1 -nomaciter", "-iter 1 -nomaciter -keypbe PBE-SHA1-3DES -certpbe PBE-SHA1-3DES -macalg sha1",
        ])
    func everyChangedByteIsDamage(options: String) throws {
        let file = try file(options)
        for index in file.indices {
            var changed = file
            changed[index] ^= 1 << UInt8(index % 8)
            let seen = code(changed, "x")
            #expect(seen != nil, "byte \(index) passed unseen")
            #expect(seen != .wrongPassPhrase && seen != .passPhraseNeeded, "byte \(index)")
        }
    }

    @Test("without a check value a changed byte is never taken for a good file with another key")
    func changesWithoutCheckValue() throws {
        let file = try file("-iter 1 -nomac")
        for index in file.indices {
            var changed = file
            changed[index] ^= 1 << UInt8(index % 8)
            guard let read = try? KeyMaterial(file: changed, passPhrase: "x") else { continue }
            #expect(try read.privateKey == material.privateKey && read.keyMatchesLeaf(), "byte \(index)")
        }
    }
}
