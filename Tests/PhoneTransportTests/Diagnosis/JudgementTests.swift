import DeploymentModel
import ManagementXML
import TLSMaterial
import Testing

@testable import PhoneTransport

@Suite("A phone judged by the profiles that apply to it")
struct JudgementTests {
    private func diagnose(
        _ material: KeyMaterial, _ profiles: [TrustProfile], others: [TrustProfile] = [], date: String? = nil
    ) async throws -> Diagnosis {
        let server = try await TestServer.start(
            TestLoops.shared.group, tls: try TestCertificates.server(material),
            .requests { request in
                guard let message = try? DirectXML.decodeRequest(request.body) else { return .close }
                let reply = TestPhone.accept(message.action)
                let body = DirectXML.encode(ManagementResponse(id: message.id, reply: reply))
                return .send(TestPhone.http(200, date.map { ["Date: \($0)"] } ?? [], body: body))
            })
        let diagnosis = try await PhoneTransportTests.diagnose(server.port, profiles, others: others)
        await server.stop()
        return diagnosis
    }

    private func profile(_ name: String, subject: String = TestCertificates.subject) throws -> TrustProfile {
        var profile = try TestCertificates.profile()
        profile.name = name
        profile.subject = SubjectPattern(try DistinguishedName(rfc4514: subject))
        return profile
    }

    @Test("key material that another profile accepts is not for this phone's type")
    func wrongType() async throws {
        let diagnosis = try await diagnose(
            try TestCertificates.material("CN=optiPoint 600,O=Example"), [profile("410")],
            others: [profile("600", subject: "CN=optiPoint 600,O=Example")])
        #expect(diagnosis.fault?.code == .tlsWrongType)
        #expect(
            diagnosis.fault?.detail == "trust profile '600' accepts it, which is for other phones (tls.wrong-subject)")
        #expect(diagnosis.alternatives == ["600"])
        #expect(!diagnosis.contact.evidence.isAuthenticated)
        #expect(diagnosis.presentedSubject?.description == "CN=optiPoint 600,O=Example")
        #expect(diagnosis.expectedSubjects.map(\.description) == [TestCertificates.subject])
    }

    @Test("a phone for which there is no profile is told which profile of others would accept it")
    func noProfile() async throws {
        let diagnosis = try await diagnose(try TestCertificates.material(), [], others: [profile("410")])
        #expect(diagnosis.fault?.code == .tlsNoProfile)
        #expect(diagnosis.alternatives == ["410"])
    }

    @Test("every profile that was tried says why it does not accept the phone")
    func verdicts() async throws {
        var foreign = try profile("foreign")
        foreign.anchors = [try #require(TestCertificates.otherCA).certificate]
        let profiles = [foreign, try profile("other", subject: "CN=x"), try profile("right")]
        let diagnosis = try await diagnose(try TestCertificates.material(), profiles)
        #expect(diagnosis.fault == nil)
        #expect(diagnosis.verdicts.map(\.profile) == ["foreign", "other", "right"])
        #expect(
            diagnosis.verdicts.map(\.fault?.code.rawValue) == ["tls.unknown-issuer", "tls.wrong-subject", nil])
        #expect(diagnosis.contact.evidence.profile == "right")
    }

    @Test("an expired certificate stays expired, whoever else would accept its subject")
    func expiredStays() async throws {
        let diagnosis = try await diagnose(try TestCertificates.material(from: -9, to: -1), [profile("410")])
        #expect(diagnosis.fault?.code == StatusCode("tls.expired"))
        #expect(diagnosis.alternatives == [])
    }

    @Test(
        "the phone's clock is held against this machine's",
        arguments: [
            ("Fri, 15 Jan 2027 08:00:00 GMT", 0), ("Sat, 01 Jan 2000 00:00:07 GMT", 946_684_807 - 1_800_000_000),
            ("Tue, 29 Feb 2028 23:59:59 GMT", 1_835_481_599 - 1_800_000_000), ("yesterday", nil), (nil, nil),
            ("Fri, 15-Jan-27 08:00:00 GMTx", nil),
        ] as [(String?, Int?)])
    func clock(_ date: String?, _ offset: Int?) async throws {
        let diagnosis = try await diagnose(try TestCertificates.material(), [profile("410")], date: date)
        #expect(diagnosis.clockOffset == offset)
    }
}
