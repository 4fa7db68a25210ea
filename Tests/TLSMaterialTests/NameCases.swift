import Foundation

@testable import TLSMaterial

extension ChainCase {
    private static let subjectRule = "OpenSSL was not told whom to expect; the subject is the profile's rule"

    /// Subject names, and names along the chain.
    static func nameCases(_ pki: TestPKI) throws -> [ChainCase] {
        let leaf = try pki.leaf(pki.root, "CN=optiPoint 410,OU=Phones,O=Example")
        func wanted(_ subject: String) throws -> TrustProfile { try .make(subject, anchors: [pki.root.certificate]) }
        func wrong(_ name: String, _ subject: String) throws -> ChainCase {
            .stricter(name, [leaf], try wanted(subject), .wrongSubject, because: subjectRule)
        }
        let several = try pki.leaf(pki.root, "CN=phone+serialNumber=7,O=Example")
        let nameless = try pki.leaf(pki.root, "")
        return [
            .good("subject in other letter case", [leaf], try wanted("CN=OPTIPOINT 410,OU=phones,O=eXAMPLE")),
            .good(
                "subject with other white space", [leaf], try wanted("CN=\\  optiPoint   410\\ ,OU=Phones,O=Example")),
            .good(
                "several values in one relative name, the other order", [several],
                try wanted("serialNumber=7+CN=phone,O=Example")),
            .good("empty subject", [nameless], try wanted("")),
            try wrong("one attribute differs", "CN=optiPoint 420,OU=Phones,O=Example"),
            try wrong("one attribute is missing", "CN=optiPoint 410,O=Example"),
            try wrong("one attribute too many", "CN=optiPoint 410,OU=Phones,O=Example,C=DE"),
            try wrong("attributes in the opposite order", "O=Example,OU=Phones,CN=optiPoint 410"),
            try wrong("another attribute type", "CN=optiPoint 410,L=Phones,O=Example"),
            try wrong("empty expectation", ""),
        ] + (try stringTypeCases(pki)) + (try chainNameCases(pki)) + (try pinCases(pki))
    }

    private static func stringTypeCases(_ pki: TestPKI) throws -> [ChainCase] {
        try DistinguishedName.StringType.allCases.filter { $0 != .numeric }.map { type in
            let subject = try DistinguishedName(relativeNames: [
                [.init(type: "O", text: "Example", stringType: type)],
                [.init(type: "CN", text: "phone", stringType: type)],
            ])
            let leaf = try pki.leaf(pki.root) { template in template.subject = subject }
            let name = "subject as \(type) string"
            guard type == .visible else { return .good(name, [leaf], try pki.trust(pki.root)) }
            return ChainCase(
                name: name, chain: [leaf], profile: try pki.trust(pki.root), openSSL: .cannotRead,
                differsBecause: "OpenSSL does not take VisibleString in names; there is no harm in it")
        }
    }

    private static func chainNameCases(_ pki: TestPKI) throws -> [ChainCase] {
        let printable = try DistinguishedName(relativeNames: [
            [.init(type: "O", text: "Example", stringType: .printable)],
            [.init(type: "CN", text: "ROOT", stringType: .printable)],
        ])
        let spaced = try DistinguishedName.make("CN=\\ root\\ ,O=Example")
        let umlaut = try pki.root("CN=Müller,O=Straße")
        let folded = try DistinguishedName.make("CN=MÜLLER,O=STRASSE")
        func leaf(_ issuer: CertificateIssuer, named name: DistinguishedName) throws -> [UInt8] {
            try pki.leaf(issuer) { template in template.issuer = name }
        }
        return [
            .good(
                "issuer in other letter case and string type", [try leaf(pki.root, named: printable)],
                try pki.trust(pki.root)),
            .good("issuer with other white space", [try leaf(pki.root, named: spaced)], try pki.trust(pki.root)),
            .good("issuer with umlauts", [try pki.leaf(umlaut)], try pki.trust(umlaut)),
            .wiser(
                "issuer with umlauts in other letter case", [try leaf(umlaut, named: folded)], try pki.trust(umlaut),
                20,
                because: "OpenSSL folds ASCII only, RFC 5280 section 7.1 asks for full folding"),
        ]
    }

    private static func pinCases(_ pki: TestPKI) throws -> [ChainCase] {
        let leaf = try pki.leaf(pki.root)
        let pin = try ParsedCertificate(der: leaf).publicKeyFingerprint
        let colons = stride(from: 0, to: 64, by: 2).map { offset in
            pin.uppercased().dropFirst(offset).prefix(2)
        }.joined(separator: ":")
        let other = pki.root.certificate.publicKeyFingerprint
        func pinned(_ pin: String) throws -> TrustProfile { try .make(anchors: [pki.root.certificate], pin: pin) }
        return [
            .good("pinned key", [leaf], try pinned(pin)),
            .good("pinned key with colons", [leaf], try pinned(colons)),
            .stricter(
                "another key is pinned", [leaf], try pinned(other), .pinMismatch, because: "OpenSSL knows no pin"),
        ]
    }
}
