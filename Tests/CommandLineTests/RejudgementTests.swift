import DeploymentModel
import Foundation
import TLSMaterial
import Testing

@testable import phonefleet

@Suite("Rows of a scan, judged anew")
struct RejudgementTests {
    @Test("a chain that was shown over an older TLS version than the profile allows is not believed afterwards")
    func version() throws {
        let subject = try DistinguishedName(rfc4514: "CN=phone")
        let now = Date()
        func template(_ subject: DistinguishedName) -> CertificateIssuer.Template {
            .init(subject: subject, notBefore: now.addingTimeInterval(-60), notAfter: now.addingTimeInterval(3600))
        }
        let ca = try CertificateIssuer.selfSigned(template(try DistinguishedName(rfc4514: "CN=CA")))
        var row = ScanRow(
            address: "192.0.2.1", status: .notTrusted, type: PhoneTypeID("a"), tls: true,
            evidence: PeerEvidence(tlsVersion: "1.0"), chain: try ca.issue(template(subject)).chain)
        var profile = TrustProfile(name: "a", subject: SubjectPattern(subject), anchors: [ca.certificate])
        #expect(Rejudgement.judge(row, by: [profile], at: now) == nil)
        row.evidence?.tlsVersion = nil
        #expect(Rejudgement.judge(row, by: [profile], at: now) == nil)
        row.evidence?.tlsVersion = "1.2"
        #expect(Rejudgement.judge(row, by: [profile], at: now)?.evidence?.profile == "a")
        row.evidence?.tlsVersion = "1.0"
        profile.minimumTLS = .v1_0
        #expect(Rejudgement.judge(row, by: [profile], at: now)?.status == .phone)
    }
}
