import Foundation
import Testing

@testable import TLSMaterial

@Suite("A telephony server is believed by a set, not by a chain")
struct TelephonyTrustTests {
    private let pki: TestPKI
    private let chain: [[UInt8]]

    init() throws {
        pki = try TestPKI()
        chain = [try pki.leaf(pki.middle, "CN=sip.test"), pki.middle.der, pki.root.der]
    }

    private func verdict(_ trusted: [ParsedCertificate], _ chain: [[UInt8]]) throws -> TelephonyVerdict {
        try TrustedCertificates(trusted).judge(serverChain: chain, at: noon)
    }

    private func refusal(_ trusted: [ParsedCertificate], _ chain: [[UInt8]]) throws -> TelephonyRefusal? {
        if case .refused(let refusal) = try verdict(trusted, chain) { refusal } else { nil }
    }

    @Test("the server's own certificate, an intermediate or the root is enough, each alone", arguments: 0...2)
    func anyCertificateOfThePath(position: Int) throws {
        let trusted = try ParsedCertificate(der: chain[position])
        #expect(try refusal([trusted], chain) == nil)
        #expect(try refusal([pki.stranger.certificate, trusted], chain) == nil)
    }

    @Test func anIntermediate_servesAlsoWhenTheServerDoesNotSendIt() throws {
        #expect(try refusal([pki.middle.certificate], [chain[0]]) == nil)
        #expect(try refusal([pki.root.certificate, pki.middle.certificate], [chain[0]]) == nil)
    }

    @Test func theRootAlone_needsTheIntermediateThatWasNotSent() throws {
        let refusal = try #require(try refusal([pki.root.certificate], [chain[0]]))
        #expect(refusal.failure.reason == .chainIncomplete)
        #expect(refusal.missingIssuer == pki.middle.certificate.subject)
        #expect(refusal.presentedIssuer == nil)
    }

    @Test func aForeignSet_isToldWhichCAIsMissing() throws {
        let refusal = try #require(try refusal([pki.stranger.certificate], chain))
        #expect(refusal.failure.reason == .unknownIssuer)
        #expect(refusal.missingIssuer == pki.root.certificate.subject)
        #expect(refusal.presentedIssuer == pki.root.certificate)
    }

    @Test func aCAOfTheSameName_isNotTheSameCA() throws {
        let namesake = try pki.root()
        let refusal = try #require(try refusal([namesake.certificate], chain))
        #expect(refusal.missingIssuer == pki.root.certificate.subject)
    }

    @Test func subjectAndName_playNoPart() throws {
        for subject in ["CN=anything", "CN=other.example,O=X"] {
            #expect(try refusal([pki.root.certificate], [try pki.leaf(pki.root, subject)]) == nil)
        }
    }

    @Test func whatIsExpiredOrNoServer_isRefused_andNoOtherCAWouldHelp() throws {
        let expired = try pki.leaf(pki.root) { $0.notAfter = noon - 60 }
        let client = try pki.leaf(pki.root) { $0.extendedKeyUsage = .value(["1.3.6.1.5.5.7.3.2"]) }
        for (leaf, reason) in [(expired, TrustFailure.Reason.expired), (client, .extendedKeyUsage)] {
            let refusal = try #require(try refusal([pki.root.certificate], [leaf]))
            #expect(refusal.failure.reason == reason && refusal.missingIssuer == nil)
        }
    }

    @Test func aTrustedCertificateThatExpired_isOfNoUse() throws {
        let old = try pki.root("CN=Old,O=Example") { $0.notAfter = noon - 60 }
        let refusal = try #require(try refusal([old.certificate], [try pki.leaf(old)]))
        #expect(refusal.failure.reason == .anchorExpired)
    }

    @Test func sha1_isTakenAsPhonesOfTheirTimeDo() throws {
        let leaf = try pki.leaf(pki.root) { $0.digest = .sha1 }
        #expect(try refusal([pki.root.certificate], [leaf]) == nil)
    }

    @Test func nothing_andRubbish_areRefused() throws {
        #expect(try refusal([pki.root.certificate], [])?.failure.reason == .noCertificate)
        #expect(try refusal([pki.root.certificate], [[0x30, 0]])?.failure.reason == .badCertificate)
        #expect(try refusal([pki.root.certificate], [chain[0], [1]])?.failure.reason == .badCertificate)
        let many = try #require(try refusal([pki.root.certificate], Array(repeating: chain[0], count: 17)))
        #expect(many.failure.reason == .badCertificate && many.missingIssuer == nil)
    }
}
