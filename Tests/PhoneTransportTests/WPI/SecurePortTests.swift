import DeploymentModel
import Foundation
import ManagementXML
import NIOSSL
import Synchronization
import Testing
import TLSMaterial

@testable import PhoneTransport

@Suite("The port for phones in secure mode", .timeLimit(.minutes(5)))
struct SecurePortTests {
    @Test(
        "serves a phone whose certificate is accepted for it, and tells by what",
        arguments: [TLSVersion.tlsv12, .tlsv13])
    func accepted(version: TLSVersion) async throws {
        let trusted = try SecureCallers.profile()
        let receiver = TestReceiver()
        let server = try await TestServers.start(
            receiver, securePort: 0, profiles: { $0 == TestServers.phone ? [trusted] : [] })
        let port = try #require(server.securePort)
        let phone = try await RawPhone.call(port, material: try SecureCallers.material(), maximum: version)
        #expect(try await phone.post(RawPhone.message("start-up", nonce: "A", mac: TestServers.mac))?.items == [])
        var calls = receiver.received.makeAsyncIterator()
        let evidence = try #require(await calls.next()).session.evidence
        #expect(evidence.profile == "phones" && evidence.certificateFingerprint?.count == 64)
        #expect(evidence.tlsVersion == (version == .tlsv12 ? "1.2" : "1.3"))
        // The same certificate does not stand for another phone.
        let other = RawPhone.message("start-up", nonce: "B", mac: "00:1A:E8:00:00:09")
        #expect(try await phone.post(other)?.text(of: "cleanup-reason") == "certificate not accepted")
        #expect(server.counts.count(of: .notTrusted) == 1)
        await server.stop()
        await phone.close()
    }

    @Test("turns away a phone without a certificate, and one with another's or of another authority")
    func refused() async throws {
        let trusted = try SecureCallers.profile()
        let receiver = TestReceiver()
        let server = try await TestServers.start(receiver, securePort: 0, profiles: { _ in [trusted] })
        let port = try #require(server.securePort)
        let bare = try await RawPhone.call(port)
        try? await bare.send(RawPhone.request(RawPhone.message("start-up", nonce: "A", mac: TestServers.mac)))
        #expect(await bare.next() == nil)
        let wrong = [
            try SecureCallers.material("CN=phone-2,O=Example"), try SecureCallers.material(isOther: true),
            // For TLS servers only.
            try TestCertificates.material(SecureCallers.subject),
        ]
        for (number, material) in wrong.enumerated() {
            let phone = try await RawPhone.call(port, material: material)
            let answer = try await phone.post(
                RawPhone.message("start-up", nonce: "A\(number)", mac: TestServers.mac))
            #expect(answer?.text(of: "cleanup-reason") == "certificate not accepted")
            await phone.close()
        }
        #expect(server.counts.count(of: .notTrusted) == 3)
        #expect(receiver.noted.isEmpty)
        await server.stop()
        #expect(server.counts.count(of: .handshake) == 1)
    }

    @Test(
        "refuses a phone whose certificate has expired for that reason, counted and told once, whatever the profile allows",
        arguments: [false, true])
    func expired(allowsExpiredAnchor: Bool) async throws {
        let trusted = try SecureCallers.profile(allowsExpiredAnchor: allowsExpiredAnchor)
        let told = Mutex<[Fault]>([])
        let receiver = TestReceiver()
        let server = try await TestServers.start(
            receiver, securePort: 0, report: { _, fault in told.withLock { $0.append(fault) } },
            profiles: { _ in [trusted] })
        let port = try #require(server.securePort)
        let old = try SecureCallers.material(from: -10, to: -1)
        for nonce in ["A", "B"] {
            let phone = try await RawPhone.call(port, material: old)
            let answer = try await phone.post(RawPhone.message("start-up", nonce: nonce, mac: TestServers.mac))
            #expect(answer?.action == .cleanUp)
            #expect(answer?.text(of: "cleanup-reason") == "certificate not accepted")
            await phone.close()
        }
        #expect(server.counts.count(of: .notTrusted) == 2 && receiver.noted.isEmpty)
        let faults = told.withLock(\.self)
        #expect(faults.map(\.code) == [StatusCode("tls.expired")] && faults[0].subject == "127.0.0.1")
        #expect(faults[0].detail?.contains("leaf CN=phone-1,O=Example expired") == true)
        // The same phone with a fresh one.
        let phone = try await RawPhone.call(port, material: try SecureCallers.material())
        #expect(try await phone.post(RawPhone.message("start-up", nonce: "C", mac: TestServers.mac))?.items == [])
        #expect(receiver.noted == [TestServers.phone])
        await server.stop()
        await phone.close()
    }

    @Test("serves a phone under a CA that has expired where the profile says so, and refuses it elsewhere")
    func expiredCA() async throws {
        let authority = try CertificateIssuer.selfSigned(
            TestCertificates.template("CN=Old CA,O=Example", from: -100, to: -1))
        let material = try SecureCallers.material(by: authority)
        for isAllowed in [false, true] {
            let trusted = try SecureCallers.profile(authority, allowsExpiredAnchor: isAllowed)
            let told = Mutex<[Fault]>([])
            let receiver = TestReceiver()
            let server = try await TestServers.start(
                receiver, securePort: 0, report: { _, fault in told.withLock { $0.append(fault) } },
                profiles: { _ in [trusted] })
            let phone = try await RawPhone.call(try #require(server.securePort), material: material)
            let answer = try await phone.post(RawPhone.message("start-up", nonce: "A", mac: TestServers.mac))
            #expect(answer?.text(of: "cleanup-reason") == (isAllowed ? nil : "certificate not accepted"))
            #expect(server.counts.count(of: .notTrusted) == (isAllowed ? 0 : 1))
            #expect(told.withLock { $0.map(\.code) } == (isAllowed ? [] : [StatusCode("tls.anchor-expired")]))
            #expect(receiver.noted.count == (isAllowed ? 1 : 0))
            await server.stop()
            await phone.close()
        }
    }

    @Test("is where a phone must call for whoever waits for an authenticated one; a private key goes nowhere else")
    func waiting() async throws {
        let trusted = try SecureCallers.profile()
        let receiver = TestReceiver()
        let server = try await TestServers.start(receiver, securePort: 0, profiles: { _ in [trusted] })
        let bell = try await doorbell()
        let clock = ContactClock(
            now: { TestCertificates.now }, sleep: { _ in try await Task.sleep(for: .seconds(600)) })
        let dialer = WPIDialer(server: server, clock: clock)
        let target = PhoneTarget(
            address: "127.0.0.1", port: bell.port, security: .tls([trusted]), timeouts: .patient,
            managementProtocol: .wpi, mac: TestServers.phone)
        let session = Task { try await dialer.session(with: target) }
        let request = try #require(await bell.nextRequest())
        let port = try #require(server.securePort)
        #expect(String(decoding: request.body, as: UTF8.self).hasSuffix("&dls_ip_port=\(port)"))
        // On the default port it is not the one that is waited for.
        let plain = try await RawPhone.call(server.port)
        #expect(
            try await plain.post(RawPhone.message("solicited", nonce: "A", mac: TestServers.mac))?.action == .cleanUp)
        var calls = receiver.received.makeAsyncIterator()
        let unsecured = try #require(await calls.next()).session
        #expect(
            await fault { try await unsecured.perform(.transferFile(.serverKeyMaterial, content: [1]), password: nil) }?
                .code
                == .tlsPlainRefused)
        // Nor as an item that somebody writes, but for the one key that is made for this phone alone.
        let items: [(String, [UInt8], StatusCode)] = [
            ("wbm-server-certificate", [1], .materialPlainRefused),
            ("dls-client-certificate", try PKCS12.encode(try SecureCallers.material()), .materialSharedKey),
            ("dls-client-certificate", [1], .materialSharedKey),
        ]
        for (name, content, code) in items {
            let item = Item(ItemKey(name), value: Data(content).base64EncodedString())
            #expect(await fault { try await unsecured.perform(.writeItems([item]), password: nil) }?.code == code)
        }
        let phone = try await RawPhone.call(port, material: try SecureCallers.material())
        try await phone.send(RawPhone.request(RawPhone.message("solicited", nonce: "B", mac: TestServers.mac)))
        let open = try await session.value
        #expect(open.evidence.profile == "phones")
        let transfer = Task {
            try await open.perform(.transferFile(.serverKeyMaterial, content: [1, 2, 3]), password: nil)
        }
        let order = try #require(await phone.next())
        #expect(try WPI.decodeServerMessage(order.body).text(of: "wbm-server-certificate") == "AQID")
        try await phone.send(RawPhone.request(RawPhone.reply(to: "WriteItems", nonce: "C")))
        #expect(try await transfer.value.status == .accepted)
        await open.close()
        #expect(await phone.next()?.status == 200)
        await server.stop()
        await bell.stop()
        await plain.close()
        await phone.close()
    }

    @Test("old TLS is spoken only when it is switched on")
    func oldTLS() async throws {
        let modern = try await TestServers.start()
        let phone = try await RawPhone.call(modern.port, maximum: .tlsv1)
        try? await phone.send(RawPhone.request(RawPhone.message("start-up", nonce: "A", mac: TestServers.mac)))
        #expect(await phone.next() == nil)
        await modern.stop()
        #expect(modern.counts.count(of: .handshake) == 1)
        let lenient = try await TestServers.start(minimumTLS: .v1_0, allowsLegacy: true)
        for version in [TLSVersion.tlsv1, .tlsv11, .tlsv12, .tlsv13] {
            let phone = try await RawPhone.call(lenient.port, maximum: version)
            let nonce = "A\(version)"
            #expect(try await phone.post(RawPhone.message("start-up", nonce: nonce, mac: TestServers.mac))?.items == [])
            await phone.close()
        }
        await lenient.stop()
    }
}
