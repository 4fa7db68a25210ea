import Foundation

@testable import TLSMaterial

extension ChainCase {
    /// When certificates are valid.
    static func validityCases(_ pki: TestPKI) throws -> [ChainCase] {
        let past: TestPKI.Change = { $0.notAfter = noon - day }
        let future: TestPKI.Change = { $0.notBefore = noon + day }
        let trusted = try pki.trust(pki.root)
        let (oldMiddle, newMiddle) = (
            try pki.authority(pki.root, "CN=Aged", past), try pki.authority(pki.root, "CN=Early", future)
        )
        let subject = "CN=phone,O=Example"
        let distant = try pki.leaf(pki.root, subject) { $0.notAfter = Date(timeIntervalSince1970: 4_000_000_000) }
        let edge = try pki.leaf(pki.root, subject) {
            $0.notBefore = noon - day
            $0.notAfter = noon
        }
        return [
            .bad("expired leaf", [try pki.leaf(pki.root, subject, past)], trusted, .expired, 10),
            .bad("leaf not yet valid", [try pki.leaf(pki.root, subject, future)], trusted, .notYetValid, 9),
            .bad("expired intermediate", [try pki.leaf(oldMiddle), oldMiddle.der], trusted, .expired, 10),
            .bad("intermediate not yet valid", [try pki.leaf(newMiddle), newMiddle.der], trusted, .notYetValid, 9),
            .good("valid beyond 2050", [distant], trusted),
            .good("the first second of validity", [edge], trusted, at: noon - day),
            .wiser(
                "the last second of validity", [edge], trusted, 10,
                because: "RFC 5280 section 4.1.2.5 includes notAfter, OpenSSL does not"),
            .bad("the second after the last", [edge], trusted, at: noon + 1, .expired, 10),
        ] + (try anchorValidityCases(pki))
    }

    private static func anchorValidityCases(_ pki: TestPKI) throws -> [ChainCase] {
        let past: TestPKI.Change = { $0.notAfter = noon - day }
        let old = try pki.root("CN=Old", past)
        let early = try pki.root("CN=Early") { $0.notBefore = noon + day }
        let leaf = try pki.leaf(old)
        let lenient = try TrustProfile.make(anchors: [old.certificate], allowsExpiredAnchor: true)
        let own = try pki.selfSignedLeaf(past)
        let ownLenient = try TrustProfile.make(anchors: [ParsedCertificate(der: own)], allowsExpiredAnchor: true)
        let expiredLeaf = try pki.leaf(old, "CN=phone,O=Example", past)
        return [
            .bad("expired anchor", [leaf, old.der], try pki.trust(old), .anchorExpired, 10),
            .wiser(
                "expired anchor that the profile allows", [leaf, old.der], lenient, 10,
                because: "what an administrator decided to trust may outlive its date if the profile says so"),
            .bad("expired leaf under an expired anchor that is allowed", [expiredLeaf], lenient, .expired, 10),
            .bad("expired leaf that is an anchor itself", [own], ownLenient, .expired, 10),
            .bad("anchor not yet valid", [try pki.leaf(early)], try pki.trust(early), .notYetValid, 9),
        ]
    }
}
