import Foundation
import SwiftASN1
import Testing

@testable import TLSMaterial

/// No program that is at hand writes this check value yet, so the structure is made here and the value by Python.
@Suite("PBMAC1 check values (RFC 9579)")
struct PBMAC1Tests {
    private let material: KeyMaterial
    private let plain: [UInt8]

    init() throws {
        material = try TestPKI().root.issue(.make("CN=phone,O=Example"))
        plain = try PKCS12.encode(material)
    }

    private static let arcs: [String: UInt64] = ["sha1": 7, "sha256": 9, "sha384": 10, "sha512": 11]

    private func hmac(_ digest: String) throws -> [UInt8] {
        let arc = try #require(Self.arcs[digest])
        let identifier = ObjectIdentifier(1, 2, 840, 113549, 2, arc)
        return DEREncoding.sequence([DEREncoding.objectIdentifier(identifier), DEREncoding.null])
    }

    /// - Parameter keySize: as it is written; the key itself has 32 bytes.
    private func file(prf: String, mac: String, keySize: Int?, change: (inout [UInt8]) -> Void = { _ in }) throws
        -> [UInt8]
    {
        let workshop = try Workshop()
        try workshop.write("safe", try PKCS12File(plain).authenticatedSafe)
        let digest = try workshop.run(
            """
            python3 -c 'import hashlib, hmac
            key = hashlib.pbkdf2_hmac("\(prf)", b"secret", b"salt", 500, 32)
            print(hmac.new(key, open("safe", "rb").read(), "\(mac)").hexdigest())'
            """)
        var value = stride(from: 0, to: digest.count - 1, by: 2).compactMap {
            UInt8(digest.dropFirst($0).prefix(2), radix: 16)
        }
        change(&value)
        var derivation = [DEREncoding.octetString(Array("salt".utf8)), DEREncoding.integer(500)]
        if let keySize { derivation.append(DEREncoding.integer(keySize)) }
        derivation.append(try hmac(prf))
        let parameters = DEREncoding.sequence([
            DEREncoding.sequence([DEREncoding.objectIdentifier(.pbkdf2), DEREncoding.sequence(derivation)]),
            try hmac(mac),
        ])
        let method = DEREncoding.sequence([DEREncoding.objectIdentifier(.pbmac1), parameters])
        let info = DEREncoding.sequence([method, DEREncoding.octetString(value)])
        // Salt and rounds outside are for readers that do not know the method; RFC 9579 has them ignored.
        let data = DEREncoding.sequence([info, DEREncoding.octetString(Array("NOT USED".utf8)), DEREncoding.integer(1)])
        let members = try Self.members(of: plain)
        return DEREncoding.sequence(members + [data])
    }

    private static func members(of der: [UInt8]) throws -> [[UInt8]] {
        var sequence = try DERSequence(try .der(der[...], "test"), "test")
        var members: [[UInt8]] = []
        while let node = sequence.nextIfAny() { members.append(Array(node.encodedBytes)) }
        return members
    }

    @Test("the value is checked", arguments: ["sha1", "sha256", "sha384", "sha512"], ["sha256", "sha512"])
    func valueIsChecked(prf: String, mac: String) throws {
        let file = try file(prf: prf, mac: mac, keySize: 32)
        let contents = try PKCS12.decode(file, passPhrase: "secret")
        #expect(contents.integrity == .verified)
        #expect(try KeyMaterial(pkcs12: contents).isSame(as: material))
        let error = #expect(throws: MaterialError.self) { try PKCS12.decode(file, passPhrase: "other") }
        #expect(error?.code == .wrongPassPhrase)
    }

    @Test("a shortened or lengthened value, and a key size that is missing or too small, are refused")
    func weakenedValuesAreRefused() throws {
        func code(keySize: Int? = 32, _ change: (inout [UInt8]) -> Void = { _ in }) throws -> MaterialError.Code? {
            let file = try file(prf: "sha256", mac: "sha256", keySize: keySize, change: change)
            do throws(MaterialError) {
                _ = try PKCS12.decode(file, passPhrase: "secret")
                return nil
            } catch { return error.code }
        }
        #expect(try code() == nil)
        #expect(try code { $0.removeLast() } == .wrongPassPhrase)
        #expect(try code { $0.append(0) } == .wrongPassPhrase)
        #expect(try code { $0 = [] } == .wrongPassPhrase)
        #expect(try code(keySize: nil) == .damaged)
        #expect(try code(keySize: 8) == .damaged)
        #expect(try code(keySize: 5_000) == .damaged)
    }
}
