import Foundation

@testable import TLSMaterial

extension ChainCase {
    /// How a path is found at all.
    static func pathCases(_ pki: TestPKI) throws -> [ChainCase] {
        let (root, middle) = (pki.root, pki.middle)
        let direct = try pki.leaf(root)
        let below = try pki.leaf(middle)
        let trusted = try pki.trust(root)
        let unrelated = [pki.stranger.der, try pki.leaf(pki.stranger, "CN=unrelated")]
        return [
            .good("leaf and root", [direct, root.der], trusted),
            .good("leaf alone", [direct], trusted),
            .good("leaf and intermediate", [below, middle.der], trusted),
            .good("leaf, intermediate and root", [below, middle.der, root.der], trusted),
            .good("out of order", [below, root.der, middle.der], trusted),
            .good("extra certificates", [below] + unrelated + [middle.der], trusted),
            .good("certificates twice", [below, below, middle.der, middle.der, root.der, root.der], trusted),
            .good("the intermediate is the anchor", [below, middle.der], try pki.trust(middle)),
            .good(
                "the intermediate is the anchor and the root is sent", [below, middle.der, root.der],
                try pki.trust(middle)),
            .bad("missing intermediate", [below, root.der], trusted, .chainIncomplete, 20),
            .bad("leaf alone under an unknown CA", [direct], try pki.trust(pki.stranger), .chainIncomplete, 20),
            .bad("unknown root is sent", [direct, root.der], try pki.trust(pki.stranger), .unknownIssuer, 19),
            .bad("self-signed and unknown", [try pki.selfSignedLeaf()], trusted, .unknownIssuer, 18),
            ChainCase(name: "no anchors", chain: [direct, root.der], profile: try pki.trust(), ours: .unknownIssuer),
            ChainCase(name: "empty chain", chain: [], profile: trusted, ours: .noCertificate),
            ChainCase(
                name: "garbage as leaf", chain: [[1, 2, 3, 4]], profile: trusted, ours: .badCertificate,
                openSSL: .cannotRead),
            ChainCase(
                name: "truncated leaf", chain: [Array(direct.dropLast(7))], profile: trusted, ours: .badCertificate,
                openSSL: .cannotRead),
            ChainCase(
                name: "garbage as extra certificate", chain: [direct, [0x30, 3, 1, 1, 1]], profile: trusted,
                ours: .badCertificate, openSSL: .cannotRead),
            .stricter(
                "seventeen certificates", [direct] + Array(repeating: root.der, count: 16), trusted, .badCertificate,
                because: "the work for one peer is bounded at sixteen certificates"),
            .stricter(
                "a byte behind the certificate", [direct + [0]], trusted, .badCertificate,
                because: "nothing may stand behind strict DER"),
        ] + (try anchorCases(pki)) + (try crossCases(pki)) + (try loopCases(pki))
    }

    private static func anchorCases(_ pki: TestPKI) throws -> [ChainCase] {
        let own = try pki.selfSignedLeaf()
        let issued = try pki.leaf(pki.root)
        let namesake = try pki.root()
        let plain: TestPKI.Change = { $0.hasKeyIdentifiers = false }
        let (one, two) = (try pki.root("CN=Twin", plain), try pki.root("CN=Twin", plain))
        let twinLeaf = try pki.leaf(two, "CN=phone,O=Example", plain)
        let own2 = try TrustProfile.make(anchors: [ParsedCertificate(der: own)])
        return [
            .good("the self-signed leaf is the anchor", [own], own2),
            .good("the issued leaf is the anchor", [issued], try .make(anchors: [ParsedCertificate(der: issued)])),
            .good("two anchors of one name", [issued], try pki.trust(namesake, pki.root)),
            .good("two anchors of one name, the other order", [issued], try pki.trust(pki.root, namesake)),
            .good("the right one of two anchors that have no key identifiers", [twinLeaf], try pki.trust(two, one)),
            .wiser(
                "the second of two anchors that have no key identifiers", [twinLeaf], try pki.trust(one, two), 7,
                because: "OpenSSL takes the first anchor of the name and never comes back"),
            .bad(
                "only a namesake is trusted and the root is sent", [issued, pki.root.der], try pki.trust(namesake),
                .unknownIssuer, 19),
            .bad("only a namesake is trusted", [issued], try pki.trust(namesake), .badSignature, 20),
            .bad("only a namesake without key identifier is trusted", [twinLeaf], try pki.trust(one), .badSignature, 7),
        ]
    }

    private static func crossCases(_ pki: TestPKI) throws -> [ChainCase] {
        let old = try pki.root("CN=Old root")
        let new = try pki.root("CN=New root")
        let middle = try pki.authority(old, "CN=Shared")
        let cross = try new.crossCertify(middle.certificate, .make("CN=Shared")).der
        let leaf = try pki.leaf(middle)
        let expired = try pki.root("CN=Expired root") { $0.notAfter = noon - day }
        let dead = try expired.crossCertify(middle.certificate, .make("CN=Shared")).der
        let spoiled = try new.crossCertify(middle.certificate, .make("CN=Shared") { $0.spoilsSignature = true }).der
        return [
            .good("cross-signed, the first root is trusted", [leaf, middle.der, cross], try pki.trust(old)),
            .good("cross-signed, the second root is trusted", [leaf, cross, middle.der], try pki.trust(new)),
            .wiser(
                "cross-signed, the path to the trusted root comes last", [leaf, middle.der, cross], try pki.trust(new),
                20,
                because: "OpenSSL follows the first certificate of the name, we go on looking"),
            .wiser(
                "the first of two paths ends at an expired root", [leaf, dead, middle.der],
                try pki.trust(expired, old), 10, because: "OpenSSL builds one path and judges that, we go on looking"),
            .wiser(
                "the first of two cross certificates is spoiled", [leaf, spoiled, middle.der], try pki.trust(new, old),
                7,
                because: "OpenSSL builds one path and judges that, we go on looking"),
        ]
    }

    private static func loopCases(_ pki: TestPKI) throws -> [ChainCase] {
        let (one, two) = (try pki.root("CN=One"), try pki.root("CN=Two"))
        let oneByTwo = try two.crossCertify(one.certificate, .make("CN=One")).der
        let twoByOne = try one.crossCertify(two.certificate, .make("CN=Two")).der
        let leaf = try pki.leaf(one)
        let authorities = try (0..<4).map { try pki.root("CN=Knot \($0)") }
        var knot: [[UInt8]] = []
        for issuer in authorities {
            for subject in authorities where subject.certificate != issuer.certificate {
                knot.append(
                    try issuer.crossCertify(subject.certificate, .make(subject.certificate.subject.description)).der)
            }
        }
        let trusted = try pki.trust(pki.root)
        return [
            .bad("a loop of two cross certificates", [leaf, oneByTwo, twoByOne], trusted, .chainIncomplete, 20),
            .good("a loop with a way out", [leaf, oneByTwo, twoByOne], try pki.trust(two)),
            .bad(
                "a knot of twelve cross certificates", [try pki.leaf(authorities[0])] + knot, trusted, .chainIncomplete,
                20),
        ]
    }

    /// Whether what was signed is what is there.
    static func signatureCases(_ pki: TestPKI) throws -> [ChainCase] {
        let (root, middle) = (pki.root, pki.middle)
        let spoil: TestPKI.Change = { $0.spoilsSignature = true }
        let badMiddle = try pki.authority(root, "CN=Middle,O=Example", spoil)
        let badRoot = try pki.root("CN=Bad root", spoil)
        var changed = try pki.leaf(root)
        if let position = changed.firstRange(of: Array("phone".utf8)) { changed[position.lowerBound] ^= 1 }
        var mixed = try pki.leaf(root)
        if let position = mixed.lastRange(of: [0x2A, 0x86, 0x48, 0xCE, 0x3D, 4, 3, 2]) {
            mixed[position.upperBound - 1] = 3
        }
        return [
            .bad(
                "spoiled leaf", [try pki.leaf(root, "CN=phone,O=Example", spoil), root.der], try pki.trust(root),
                .badSignature, 7),
            .bad("changed subject", [changed, root.der], try pki.trust(root), .badSignature, 7),
            .bad(
                "spoiled intermediate", [try pki.leaf(badMiddle), badMiddle.der], try pki.trust(root), .badSignature, 7),
            .good("spoiled signature of the anchor itself", [try pki.leaf(badRoot)], try pki.trust(badRoot)),
            .bad(
                "another CA signed in this CA's name",
                [try pki.leaf(pki.stranger) { template in template.issuer = root.certificate.subject }],
                try pki.trust(root),
                .badSignature, 20),
            .bad(
                "leaf of the intermediate under the root's name",
                [try pki.leaf(middle) { template in template.issuer = root.certificate.subject }, middle.der],
                try pki.trust(root), .badSignature, 20),
            ChainCase(
                name: "the two signature algorithms differ", chain: [mixed], profile: try pki.trust(root),
                ours: .badCertificate,
                openSSL: .refuses(7)),
        ]
    }

    /// Certificates that are signed properly and yet odd.
    static func oddCases(_ pki: TestPKI) throws -> [ChainCase] {
        let root = pki.root
        let leaf = try pki.leaf(root)
        let offCurve = try pki.signedAnew(leaf, by: root) { bytes in
            if let key = bytes.lastRange(of: [0x03, 0x42, 0x00, 0x04]) { bytes[key.upperBound + 40] ^= 1 }
        }
        let retagged = try pki.signedAnew(leaf, by: root) { bytes in
            // The extensions reach to the end; the same three bytes may stand in a key or an identifier by chance.
            let tag = bytes.indices.dropLast(2).last { place in
                bytes[place] == 0xA3 && bytes[place + 2] == 0x30 && place + 2 + Int(bytes[place + 1]) == bytes.count
            }
            if let tag { bytes[tag] = 0xA2 }
        }
        let misled = try pki.leaf(root) {
            $0.hasKeyIdentifiers = false
            $0.extraExtensions = [try .init(type: "2.5.29.35", critical: false, value: [0x30, 4, 0x80, 2, 1, 2])]
        }
        let trusted = try pki.trust(root)
        return [
            .bad("the leaf's key is no point of its curve", [offCurve], trusted, .badCertificate, 66),
            ChainCase(
                name: "the extensions under the tag of a unique identifier", chain: [retagged], profile: trusted,
                ours: .badCertificate, openSSL: .cannotRead),
            .wiser(
                "an authority key identifier that fits nobody", [misled], trusted, 20,
                because: "the identifier helps to choose, the signature decides (RFC 4158 section 3.5.12)"),
        ]
    }
}

extension Array where Element == UInt8 {
    /// Where the pattern stands last.
    func lastRange(of pattern: [UInt8]) -> Range<Int>? { ranges(of: pattern).last }
}
