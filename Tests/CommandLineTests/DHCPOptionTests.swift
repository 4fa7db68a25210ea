import DeploymentModel
import Testing

@testable import phonefleet

@Suite("Option 43 for phones that call")
struct DHCPOptionTests {
    @Test("vendor, VLAN and address stand with tag and length, and ff ends them")
    func parts() throws {
        let bytes = try DHCPOption(address: "192.168.2.19", port: 18_443, vlan: 258).bytes()
        let place = Array("sdlp://192.168.2.19:18443".utf8)
        #expect(bytes == [1, 7] + Array("Siemens".utf8) + [2, 4, 0, 0, 1, 2, 3, 25] + place + [0xFF])
    }

    @Test("the VLAN may be left out, and both servers get the same bytes")
    func lines() throws {
        let lines = try DHCPOption(address: "10.0.0.1", port: 1).lines()
        let bytes = "01:07:53:69:65:6d:65:6e:73:03:11:73:64:6c:70:3a:2f:2f:31:30:2e:30:2e:30:2e:31:3a:31:ff"
        #expect(lines.contains("option vendor-encapsulated-options \(bytes);\n"))
        #expect(lines.contains("dhcp-option=43,\(bytes)\n"))
    }

    @Test("an address longer than its length byte can say is refused")
    func long() {
        let option = DHCPOption(address: String(repeating: "a", count: 250), port: 18_443)
        #expect { try option.bytes() } throws: { ($0 as? Fault)?.code == .inputValue }
    }
}
