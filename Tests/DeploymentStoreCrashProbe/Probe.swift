import DeploymentModel
import DeploymentStore
import Foundation

/// A second process for the tests of the store: one that can be killed, that holds leases, or that has fewer rights.
///
/// Everything that happened is one line on standard output, written at once: `PROBE_UMASK` and `PROBE_USER` (numbers)
/// change the rights before the store is opened.
@main
struct Probe {
    static func main() async {
        adoptRights()
        let arguments = CommandLine.arguments
        guard arguments.count > 2 else { return say("usage: open|hold|journal|fill|bench DATABASE [NUMBER]") }
        do {
            try await run(arguments[1], path: arguments[2], number: arguments.count > 3 ? Int(arguments[3]) ?? 0 : 0)
        } catch {
            say("fault \((error as? Fault)?.code.rawValue ?? "\(error)")")
        }
    }

    private static func run(_ command: String, path: String, number: Int) async throws {
        let store = try Store.open(path: path)
        switch command {
        case "hold": try await hold(DeviceID("d\(number)"), store)
        case "journal": try await journal(devices: number, store)
        case "fill": try await fill(store)
        case "bench": try await bench(callers: number, store)
        default: say("open")
        }
    }

    /// Holds a lease until standard input ends.
    private static func hold(_ device: DeviceID, _ store: Store) async throws {
        let run = try await store.createRun(plan: plan([device])).id
        try await store.begin(device, in: run)
        say("held \(run)")
        while readLine() != nil {}
    }

    /// Writes a run's journal from many tasks and acknowledges each call that returned.
    private static func journal(devices: Int, _ store: Store) async throws {
        let ids = (1...max(1, devices)).map { DeviceID("d\($0)") }
        let run = try await store.createRun(plan: plan(ids)).id
        say("run \(run)")
        try await withThrowingTaskGroup(of: Void.self) { group in
            for id in ids {
                group.addTask { try await work(on: id, run, store) { say($0) } }
            }
            try await group.waitForAll()
        }
        say("end")
    }

    private static func work(
        on id: DeviceID, _ run: RunID, _ store: Store, acknowledge: @Sendable (String) -> Void
    ) async throws {
        try await store.begin(id, in: run)
        acknowledge("begin \(id)")
        for number in 0..<8 {
            try await store.record(entry(id, number), in: run)
            acknowledge("record \(id) \(number)")
        }
        try await store.finish(result(id), acceptedSecrets: [:], in: run)
        acknowledge("finish \(id)")
    }

    /// Adds devices until the database is full, then tells how many of the acknowledged ones are there.
    private static func fill(_ store: Store) async throws {
        var acknowledged = 0
        do {
            while true {
                let note = String(repeating: "x", count: 4000)
                try await store.saveDevices(adding: (0..<8).map { _ in Device(id: DeviceID(""), note: note) })
                acknowledged += 8
            }
        } catch {
            say("fault \((error as? Fault)?.code.rawValue ?? "\(error)")")
            say("kept \(try await store.deviceCount() == acknowledged ? "all" : "not all") of some \(acknowledged > 0)")
        }
    }

    /// Measures calls of the journal per second with so many callers at a time, and the latency of one caller.
    private static func bench(callers: Int, _ store: Store) async throws {
        let ids = (1...max(1, callers)).map { DeviceID("d\($0)") }
        let clock = ContinuousClock()
        let rounds = 20
        let total = try await clock.measure {
            for _ in 0..<rounds {
                let run = try await store.createRun(plan: plan(ids)).id
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for id in ids { group.addTask { try await work(on: id, run, store) { _ in } } }
                    try await group.waitForAll()
                }
                try await store.finishRun(run, .finished)
            }
        }
        let seconds = Double(total.components.seconds) + Double(total.components.attoseconds) / 1e18
        say("\(callers) callers: \(Int(Double(callers * rounds * 10) / seconds)) calls/s")
        let run = try await store.createRun(plan: plan(ids)).id
        try await store.begin(ids[0], in: run)
        let alone = try await clock.measure {
            for number in 0..<200 { try await store.record(entry(ids[0], number), in: run) }
        }
        say("one caller: \(alone / 200) per call")
    }

    private static func plan(_ ids: [DeviceID]) -> TransferPlan {
        TransferPlan(
            mode: .deploy, createdAt: Date(),
            devices: ids.map {
                DevicePlan(
                    device: $0, type: PhoneTypeID("t"), address: "10.0.0.1", port: 443, tls: true,
                    password: .sealed("admin"))
            }, profiles: [])
    }

    private static func entry(_ id: DeviceID, _ number: Int) -> JournalEntry {
        JournalEntry(
            device: id, step: .write, moment: number.isMultiple(of: 2) ? .intent : .outcome, at: Date(),
            changes: [ItemChange(key: ItemKey("sntp-addr"), before: "10.0.0.9", after: "10.0.0.1")],
            bootCount: number)
    }

    private static func result(_ id: DeviceID) -> DeviceResult {
        DeviceResult(
            device: id, address: "10.0.0.1", type: PhoneTypeID("t"), outcome: .verified,
            changes: [ItemChange(key: ItemKey("sntp-addr"), before: "10.0.0.9", after: "10.0.0.1")],
            finishedAt: Date())
    }

    /// One write per line: a line that was not written whole was not acknowledged.
    private static func say(_ line: String) {
        let bytes = Array((line + "\n").utf8)
        _ = bytes.withUnsafeBytes { write(STDOUT_FILENO, $0.baseAddress, $0.count) }
    }

    private static func adoptRights() {
        let environment = ProcessInfo.processInfo.environment
        if let mask = environment["PROBE_UMASK"].flatMap({ mode_t($0, radix: 8) }) { umask(mask) }
        guard let user = environment["PROBE_USER"].flatMap({ uid_t($0) }) else { return }
        guard setgroups(0, nil) == 0, setgid(user) == 0, setuid(user) == 0 else { return say("rights kept") }
    }
}
