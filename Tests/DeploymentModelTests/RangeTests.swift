import DeploymentModel
import Testing

@Suite("Address ranges")
struct RangeTests {
    private func addresses(_ texts: String..., order: AddressSet.Order = .ascending) throws -> [String] {
        Array(try AddressSet(try texts.map { try AddressRange($0) }, order: order))
    }

    private func detail(_ text: String) -> String? {
        do throws(Fault) {
            _ = try AddressRange(text)
            return nil
        } catch {
            return error.code == .inputRange ? error.detail : "code \(error.code)"
        }
    }

    @Test("A block is its hosts, without network and broadcast address")
    func block() throws {
        #expect(try addresses("10.0.0.0/30") == ["10.0.0.1", "10.0.0.2"])
        #expect(try AddressRange("10.0.0.0/22").count == 1022)
        #expect(try AddressRange("10.0.0.77/24").count == 254)
    }

    @Test("A /31 has two hosts and a /32 one")
    func smallBlocks() throws {
        #expect(try addresses("10.0.0.8/31") == ["10.0.0.8", "10.0.0.9"])
        #expect(try addresses("10.0.0.8/32") == ["10.0.0.8"])
    }

    @Test("A run has both ends, also written short and with blanks")
    func run() throws {
        #expect(try addresses("10.0.0.254-10.0.1.1") == ["10.0.0.254", "10.0.0.255", "10.0.1.0", "10.0.1.1"])
        #expect(try addresses(" 10.0.0.1 - 3 ") == ["10.0.0.1", "10.0.0.2", "10.0.0.3"])
    }

    @Test("Names and IPv6 addresses stand for themselves, in one spelling")
    func names() throws {
        #expect(
            try addresses("Phone-7.Example.net", "phone-7.example.net.", "FD00:0::17", "[fd00::17]")
                == ["phone-7.example.net", "fd00::17"])
        #expect(try addresses("10-0-0-1.example.net", "fe80::1%eth0") == ["10-0-0-1.example.net", "fe80::1%eth0"])
    }

    @Test("Several ranges are united, each address once")
    func union() throws {
        #expect(try addresses("10.0.0.5-7", "10.0.0.1-5", "10.0.0.6", "10.0.0.8") == (1...8).map { "10.0.0.\($0)" })
        #expect(try AddressSet([AddressRange("10.0.0.0/24"), AddressRange("10.0.0.0/25")]).count == 254)
    }

    @Test("Spread order visits the same addresses, one of each /24 in turn")
    func spread() throws {
        let ascending = try addresses("10.0.0.250-10.0.2.3")
        let spread = try addresses("10.0.0.250-10.0.2.3", order: .spread)
        #expect(spread.prefix(4) == ["10.0.0.250", "10.0.1.0", "10.0.2.0", "10.0.0.251"])
        #expect(Set(spread) == Set(ascending))
        #expect(spread.count == ascending.count)
    }

    @Test("Sixteen million addresses are refused with their count, and allowed when asked for without being listed")
    func limit() throws {
        let range = try AddressRange("10.0.0.0/8")
        #expect(
            throws: Fault(
                .inputRange, subject: "10.0.0.0/8",
                detail: "16777214 addresses, at most 1048576 are scanned at one time")
        ) {
            try AddressSet([range])
        }
        let set = try AddressSet([range], limit: 1 << 24)
        #expect(set.count == 16_777_214)
        #expect(set.contains("10.200.3.4"))
        #expect(Array(set.prefix(2)) == ["10.0.0.1", "10.0.0.2"])
    }

    @Test(
        "A fault names what is wrong",
        arguments: [
            ("10.0.0.300", "300 is no octet"),
            ("10.0.0", "an IPv4 address has four octets, not 3"),
            ("10.0.0.", "an octet is missing"),
            ("10.0.0.01", "01 has a leading zero, which some programs read as octal"),
            ("10.0.0.0/33", "/33 is no prefix length, 0 to 32 is"),
            ("10.0.0.9-10.0.0.1", "10.0.0.1 comes before 10.0.0.9"),
            ("10.0.0.9-300", "300 is no octet"),
            ("10.0.0.9-", "no last address"),
            ("224.0.0.1", "addresses from 224.0.0.0 on are multicast or reserved, no phone has one"),
            ("0.0.0.0/8", "addresses below 1.0.0.0 are no phone's"),
            ("fd00::/64", "blocks of IPv6 are too large to be scanned, name single addresses"),
            ("fd00:::1", "no IPv6 address"),
            ("phone_7", "_ stands in no address or host name"),
            ("phöne", "ö stands in no address or host name"),
            ("-phone", "-phone begins or ends with a hyphen"),
            ("a..b", "two dots without a name between them"),
            ("phone.7", "neither an address nor a host name"),
            ("", "empty"),
        ])
    func faults(_ text: String, _ expected: String) {
        #expect(detail(text) == expected)
    }

    @Test("A file of ranges has comments and empty lines, and all its bad lines are named")
    func file() throws {
        let ranges = try AddressRange.ranges(
            inFile: "\u{FEFF}10.0.0.1 # reception\r\n\n# all\n10.0.1.0/30\n", name: "list")
        #expect(ranges.map(\.text) == ["10.0.0.1", "10.0.1.0/30"])
        #expect(
            throws: FaultList([
                Fault(.inputRange, subject: "list line 1", detail: "10.0.0.300: 300 is no octet"),
                Fault(.inputRange, subject: "list line 3", detail: "x_y: _ stands in no address or host name"),
            ])
        ) {
            try AddressRange.ranges(inFile: "10.0.0.300\n10.0.0.1\nx_y", name: "list")
        }
        #expect(throws: FaultList([Fault(.inputRange, subject: "list", detail: "no range in the file")])) {
            try AddressRange.ranges(inFile: "# nothing\n", name: "list")
        }
    }
}
