import Foundation
import Testing

@testable import TLSMaterial

@Suite("Checks before anything is sent")
struct MaterialCheckTests {
    private let pki: TestPKI
    private let good: KeyMaterial

    init() throws {
        pki = try TestPKI()
        good = try pki.middle.issue(.make("CN=phone,O=Example"))
    }

    private func codes(
        _ material: KeyMaterial, at time: Date = noon,
        _ change: (inout MaterialCheck.Limits) -> Void = { _ in }
    ) -> [MaterialFinding.Code] {
        var limits = MaterialCheck.Limits(maximumBytes: 65_536)
        change(&limits)
        return MaterialCheck.findings(of: material, limits: limits, at: time).map(\.code)
    }

    private func material(
        _ issuer: CertificateIssuer? = nil, _ change: (inout CertificateIssuer.Template) throws -> Void
    ) throws -> KeyMaterial {
        try (issuer ?? pki.middle).issue(.make("CN=phone,O=Example", change))
    }

    private func with(_ chain: [[UInt8]]) -> KeyMaterial { KeyMaterial(privateKey: good.privateKey, chain: chain) }

    @Test("sound key material has no findings", arguments: CertificateIssuer.KeyType.allCases)
    func soundMaterialPasses(keyType: CertificateIssuer.KeyType) throws {
        #expect(codes(try material { $0.keyType = keyType }) == [])
    }

    @Test("a chain that is wrong has the one finding that says how")
    func chainsAreJudged() throws {
        let chain = good.chain
        #expect(codes(with([chain[0], chain[2], chain[1]])) == [.chainOrder])
        #expect(codes(with(chain + [pki.stranger.der])) == [.chainOrder])
        #expect(codes(with([chain[0], chain[1]])) == [.chainIncomplete])
        #expect(codes(with([chain[0], chain[2]])) == [.chainIncomplete])
        #expect(codes(with([chain[0]])) == [.chainIncomplete])
        #expect(codes(with([chain[0], chain[1]])) { $0.requiresRoot = false } == [])
        #expect(codes(with([chain[0], chain[2]])) { $0.requiresRoot = false } == [.chainIncomplete])
        #expect(codes(with(chain + [chain[1]])) == [.duplicate])
        #expect(codes(with([chain[0], Array(chain[1].dropLast())])) == [.damaged])
        #expect(codes(with([])) == [.damaged])
        let namesake = try pki.root.issueCA(.make("CN=Middle,O=Example"))
        #expect(codes(with([chain[0], namesake.der, chain[2]])) == [.chainIncomplete])
    }

    @Test("the missing certificate is named")
    func missingIssuerIsNamed() throws {
        let limits = MaterialCheck.Limits()
        let findings = MaterialCheck.findings(of: with([good.chain[0]]), limits: limits, at: noon)
        #expect(findings.first?.detail.contains("CN=Middle,O=Example") == true)
    }

    @Test("a key that is not the leaf's, or none at all, is found")
    func keysAreJudged() throws {
        let other = try material { _ in }
        #expect(codes(KeyMaterial(privateKey: other.privateKey, chain: good.chain)) == [.keyMismatch])
        #expect(codes(KeyMaterial(privateKey: [1, 2, 3], chain: good.chain)).contains(.damaged))
    }

    @Test("what has expired or is not yet valid is found, whichever certificate it is")
    func validityIsJudged() throws {
        #expect(codes(good, at: noon + 181 * day).contains(.expired))
        #expect(codes(good, at: noon - 181 * day).contains(.notYetValid))
        #expect(codes(try material { $0.notAfter = noon - day }) == [.expired])
        #expect(codes(try material { $0.notBefore = noon + day }) == [.notYetValid])
        let old = try pki.authority(pki.root, "CN=Old,O=Example") { $0.notAfter = noon - 1 }
        #expect(codes(try material(old) { _ in }) == [.expired])
    }

    @Test("keys and digests that the phone cannot take are found")
    func strengthIsJudged() throws {
        #expect(codes(try material { $0.digest = .sha1 }) == [.digest])
        #expect(codes(try material { $0.digest = .sha512 }) == [])
        #expect(codes(try material { $0.digest = .sha512 }) { $0.digests = [.sha256] } == [.digest])
        #expect(codes(try material { $0.digest = .sha1 }) { $0.digests = [.sha1, .sha256] } == [])
        let rsa = try material { $0.keyType = .rsa2048 }
        #expect(codes(rsa) { $0.minimumRSABits = 3072 } == [.weakKey])
        #expect(codes(rsa) { $0.maximumRSABits = 1024 } == [.unsupportedKey])
        #expect(codes(rsa) { $0.curves = [.p256] } == [])
        #expect(codes(good) { $0.curves = [] } == [.unsupportedKey, .unsupportedKey, .unsupportedKey])
    }

    @Test("a weak RSA key is found, and passes where the phone type allows it")
    func weakKeysAreFound() throws {
        let workshop = try Workshop()
        try workshop.run(
            """
            openssl req -x509 -newkey rsa:1024 -nodes -keyout key.pem -out leaf.pem -days 30 -subj /CN=phone \
              -addext basicConstraints=critical,CA:FALSE
            cat key.pem leaf.pem >file.pem
            """)
        let material = try KeyMaterial(file: try workshop.read("file.pem"), passPhrase: nil)
        #expect(codes(material, at: Date()) == [.weakKey])
        #expect(codes(material, at: Date()) { $0.minimumRSABits = 1024 } == [])
    }

    @Test("a leaf that is a CA or not for TLS servers is found")
    func usageIsJudged() throws {
        let authority = try pki.authority(pki.root, "CN=phone,O=Example")
        #expect(codes(authority.material) == [.leafIsCA])
        #expect(codes(try material { $0.extendedKeyUsage = .value(["1.3.6.1.5.5.7.3.2"]) }) == [.purpose])
        #expect(codes(try material { $0.keyUsage = .value(.keyCertSign) }) == [.purpose])
        #expect(codes(try material { $0.extendedKeyUsage = .absent }) == [])
        #expect(codes(try material { $0.extendedKeyUsage = .value(["2.5.29.37.0"]) }) == [])
    }

    @Test("rules that no other check names are found as well")
    func otherRulesAreJudged() throws {
        let odd = try material { $0.extraExtensions = [try .init(type: "1.2.3.4", critical: true, value: [5, 0])] }
        #expect(codes(odd) == [.chainInvalid])
        let constrained = try pki.authority(pki.root, "CN=Narrow,O=Example") {
            $0.nameConstraints = NameConstraints(permitted: [.directory(try .make("O=Other"))])
        }
        #expect(codes(try material(constrained) { _ in }) == [.chainInvalid])
    }

    @Test("a file that is larger than the phone takes is found")
    func sizeIsJudged() throws {
        let size = try PKCS12.encode(good).count
        #expect(codes(good) { $0.maximumBytes = size } == [])
        #expect(codes(good) { $0.maximumBytes = size - 1 } == [.tooLarge])
        #expect(codes(good) { $0.maximumBytes = nil } == [])
    }

    @Test("several faults are all found at once")
    func allFindingsAtOnce() throws {
        let bad = try material { template in
            template.notAfter = noon - day
            template.digest = .sha1
        }
        let found = codes(KeyMaterial(privateKey: good.privateKey, chain: [bad.chain[0]])) { $0.maximumBytes = 10 }
        #expect(found == [.keyMismatch, .chainIncomplete, .expired, .digest, .tooLarge])
    }

    @Test("trusted certificates are judged one by one")
    func trustedCertificatesAreJudged() throws {
        let old = try pki.root("CN=Old") { $0.notAfter = noon - day }
        let sha1 = try pki.root("CN=SHA-1") { $0.digest = .sha1 }
        let below = try pki.authority(pki.root, "CN=Below") { $0.digest = .sha1 }
        let limits = MaterialCheck.Limits()
        let sound = try TrustedCertificates([pki.root.certificate, pki.middle.certificate, sha1.certificate])
        #expect(MaterialCheck.findings(of: sound, limits: limits, at: noon) == [])
        let unsound = try TrustedCertificates([old.certificate, below.certificate])
        #expect(MaterialCheck.findings(of: unsound, limits: limits, at: noon).map(\.code) == [.expired, .digest])
        let small = MaterialCheck.Limits(maximumBytes: 100)
        #expect(MaterialCheck.findings(of: sound, limits: small, at: noon).map(\.code) == [.tooLarge])
    }
}
