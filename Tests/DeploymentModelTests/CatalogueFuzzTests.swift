import Testing

@testable import DeploymentModel

/// Damaged catalogue files: every one is loaded or refused with faults, and none stops the program.
struct CatalogueFuzzTests {
    private static let seedFile = """
        {"schema": "phonefleet.phone-type-catalogue/1", "comment": "caf\\u00e9 \\ud83d\\ude00",
         "parameters": {
          "a": {"label": "A", "help": "H.", "kind": "number", "minimum": -5, "maximum": 1e3, "default": "7", "provenance": "manual"},
          "b": {"label": "B", "help": "H.", "kind": "choice", "choices": {"0": "no", "1": "yes"}, "indices": [1, 10], "shifted": true,
                "onlyIf": {"item": "a", "values": ["1", "2"]}, "dependentGroup": "g", "provenance": "index"},
          "c": {"extends": "a", "item": "c", "pattern": "[a-z]{1,3}(x|y)*", "kind": "text", "default": "abc", "softwareFrom": "V1", "softwareTo": "V2"},
          "d": {"label": "D", "help": "H.", "kind": "password", "secret": true, "minimumLength": 6, "maximumLength": 24, "provenance": "sibling"}},
         "tabs": {"t": {"name": "T", "parameters": ["a", "b", "c", "d"]}},
         "types": {"x": {"name": "X", "deviceType": "X1", "family": "F", "protocol": "direct",
          "access": [{"tls": false, "port": 8085}, {"softwareFrom": "V2", "tls": true, "port": 443}], "softwareVersions": ["V1", "V2"],
          "tabs": [{"tab": "t", "softwareFrom": "V1"}], "replace": {"a": "a"}, "without": ["d"], "fileKinds": ["logo"],
          "limits": {"items": 10, "fileBytes": 1000}, "durations": {"transfer": 1.5, "restart": 60}, "provenance": "decision"}},
         "gaps": [{"name": "n", "reason": "r"}]}
        """

    private static let pieces = [
        "{", "}", "[", "]", ",", ":", "\"", "\\", "\\u", "\\ud800", "null", "true", "-1", "1e999", "0",
        "99999999999999999999",
        "\"extends\": \"a\",", "\"x\"", "{2,", "{0,1000}", "(((", "|", "[z-a]", "[^", "\u{0}", "\u{7F}", "\u{FEFF}",
        "é",
    ].map { Array($0.utf8) }

    @Test func `the undamaged file loads`() throws {
        let catalogue = try Catalogue.make(of: [("seed", Array(Self.seedFile.utf8))])
        #expect(catalogue.types.first?.parameterCount == 3)
    }

    @Test(arguments: 0..<4) func `a damaged file is loaded or refused`(seed: Int) {
        var random = SplitMix(state: UInt64(seed))
        let seedBytes = Array(Self.seedFile.utf8)
        for _ in 0..<1500 {
            var bytes = seedBytes
            for _ in 0..<Int.random(in: 1...4, using: &random) { Self.damage(&bytes, &random) }
            do throws(FaultList) {
                let catalogue = try Catalogue.make(of: [("fuzz", bytes)])
                for type in catalogue.types { Self.use(type) }
            } catch {
                #expect(!error.faults.isEmpty && error.faults.count <= 101)
            }
        }
    }

    /// Whatever was loaded can be used: every rule printed, every kind of value checked.
    private static func use(_ type: PhoneType) {
        for parameter in type.parameters {
            _ = parameter.ruleDescription
            for value in ["", "1", "abc", "true", "9999999999999999999", "\u{0}", String(repeating: "a", count: 2000)] {
                _ = parameter.check(parameter.normalise(value), index: parameter.instances.first ?? nil)
            }
        }
        _ = type.itemKeys(software: SoftwareVersion("V1.5"))
        _ = type.access(for: nil)
    }

    private static func damage(_ bytes: inout [UInt8], _ random: inout SplitMix) {
        let position = Int.random(in: 0..<max(1, bytes.count), using: &random)
        switch Int.random(in: 0..<6, using: &random) {
        case 0 where !bytes.isEmpty: bytes[position] = UInt8.random(in: 0...255, using: &random)
        case 1: bytes.removeLast(min(bytes.count, Int.random(in: 0...200, using: &random)))
        case 2: bytes.insert(contentsOf: pieces.randomElement(using: &random) ?? [], at: min(position, bytes.count))
        case 3 where !bytes.isEmpty:
            let end = min(bytes.count, position + Int.random(in: 0...40, using: &random))
            bytes.removeSubrange(position..<end)
        case 4 where !bytes.isEmpty:
            let end = min(bytes.count, position + Int.random(in: 0...40, using: &random))
            bytes.insert(contentsOf: bytes[position..<end], at: Int.random(in: 0...bytes.count, using: &random))
        default:
            guard let digit = bytes.indices.filter({ (48...57).contains(bytes[$0]) }).randomElement(using: &random)
            else {
                return
            }
            bytes.replaceSubrange(digit...digit, with: pieces.randomElement(using: &random) ?? [])
        }
    }
}

/// A small generator that gives the same numbers for the same seed everywhere.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}
