import DeploymentModel
import DeploymentTesting
import Foundation
import NIOCore
import NIOPosix
import ProcessTesting
import TLSMaterial
import Testing
import VirtualPhone

/// What else a phone does by itself, seen by programs that nobody here wrote.
@Suite struct CallingPhoneLifeTests {
    private func firstCall(_ server: ToldServer) async throws {
        #expect(try await server.hear().reason == "start-up")
        try await server.cleanUp()
    }

    @Test func aRestart_isFollowedByAStartUp_withWhatWasWritten() async throws {
        let server = try await ToldServer.start()
        try await CallingPhones.with(server) { fleet in
            _ = try await server.hear()
            _ = try await server.order("WriteItems", "<Item name='sntp-addr'>192.0.2.1</Item>")
            let again = try await server.order("Restart")
            #expect(again.reason == "start-up")
            let read = try await server.order("ReadItems", "<Item name='sntp-addr'/>")
            #expect(read.items == ["sntp-addr": "192.0.2.1"])
            try await server.cleanUp()
            #expect(fleet.state(of: fleet.phones[0].address)?.bootCount == 2)
        }
    }

    @Test func aWebPortThatSomebodyHoldsAtThePhonesReturn_isHadAsSoonAsItIsFree() async throws {
        let server = try await ToldServer.start()
        try await CallingPhones.with(server) { fleet in
            try await firstCall(server)
            let phone = fleet.phones[0]
            let webPort = try #require(phone.webPort)
            fleet.switchOff(phone.address)
            let holder = try await Self.taking(phone.address, webPort)
            try await fleet.switchOn(phone.address)
            let page = ["curl", "-sk", "-o", "/dev/null", "-w", "%{http_code}", "https://\(phone.address):\(webPort)/"]
            #expect(try await Tool.run(page).text == "000")
            try await holder.close()
            // The phone tries it several times a second; it is there when an answer comes.
            while try await Tool.run(page).text != "200" { try await Task.sleep(for: .milliseconds(50)) }
        }
    }

    /// Listens at a place as soon as it is free.
    private static func taking(_ address: String, _ port: Int) async throws -> any Channel {
        while true {
            let bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .childChannelInitializer { $0.close() }
            if let channel = try? await bootstrap.bind(host: address, port: port).get() { return channel }
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    @Test func aChangeOnThePhonesPage_needsThePassword_andIsTold() async throws {
        let server = try await ToldServer.start()
        try await CallingPhones.with(server) { fleet in
            try await firstCall(server)
            let phone = fleet.phones[0]
            let page = ["https://\(phone.address):\(try #require(phone.webPort))/settings"]
            let form = [
                "curl", "-sk", "-o", "/dev/null", "-w", "%{http_code}", "--digest", "-d", "sntp-addr=192.0.2.99",
            ]
            #expect(try await Tool.run(form + ["-u", "admin:000000"] + page).text == "401")
            #expect(try await Tool.run(form + ["-u", "admin:123456"] + page).text == "200")
            let told = try await server.hear()
            #expect(told.reason == "local-changes" && told.items?["sntp-addr"] == "192.0.2.99")
            #expect(told.items?["configuration-changed-flag"] == "true")
            try await server.cleanUp()
        }
    }

    @Test("odd servers are borne with", arguments: ["CHUNKED", "signed", "bare"])
    func oddAnswersAreTaken(form: String) async throws {
        let server = try await ToldServer.start()
        try await CallingPhones.with(server) { _ in
            _ = try await server.hear()
            let plain = ToldServer.message("ReadItems", "<Item name='sntp-addr'/>")
            let answer =
                switch form {
                case "CHUNKED": "CHUNKED \(plain)"
                case "signed":
                    "<Signature xmlns='http://www.w3.org/2000/09/xmldsig#'><SignedInfo/><SignatureValue>AA=="
                        + "</SignatureValue><Object Id='DLSMessage'>\(plain)</Object></Signature>"
                default:
                    "<DlsMessage><Message nonce='NONCE'><Action>ReadItems</Action></Message>"
                        + "<ItemList><Item name='sntp-addr'/></ItemList></DlsMessage>"
                }
            try await server.say(answer)
            let reply = try await server.hear()
            #expect(reply.items == ["sntp-addr": "0.0.0.0"], "\(reply)")
            try await server.say("EMPTY")
        }
    }

    @Test(arguments: ["CODE 503", "CLOSE", "CHUNKED <x/>"])
    func anOpeningThatGetsNoAnswer_isRepeated(answer: String) async throws {
        let server = try await ToldServer.start()
        try await CallingPhones.with(server, faults: [.refusesChunks]) { _ in
            let first = try await server.hear()
            try await server.say(answer)
            let second = try await server.hear()
            #expect(second.reason == "start-up" && second.nonce != first.nonce)
            try await server.cleanUp()
        }
    }

    @Test func aPhoneThatClosesConnections_keepsItsConversation() async throws {
        let server = try await ToldServer.start()
        try await CallingPhones.with(server, faults: [.closesConnections]) { _ in
            let opening = try await server.hear()
            let reply = try await server.order("WriteItems", "<Item name='sntp-addr'>x</Item>")
            #expect(reply.connection != opening.connection && reply.status == "accepted")
            #expect(reply.cookie?.contains("JSESSIONID=0123456789ABCDEF") == true)
            try await server.cleanUp()
        }
    }

    @Test func oldFirmware_doesNotDecodeReferences() async throws {
        let server = try await ToldServer.start()
        try await CallingPhones.with(server, faults: [.keepsReferences]) { fleet in
            _ = try await server.hear()
            _ = try await server.order("WriteItems", "<Item name='display-id'>a&lt;b&#39;c</Item>")
            try await server.cleanUp()
            #expect(fleet.state(of: fleet.phones[0].address)?.value(of: ItemKey("display-id")) == "a&lt;b'c")
        }
    }

    @Test func garbage_reachesTheServerAsGarbage() async throws {
        let server = try await ToldServer.start()
        try await CallingPhones.with(server, faults: [.malformedXML]) { _ in
            #expect(try await server.hear().reason == "garbage")
            try await server.say("CODE 400")
        }
    }

    /// Key material by which a phone proves itself to a server.
    private func clientMaterial(_ authority: ThrowawayCA) throws -> [UInt8] {
        var template = CertificateIssuer.Template(
            subject: try DistinguishedName(rfc4514: "CN=phone 1"), notBefore: Date(timeIntervalSinceNow: -3600),
            notAfter: Date(timeIntervalSinceNow: 3600))
        template.extendedKeyUsage = .value(["1.3.6.1.5.5.7.3.2"])
        return try PKCS12.encode(try authority.issuer.issue(template))
    }

    @Test func inSecureMode_bothEndsProveThemselves_andAForeignServerHearsNothing() async throws {
        let ours = try ThrowawayCA(subject: "CN=ours")
        let plain = try await ToldServer.start()
        let secure = try await ToldServer.start(material: try ours.issue("CN=server"), authority: ours)
        let foreign = try await ToldServer.start(authority: ours)
        defer { [secure, foreign].forEach { $0.end() } }
        try await CallingPhones.with(plain) { fleet in
            _ = try await plain.hear()
            _ = try await plain.order("WriteItems", "<Item name='dls-contact-interval'>0</Item>")
            let certificate = Data(try clientMaterial(ours)).base64EncodedString()
            let items = [
                "<Item name='goto-secure-mode'>nopin</Item>",
                "<Item name='dls-client-certificate'>\(certificate)</Item>",
                "<Item name='dls-server-ca' index='0'>AAAA</Item>",
                "<Item name='dls-secure-port'>\(secure.endpoint.port)</Item>",
            ]
            let refused = try await plain.order("WriteItems", items.joined())
            #expect(refused.statuses?["dls-server-ca[0]"] == "invalid data")
            let pem = ours.issuer.certificate.pem.replacing("\n", with: "&#10;")
            let taken = try await plain.order(
                "WriteItems", items[0] + items[1] + "<Item name='dls-server-ca' index='0'>\(pem)</Item>" + items[3])
            #expect(taken.statuses == [:])
            try await plain.cleanUp()
            let opening = try await secure.hear()
            #expect(opening.reason == "start-up" && opening.client == "phone 1")
            try await secure.cleanUp()
            let phone = fleet.phones[0]
            #expect(fleet.state(of: phone.address)?.isSecure == true)
            func contact(_ server: ToldServer) async throws {
                let query = "dls_ip_addr=127.0.0.1&dls_ip_port=\(server.endpoint.port)"
                let answer = try await Tool.run(
                    ["curl", "-si", "http://\(phone.address):\(phone.port)/contact_dls.html/ContactDLS?\(query)"])
                #expect(answer.text.contains("204"))
            }
            let before = fleet.state(of: phone.address)?.counts.calls ?? 0
            try await contact(foreign)
            try await contact(secure)
            #expect(try await secure.hear().reason == "solicited")
            try await secure.cleanUp()
            #expect(fleet.state(of: phone.address)?.counts.calls ?? 0 >= before + 1)
            foreign.end()
            await #expect(throws: ToldServer.Ended.self) { try await foreign.hear() }
        }
    }
}
