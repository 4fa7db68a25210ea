import DeploymentModel
import Foundation
import Testing

@Suite("Deployment files")
struct DeploymentFileTests {
    private func read(_ text: String, allowsPlainSecrets: Bool = false) throws(FaultList) -> DeploymentDocument {
        try DeploymentFile.document(
            from: Array(text.utf8), isSecret: Fixture.isSecret, allowsPlainSecrets: allowsPlainSecrets)
    }

    private func faults(_ text: String) -> [String] {
        do throws(FaultList) {
            _ = try read(text)
            return []
        } catch {
            return error.faults.map { [$0.subject, $0.detail].compactMap(\.self).joined(separator: ": ") }
        }
    }

    private func write(_ document: DeploymentDocument, allowsPlainSecrets: Bool = false) throws(FaultList) -> String {
        try DeploymentFile.text(of: document, isSecret: Fixture.isSecret, allowsPlainSecrets: allowsPlainSecrets)
    }

    @Test("A document is written for people, in a stable order")
    func layout() throws {
        let document = DeploymentDocument(
            devices: [
                Device(id: DeviceID("d10"), address: "10.0.0.10"),
                Device(
                    id: DeviceID("d9"), type: Fixture.tlsType, address: "10.0.0.9", mac: Fixture.mac(10),
                    number: Fixture.number("0200"), status: .verified, wasAuthenticated: true,
                    lastSeen: Date(timeIntervalSince1970: 1_700_000_000.25), note: "front desk"),
            ],
            groups: [DeviceGroup(name: "floor2", members: [DeviceID("d9"), DeviceID("d10")])],
            settings: [
                Setting(layer: .site, key: ItemKey("sntp-addr"), value: .plain("10.0.0.1")),
                Setting(layer: .site, key: ItemKey("admin-pwd"), value: .secret(.environment("PASSWORD"))),
                Setting(layer: .type(Fixture.tlsType), key: ItemKey("key", index: 3), value: .plain("yes")),
            ],
            profiles: [
                TrustRecord(
                    name: "factory", subject: "CN=phone",
                    anchors: ["-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n"])
            ],
            bindings: [TrustBinding(profile: "factory", scope: .all)])
        #expect(
            try write(document) == """
                # phonefleet deployment file
                version: 1

                devices:
                  - id: d9
                    mac: 00:01:E3:00:00:0A
                    address: 10.0.0.9
                    type: optipoint-410-standard-hfa
                    number: "0200"
                    status: verified
                    authenticated: true
                    lastSeen: "2023-11-14T22:13:20.250Z"
                    note: front desk
                  - id: d10
                    address: 10.0.0.10

                groups:
                  - name: floor2
                    members:
                      - d9
                      - d10

                settings:
                  types:
                    optipoint-410-standard-hfa:
                      "key[3]": "yes"
                  site:
                    admin-pwd: "env:PASSWORD"
                    sntp-addr: 10.0.0.1

                trust:
                  profiles:
                    - name: factory
                      subject: "CN=phone"
                      anchors:
                        - |
                          -----BEGIN CERTIFICATE-----
                          AA==
                          -----END CERTIFICATE-----
                      minimumTLS: "1.2"
                  bindings:
                    - profile: factory
                      all: true

                """)
        #expect(try read(try write(document)) == document.ordered)
    }

    @Test("Values written by hand stay text as they stand")
    func handWritten() throws {
        let document = try read(
            """
            version: 1
            devices:
              - {id: reception, number: 0200, software: 3.0, mac: 10:11:12:13:14:15}
            settings:
              site:
                dhcp: yes
                port: 0x10
                dial: '*31#'
                empty: ""
            """)
        #expect(document.devices.first?.number?.rawValue == "0200")
        #expect(document.devices.first?.softwareVersion?.text == "3.0")
        #expect(document.settings.map(\.value) == [.plain("yes"), .plain("*31#"), .plain(""), .plain("0x10")])
    }

    @Test("Every error is named by line and place")
    func allErrors() {
        #expect(
            faults(
                """
                version: 1
                devices:
                  - id: d1
                    mac: 00:01:E3
                    numbr: "1"
                  - address: 10.0.0.300
                    port: 0
                  - id: d3
                    status: broken
                    lastSeen: yesterday
                    note: [a]
                groups:
                  - name: a
                    members: [d1, d1]
                  - name: a
                settings:
                  sites: {}
                  site:
                    a b: x
                    sntp-addr:
                trust:
                  profiles:
                    - {name: p, subject: CN=a, minimumTLS: 1.4, anchors: [x], pin: 12}
                  bindings:
                    - {profile: p, all: true, type: t}
                """) == [
                    "line 5, devices[0].numbr: there is no key of this name, did you mean number?",
                    "line 4, devices[0].mac: 00:01:E3 is no MAC address",
                    "line 6, devices[1]: id is missing",
                    "line 9, devices[2].status: broken is no status, it is one of new, verified, failed, differs, waiting, not-trusted, conflict",
                    "line 10, devices[2].lastSeen: yesterday is no time, for example 2026-03-01T08:15:30Z",
                    "line 11, devices[2].note: a single value is expected here",
                    "line 14, groups[0].members[1]: d1 is a member already",
                    "line 15, groups[1].name: a is the name of groups[0] already",
                    "line 17, settings.sites: there is no key of this name, did you mean site?",
                    "line 19, settings.site.a b: is no item name",
                    "line 20, settings.site.sntp-addr: no value, write \"\" for an empty one or leave the line out",
                    "line 23, trust.profiles[0].anchors[0]: is no certificate in PEM form",
                    "line 23, trust.profiles[0].minimumTLS: 1.4 is no TLS version, it is one of 1.0, 1.1, 1.2, 1.3",
                    "line 23, trust.profiles[0].pin: 12 is no SHA-256 of a key (64 hexadecimal digits)",
                    "line 25, trust.bindings[0]: one of all: true, type, group and device is expected here",
                ])
    }

    @Test(
        "A file that is no deployment file is refused with its reason",
        arguments: [
            ("", "line 1: the file is empty"),
            ("devices: []", "line 1, version: version is missing"),
            ("version: one", "line 1, version: is no version number"),
            ("version: 2\nnew: x", "line 1, version: version 2 is newer than this program, which reads up to 1"),
            ("- a", "line 1: a deployment file begins with version: 1"),
            ("version: 1\nversion: 1", "line 1: no YAML: stands twice in one mapping: version"),
            ("version: 1\ndevices: [", "line 2: no YAML: did not find expected node content"),
            ("version: 1\n--- \nversion: 1", "line 2: no YAML: but found another document"),
            (
                "version: 1\nsettings:\n  site: &a {x: y}\n  groups: {g: *a}",
                "line 4: anchors (&) and aliases (*) are not allowed, write the value out or quote the text"
            ),
            ("version: 1\na:\n" + String(repeating: " ", count: 200) + "b: c", "line 3: nested too deeply"),
        ])
    func refused(_ text: String, _ expected: String) {
        #expect(faults(text) == [expected])
    }

    @Test("Text that is not UTF-8 and files over 10 MiB are refused")
    func bytes() {
        func detail(_ bytes: [UInt8]) -> String? {
            do throws(FaultList) {
                _ = try DeploymentFile.document(from: bytes, isSecret: Fixture.isSecret)
                return nil
            } catch {
                return error.faults.first?.detail
            }
        }
        #expect(detail(Array("version: 1\n# M".utf8) + [0xFC]) == "the text is not UTF-8")
        #expect(detail([UInt8](repeating: 32, count: 10 << 20 + 1)) == "larger than 10 MiB")
    }

    @Test("Bombs of aliases and of nesting end at once")
    func bombs() {
        var bomb = "version: 1\na0: &a0 [x, x]\n"
        for level in 1...60 { bomb += "a\(level): &a\(level) [*a\(level - 1), *a\(level - 1)]\n" }
        #expect(faults(bomb).count == 1)
        #expect(faults("version: 1\na: " + String(repeating: "[", count: 100_000)).count == 1)
        #expect(faults("version: 1\na: " + String(repeating: "{x: ", count: 100_000)).count == 1)
        #expect(faults("version: 1\na:\n" + String(repeating: "- ", count: 100_000)).count == 1)
        #expect(
            faults("version: 1\na: " + String(repeating: "[", count: 900) + String(repeating: "]", count: 900)).count
                == 1)
        #expect(faults(String(repeating: "? ", count: 100_000)).count == 1)
    }

    @Test("A secret in plain is refused and not repeated, unless it is marked and allowed")
    func plainSecrets() throws {
        let plain = "version: 1\nsettings:\n  site:\n    admin-pwd: hunter2\n"
        #expect(
            faults(plain) == [
                "line 4, settings.site.admin-pwd: is a secret, write a reference: env:NAME, file:PATH or sealed:NAME"
            ])
        let marked = "version: 1\nsettings:\n  site:\n    admin-pwd: {plain: hunter2}\n"
        #expect(
            faults(marked) == [
                "line 4, settings.site.admin-pwd.plain: a secret in plain is refused here, write a reference: env:NAME, file:PATH or sealed:NAME"
            ])
        let document = try read(marked, allowsPlainSecrets: true)
        #expect(document.settings.map(\.value) == [.plain("hunter2")])
        #expect(try write(document, allowsPlainSecrets: true).contains("admin-pwd: {plain: \"hunter2\"}"))
        #expect(
            throws: FaultList([
                Fault(
                    .inputSecret, subject: "admin-pwd of site",
                    detail: "a secret in plain is not written, make it a reference: env:NAME, file:PATH or sealed:NAME")
            ])
        ) { try write(document) }
    }

    @Test("A private key among trusted certificates is refused")
    func privateKey() {
        let text =
            "version: 1\ntrust:\n  profiles:\n    - {name: p, subject: CN=a, anchors: [\"-----BEGIN PRIVATE KEY-----\"]}\n"
        #expect(
            faults(text) == [
                "line 4, trust.profiles[0].anchors[0]: holds a private key, a trusted certificate is public"
            ])
    }

    @Test("Names that lead nowhere are found, with the nearest one that exists")
    func references() throws {
        let document = try read(
            """
            version: 1
            devices: [{id: d1}]
            groups: [{name: floor2, members: [d1, d2, d3]}]
            settings: {groups: {flor2: {a: b}}, devices: {d1: {a: b}}}
            trust: {bindings: [{profile: factory, group: lab}]}
            """)
        let faults = document.unknownReferences(devices: [DeviceID("d2")], groups: ["lab"])
        #expect(
            faults.map(\.description) == [
                "input.not-found: groups[0].members[2]: there is no device d3, did you mean d1?",
                "input.not-found: settings.groups.flor2: there is no group flor2, did you mean floor2?",
                "input.not-found: trust.bindings[0].profile: there is no trust profile factory",
            ])
    }

    @Test("Every example of the reference can be read")
    func examples() throws {
        let examples = try Fixture.blocks("yaml", in: "docs/reference/deployment-file.md")
        #expect(examples.count >= 2)
        for example in examples { #expect(faults(example) == []) }
    }
}
