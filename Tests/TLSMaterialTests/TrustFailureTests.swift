import Foundation
import Testing

@testable import TLSMaterial

@Suite("Reasons of trust failures")
struct TrustFailureTests {
    private let pki: TestPKI

    init() throws { pki = try TestPKI() }

    private func failure(_ chain: [[UInt8]], _ profiles: [TrustProfile], at time: Date = noon) throws -> TrustFailure {
        try #require(throws: TrustFailure.self) {
            try ChainVerifier().verify(chain, againstAnyOf: profiles, at: time)
        }
    }

    @Test("an expired leaf is named with its date and the time of judgement")
    func expiryNamesDates() throws {
        let leaf = try pki.leaf(pki.root) { $0.notAfter = noon - day }
        let failure = try failure([leaf], [pki.trust(pki.root)])
        #expect(
            failure.detail
                == "leaf CN=phone,O=Example expired at 2025-06-14T15:06:40Z; the time is 2025-06-15T15:06:40Z")
    }

    @Test("a wrong subject shows both names and points at a reversed one")
    func wrongSubjectShowsBoth() throws {
        let leaf = try pki.leaf(pki.root)
        let failure = try failure([leaf], [.make("O=Example,CN=phone", anchors: [pki.root.certificate])])
        #expect(
            failure.detail
                == "expected O=Example,CN=phone, the phone has CN=phone,O=Example (the same attributes in the opposite order)"
        )
    }

    @Test("of several profiles the failure of the one that came furthest is reported")
    func furthestProfileIsReported() throws {
        let leaf = try pki.leaf(pki.root)
        let profiles = [
            try pki.trust(pki.stranger), try TrustProfile.make("CN=other", anchors: [pki.root.certificate]),
            try TrustProfile.make("CN=phone", anchors: [pki.stranger.certificate]),
        ]
        for order in [profiles, profiles.reversed()] {
            #expect(try failure([leaf, pki.root.der], order).reason == .wrongSubject)
        }
    }

    @Test("the first profile that accepts wins")
    func firstProfileWins() throws {
        var (one, two) = (try pki.trust(pki.root), try pki.trust(pki.root))
        (one.name, two.name) = ("old", "new")
        let chain = [try pki.leaf(pki.root)]
        #expect(
            try ChainVerifier().verify(chain, againstAnyOf: [pki.trust(pki.stranger), two, one], at: noon).profile
                == "new")
    }

    @Test("without a profile nothing is trusted")
    func noProfileMeansNoTrust() throws {
        #expect(try failure([pki.leaf(pki.root)], []).reason == .unknownIssuer)
    }

    @Test("long and hostile names neither grow the detail nor reach a terminal unescaped")
    func detailsStayShortAndClean() throws {
        let hostile = "CN=\\1B[2J\\E2\\80\\AE" + String(repeating: "x", count: 4_000)
        let failure = try failure(
            [pki.leaf(pki.root, hostile)], [.make(hostile.lowercased() + "y", anchors: [pki.root.certificate])])
        #expect(failure.reason == .wrongSubject)
        #expect(failure.detail.count <= TrustFailure.detailLimit)
        #expect(failure.detail.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x202E })
    }

    @Test("a chain made to cost much work is given up")
    func workIsBounded() throws {
        // Fifteen CAs of one name, each with a key of its own and an issuer that could be any of them.
        let roots = try (0..<15).map { _ in try pki.root("CN=Same") { $0.hasKeyIdentifiers = false } }
        let chain = try roots.map { issuer in
            try roots[0].crossCertify(issuer.certificate, .make("CN=Same") { $0.hasKeyIdentifiers = false }).der
        }
        let leaf = try pki.leaf(roots[14]) { $0.hasKeyIdentifiers = false }
        let start = ContinuousClock.now
        _ = try failure([leaf] + chain, [pki.trust(pki.root)])
        #expect(ContinuousClock.now - start < .seconds(10))
    }

    @Test("a remembered signature does not make an expired or distrusted chain good")
    func memoryHoldsSignaturesOnly() throws {
        let verifier = ChainVerifier(memory: SignatureMemory())
        let chain = [try pki.leaf(pki.root), pki.root.der]
        _ = try verifier.verify(chain, against: pki.trust(pki.root), at: noon)
        let late = #expect(throws: TrustFailure.self) {
            try verifier.verify(chain, against: pki.trust(pki.root), at: noon + 400 * day)
        }
        #expect(late?.reason == .anchorExpired)
        let distrusted = #expect(throws: TrustFailure.self) {
            try verifier.verify(chain, against: pki.trust(pki.stranger), at: noon)
        }
        #expect(distrusted?.reason == .unknownIssuer)
    }

    @Test("the memory stays within its bound and keeps what is asked for")
    func memoryIsBounded() {
        var memory = BoundedMemory<Int, Int>(limit: 10)
        for number in 0..<1_000 {
            memory.insert(number, for: number)
            memory.insert(-1, for: -1)
            #expect(memory.count <= 10)
            #expect(memory.value(for: -1) == -1)
        }
        #expect(memory.value(for: 999) == 999)
        #expect(memory.value(for: 1) == nil)
    }
}
