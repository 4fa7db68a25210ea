import DeploymentModel
import Testing

@Suite("Number series")
struct NumberSeriesTests {
    private func device(_ id: String, mac: Int? = nil, address: String? = nil, number: String? = nil) -> Device {
        Device(
            id: DeviceID(id), address: address, mac: mac.map(Fixture.mac), number: number.flatMap { TerminalNumber($0) }
        )
    }

    private func numbers(_ assignments: [NumberAssignment]) -> [String] {
        assignments.map { "\($0.device)=\($0.number)" }
    }

    @Test("A series counts from its start in steps, behind its prefix")
    func counting() throws {
        let series = try NumberSeries(prefix: "+4989722", start: "3200", step: 5)
        #expect(
            try (0..<3).map { try series.number(at: $0).rawValue } == ["+49897223200", "+49897223205", "+49897223210"])
    }

    @Test("Leading zeros of the start keep the width, and a number that no longer fits is refused")
    func leadingZeros() throws {
        let series = try NumberSeries(start: "098")
        #expect(try series.number(at: 1).rawValue == "099")
        #expect(try series.number(at: 2).rawValue == "100")
        #expect(throws: Fault(.inputValue, subject: "1000", detail: "1000 does not fit in 3 digits")) {
            try series.number(at: 902)
        }
        #expect(try NumberSeries(start: "98").number(at: 2).rawValue == "100")
        #expect(try NumberSeries(start: "7", width: 4).number(at: 0).rawValue == "0007")
    }

    @Test(
        "A series that cannot be is refused",
        arguments: [
            ("12a", "1", 1), ("", "1x", 1), ("", "", 1), ("", "1", 0), ("", "1234567890123456789", 1),
        ])
    func badSeries(_ prefix: String, _ start: String, _ step: Int) {
        #expect(throws: Fault.self) { try NumberSeries(prefix: prefix, start: start, step: step) }
    }

    @Test("A number longer than a terminal number, below zero or beyond all integers is refused")
    func overflow() throws {
        let long = try NumberSeries(prefix: String(repeating: "1", count: 20), start: "9999")
        #expect(try long.number(at: 0).rawValue.count == 24)
        #expect(throws: Fault.self) { try long.number(at: 1) }
        #expect(throws: Fault.self) { try NumberSeries(start: "5", step: -1).number(at: 6) }
        #expect(throws: Fault.self) { try NumberSeries(start: "5", step: 1_000_000_000).number(at: .max) }
    }

    @Test("Devices are numbered by MAC, by address as networks count, by ID, or as listed")
    func order() throws {
        let devices = [
            device("d10", mac: 3, address: "10.0.0.9"), device("d9", mac: 1, address: "10.0.0.10"), device("d2"),
        ]
        let series = try NumberSeries(start: "1")
        func ids(_ order: NumberSeries.Order) throws -> [String] {
            try series.assign(to: devices, among: devices, order: order).map(\.device.rawValue)
        }
        #expect(try ids(.mac) == ["d9", "d10", "d2"])
        #expect(try ids(.address) == ["d10", "d9", "d2"])
        #expect(try ids(.id) == ["d2", "d9", "d10"])
        #expect(try ids(.asListed) == ["d10", "d9", "d2"])
    }

    @Test("A number of a device outside the selection is a conflict that names both, or is skipped")
    func taken() throws {
        let devices = [device("d1"), device("d2"), device("d3", number: "3201")]
        let series = try NumberSeries(start: "3200")
        let selected = Array(devices.prefix(2))
        #expect(
            throws: FaultList([
                Fault(.planNumberConflict, subject: "3201", detail: "is the number of d2 and of d3")
            ])
        ) {
            try series.assign(to: selected, among: devices)
        }
        #expect(numbers(try series.assign(to: selected, among: devices, policy: .skip)) == ["d1=3200", "d2=3202"])
        let reserved: Set<TerminalNumber> = Set(["3200", "3202"].compactMap { TerminalNumber($0) })
        #expect(
            numbers(try series.assign(to: selected, among: devices, taken: reserved, policy: .skip))
                == ["d1=3203", "d2=3204"])
    }

    @Test("Existing numbers are kept when asked, and freed for the others when not")
    func keeping() throws {
        let devices = [device("d1", number: "3201"), device("d2"), device("d3", number: "3200")]
        let series = try NumberSeries(start: "3200")
        #expect(numbers(try series.assign(to: devices, among: devices)) == ["d1=3200", "d2=3201", "d3=3202"])
        #expect(
            numbers(try series.assign(to: devices, among: devices, keepsExisting: true, policy: .skip)) == ["d2=3202"])
    }

    @Test("Every number that two devices have is found, with both devices")
    func conflicts() {
        let devices = [device("d10", number: "1"), device("d2", number: "1"), device("d3", number: "2")]
        #expect(
            NumberSeries.conflicts(in: devices)
                == [Fault(.planNumberConflict, subject: "1", detail: "is the number of d2 and of d10")])
    }
}
