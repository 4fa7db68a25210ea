import DeploymentModel
import DeploymentTesting
import Foundation
import ManagementXML
import PhoneTransport
import TLSMaterial
import Testing
import VirtualPhone

/// Virtual phones at a registrar that nobody here wrote.
@Suite("A virtual phone registers by SIP over TLS", .timeLimit(.minutes(5)))
struct RegistrarTests {
    private let authority: ThrowawayCA
    private let material: KeyMaterial

    init() throws {
        authority = try ThrowawayCA()
        material = try authority.issue("CN=sip.test")
    }

    @Test(arguments: [Kamailio.Digest.md5, .sha256])
    func withoutTrustedCertificates_itChecksNothing_andProvesItselfByDigest(digest: Kamailio.Digest) async throws {
        try await Kamailio.with(material, digest: digest) { server in
            try await Desk.with(server) { desk in
                try await desk.waitFor(.registered)
                try await server.waitForRequests(2)
                #expect(
                    server.requests == [
                        "REGISTER 4711 expires=3660 user=<null>", "REGISTER 4711 expires=3660 user=anna",
                    ])
                #expect(try await desk.page().contains("registered"))
            }
            // The phone took its registration back before it ended.
            try await server.waitForRequests(3)
            #expect(server.requests[2].hasPrefix("REGISTER 4711 expires=0"))
        }
    }

    @Test func withTheRightTrustedCertificates_itRegistersAnew() async throws {
        try await Kamailio.with(material) { server in
            try await Desk.with(server) { desk in
                try await desk.waitFor(.registered)
                try await desk.transfer([authority.issuer.certificate])
                try await desk.waitFor(.registered)
                try await server.waitForRequests(5)
                // The first registration was taken back, the second made under the new trust.
                #expect(server.requests.map { $0.contains("expires=0") } == [false, false, true, false, false])
            }
        }
    }

    @Test func withForeignTrustedCertificates_itSaysNothing_andComesBackAfterTheirDeletion() async throws {
        let other = try ThrowawayCA(subject: "CN=Other CA")
        try await Kamailio.with(material) { server in
            try await Desk.with(server) { desk in
                try await desk.waitFor(.registered)
                try await desk.transfer([other.issuer.certificate])
                let state = try await desk.waitFor(.failed)
                #expect(state.reason?.hasPrefix("tls.") == true)
                #expect(state.reason?.contains("CN=Throw-away CA") == true)
                #expect(try await desk.page().contains("CN=Throw-away CA"))
                try await desk.delete()
                try await desk.waitFor(.registered)
                // What the server saw: the first registration, its end, and the one after the deletion.
                try await server.waitForRequests(5)
                #expect(server.requests.map { $0.contains("expires=0") } == [false, false, true, false, false])
            }
        }
    }

    @Test func fromTheStart_aForeignServerGetsNoWord_untilItIsBelieved() async throws {
        let other = try ThrowawayCA(subject: "CN=Other CA")
        try await Kamailio.with(material) { server in
            try await Desk.with(server, trusted: [other.issuer.certificate]) { desk in
                try await desk.waitFor(.failed)
                try await desk.delete()
                try await desk.waitFor(.registered)
                // The first word that reached the server is the first of the registration that it was believed for.
                try await server.waitForRequests(2)
                #expect(server.requests.count == 2)
            }
        }
    }

    @Test func aWrongPassword_failsWithTheReason_andARightOneMendsIt() async throws {
        try await Kamailio.with(material) { server in
            try await Desk.with(server, password: "falsch") { desk in
                let state = try await desk.waitFor(.failed)
                #expect(state.reason == "401: the server refused user 'anna' or the password")
                try await desk.write([Item(ItemKey("sip-pwd"), value: Kamailio.password)])
                try await desk.waitFor(.registered)
            }
        }
    }

    @Test func aForeignRealm_getsNoProof() async throws {
        try await Kamailio.with(material) { server in
            try await Desk.with(server, items: [Item(ItemKey("realm"), value: "elsewhere.test")]) { desk in
                let state = try await desk.waitFor(.failed)
                #expect(state.reason?.contains("phones.test") == true)
                try await server.waitForRequests(1)
                #expect(server.requests.allSatisfy { $0.hasSuffix("user=<null>") })
            }
        }
    }

    @Test func aServerThatGoesAway_isNoticed_andFoundAgain() async throws {
        try await Kamailio.with(material) { server in
            try await Desk.with(server) { desk in
                try await desk.waitFor(.registered)
                await server.stop()
                let state = try await desk.waitFor(.failed)
                #expect(state.reason?.hasPrefix("net.") == true)
                try await server.start()
                try await desk.waitFor(.registered)
            }
        }
    }

    @Test func aRestart_registersAnew() async throws {
        try await Kamailio.with(material) { server in
            try await Desk.with(server) { desk in
                try await desk.waitFor(.registered)
                try await desk.perform(.restart)
                try await server.waitForRequests(4)
                try await desk.waitFor(.registered)
                // A phone that restarts does not say goodbye.
                #expect(!server.requests.contains { $0.contains("expires=0") })
            }
        }
    }

    @Test func aRegistration_isRefreshedBeforeItEnds_overTheSameConnection() async throws {
        try await Kamailio.with(material, mostSeconds: 4) { server in
            try await Desk.with(server) { desk in
                try await desk.waitFor(.registered)
                try await server.waitForRequests(4)
                // The refreshes prove themselves by the nonce that is known already.
                #expect(server.requests[2...].allSatisfy { $0 == "REGISTER 4711 expires=3660 user=anna" })
                #expect(desk.isRegistered)
            }
        }
    }

    @Test func aFleet_registersPhoneByPhone() async throws {
        try await Kamailio.with(material) { server in
            let count = 60
            try await Desk.with(server, count: count) { desk in
                try await desk.waitForAll()
                try await server.waitForRequests(2 * count)
                #expect(server.requests.count == 2 * count)
            }
            try await server.waitForRequests(3 * count)
        }
    }
}
