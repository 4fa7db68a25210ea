import DeploymentModel

/// What a DHCP server tells phones in option 43, so that they know whom to call.
///
/// Sub-options with tag, length and value, and `ff` at the end: 01 the vendor's name, 02 the VLAN, 03 the address.
/// Source: see `docs/reference/wpi.md`.
struct DHCPOption {
    var address: String
    var port: Int
    /// 0...4095; nil to leave it out.
    var vlan: Int?

    /// Throws `input.value` for an address that is too long.
    func bytes() throws(Fault) -> [UInt8] {
        let place = Array("sdlp://\(address):\(port)".utf8)
        guard place.count <= 255 else {
            throw Fault(.inputValue, subject: address, detail: "an address of DHCP has at most 255 characters")
        }
        var bytes = Self.part(1, Array("Siemens".utf8))
        if let vlan { bytes += Self.part(2, [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: vlan >> $0) }) }
        return bytes + Self.part(3, place) + [0xFF]
    }

    private static func part(_ tag: UInt8, _ value: [UInt8]) -> [UInt8] {
        [tag, UInt8(truncatingIfNeeded: value.count)] + value
    }

    /// The lines for the configuration of two common DHCP servers.
    func lines() throws(Fault) -> String {
        let text = try bytes().map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined(separator: ":")
        return """
            # ISC dhcpd, for the phones' subnet or class
            option vendor-encapsulated-options \(text);
            # dnsmasq
            dhcp-option=43,\(text)

            """
    }
}
