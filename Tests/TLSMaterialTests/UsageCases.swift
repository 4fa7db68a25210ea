import Foundation

@testable import TLSMaterial

extension ChainCase {
    private static let server = "1.3.6.1.5.5.7.3.1"
    private static let client = "1.3.6.1.5.5.7.3.2"

    /// What keys may be used for.
    static func usageCases(_ pki: TestPKI) throws -> [ChainCase] {
        let root = pki.root
        let trusted = try pki.trust(root)
        func leaf(_ change: TestPKI.Change) throws -> [[UInt8]] { [try pki.leaf(root, "CN=phone,O=Example", change)] }
        let clients = try pki.authority(root, "CN=Clients") { $0.extendedKeyUsage = .value([client]) }
        let servers = try pki.authority(root, "CN=Servers") { $0.extendedKeyUsage = .value([server]) }
        return [
            .bad(
                "leaf for clients only", try leaf { $0.extendedKeyUsage = .value([client]) }, trusted,
                .extendedKeyUsage, 26),
            .good(
                "leaf for clients and servers", try leaf { $0.extendedKeyUsage = .value([client, server]) }, trusted),
            .good("leaf without extended key usage", try leaf { $0.extendedKeyUsage = .absent }, trusted),
            .wiser(
                "leaf for any purpose", try leaf { $0.extendedKeyUsage = .value(["2.5.29.37.0"]) }, trusted, 26,
                because: "RFC 5280 section 4.2.1.12 lets anyExtendedKeyUsage stand for every purpose"),
            .bad("CA for clients only", [try pki.leaf(clients), clients.der], trusted, .extendedKeyUsage, 26),
            .good("CA for servers only", [try pki.leaf(servers), servers.der], trusted),
            .bad(
                "leaf that may sign contracts only", try leaf { $0.keyUsage = .value(.nonRepudiation) }, trusted,
                .keyUsage, 26),
            .bad("leaf that may sign CRLs only", try leaf { $0.keyUsage = .value(.cRLSign) }, trusted, .keyUsage, 26),
            .good("leaf for key agreement", try leaf { $0.keyUsage = .value(.keyAgreement) }, trusted),
            .good("leaf without key usage", try leaf { $0.keyUsage = .absent }, trusted),
        ]
    }

    /// Extensions that must be understood.
    static func extensionCases(_ pki: TestPKI) throws -> [ChainCase] {
        func unknown(_ critical: Bool) -> TestPKI.Change {
            { $0.extraExtensions = [try .init(type: "1.3.6.1.4.1.99999.1", critical: critical, value: [5, 0])] }
        }
        let trusted = try pki.trust(pki.root)
        let strangeMiddle = try pki.authority(pki.root, "CN=Strange", unknown(true))
        let strangeRoot = try pki.root("CN=Strange root", unknown(true))
        let policies = try CertificateIssuer.RawExtension(
            type: "2.5.29.32", critical: true, value: [0x30, 6, 0x30, 4, 6, 2, 0x2A, 3])
        let policyMiddle = try pki.authority(pki.root, "CN=Policy") { template in
            template.extraExtensions = [policies]
        }
        let required = try pki.authority(pki.root, "CN=Required") {
            $0.extraExtensions = [try .init(type: "2.5.29.36", critical: true, value: [0x30, 3, 0x81, 1, 0])]
        }
        let twice: TestPKI.Change = {
            let one = try CertificateIssuer.RawExtension(type: "1.3.6.1.4.1.99999.1", critical: false, value: [5, 0])
            $0.extraExtensions = [one, one]
        }
        return [
            .bad(
                "unknown critical extension of the leaf", [try pki.leaf(pki.root, "CN=phone,O=Example", unknown(true))],
                trusted, .unknownCriticalExtension, 34),
            .bad(
                "unknown critical extension of an intermediate", [try pki.leaf(strangeMiddle), strangeMiddle.der],
                trusted, .unknownCriticalExtension, 34),
            .bad(
                "unknown critical extension of the anchor", [try pki.leaf(strangeRoot)], try pki.trust(strangeRoot),
                .unknownCriticalExtension, 34),
            .good(
                "unknown extension that is not critical",
                [try pki.leaf(pki.root, "CN=phone,O=Example", unknown(false))], trusted),
            .good("critical policies", [try pki.leaf(policyMiddle), policyMiddle.der], trusted),
            .stricter(
                "critical policy constraints", [try pki.leaf(required), required.der], trusted,
                .unknownCriticalExtension,
                because: "policies are not processed here, so what demands them is refused"),
            .stricter(
                "an extension twice", [try pki.leaf(pki.root, "CN=phone,O=Example", twice)], trusted, .badCertificate,
                because: "RFC 5280 section 4.2 forbids it, and two values could be read in two ways"),
        ]
    }

    /// What a CA may name.
    static func constraintCases(_ pki: TestPKI) throws -> [ChainCase] {
        try directoryConstraintCases(pki) + hostConstraintCases(pki)
    }

    private static func constrained(
        _ pki: TestPKI, permitted: [GeneralName] = [], excluded: [GeneralName] = [], names: [GeneralName] = []
    ) throws -> [[UInt8]] {
        let middle = try pki.authority(pki.root, "CN=Constrained,O=Example") {
            $0.nameConstraints = NameConstraints(permitted: permitted, excluded: excluded)
        }
        return [try pki.leaf(middle) { $0.subjectAlternativeNames = names }, middle.der]
    }

    private static func directoryConstraintCases(_ pki: TestPKI) throws -> [ChainCase] {
        let trusted = try pki.trust(pki.root)
        let example = GeneralName.directory(try .make("O=EXAMPLE"))
        let other = GeneralName.directory(try .make("O=Other"))
        let narrowRoot = try pki.root("CN=Narrow root") { $0.nameConstraints = NameConstraints(permitted: [other]) }
        let renewed = try pki.authority(narrowRoot, "CN=Narrow root")
        let mail = GeneralName.email("example.org")
        return [
            .good("directory name permitted", try constrained(pki, permitted: [other, example]), trusted),
            .bad(
                "directory name not permitted", try constrained(pki, permitted: [other]), trusted, .nameConstraints, 47),
            .bad("directory name excluded", try constrained(pki, excluded: [example]), trusted, .nameConstraints, 48),
            .good("another directory name excluded", try constrained(pki, excluded: [other]), trusted),
            .bad(
                "the anchor's constraint", [try pki.leaf(narrowRoot)], try pki.trust(narrowRoot), .nameConstraints, 47),
            .good(
                "a self-issued CA is exempt", [try pki.leaf(renewed, "CN=phone,O=Other"), renewed.der],
                try .make("CN=phone,O=Other", anchors: [narrowRoot.certificate])),
            .stricter(
                "a constraint on mail addresses", try constrained(pki, permitted: [mail]), trusted, .nameConstraints,
                because: "a form that cannot be checked here is refused by name and never ignored"),
        ]
    }

    private static func hostConstraintCases(_ pki: TestPKI) throws -> [ChainCase] {
        let trusted = try pki.trust(pki.root)
        let network = GeneralName.ip([10, 1, 0, 0, 255, 255, 0, 0])
        let network6 = GeneralName.ip(
            [0x20, 1] + Array(repeating: 0, count: 14) + [255, 255] + Array(repeating: 0, count: 14))
        let address6 = GeneralName.ip([0x20, 1, 1] + Array(repeating: 7, count: 13))
        func dns(_ constraint: String, _ name: String) throws -> [[UInt8]] {
            try constrained(pki, permitted: [.dns(constraint)], names: [.dns(name)])
        }
        return [
            .good("host permitted", try dns("example.org", "example.org"), trusted),
            .good("host below permitted", try dns("Example.org", "a.b.EXAMPLE.org"), trusted),
            .bad("host not permitted", try dns("example.org", "badexample.org"), trusted, .nameConstraints, 47),
            .good("host below a leading dot", try dns(".example.org", "a.example.org"), trusted),
            .bad("host at a leading dot", try dns(".example.org", "example.org"), trusted, .nameConstraints, 47),
            .bad(
                "host excluded", try constrained(pki, excluded: [.dns("example.org")], names: [.dns("x.example.org")]),
                trusted,
                .nameConstraints, 48),
            .good("no host at all", try constrained(pki, permitted: [.dns("example.org")]), trusted),
            .good(
                "address permitted", try constrained(pki, permitted: [network], names: [.ip([10, 1, 2, 3])]), trusted),
            .bad(
                "address not permitted", try constrained(pki, permitted: [network], names: [.ip([10, 2, 2, 3])]),
                trusted,
                .nameConstraints, 47),
            .bad(
                "address excluded", try constrained(pki, excluded: [network], names: [.ip([10, 1, 2, 3])]), trusted,
                .nameConstraints, 48),
            .good("IPv6 address permitted", try constrained(pki, permitted: [network6], names: [address6]), trusted),
            .bad(
                "IPv6 address under an IPv4 network", try constrained(pki, permitted: [network], names: [address6]),
                trusted,
                .nameConstraints, 47),
        ]
    }
}
