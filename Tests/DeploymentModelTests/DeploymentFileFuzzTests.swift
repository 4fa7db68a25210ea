import DeploymentModel
import Foundation
import Testing

/// Feeds every parser of user input with damaged and random text.
///
/// The number of inputs per parser is small here; `PHONEFLEET_FUZZ_INPUTS` sets another for a campaign, and
/// `PHONEFLEET_FUZZ_SEED` another seed.
@Suite("Damaged input")
struct DeploymentFileFuzzTests {
    private static let count = ProcessInfo.processInfo.environment["PHONEFLEET_FUZZ_INPUTS"].flatMap { Int($0) } ?? 1500
    private static let seed = ProcessInfo.processInfo.environment["PHONEFLEET_FUZZ_SEED"].flatMap { UInt64($0) } ?? 1

    /// Damages one of the samples: cut, doubled, swapped, changed bytes, pieces of other samples.
    private static func damaged(_ samples: [[UInt8]], _ random: inout DevicesSeed) -> [UInt8] {
        var bytes = random.pick(samples)
        for _ in 0...random.below(6) {
            let position = random.below(bytes.count + 1)
            switch random.below(6) {
            case 0: bytes.insert(UInt8(random.below(256)), at: position)
            case 1 where position < bytes.count: bytes.remove(at: position)
            case 2 where position < bytes.count: bytes[position] = UInt8(random.below(256))
            case 3 where random.chance(4): bytes.removeSubrange(position...)
            case 4: bytes.insert(contentsOf: Array(random.awkwardText(longest: 4).utf8), at: position)
            default:
                let other = random.pick(samples)
                let start = random.below(other.count + 1)
                bytes.insert(contentsOf: other[start..<min(other.count, start + random.below(40))], at: position)
            }
        }
        return bytes
    }

    private static func run(_ samples: [String], salt: UInt64, _ parse: ([UInt8]) -> Void) {
        var random = DevicesSeed(seed &* 1000 &+ salt)
        let samples = samples.map { Array($0.utf8) }
        for _ in 0..<count { parse(damaged(samples, &random)) }
    }

    @Test("No range traps, and every range that parses can be walked")
    func ranges() {
        let samples = [
            "10.0.0.0/22", "10.0.0.1-20", "10.0.0.1-10.0.1.9", "fd00::1", "fe80::1%eth0", "a-1.example.net",
            "0.0.0.0/0",
            "255.255.255.255", "10.0.0.1 - 3", "[::1]",
        ]
        Self.run(samples, salt: 1) { bytes in
            let text = String(decoding: bytes, as: UTF8.self)
            _ = try? AddressRange.ranges(inFile: text, name: "list")
            guard let range = try? AddressRange(text),
                let set = try? AddressSet([range], order: .spread, limit: 1 << 33)
            else { return }
            if set.count < 5000 { #expect(set.reduce(0) { count, _ in count + 1 } == range.count) }
        }
    }

    @Test("No filter traps, and every filter that parses can be evaluated")
    func filters() {
        let samples = [
            "software<V3.0 and group=floor2", "not (id=d1 or ip=10.0.0.0/24)", "note~'a*b' and tls=yes", "mac~00:01",
            "((number>=3200))", "status=failed or not not trusted=no", "type=\"a\\\"b\"",
        ]
        let context = FilterContext(groups: [], catalogue: Fixture.catalogue)
        let device = Device(
            id: DeviceID("d1"), type: Fixture.tlsType, address: "10.0.0.1", mac: Fixture.mac(1), note: "ab")
        Self.run(samples, salt: 2) { bytes in
            guard let filter = try? DeviceFilter(String(decoding: bytes, as: UTF8.self)) else { return }
            _ = filter.matches(device, in: context)
        }
    }

    @Test("No CSV traps, and a CSV is applied as a whole or not at all")
    func csv() {
        let samples = [
            "mac,ip,number,type,groups,note,port\r\n00:01:E3:00:00:09,10.0.0.9,+49,optipoint-410-standard-hfa,a|b,\"x\"\"y\r\nz\",8443\r\n",
            "\u{FEFF}id;value:sntp-addr;value:admin-pwd;item:key[3]\nd1;10.0.0.1;env:A;'=x\n",
            "mac\tnote\n\n,,\n0001e3000001\t(none)\n",
        ]
        let context = Fixture.context([Device(id: DeviceID("d1"), address: "10.0.0.1", mac: Fixture.mac(1))])
        Self.run(samples, salt: 3) { bytes in
            let result = DeviceCSV.preview(bytes, in: context)
            #expect(result.faults.isEmpty || result.rows.isEmpty)
            #expect(result.faults.count <= 100)
        }
    }

    @Test("No deployment file traps, and what is read can be written and read again")
    func deploymentFiles() throws {
        var random = DevicesSeed(Self.seed)
        var samples = [
            "version: 1\nsettings: {site: {a: {secret: 'env:A'}, admin-pwd: sealed:x}}\n",
            "version: 1\ndevices:\n- id: d1\n  note: |\n    a\n    b\n  mac: 00:01:E3:00:00:01\n",
            "version: 1\n? a\n: - b\n  - &x c\n  - *x\n",
        ]
        for _ in 0..<5 {
            let document = DeploymentFileRoundTripTests.document(&random)
            samples.append(try DeploymentFile.text(of: document, isSecret: Fixture.isSecret, allowsPlainSecrets: true))
        }
        Self.run(samples, salt: 4) { bytes in
            guard
                let document = try? DeploymentFile.document(
                    from: bytes, isSecret: Fixture.isSecret, allowsPlainSecrets: true),
                let text = try? DeploymentFile.text(of: document, isSecret: Fixture.isSecret, allowsPlainSecrets: true)
            else { return }
            let again = try? DeploymentFile.document(
                from: Array(text.utf8), isSecret: Fixture.isSecret, allowsPlainSecrets: true)
            #expect(again == document, "\(text)")
        }
    }
}
