import DeploymentModel
import DeploymentTesting
import Foundation
import ProcessTesting
import TLSMaterial
import Testing
import VirtualPhone

/// A server that nobody here wrote speaks with virtual phones over live TLS.
@Suite struct CallingPhoneTests {
    @Test func aPhoneThatStarts_calls_isReadAndWritten_andSaysEachMessageUnderAFreshNonce() async throws {
        let server = try await ToldServer.start()
        try await CallingPhones.with(server) { fleet in
            let opening = try await server.hear()
            #expect(opening.reason == "start-up")
            #expect(opening.path == "/DeploymentService/LoginService")
            #expect(opening.address == fleet.phones[0].address)
            #expect(opening.items?["mac-addr"] == fleet.phones[0].mac.description)
            #expect(opening.items?["device-type"] == "OpenStage 60")
            #expect(opening.items?["software-version"] == "V3 R5.12.0")
            #expect(opening.items?["contact-me-uri"]?.hasSuffix("/contact_dls.html/ContactDLS") == true)
            #expect(opening.items?["configuration-changed-flag"] == "false")
            #expect(opening.nonce?.wholeMatch(of: /[0-9A-F]{32}/) != nil)
            let written = try await server.order(
                "WriteItems",
                "<Item name='sntp-addr'>192.0.2.1</Item><Item name='key-label' index='3'>Anna</Item>"
                    + "<Item name='nothing'>1</Item><Item name='key-label' index='99'>x</Item>"
                    + "<Item name='serial'>1</Item><Item name='qos-l3-voice'>900</Item>"
                    + "<Item name='mac-addr'>00:01:E3:00:00:09</Item>")
            #expect(written.reason == "reply-to" && written.action == "WriteItems" && written.status == "accepted")
            #expect(written.fragment == "final")
            #expect(
                written.statuses == [
                    "nothing": "unknown item", "key-label[99]": "invalid index", "serial": "read only",
                    "qos-l3-voice": "invalid data", "mac-addr": "read only",
                ])
            #expect(written.nonce != opening.nonce)
            #expect(written.cookie?.contains("JSESSIONID=0123456789ABCDEF") == true)
            #expect(written.connection == opening.connection)
            let read = try await server.order(
                "ReadItems", "<Item name='sntp-addr'/><Item name='key-label' index='3'/><Item name='admin-pwd'/>")
            #expect(read.items == ["sntp-addr": "192.0.2.1", "key-label[3]": "Anna", "admin-pwd": ""])
            try await server.cleanUp()
        }
    }

    @Test(arguments: ["post", "get", "web"])
    func aContactedPhone_answers204_andCallsWhomItWasTold(form: String) async throws {
        let usual = try await ToldServer.start()
        let server = try await ToldServer.start()
        defer { server.end() }
        try await CallingPhones.with(usual) { fleet in
            _ = try await usual.hear()
            try await usual.cleanUp()
            let phone = fleet.phones[0]
            let parameters = "ContactMe=true&dls_ip_addr=127.0.0.1&dls_ip_port=\(server.endpoint.port)"
            let path = "/contact_dls.html/ContactDLS"
            let arguments: [String]
            switch form {
            case "post": arguments = ["-d", parameters, "http://\(phone.address):\(phone.port)\(path)"]
            case "get": arguments = ["http://\(phone.address):\(phone.port)\(path)?\(parameters)"]
            default: arguments = ["-k", "https://\(phone.address):\(try #require(phone.webPort))\(path)?\(parameters)"]
            }
            let answer = try await Tool.run(["curl", "-si", "--max-time", "60"] + arguments)
            #expect(answer.text.hasPrefix("HTTP/1.1 204 No Content"), "\(answer)")
            #expect(answer.text.contains("Server: DlsClient"))
            let opening = try await server.hear()
            #expect(opening.reason == "solicited")
            #expect(opening.items?["mac-addr"] == phone.mac.description)
            try await server.cleanUp()
        }
    }

    @Test func allItems_comeInParts_whereTheyAreTooManyForOneMessage() async throws {
        let server = try await ToldServer.start()
        try await CallingPhones.with(server) { fleet in
            for index in 1...30 {
                fleet.set(
                    ItemKey("long-text", index: index), to: String(repeating: "<", count: 700),
                    at: fleet.phones[0].address)
            }
            _ = try await server.hear()
            var part = try await server.order("ReadAllItems")
            var items = part.items ?? [:]
            var parts = 1
            while part.fragment == "next" {
                #expect(part.bytes <= 50_000)
                part = try await server.order("GetNextFragment")
                items.merge(part.items ?? [:]) { first, _ in first }
                parts += 1
            }
            #expect(parts > 1)
            #expect(part.fragment == "final")
            #expect((1...30).allSatisfy { items["long-text[\($0)]"]?.count == 700 })
            #expect(items["admin-pwd"] == "" && items["bootstrapping-tan"] == nil)
            try await server.cleanUp()
        }
    }
}
