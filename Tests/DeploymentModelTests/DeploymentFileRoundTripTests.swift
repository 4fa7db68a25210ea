import DeploymentModel
import Foundation
import ProcessTesting
import Testing

@Suite("Round trip of deployment files")
struct DeploymentFileRoundTripTests {
    @Test("What is written reads back the same, and is then written the same", arguments: 0..<150)
    func roundTrip(_ seed: UInt64) throws {
        var random = DevicesSeed(seed)
        let document = Self.document(&random)
        let text = try DeploymentFile.text(of: document, isSecret: Fixture.isSecret, allowsPlainSecrets: true)
        let read = try DeploymentFile.document(
            from: Array(text.utf8), isSecret: Fixture.isSecret, allowsPlainSecrets: true)
        #expect(read == document.ordered)
        #expect(try DeploymentFile.text(of: read, isSecret: Fixture.isSecret, allowsPlainSecrets: true) == text)
    }

    /// Python's YAML 1.1 parser and its JSON Schema validator are software that nobody here wrote.
    @Test("Written files and the examples of the reference are valid by the schema, and bad ones are not")
    func schema() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "deployment-files-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        var good: [String] = try Fixture.blocks("yaml", in: "docs/reference/deployment-file.md")
        for seed in 0..<40 {
            var random = DevicesSeed(UInt64(seed) + 9000)
            let document = Self.document(&random)
            good.append(try DeploymentFile.text(of: document, isSecret: Fixture.isSecret, allowsPlainSecrets: true))
        }
        let bad = [
            "version: 2", "devices: []", "version: 1\ncolour: red", "version: 1\ndevices: [{mac: '00:01:E3:00:00:01'}]",
            "version: 1\ndevices: [{id: d1, mac: 'x'}]", "version: 1\ndevices: [{id: d1, port: 70000}]",
            "version: 1\nsettings: {site: {'a b': x}}", "version: 1\nsettings: {site: {a: {secret: hunter2}}}",
            "version: 1\ntrust: {bindings: [{profile: p}]}",
            "version: 1\ntrust: {bindings: [{profile: p, all: true, type: t}]}",
        ]
        for (kind, texts) in [("good", good), ("bad", bad)] {
            for (index, text) in texts.enumerated() {
                try text.write(
                    to: folder.appendingPathComponent("\(kind)-\(index).yaml"), atomically: false, encoding: .utf8)
            }
        }
        let output = try await Self.validate(folder)
        #expect(output == "\(good.count) good, \(bad.count) bad\n")
    }

    private static let script = """
        import glob, json, sys, yaml, jsonschema
        schema = json.load(open(sys.argv[1]))
        jsonschema.Draft202012Validator.check_schema(schema)
        validator = jsonschema.Draft202012Validator(schema)
        counts = {"good": 0, "bad": 0}
        for kind in counts:
            for name in sorted(glob.glob(sys.argv[2] + "/" + kind + "-*.yaml")):
                errors = list(validator.iter_errors(yaml.safe_load(open(name, newline="", encoding="utf-8"))))
                if bool(errors) == (kind == "bad"):
                    counts[kind] += 1
                else:
                    print(name, [(list(error.path), error.message) for error in errors][:3], open(name).read())
        print("%d good, %d bad" % (counts["good"], counts["bad"]))
        """

    private static func validate(_ folder: URL) async throws -> String {
        let schema = Fixture.repositoryFile("schema/deployment-file.schema.json").path
        let said = try await Tool.run(["python3", "-c", script, schema, folder.path])
        return said.text + said.errors
    }

    // MARK: Random documents

    static func document(_ random: inout DevicesSeed) -> DeploymentDocument {
        let devices = (0..<random.below(6)).map { device($0, &random) }
        let names = ["floor 2", "yes", "1e3", "Büro", "a: b", "#x", "group \(random.awkwardText(longest: 4))"]
        let groups = names.filter { _ in random.chance(2) }.map { name in
            DeviceGroup(name: name, members: devices.map(\.id).filter { _ in random.chance(2) })
        }
        return DeploymentDocument(
            devices: devices, groups: groups, settings: settings(devices, groups, &random),
            profiles: ["factory", "own 2026"].filter { _ in random.chance(2) }.map { profile($0, &random) },
            bindings: (0..<random.below(4)).map { position in
                let scopes: [TrustBinding.Scope] = [
                    .all, .type(Fixture.tlsType), .group("floor 2"), .device(DeviceID("d1")),
                ]
                return TrustBinding(profile: "own 2026", scope: random.pick(scopes), position: position)
            })
    }

    private static func device(_ index: Int, _ random: inout DevicesSeed) -> Device {
        let versions = ["V3.0", "3.0", "V2 R1.3", "1e5", "no"]
        return Device(
            id: DeviceID(random.chance(5) ? "ID \(index): #" : "d\(index)"),
            type: random.chance(3) ? nil : Fixture.tlsType,
            address: random.pick([nil, "10.0.\(index).1", "phone\(index).example.net", "fd00::\(index)"]),
            port: random.chance(2) ? nil : 1 + random.below(65_535),
            mac: random.chance(3)
                ? nil : MACAddress(value: UInt64(0x1011_1213_1415 + index * (random.chance(2) ? 1 : 10))),
            number: random.pick([nil, "0200", "+49", "*31#", "123456789012345678901234"]).flatMap {
                TerminalNumber($0)
            },
            softwareVersion: random.chance(3) ? nil : SoftwareVersion(random.pick(versions)),
            status: random.pick(DeviceStatus.allCases),
            certificateFingerprint: random.chance(2) ? nil : String(repeating: "0a", count: 32),
            wasAuthenticated: random.chance(2),
            lastSeen: random.chance(2)
                ? nil
                : Date(timeIntervalSince1970: Double(random.below(4_000_000_000) * 1000 + random.below(1000)) / 1000),
            note: random.awkwardText())
    }

    private static func settings(
        _ devices: [Device], _ groups: [DeviceGroup], _ random: inout DevicesSeed
    ) -> [Setting] {
        let layers: [SettingLayer] =
            [.type(Fixture.tlsType), .type(Fixture.plainType), .site] + groups.map { .group($0.name) }
            + devices.map { .device($0.id) }
        let keys = [ItemKey("sntp-addr"), ItemKey("y"), ItemKey("7"), ItemKey("key", index: 12), ItemKey("admin-pwd")]
        return layers.flatMap { layer in
            keys.filter { _ in random.chance(2) }.map { key in
                let values: [SettingValue] = [
                    .plain(random.awkwardText()), .plain("{number}"), .secret(.environment("A_B")),
                    .secret(.file("/a b: #")),
                ]
                return Setting(layer: layer, key: key, value: random.pick(values))
            }
        }
    }

    private static func profile(_ name: String, _ random: inout DevicesSeed) -> TrustRecord {
        let pem = "-----BEGIN CERTIFICATE-----\nMIIB+/=\n-----END CERTIFICATE-----"
        return TrustRecord(
            name: name, subject: random.pick(["CN=a", "CN=\\\"x\\\", O=Ä"]),
            anchors: [pem, pem + "\n", pem + "\n\n", " " + pem, pem + "\r\n"].filter { _ in random.chance(2) },
            minimumTLS: random.pick(["1.0", "1.3"]), allowsLegacy: random.chance(2),
            pin: random.chance(2) ? nil : String(repeating: "f1", count: 32), allowsExpiredAnchor: random.chance(2))
    }
}
