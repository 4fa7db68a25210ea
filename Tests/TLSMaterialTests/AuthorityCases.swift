import Foundation

@testable import TLSMaterial

extension ChainCase {
    /// Who may issue, and how deep.
    static func authorityCases(_ pki: TestPKI) throws -> [ChainCase] {
        try intermediateCases(pki) + anchorAuthorityCases(pki) + pathLengthCases(pki)
    }

    private static func intermediateCases(_ pki: TestPKI) throws -> [ChainCase] {
        let root = pki.root
        let trusted = try pki.trust(root)
        func case_(_ name: String, _ reason: TrustFailure.Reason, _ error: Int, _ change: TestPKI.Change) throws
            -> ChainCase
        {
            let middle = try pki.authority(root, "CN=Middle,O=Example", change)
            return .bad(name, [try pki.leaf(middle), middle.der], trusted, reason, error)
        }
        let silent = try pki.authority(root) { $0.keyUsage = .absent }
        let asLeaf = try pki.authority(root, "CN=phone,O=Example")
        return [
            try case_("intermediate without basic constraints", .issuerNotCA, 79) {
                $0.basicConstraints = .absent
                $0.keyUsage = .absent
            },
            try case_("intermediate without basic constraints that may sign", .issuerNotCA, 79) {
                $0.basicConstraints = .absent
            },
            try case_("intermediate that is no CA", .issuerNotCA, 79) {
                $0.basicConstraints = .value(.init(isCA: false))
            },
            try case_("X.509 v1 intermediate", .issuerNotCA, 79) { $0.version = 1 },
            try case_("intermediate that may not sign certificates", .keyUsage, 79) {
                $0.keyUsage = .value(.digitalSignature)
            },
            .good("intermediate without key usage", [try pki.leaf(silent), silent.der], trusted),
            .bad("a CA certificate as leaf that may only sign certificates", [asLeaf.der], trusted, .keyUsage, 26),
            .good("X.509 v1 leaf", [try pki.leaf(root) { $0.version = 1 }], trusted),
        ]
    }

    private static func anchorAuthorityCases(_ pki: TestPKI) throws -> [ChainCase] {
        let ancient = try pki.root("CN=Ancient") { $0.version = 1 }
        let modest = try pki.root("CN=Modest") { $0.basicConstraints = .absent }
        let plain = try pki.root("CN=Plain") {
            $0.basicConstraints = .absent
            $0.keyUsage = .value(.digitalSignature)
        }
        let denied = try pki.root("CN=Denied") { $0.basicConstraints = .value(.init(isCA: false)) }
        let unable = try pki.root("CN=Unable") { $0.keyUsage = .value([.digitalSignature, .cRLSign]) }
        return [
            .good("X.509 v1 CA as anchor", [try pki.leaf(ancient), ancient.der], try pki.trust(ancient)),
            .good("X.509 v1 CA as anchor, leaf alone", [try pki.leaf(ancient)], try pki.trust(ancient)),
            .stricter(
                "v3 anchor without basic constraints", [try pki.leaf(modest)], try pki.trust(modest), .issuerNotCA,
                because: "only v1 certificates may be a CA without saying so"),
            .bad("v3 anchor that is a mere server", [try pki.leaf(plain)], try pki.trust(plain), .issuerNotCA, 79),
            .bad("anchor that says it is no CA", [try pki.leaf(denied)], try pki.trust(denied), .issuerNotCA, 79),
            .bad("anchor that may not sign certificates", [try pki.leaf(unable)], try pki.trust(unable), .keyUsage, 79),
        ]
    }

    private static func pathLengthCases(_ pki: TestPKI) throws -> [ChainCase] {
        func limited(_ length: Int, _ subject: String) -> TestPKI.Change {
            { $0.basicConstraints = .value(.init(isCA: true, pathLength: length)) }
        }
        let none = try pki.authority(pki.root, "CN=Upper", limited(0, ""))
        let lower = try pki.authority(none, "CN=Lower")
        let one = try pki.authority(pki.root, "CN=Upper one", limited(1, ""))
        let lowerOne = try pki.authority(one, "CN=Lower one")
        let lowest = try pki.authority(lowerOne, "CN=Lowest")
        let narrow = try pki.root("CN=Narrow", limited(0, ""))
        let belowNarrow = try pki.authority(narrow, "CN=Below narrow")
        let renewed = try pki.authority(narrow, "CN=Narrow")
        let trusted = try pki.trust(pki.root)
        return [
            .good("path length 0 with a leaf below", [try pki.leaf(none), none.der], trusted),
            .bad(
                "path length 0 with a CA below", [try pki.leaf(lower), lower.der, none.der], trusted, .pathTooLong, 25),
            .good("path length 1 with a CA below", [try pki.leaf(lowerOne), lowerOne.der, one.der], trusted),
            .bad(
                "path length 1 with two CAs below", [try pki.leaf(lowest), lowest.der, lowerOne.der, one.der], trusted,
                .pathTooLong, 25),
            .bad(
                "path length of the anchor", [try pki.leaf(belowNarrow), belowNarrow.der], try pki.trust(narrow),
                .pathTooLong,
                25),
            .good("a self-issued CA does not count", [try pki.leaf(renewed), renewed.der], try pki.trust(narrow)),
        ]
    }
}
