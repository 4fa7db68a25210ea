import DeploymentModel
import Foundation
import Testing

@Suite("Device lists as CSV")
struct CSVTests {
    private let devices = [
        Device(
            id: DeviceID("d1"), type: Fixture.tlsType, address: "10.0.0.1", mac: Fixture.mac(1),
            number: Fixture.number("3200"), status: .verified, note: "desk"),
        Device(id: DeviceID("d2"), type: Fixture.plainType, address: "10.0.0.2", number: Fixture.number("3201")),
    ]
    private let groups = [DeviceGroup(name: "floor1", members: [DeviceID("d1")])]

    private func preview(_ text: String, limits: CSVLimits = CSVLimits()) -> DeviceImport {
        DeviceCSV.preview(Array(text.utf8), in: Fixture.context(devices, groups: groups), limits: limits)
    }

    /// With the built-in catalogue, by which values are judged.
    private func builtInPreview(_ text: String) throws -> DeviceImport {
        DeviceCSV.preview(
            Array(text.utf8),
            in: DeviceCSVContext(
                devices: devices, groups: groups, settings: [], catalogue: try Catalogue.builtIn(),
                isSecret: Fixture.isSecret))
    }

    @Test("A value against the rule of the device's type is refused with its line and column")
    func badValues() throws {
        let result = try builtInPreview("id,value:sntp-addr,value:nonsense\nd1,bad addr,\nd2,,x\n")
        #expect(
            result.faults.map(\.subject) == [
                "line 2, column 2 (value:sntp-addr)", "line 3, column 3 (value:nonsense)",
            ])
        #expect(result.faults.allSatisfy { $0.code == .planInvalidValue })
        #expect(result.rows.isEmpty)
    }

    private func faults(_ text: String) -> [String] {
        preview(text).faults.map { [$0.subject, $0.detail].compactMap(\.self).joined(separator: ": ") }
    }

    @Test("A list with BOM, semicolons, any header order and case makes new devices")
    func newDevices() throws {
        let result = preview(
            "\u{FEFF}Device Type;Terminal-Number; MAC_Address ;IP\r\noptiPoint 410 STANDARD HFA;4989;00-01-e3-00-00-09;10.0.0.9\r\n"
        )
        #expect(result.faults == [])
        let row = try #require(result.rows.first)
        #expect(row.device == nil)
        #expect(row.line == 2)
        #expect(row.fields.type == Fixture.tlsType)
        #expect(row.fields.number == Fixture.number("4989"))
        #expect(row.fields.mac == Fixture.mac(9))
        #expect(row.fields.address == "10.0.0.9")
        #expect(result.created.count == 1)
    }

    @Test("Tabs and commas are found by the header", arguments: [",", ";", "\t"])
    func separators(_ separator: String) throws {
        let lines = [["mac", "note"], ["00:01:E3:00:00:09", "\"a,b;c\td\""]]
        let result = preview(lines.map { $0.joined(separator: separator) }.joined(separator: "\n"))
        #expect(result.rows.first?.fields.note == "a,b;c\td")
    }

    @Test("A row is about the device with its MAC address, else its ID, else its address")
    func matching() {
        #expect(preview("mac,address\n00:01:E3:00:00:01,10.9.9.9").rows.first?.device == DeviceID("d1"))
        #expect(preview("id,mac\nd1,00:01:E3:00:00:99").rows.first?.fields.mac == Fixture.mac(0x99))
        #expect(preview("address,mac\n10.0.0.2,00:01:E3:00:00:99").rows.first?.device == DeviceID("d2"))
        #expect(preview("address\n10.0.0.77").rows.first?.device == .some(nil))
    }

    @Test("What a row does not say stays, and (none) takes away")
    func unsaid() throws {
        let row = try #require(preview("id,number,note,groups\nd1,,(none),(none)").rows.first)
        #expect(row.fields.number == Fixture.number("3200"))
        #expect(row.fields.status == .verified)
        #expect(
            row.changes == [
                DeviceChange(.note, before: "desk", after: ""), DeviceChange(.groups, before: "floor1", after: nil),
            ])
        #expect(preview("id,number\nd1,(none)").rows.first?.fields.number == nil)
    }

    @Test("Quoted cells hold separators, quotes and line breaks, and lines are still counted")
    func quoting() {
        let result = preview("mac,note\n00:01:E3:00:00:08,\"line 1\r\nline \"\"2\"\", end\"\n00:01:E3:00:00:09,x\n")
        #expect(result.rows.map(\.fields.note) == ["line 1\r\nline \"2\", end", "x"])
        #expect(result.rows.map(\.line) == [2, 4])
    }

    @Test("Groups are separated by bars, and new ones are named")
    func groupNames() {
        let result = preview("mac,groups\n00:01:E3:00:00:08,floor1| floor 3 |lab\\|2\n")
        #expect(result.rows.first?.groups == ["floor1", "floor 3", "lab|2"])
        #expect(result.newGroups == ["floor 3", "lab|2"])
    }

    @Test("Values of items have columns, also with an instance")
    func values() throws {
        let text = "id,value:sntp-addr,item:key-label[3],VALUE:admin-pwd\nd1,10.0.0.5,'=x,env:PASSWORD\n"
        let context = Fixture.context(devices, groups: groups, catalogue: try Catalogue.builtIn())
        let row = try #require(DeviceCSV.preview(Array(text.utf8), in: context).rows.first)
        #expect(
            row.values == [
                ItemKey("sntp-addr"): .plain("10.0.0.5"), ItemKey("key-label", index: 3): .plain("=x"),
                ItemKey("admin-pwd"): .secret(.environment("PASSWORD")),
            ])
    }

    @Test("A secret in plain is refused and not repeated")
    func secrets() {
        let result = preview("id,value:admin-pwd\nd1,hunter2\n")
        #expect(result.faults.map(\.code) == [.inputSecret])
        #expect(!"\(result.faults)".contains("hunter2"))
    }

    @Test("Every error is named by line and column, and then nothing is applied")
    func allErrors() {
        let text = """
            mac,ip,number,type,port
            00:01:E3:00:00,10.0.0.300,12a,optipoint-410-standard-hfaa,99999
            00:01:E3:00:00:07,10.0.0.0/24,,,
            00:01:E3:00:00:08,10.0.0.8,1.23E+11,,
            """
        #expect(
            faults(text) == [
                "line 2, column 1 (mac): 00:01:E3:00:00 is no MAC address, for example 00:01:E3:12:34:56",
                "line 2, column 2 (ip): 10.0.0.300: 300 is no octet",
                "line 2, column 3 (number): 12a is no terminal number, 1 to 24 of 0-9 * # are",
                "line 2, column 4 (type): there is no phone type optipoint-410-standard-hfaa, did you mean optipoint-410-standard-hfa?",
                "line 2, column 5 (port): 99999 is no port, 1 to 65535 is",
                "line 3, column 2 (ip): 10.0.0.0/24 is a range, a device has one address",
                "line 4, column 3 (number): 1.23E+11 was shortened by a spreadsheet program, format the column as text",
            ])
        #expect(preview(text).rows == [])
    }

    @Test(
        "Bad headers are named with the nearest column",
        arguments: [
            ("mcc,ip", "line 1, column 1 (mcc): there is no column mcc, did you mean mac?"),
            ("mac,colour", "line 1, column 2 (colour): there is no column colour, a value is value:ITEM"),
            ("mac,MAC Address", "line 1, column 2 (MAC Address): the same as column 1"),
            ("number,note", "line 1: none of the columns mac, address or id, by which a device is known"),
            ("mac,,ip", "line 1, column 2: a column without a name"),
            ("mac,value:a b", "line 1, column 2 (value:a b): a b is no item name"),
            ("mac,value:e164", "line 1, column 2 (value:e164): the terminal number has a column of its own: number"),
            ("", "line 1: the file is empty"),
        ])
    func badHeaders(_ header: String, _ expected: String) {
        #expect(faults(header + "\n") == [expected])
    }

    @Test(
        "Doubles inside the file and numbers that others have are named with both places",
        arguments: [
            (
                "mac,number\n00:01:E3:00:00:08,1\n00:01:E3:00:00:08,2",
                "line 3, column 1 (mac): 00:01:E3:00:00:08 stands on line 2 already"
            ),
            (
                "mac,number\n00:01:E3:00:00:08,1\n00:01:E3:00:00:09,1",
                "line 3, column 2 (number): 1 stands on line 2 already"
            ),
            ("id,mac\nd1,\n,00:01:E3:00:00:01", "line 3: is about d1, and so is line 2"),
            ("mac,number\n00:01:E3:00:00:08,3201", "line 2, column 2 (number): 3201 is the number of d2"),
            (
                "id,mac\nd2,00:01:E3:00:00:01",
                "line 2, column 2 (mac): 00:01:E3:00:00:01 is the MAC address of d1, not of d2"
            ),
            ("id,note\nd9,x", "line 2, column 1 (id): there is no device d9, leave the cell empty for a new one"),
            ("mac,ip,note\n,,x", "line 2: names no device: mac, address and id are empty"),
            (
                "mac,ip\n00:01:E3:00:00:08,10.0.0.1",
                "line 2, column 2 (ip): 10.0.0.1 is the address of d1 with MAC 00:01:E3:00:00:01; write id d1 to give it MAC 00:01:E3:00:00:08"
            ),
        ])
    func doubles(_ text: String, _ expected: String) {
        #expect(faults(text) == [expected])
    }

    @Test("Two devices may swap their numbers in one file")
    func swappedNumbers() {
        let result = preview("id,number\nd1,3201\nd2,3200\n")
        #expect(result.faults == [])
        #expect(result.updated.count == 2)
    }

    @Test(
        "Broken CSV is named with its place",
        arguments: [
            ("mac,note\n00:01:E3:00:00:08,\"open", "line 2, column 2 (note): the quote that opens here is not closed"),
            ("mac,note\n00:01:E3:00:00:08,\"a\"b", "line 2, column 2 (note): text stands after the closing quote"),
            (
                "mac,note\n00:01:E3:00:00:08,a\"b",
                "line 2, column 2 (note): a quote stands in a cell that does not begin with one"
            ),
            ("mac,note\n00:01:E3:00:00:08", "line 2: has 1 cells, the header has 2"),
            ("mac,note\n00:01:E3:00:00:08,a,b", "line 2: has 3 cells, the header has 2"),
        ])
    func brokenCSV(_ text: String, _ expected: String) {
        #expect(faults(text) == [expected])
    }

    @Test("Text that is not UTF-8 is refused with the line")
    func encoding() {
        let latin = Array("mac,note\n00:01:E3:00:00:08,M".utf8) + [0xFC] + Array("ller\n".utf8)
        let result = DeviceCSV.preview(latin, in: Fixture.context())
        #expect(
            result.faults == [
                Fault(.inputCSV, subject: "line 2", detail: "the text is not UTF-8, save it as CSV UTF-8")
            ])
        let wide = DeviceCSV.preview([0xFF, 0xFE, 0x6D, 0], in: Fixture.context())
        #expect(wide.faults == [Fault(.inputCSV, detail: "the text is UTF-16, save it as CSV UTF-8")])
    }

    @Test("Files beyond the limits are refused")
    func limits() {
        let small = CSVLimits(bytes: 100, rows: 2, columns: 3, faults: 2)
        func first(_ text: String) -> String? { preview(text, limits: small).faults.first?.detail }
        #expect(first(String(repeating: "x", count: 101)) == "larger than 0 MiB")
        #expect(first("mac\n1\n2\n3\n") == "1 is no MAC address, for example 00:01:E3:12:34:56")
        #expect(preview("mac\n1\n2\n3\n", limits: small).faults.count == 2)
        #expect(first("address\na\nb\nc\n") == "more than 2 rows")
        #expect(first("a,b,c,d\n") == "more than 3 columns")
    }

    @Test("Twenty thousand rows are read as quietly as one")
    func manyRows() {
        let lines = (0..<20_000).map {
            "\(Fixture.mac($0 + 100)),10.9.\($0 / 250).\($0 % 250),\(500_000 + $0),floor \($0 % 9)"
        }
        let result = preview("mac,ip,number,groups\n" + lines.joined(separator: "\n"))
        #expect(result.faults == [])
        #expect(result.created.count == 20_000)
        #expect(result.newGroups.count == 9)
    }

    @Test("Columns that only the tool fills are skipped and named, blank lines do not count")
    func skipped() {
        let result = preview("mac,software,status\n\n00:01:E3:00:00:01,V9,failed\n,,\n")
        #expect(result.skippedColumns == ["software", "status"])
        #expect(result.unchangedCount == 1)
    }

    @Test("Every example of the reference can be imported")
    func examples() throws {
        let examples = try Fixture.blocks("csv", in: "docs/reference/csv.md")
        #expect(examples.count >= 2)
        for example in examples {
            let result = DeviceCSV.preview(
                Array(example.utf8), in: Fixture.context(catalogue: try Catalogue.builtIn()))
            #expect(result.faults == [])
            #expect(!result.rows.isEmpty)
        }
    }
}

@Suite("CSV export")
struct CSVExportTests {
    @Test("Values that a spreadsheet would run or spoil are guarded")
    func guarded() {
        let device = Device(
            id: DeviceID("d1"), mac: Fixture.mac(1), number: Fixture.number("+4989"), note: "=HYPERLINK(\"x\")")
        let text = DeviceCSV.text(of: [device], in: Fixture.context([device]))
        #expect(
            text == """
                id,mac,address,port,type,number,groups,note\r
                d1,00:01:E3:00:00:01,,,,'+4989,,"'=HYPERLINK(""x"")"\r

                """)
    }

    @Test("A secret in plain is never written")
    func secrets() {
        let device = Device(id: DeviceID("d1"), mac: Fixture.mac(1))
        let settings = [
            Setting(layer: .device(device.id), key: ItemKey("admin-pwd"), value: .plain("hunter2")),
            Setting(layer: .device(device.id), key: ItemKey("user-pwd"), value: .secret(.sealed("a"))),
        ]
        let text = DeviceCSV.text(of: [device], in: Fixture.context([device], settings: settings))
        #expect(!text.contains("hunter2"))
        #expect(text.contains("sealed:a"))
    }

    @Test("What is exported can be imported again and changes nothing", arguments: 0..<40)
    func roundTrip(_ seed: UInt64) throws {
        var random = DevicesSeed(seed)
        let types: [PhoneTypeID?] = [nil, Fixture.tlsType, PhoneTypeID("=gone")]
        let numbers = ["+49897223200", "0200", "*31#", "123456789012345", "7"]
        let devices = (0..<8).map { index in
            let suffix = "\(index)"
            return Device(
                id: DeviceID(random.pick(["d", "=", "-x"]) + suffix), type: random.pick(types),
                address: random.chance(3) ? nil : "10.0.0.\(index + 1)", port: random.chance(2) ? nil : 8443,
                mac: Fixture.mac(index), number: random.chance(3) ? nil : TerminalNumber(random.pick(numbers) + suffix),
                note: random.awkwardText())
        }
        let names = ["floor 1", "a|b", "=x", "b\\", "(none)", "(none)|c", "'q'"]
        let groups = names.map { name in
            DeviceGroup(name: name, members: devices.map(\.id).filter { _ in random.chance(3) })
        }
        let keys = [ItemKey("sntp-addr"), ItemKey("key", index: 3), ItemKey("admin-pwd")]
        let settings = devices.flatMap { device in
            keys.filter { _ in random.chance(2) }.map { key in
                let isReference = Fixture.isSecret(key) || random.chance(3)
                let value: SettingValue = isReference ? .secret(.file("/a,b")) : .plain(random.awkwardText())
                return Setting(layer: .device(device.id), key: key, value: value)
            }
        }
        let context = Fixture.context(devices, groups: groups, settings: settings)
        let text = DeviceCSV.text(of: devices, in: context)
        let result = DeviceCSV.preview(Array(text.utf8), in: context)
        #expect(result.faults == [])
        #expect(result.unchangedCount == devices.count, "\(result.updated.map(\.changes))")
        for (row, device) in zip(result.rows, devices) {
            #expect(row.fields == DeviceFields(device))
            for setting in settings where setting.layer == .device(device.id) {
                #expect(row.values[setting.key] == setting.value)
            }
        }
    }
}
