import Testing

@testable import DeploymentModel

@Suite("The telephony servers of a phone follow from its values")
struct TelephonyServerTests {
    private func servers(_ type: String, _ values: [String: String]) throws -> [TelephonyServer] {
        let type = try #require(BuiltIn.catalogue?[PhoneTypeID(type)])
        return TelephonyServer.all(of: type) { values[$0] }
    }

    private let sip = "optipoint-600-office-sip-v2-4"

    @Test func overTLS_registrarAndServerCount_eachAddressOnce() throws {
        let found = try servers(
            sip,
            [
                "sip-transport-user": "2", "registrar-addr": "10.0.0.5", "registrar-port": "5061",
                "reg-addr": "10.0.0.5", "reg-port": "5061",
            ])
        #expect(
            found == [
                TelephonyServer(roles: [.registrar, .sipServer], address: "10.0.0.5", port: 5061, security: .tls)
            ])
        #expect(found.first?.description == "10.0.0.5:5061")
    }

    @Test func withoutARegistrar_theServerIsIt_andTheDefaultPortCounts() throws {
        let found = try servers(sip, ["sip-transport-user": "2", "reg-addr": "pbx.example", "registrar-addr": ""])
        #expect(found.map(\.roles) == [[.registrar, .sipServer]] && found.first?.port == 5060)
    }

    @Test func aGateway_countsWhileCallsGoThroughIt() throws {
        var values = [
            "sip-transport-user": "2", "registrar-addr": "10.0.0.5", "sgnl-gateway-addr-user": "10.0.0.9",
            "sgnl-gateway-port-user": "5061",
        ]
        #expect(try servers(sip, values).map(\.address) == ["10.0.0.5"])
        values["sgnl-route"] = "1"
        #expect(try servers(sip, values).map(\.address) == ["10.0.0.5", "10.0.0.9"])
    }

    @Test(arguments: ["0", "1", nil]) func withoutTLS_noServerIsAuthenticated(transport: String?) throws {
        var values = ["registrar-addr": "10.0.0.5"]
        values["sip-transport-user"] = transport
        #expect(try servers(sip, values).isEmpty)
    }

    @Test func anHFAPhone_hasItsTelephoneSystem_whereItTakesTrustedCertificates() throws {
        let found = try servers("optipoint-410-standard-hfa", ["pbx-addr": "10.0.0.7"])
        #expect(
            found == [
                TelephonyServer(roles: [.telephoneSystem], address: "10.0.0.7", port: 4060, security: .unsaid)
            ])
        #expect(try servers("optipoint-400-standard-hfa", ["pbx-addr": "10.0.0.7"]).isEmpty)
        #expect(try servers("optipoint-400-standard", ["gatekeeper-addr": "10.0.0.7"]).isEmpty)
    }

    @Test func whatIsWanted_goesBeforeWhatThePhoneHas() throws {
        let type = try #require(BuiltIn.catalogue?[PhoneTypeID(sip)])
        let parameter = try #require(type.parameter(item: "registrar-addr"))
        let wanted = EffectiveSetting(
            key: ItemKey("registrar-addr"), value: .plain("10.0.0.6"), origin: .site, parameter: parameter)
        let present = ["registrar-addr": "10.0.0.5", "sip-transport-user": "2"]
        let found = TelephonyServer.all(of: type, settings: [wanted]) { present[$0] }
        #expect(found.map(\.address) == ["10.0.0.6"])
        #expect(TelephonyServer.all(of: type, settings: [wanted]).isEmpty)
    }

    @Test func everyItemThatIsNamed_isInTheCatalogue() throws {
        let catalogue = try #require(BuiltIn.catalogue)
        let known = Set(catalogue.types.flatMap(\.tabs).flatMap(\.parameters).map(\.item))
        let named = [
            TelephonyItem.registrarAddress, TelephonyItem.registrarPort, TelephonyItem.serverAddress,
            TelephonyItem.serverPort, TelephonyItem.gatewayAddress, TelephonyItem.gatewayPort, TelephonyItem.routing,
            TelephonyItem.transport, TelephonyItem.systemAddress, TelephonyItem.systemPort,
            TelephonyItem.gatekeeperAddress, TelephonyItem.user, TelephonyItem.password, TelephonyItem.realm,
            TelephonyItem.name, TelephonyItem.registersByName, TelephonyItem.registrationTimer,
            TelephonyItem.transactionTimer, TelephonyItem.backOffTimer, TelephonyItem.ownPort,
        ]
        #expect(Set(named).isSubset(of: known))
    }
}
