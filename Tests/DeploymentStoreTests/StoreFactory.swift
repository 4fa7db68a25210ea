import DeploymentModel
import Foundation

@testable import DeploymentStore

/// A directory of its own for one test, removed with the last reference to it.
final class TemporaryDirectory: Sendable {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "store-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    func file(_ name: String) -> String { "\(path)/\(name)" }
}

/// A clock that stands still until it is told otherwise.
final class HandClock: @unchecked Sendable {
    // Safe: every access holds the lock.
    private let lock = NSLock()
    private var moment = Date(timeIntervalSince1970: 1_700_000_000)

    func now() -> Date { lock.withLock { moment } }
    func advance(_ seconds: Double) { lock.withLock { moment += seconds } }
}

extension Device {
    static func make(
        _ number: Int, type: String = "optipoint-410-standard", address: String? = nil, note: String = ""
    ) -> Device {
        Device(
            id: DeviceID("new"), type: PhoneTypeID(type),
            address: address ?? "10.0.\(number / 250).\(number % 250 + 1)",
            mac: MACAddress(value: 0x0001_E300_0000 + UInt64(number)), number: TerminalNumber("\(3000 + number)"),
            note: note)
    }
}

extension TransferPlan {
    static func make(
        devices: [DeviceID], mode: RunMode = .deploy, password: SecretReference = .sealed("admin"),
        wanted: [WantedItem] = []
    ) -> TransferPlan {
        TransferPlan(
            mode: mode, createdAt: Date(timeIntervalSince1970: 1_700_000_000),
            devices: devices.map {
                DevicePlan(
                    device: $0, type: PhoneTypeID("optipoint-410-standard"), address: "10.0.0.1", port: 443, tls: true,
                    trust: ["site"], password: password, wanted: wanted)
            },
            profiles: [TrustRecord(name: "site", subject: "CN=phone", anchors: ["PEM"])])
    }
}

extension DeviceResult {
    static func make(
        _ device: DeviceID, _ outcome: DeviceOutcome = .verified, fault: Fault? = nil, changes: [ItemChange] = [],
        evidence: PeerEvidence? = nil, software: SoftwareVersion? = nil
    ) -> DeviceResult {
        DeviceResult(
            device: device, address: "10.0.0.1", mac: MACAddress(value: 0x0001_E300_0001),
            type: PhoneTypeID("optipoint-410-standard"), outcome: outcome, fault: fault, changes: changes,
            warnings: [Fault(.phoneFactoryPassword, subject: "10.0.0.1")], evidence: evidence,
            softwareVersion: software, attempts: 2, duration: 0.25,
            finishedAt: Date(timeIntervalSince1970: 1_700_000_100))
    }
}

extension JournalEntry {
    static func make(_ device: DeviceID, _ step: RunStep = .write, _ moment: Moment = .intent) -> JournalEntry {
        JournalEntry(
            device: device, step: step, moment: moment, at: Date(timeIntervalSince1970: 1_700_000_050),
            changes: [ItemChange(key: ItemKey("sntp-addr"), before: "10.0.0.9", after: "10.0.0.1")], bootCount: 4,
            fault: Fault(.phoneBusy, subject: "10.0.0.1", detail: "in a call"))
    }
}

/// The code of the fault that `work` throws; nil when it throws none.
func code(_ work: () async throws -> Void) async -> StatusCode? {
    do {
        try await work()
        return nil
    } catch {
        return (error as? Fault)?.code ?? StatusCode("not a fault: \(error)")
    }
}
