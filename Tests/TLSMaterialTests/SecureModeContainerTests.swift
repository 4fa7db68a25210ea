import Foundation
import Testing

@testable import TLSMaterial

@Suite("The container of secure mode")
struct SecureModeContainerTests {
    private let content = SecureModeContainer(
        clientCertificate: Array(repeating: 7, count: 900), authorities: [[1, 2], [3]], port: 18_444)

    @Test("opens under the password that sealed it, and looks different each time")
    func roundTrip() throws {
        let sealed = try content.sealed(by: "48151")
        #expect(try SecureModeContainer(opening: sealed, password: "48151") == content)
        #expect(try content.sealed(by: "48151") != sealed)
    }

    @Test("does not open under another password, nor after any change")
    func refusals() throws {
        let sealed = try content.sealed(by: "48151")
        #expect(throws: MaterialError.self) { try SecureModeContainer(opening: sealed, password: "48152") }
        for place in [0, 4, 5, 6, 7, 8, 24, 36, sealed.count / 2, sealed.count - 1] {
            var changed = sealed
            changed[place] ^= 1
            #expect(throws: MaterialError.self) { try SecureModeContainer(opening: changed, password: "48151") }
        }
        for length in [0, 4, 8, 36, 52, 53, sealed.count - 1] {
            #expect(throws: MaterialError.self) {
                try SecureModeContainer(opening: Array(sealed.prefix(length)), password: "48151")
            }
        }
    }

    @Test("says no to what would cost too much, to other versions, to what is too long and to an empty password")
    func limits() throws {
        func code(_ place: Int, _ value: UInt8) throws -> MaterialError.Code? {
            var changed = try content.sealed(by: "48151")
            changed[place] = value
            do {
                _ = try SecureModeContainer(opening: changed, password: "48151")
                return nil
            } catch { return error.code }
        }
        #expect(try code(4, 2) == .unsupportedEncryption)
        for (place, value) in [(5, UInt8(17)), (5, 255), (5, 0), (6, 9), (7, 0), (7, 5)] {
            #expect(try code(place, value) == .tooManyRounds)
        }
        let long = [UInt8](repeating: 0, count: 65_537)
        #expect(throws: MaterialError.self) { try SecureModeContainer(opening: long, password: "1") }
        #expect(throws: MaterialError.self) { try content.sealed(by: "") }
    }

    @Test("a certificate for a client is for TLS clients only")
    func purpose() throws {
        let subject = try DistinguishedName(rfc4514: "CN=CA")
        let authority = try CertificateAuthority.make(
            subject: subject, keyType: .p256, days: 30,
            policy: AuthorityPolicy(subject: SubjectPattern(subject), keyType: .rsa2048), at: Date())
        let material = try authority.issue(
            subject: DistinguishedName(rfc4514: "CN=00:1A:E8:00:00:01"), for: .client, at: Date())
        let profile = TrustProfile(
            name: "p", subject: try DistinguishedName(rfc4514: "CN=00:1A:E8:00:00:01"),
            anchors: [authority.certificate])
        _ = try ChainVerifier(of: .client).verify(material.chain, against: profile, at: Date())
        #expect(throws: TrustFailure.self) {
            try ChainVerifier(of: .server).verify(material.chain, against: profile, at: Date())
        }
        let leaf = try ParsedCertificate(der: material.chain[0])
        #expect(leaf.content.extensions.keyUsage == .digitalSignature)
    }
}
