import Foundation
import Testing

@testable import TLSMaterial

@Suite("Certificate authority")
struct CertificateAuthorityTests {
    private static func make(
        _ type: CertificateIssuer.KeyType = .p256, days: Int = 3650, at time: Date = noon,
        _ change: (inout AuthorityPolicy) throws -> Void = { _ in }
    ) throws -> CertificateAuthority {
        var policy = AuthorityPolicy(subject: try SubjectPattern("CN={mac},O=Example"), keyType: type)
        try change(&policy)
        return try CertificateAuthority.make(
            subject: .make("CN=Example phones CA,O=Example"), keyType: type, days: days, policy: policy, at: time)
    }

    private let one = PhoneValues(mac: "00:01:E3:10:00:01", number: "201", ip: "10.0.0.21")
    private let other = PhoneValues(mac: "00:01:E3:10:00:02", number: "202", ip: "10.0.0.22")

    @Test("each phone is accepted under its own subject and no other", arguments: CertificateIssuer.KeyType.allCases)
    func ownSubjectOnly(type: CertificateIssuer.KeyType) throws {
        let authority = try Self.make(type)
        let material = try authority.issue(to: one, at: noon)
        let profile = TrustProfile(
            name: "own", subject: authority.policy.subject, anchors: [authority.certificate])
        let mine = try ChainVerifier().verify(material.chain, against: profile.resolved(for: one), at: noon)
        #expect(mine.path.map(\.subject.commonName) == ["00:01:E3:10:00:01", "Example phones CA"])
        for unfit in [try profile.resolved(for: other), profile] {
            let failure = try #require(throws: TrustFailure.self) {
                try ChainVerifier().verify(material.chain, against: unfit, at: noon)
            }
            #expect(failure.reason == .wrongSubject)
        }
        #expect(throws: MaterialError.self) { try profile.resolved(for: PhoneValues(number: "201")) }
    }

    @Test("what is issued is fit for phones", arguments: CertificateIssuer.KeyType.allCases)
    func issuedIsFit(type: CertificateIssuer.KeyType) throws {
        let material = try Self.make(type).issue(to: one, at: noon)
        #expect(MaterialCheck.findings(of: material, limits: .init(), at: noon).isEmpty)
        let back = try KeyMaterial(pkcs12: PKCS12.decodeUnencrypted(PKCS12.encode(material)))
        #expect(back.chain == material.chain && back.privateKey == material.privateKey)
    }

    @Test("OpenSSL accepts the chain and reads the profile", arguments: CertificateIssuer.KeyType.allCases)
    func opensslReadsIt(type: CertificateIssuer.KeyType) throws {
        let authority = try Self.make(type, at: Date()) {
            $0.alternativeNames = [try .init("dns:phone-{mac}.example"), try .init("ip:{ip}")]
        }
        let files = try Files()
        let root = try files.write("root.pem", authority.certificate.pem)
        let leaf = try files.write(
            "leaf.pem", ParsedCertificate(der: authority.issue(to: one, at: Date()).chain[0]).pem)
        let verdict = try OpenSSL.run([
            "verify", "-x509_strict", "-purpose", "sslserver", "-auth_level", "2", "-CAfile", root,
            "-verify_hostname", "phone-00-01-e3-10-00-01.example", leaf,
        ])
        #expect(verdict.contains("leaf.pem: OK"), "\(verdict)")
        let text = try OpenSSL.run(["x509", "-in", leaf, "-noout", "-text"])
        let encipherment = type == .rsa2048 ? "Digital Signature, Key Encipherment" : "Digital Signature\n"
        for expected in [
            "TLS Web Server Authentication", encipherment, "DNS:phone-00-01-e3-10-00-01.example",
            "IP Address:10.0.0.21", "X509v3 Subject Key Identifier", "X509v3 Authority Key Identifier",
        ] { #expect(text.contains(expected), "\(expected) is missing in \(text)") }
        let ca = try OpenSSL.run(["x509", "-in", root, "-noout", "-text"])
        #expect(ca.contains("CA:TRUE, pathlen:0") && ca.contains("Certificate Sign, CRL Sign"))
    }

    @Test("a certificate is valid for 397 days from an hour ago, and no longer than its authority")
    func validity() throws {
        let leaf = try ParsedCertificate(der: Self.make().issue(to: one, at: noon).chain[0])
        #expect(leaf.notBefore == noon - 3600)
        #expect(leaf.notAfter.timeIntervalSince(leaf.notBefore) == 397 * day - 1)
        let short = try Self.make(days: 30)
        let capped = try ParsedCertificate(der: short.issue(to: one, days: 90, at: noon + 10 * day).chain[0])
        #expect(capped.notAfter == short.certificate.notAfter)
        let late = try #require(throws: MaterialError.self) { try short.issue(to: one, at: noon + 31 * day) }
        #expect(late.code == .authority)
    }

    @Test("an authority is taken up again from its key and chain, and a phone's material is none")
    func keptAuthorityGoesOn() throws {
        let authority = try Self.make()
        let again = try CertificateAuthority(material: authority.material, policy: authority.policy)
        #expect(again.certificate == authority.certificate)
        let material = try again.issue(to: one, at: noon)
        #expect(throws: MaterialError.self) { try CertificateAuthority(material: material, policy: again.policy) }
    }

    @Test("renewed with the same key, what was issued before is good under the new certificate")
    func renewalWithTheSameKey() throws {
        let authority = try Self.make(days: 60)
        let old = try authority.issue(to: one, at: noon)
        let renewal = try authority.renewed(newKey: nil, days: 3650, at: noon + 50 * day)
        #expect(renewal.crossCertificate == nil)
        let now = noon + 51 * day
        #expect(renewal.authority.certificate.notAfter > authority.certificate.notAfter)
        for chain in [[old.chain[0]], try renewal.authority.issue(to: one, at: now).chain] {
            let profile = TrustProfile(
                name: "own", subject: authority.policy.subject, anchors: [renewal.authority.certificate])
            _ = try ChainVerifier().verify(chain, against: profile.resolved(for: one), at: now)
        }
    }

    @Test("renewed with a new key, the cross certificate leads those who know the old one to the new")
    func renewalWithANewKey() throws {
        let authority = try Self.make(at: Date())
        let renewal = try authority.renewed(newKey: .rsa2048, days: 3650, at: Date())
        let cross = try #require(renewal.crossCertificate)
        let leaf = try renewal.authority.issue(to: one, at: Date()).chain[0]
        let files = try Files()
        let verdict = try OpenSSL.run([
            "verify", "-x509_strict", "-purpose", "sslserver", "-trusted",
            try files.write("old.pem", authority.certificate.pem), "-untrusted",
            try files.write("cross.pem", cross.pem),
            try files.write("leaf.pem", ParsedCertificate(der: leaf).pem),
        ])
        #expect(verdict.contains("leaf.pem: OK"), "\(verdict)")
        let profile = TrustProfile(
            name: "old", subject: authority.policy.subject, anchors: [authority.certificate])
        let path = try ChainVerifier().verify([leaf, cross.der], against: profile.resolved(for: one), at: Date()).path
        #expect(path.count == 3)
        #expect(throws: TrustFailure.self) {
            try ChainVerifier().verify([leaf], against: profile.resolved(for: one), at: Date())
        }
    }

    @Test(
        "OpenSSL verifies a request and signs it, and the answer is found by its key",
        arguments: CertificateIssuer.KeyType.allCases)
    func requestsGoToOutsideAuthorities(type: CertificateIssuer.KeyType) throws {
        let policy = AuthorityPolicy(
            subject: try SubjectPattern("CN={mac},O=Example"), alternativeNames: [try .init("ip:{ip}")], keyType: type)
        let request = try CertificateRequest(for: one, policy: policy)
        #expect("\(request)".contains("redacted") && !"\(request)".contains("BEGIN"))
        let outside = try Self.make(at: Date())
        let files = try Files()
        let csr = try files.write("phone.csr", request.pem)
        let text = try OpenSSL.run(["req", "-in", csr, "-verify", "-noout", "-text"])
        #expect(text.contains("verify OK") && text.contains("IP Address:10.0.0.21"), "\(text)")
        #expect(text.contains("TLS Web Server Authentication") && text.contains("CN = 00:01:E3:10:00:01"), "\(text)")
        let signed = try OpenSSL.run([
            "x509", "-req", "-in", csr, "-CA", try files.write("ca.pem", outside.certificate.pem), "-CAkey",
            try files.write("ca.key", outside.material.pemText), "-days", "90", "-copy_extensions", "copyall",
        ])
        let answer = try CertificateFile.certificates(in: Array(signed.utf8))
        let returned = ReturnedCertificates([outside.certificate] + answer)
        let leaf = try #require(returned.certificate(of: request.publicKeyFingerprint))
        let material = KeyMaterial(
            privateKey: request.privateKey, chain: returned.chain(from: leaf).map(\.der))
        #expect(MaterialCheck.findings(of: material, limits: .init(), at: Date()).isEmpty)
        #expect(ReturnedCertificates(answer).chain(from: leaf).count == 1)
    }

    @Test("an authority with identifiers of another making issues certificates that name it")
    func foreignKeyIdentifier() throws {
        let files = try Files()
        let key = files.path("foreign.key")
        let pem = try OpenSSL.run([
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key,
            "-subj", "/CN=Foreign CA", "-days", "100",
        ])
        let root = try #require(CertificateFile.certificates(in: Array(pem.utf8)).first)
        let text = root.pem + (try String(contentsOfFile: key, encoding: .utf8))
        let authority = try CertificateAuthority(
            material: KeyMaterial(file: Array(text.utf8), passPhrase: nil),
            policy: AuthorityPolicy(subject: try SubjectPattern("CN={mac}")))
        let leaf = try ParsedCertificate(der: authority.issue(to: one, at: Date()).chain[0])
        let verdict = try OpenSSL.run([
            "verify", "-CAfile", try files.write("root.pem", root.pem), try files.write("leaf.pem", leaf.pem),
        ])
        #expect(verdict.contains("leaf.pem: OK"), "\(verdict)")
    }
}

/// A directory for the files of one test, removed with it.
private final class Files {
    private let directory = FileManager.default.temporaryDirectory.appending(path: "authority-\(UUID().uuidString)")

    init() throws { try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true) }
    deinit { try? FileManager.default.removeItem(at: directory) }

    func path(_ name: String) -> String { directory.appending(path: name).path() }

    func write(_ name: String, _ text: String) throws -> String {
        try Data(text.utf8).write(to: directory.appending(path: name))
        return path(name)
    }
}
