import DeploymentModel
import Testing

@Suite("Selection of devices")
struct SelectionTests {
    private let devices = [
        Device(
            id: DeviceID("d1"), type: Fixture.tlsType, address: "10.0.0.9", mac: Fixture.mac(1),
            number: Fixture.number("3200"),
            softwareVersion: SoftwareVersion("V2.4"), status: .verified, wasAuthenticated: true, note: "front desk"),
        Device(
            id: DeviceID("d2"), type: Fixture.plainType, address: "10.0.0.10", mac: Fixture.mac(2),
            number: Fixture.number("3201"), softwareVersion: SoftwareVersion("V3.0.12"), status: .failed),
        Device(id: DeviceID("d10"), address: "phone.example.net"),
    ]
    private let groups = [
        DeviceGroup(name: "floor2", members: [DeviceID("d1"), DeviceID("d2")]),
        DeviceGroup(name: "Lab", members: [DeviceID("d10")]),
    ]

    private func found(_ filter: String) throws -> [String] {
        let filter = try DeviceFilter(filter)
        let context = FilterContext(groups: groups, catalogue: Fixture.catalogue)
        return devices.filter { filter.matches($0, in: context) }.map(\.id.rawValue)
    }

    private func detail(_ filter: String) -> String? {
        do throws(Fault) {
            _ = try DeviceFilter(filter)
            return nil
        } catch {
            return error.code == .inputSelection ? error.detail : "code \(error.code)"
        }
    }

    @Test(
        "A filter finds what it says",
        arguments: [
            ("software<V3.0", "d1"), ("software<V3.0 and group=floor2", "d1"), ("software>=V3", "d2"),
            ("software=V3.0.12", "d2"), ("software=\"\"", "d10"), ("group=FLOOR2", "d1 d2"), ("group=lab", "d10"),
            ("not group=floor2", "d10"), ("group!=lab", "d1 d2"), ("ip=10.0.0.0/24", "d1 d2"), ("ip<10.0.0.10", "d1"),
            ("address~example", "d10"), ("ip~10.*.9", "d1"), ("mac=0001e3000002", "d2"), ("mac~00:01:e3", "d1 d2"),
            ("number>=3201", "d2"), ("number=\"\"", "d10"), ("number~32", "d1 d2"),
            ("type=optipoint-410-standard-hfa", "d1"), ("type=\"optiPoint 400 economy HFA\"", "d2"), ("type~400*", ""),
            ("type~*400*", "d2"), ("family=410", "d1"), ("status=failed", "d2"), ("note~desk", "d1"),
            ("note='front desk'", "d1"), ("tls=yes", "d1"), ("trusted=no", "d2 d10"), ("id<d10", "d1 d2"),
            ("status=failed or note~desk and not id=d1", "d2"), ("(status=failed or note~desk) and not id=d1", "d2"),
            ("not (id=d1 or id=d2)", "d10"), ("NOT NOT id = d1", "d1"), ("id==d1 OR id==d10", "d1 d10"),
        ])
    func filter(_ text: String, _ expected: String) throws {
        #expect(try found(text).joined(separator: " ") == expected)
    }

    @Test(
        "A bad filter names the column, the reason and what to write",
        arguments: [
            ("sofware<V3", "column 1: there is no field sofware, did you mean software?"),
            (
                "id=d1 and colour=red",
                "column 11: there is no field colour, the fields are id, mac, ip, number, type, family, software, status, group, note, tls, trusted"
            ),
            ("group<floor2", "column 1: group is compared with =, != and ~ only"),
            ("tls~yes", "column 1: tls is compared with = and != only"),
            ("tls=perhaps", "column 5: perhaps is neither yes nor no"),
            (
                "status=broken",
                "column 8: there is no status broken, it is one of new, verified, failed, differs, waiting, not-trusted, conflict"
            ),
            ("mac=00:01", "column 5: 00:01 is no MAC address, use ~ to search for a part of one"),
            ("ip=10.0.0.0/99", "column 4: 10.0.0.0/99: /99 is no prefix length, 0 to 32 is"),
            ("ip>phone", "column 4: phone is no IPv4 address"),
            ("software<new", "column 10: new is no version, for example V3.0"),
            ("group", "column 1: group has no comparison, write it with one of = != < <= > >= ~"),
            ("group=", "column 7: a value is missing, write \"\" for an empty one"),
            ("note=front desk", "column 12: desk has no comparison, write it with one of = != < <= > >= ~"),
            ("id=d1 id=d2", "column 7: and or or is missing before id, or a value with blanks needs quotes"),
            ("id=d1 && id=d2", "column 7: & is not understood here, write and"),
            ("and id=d1", "column 1: a comparison is missing before and"),
            ("id=d1 or", "column 7: a comparison is missing, for example group=floor2"),
            ("(id=d1", "column 1: the parenthesis that opens here is not closed"),
            ("id=d1)", "column 6: the parenthesis that closes here was never opened"),
            ("note=\"desk", "column 6: the quote that opens here is not closed"),
            ("", "column 1: a comparison is missing, for example group=floor2"),
        ])
    func badFilter(_ text: String, _ expected: String) {
        #expect(detail(text) == expected)
    }

    @Test("Deep and long filters neither trap nor take long")
    func deepFilter() throws {
        let deep = String(repeating: "(", count: 2000) + "id=d1" + String(repeating: ")", count: 2000)
        #expect(try found(deep) == ["d1"])
        #expect(try found(String(repeating: "not ", count: 1000) + "id=d1") == ["d1"])
        #expect(detail(String(repeating: "(", count: 5000)) == "longer than 4096 characters")
        let many = Array(repeating: "id=d1", count: 300).joined(separator: " or ")
        #expect(detail(many)?.hasSuffix("more than 256 comparisons") == true)
    }

    private func selected(_ selection: DeviceSelection) throws -> [String] {
        try selection.resolve(devices: devices, groups: groups, catalogue: Fixture.catalogue).map(\.id.rawValue)
    }

    @Test("A device is found by its ID, MAC address, address or number")
    func references() throws {
        let selection = DeviceSelection(devices: ["d1", "00-01-e3-00-00-02", "PHONE.example.net"])
        #expect(try selected(selection) == ["d1", "d2", "d10"])
        #expect(try selected(DeviceSelection(devices: ["3201", "10.0.0.10"])) == ["d2"])
    }

    @Test("Values of one kind add up and different kinds narrow each other")
    func combination() throws {
        #expect(try selected(DeviceSelection(groups: ["floor2", "lab"])) == ["d1", "d2", "d10"])
        #expect(try selected(DeviceSelection(groups: ["floor2"], types: ["optiPoint 410 standard HFA"])) == ["d1"])
        #expect(try selected(DeviceSelection(groups: ["floor2"], filter: try DeviceFilter("status=failed"))) == ["d2"])
        #expect(try selected(DeviceSelection(all: true)) == ["d1", "d2", "d10"])
        #expect(try selected(DeviceSelection(filter: try DeviceFilter("note=nothing"))) == [])
    }

    @Test("Everything that does not exist is named at once, with the nearest name")
    func missing() {
        let selection = DeviceSelection(devices: ["d77"], groups: ["flor2"], types: ["optipoint-410-standard-hfaa"])
        #expect(
            throws: FaultList([
                Fault(
                    .inputNotFound, subject: "d77",
                    detail: "no device has this ID, MAC address, address or number"),
                Fault(.inputNotFound, subject: "flor2", detail: "no group has this name, did you mean floor2?"),
                Fault(
                    .inputNotFound, subject: "optipoint-410-standard-hfaa",
                    detail: "no phone type has this name, did you mean optipoint-410-standard-hfa?"),
            ])
        ) { try selected(selection) }
    }

    @Test("No selection is no selection of all, and all stands alone")
    func shape() throws {
        #expect(throws: FaultList([Fault(.inputSelection, detail: "no device is selected")])) {
            try selected(DeviceSelection())
        }
        #expect(throws: FaultList.self) { try selected(DeviceSelection(groups: ["lab"], all: true)) }
    }

    @Test("A number that two devices have is not taken for either")
    func ambiguous() throws {
        let twins = [
            Device(id: DeviceID("d1"), number: Fixture.number("7")),
            Device(id: DeviceID("d2"), number: Fixture.number("7")),
        ]
        #expect(throws: Fault(.inputSelection, subject: "7", detail: "several devices fit: d1, d2, name one by its ID"))
        {
            try DeviceIndex(twins).device("7")
        }
    }

    @Test("Every example of the reference is a filter")
    func examples() throws {
        let lines = try Fixture.blocks("filter", in: "docs/reference/selection.md").flatMap {
            $0.split(separator: "\n")
        }
        #expect(lines.count >= 8)
        for line in lines { #expect(throws: Never.self) { try DeviceFilter(String(line)) } }
    }
}
