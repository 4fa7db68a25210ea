import Foundation
import Testing

@testable import TLSMaterial

@Suite("Unencrypted PKCS#12 files")
struct PKCS12Tests {
    private let pki: TestPKI
    private let material: KeyMaterial

    init() throws {
        pki = try TestPKI()
        material = try pki.middle.issue(.make("CN=phone,O=Example"))
    }

    @Test("key and chain come back as they were written")
    func keyMaterialSurvives() throws {
        let contents = try PKCS12.decodeUnencrypted(try PKCS12.encode(material))
        #expect(contents.keys.count == 1)
        #expect(contents.certificates.map(\.der) == material.chain)
        #expect(contents.keys[0].localKeyID != nil)
        #expect(contents.keys[0].localKeyID == contents.certificateEntries[0].localKeyID)
        #expect(contents.certificateEntries.dropFirst().allSatisfy { $0.localKeyID == nil })
        #expect(contents.integrity == .none)
        #expect(try KeyMaterial(pkcs12: contents).isSame(as: material))
    }

    @Test("trusted certificates come back as a set, without a key")
    func trustedCertificatesSurvive() throws {
        let trusted = try TrustedCertificates([pki.root.certificate, pki.stranger.certificate])
        let contents = try PKCS12.decodeUnencrypted(try PKCS12.encode(trusted))
        #expect(contents.keys.isEmpty)
        #expect(try TrustedCertificates(pkcs12: contents) == trusted)
        let reversed = try TrustedCertificates(trusted.certificates.reversed())
        #expect(reversed == trusted)
        #expect(reversed.fingerprint == trusted.fingerprint)
        #expect(try TrustedCertificates([pki.root.certificate]).fingerprint != trusted.fingerprint)
    }

    @Test("a key among trusted certificates, a certificate twice, and nothing at all are refused")
    func unfitTrustedCertificatesAreRefused() throws {
        let contents = try PKCS12.decodeUnencrypted(try PKCS12.encode(material))
        let withKey = #expect(throws: MaterialError.self) { try TrustedCertificates(pkcs12: contents) }
        #expect(withKey?.code == .privateKeyInside)
        let root = pki.root.certificate
        let twice = #expect(throws: MaterialError.self) { try TrustedCertificates([root, root]) }
        #expect(twice?.code == .duplicate)
        let empty = #expect(throws: MaterialError.self) { try TrustedCertificates([]) }
        #expect(empty?.code == .empty)
    }

    @Test("the same material has the same fingerprint, another key or chain another")
    func fingerprintsTellMeanings() throws {
        let again = try KeyMaterial(pkcs12: try PKCS12.decode(try PKCS12.encode(material)))
        #expect(try again.fingerprint() == material.fingerprint())
        let renewed = try pki.middle.issue(.make("CN=phone,O=Example"), privateKey: material.privateKey)
        #expect(try renewed.fingerprint() != material.fingerprint())
        #expect(try !renewed.isSame(as: material))
    }

    @Test("no description of contents shows a key")
    func descriptionsAreRedacted() throws {
        let contents = try PKCS12.decode(try PKCS12.encode(material))
        var text = "\(contents) \(contents.keys[0])"
        dump(contents, to: &text)
        let key = contents.keys[0].privateKey
        #expect(!text.contains(key.map { String($0) }.prefix(20).joined(separator: ", ")))
        #expect(text.contains("redacted"))
    }
}
