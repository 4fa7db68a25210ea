import DeploymentModel
import Foundation
import GRDB

/// The rows of what is known of phones by their calls.
enum CallTable {
    static func note(_ call: HeardCall, by matcher: DeviceMatcher, _ database: Database) throws -> CallEntry {
        let known = try devices(for: call.row, database)
        let call = try believed(call, of: known, database)
        guard let decision = matcher.match(call: call.row, against: known) else {
            return CallEntry(refusal: Fault(.phoneNotAPhone, subject: call.row.address))
        }
        let device: Device
        switch decision {
        case .conflict(let conflict):
            return CallEntry(refusal: Fault(.callRefused, subject: call.row.address, detail: conflict.fault.detail))
        case .known(let entry, let changes):
            if let refusal = try refusal(of: entry, call, database) { return CallEntry(refusal: refusal) }
            let wasAuthenticated = known.contains { $0.id == entry.id && $0.wasAuthenticated }
            let isAsBefore = changes.isEmpty && entry.wasAuthenticated == wasAuthenticated
            device = isAsBefore ? try see(entry, database) : try update(entry, database)
        case .new(let fields):
            guard try mayAdd(database) else {
                return CallEntry(refusal: Fault(.callListFull, subject: call.row.address))
            }
            device = try DeviceTable.insert(withNumberThatIsFree(fields.device(id: DeviceID("")), database), database)
        }
        let startUps = try keep(call, of: device, database)
        return CallEntry(device: device, isNew: device.isAdded(to: known), startUps: startUps)
    }

    /// The entries that a call can be about.
    private static func devices(for row: ScanRow, _ database: Database) throws -> [Device] {
        guard let mac = row.mac else { return [] }
        if let known = try database.first("SELECT * FROM device WHERE mac = ?", [mac.description]) {
            return [try Device(row: known)]
        }
        return try Row.fetchAll(
            database.cachedStatement(
                sql: "SELECT * FROM device WHERE address = ? AND mac IS NULL ORDER BY id LIMIT 64"),
            arguments: [row.address]
        ).map(Device.init(row:))
    }

    /// Of a phone on its way into secure mode a certificate proves something only when it is the very one that was made
    /// for it, and nobody still has to ask it for the end of a PIN.
    private static func believed(_ call: HeardCall, of known: [Device], _ database: Database) throws -> HeardCall {
        guard call.row.tls, let device = known.first(where: { $0.mac == call.row.mac }), !device.wasAuthenticated,
            try database.first(
                "SELECT 1 FROM phoneCall WHERE device = ? AND secureMode = 'begun'", [device.id.number]) != nil
        else { return call }
        let isOwn = try database.first(
            "SELECT 1 FROM issuedCertificate WHERE device = ? AND fingerprint = ?",
            [device.id.number, call.row.evidence?.certificateFingerprint])
        let hasPIN = try database.first(
            "SELECT 1 FROM sealedSecret WHERE name = ?", [SecureModeSecret.name(of: device.id)])
        if isOwn != nil, hasPIN == nil { return call }
        var call = call
        call.row.tls = false
        call.row.evidence = nil
        return call
    }

    private static func refusal(of device: Device, _ call: HeardCall, _ database: Database) throws -> Fault? {
        guard !call.row.tls,
            try database.first(
                "SELECT 1 FROM phoneCall WHERE device = ? AND secureMode = 'active'", [device.id.number]) != nil
        else { return nil }
        return Fault(.callRefused, subject: call.row.address, detail: "\(device.id) belongs into secure mode")
    }

    /// Most calls change nothing but when the phone was seen.
    private static func see(_ device: Device, _ database: Database) throws -> Device {
        try database.run(
            "UPDATE device SET lastSeen = ? WHERE id = ?", [device.lastSeen?.microseconds, device.id.number])
        return device
    }

    private static func update(_ device: Device, _ database: Database) throws -> Device {
        let device = try withNumberThatIsFree(device, database)
        try DeviceTable.update([device], database)
        return device
    }

    /// Notes how far a phone is on its way into secure mode.
    static func note(_ mode: SecureMode?, of device: DeviceID, _ database: Database) throws {
        try database.run(
            """
            INSERT INTO phoneCall (device, secureMode) VALUES (?, ?)
            ON CONFLICT (device) DO UPDATE SET secureMode = excluded.secureMode
            """, [device.number, mode?.rawValue])
    }

    /// Keeps the pause that a phone makes by itself, if one of its items says how long it is.
    static func noteContactGap(
        in items: some Sequence<(ItemKey, String?)>, of device: DeviceID, _ database: Database
    ) throws {
        for (key, value) in items where key == ItemKey(WellKnownItem.contactGap) {
            guard let seconds = value.flatMap({ Int($0) }), (0...1_000_000).contains(seconds) else { continue }
            try setContactGap(seconds, of: device, database)
        }
    }

    static func setContactGap(_ seconds: Int?, of device: DeviceID, _ database: Database) throws {
        try database.run(
            """
            INSERT INTO phoneCall (device, contactGap) VALUES (?, ?)
            ON CONFLICT (device) DO UPDATE SET contactGap = excluded.contactGap
            """, [device.number, seconds])
    }

    /// Another phone has the place of the one that called.
    static func forget(_ device: DeviceID, _ database: Database) throws {
        for table in ["phoneCall", "localChange", "knownItems", "fileOrder", "serverTrust"] {
            try database.run("DELETE FROM \(table) WHERE device = ?", [device.number])
        }
    }

    /// A number can stand on one entry only: who comes second is listed without it.
    private static func withNumberThatIsFree(_ device: Device, _ database: Database) throws -> Device {
        guard let number = device.number,
            let holder = try database.first("SELECT id FROM device WHERE number = ?", [number.rawValue]),
            DeviceID(number: holder["id"]) != device.id
        else { return device }
        var device = device
        device.number = nil
        return device
    }

    private static func mayAdd(_ database: Database) throws -> Bool {
        let count = try Int.fetchOne(database.cachedStatement(sql: "SELECT count(*) FROM device")) ?? 0
        return count < Store.mostListedByCalls
    }

    /// Keeps the call; returns how often the phone was heard to start.
    private static func keep(_ call: HeardCall, of device: Device, _ database: Database) throws -> Int {
        let contact: String? = call.row.port == nil ? nil : call.row.address
        let row = try database.first(
            """
            INSERT INTO phoneCall (device, startUps, reason, at, contactAddress, contactPort, secureMode, remark)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, CASE WHEN ?7 THEN 'active' END, ?8)
            ON CONFLICT (device) DO UPDATE SET startUps = startUps + ?2, reason = ?3, at = ?4,
                contactAddress = coalesce(?5, contactAddress), contactPort = coalesce(?6, contactPort),
                secureMode = CASE WHEN ?7 THEN 'active' ELSE secureMode END, remark = coalesce(?8, remark)
            RETURNING startUps
            """,
            [
                device.id.number, call.reason == .startUp ? 1 : 0, call.reason.rawValue, call.at.microseconds, contact,
                call.row.port, call.row.tls, call.remark,
            ])
        if call.row.tls {
            let shown = call.row.evidence?.certificateFingerprint
            try HeldTable.noteClient(shown, of: device.id, at: call.at, database)
        }
        try noteContactGap(in: call.localChanges.map { ($0.key, $0.value) }, of: device.id, database)
        try LocalChangeTable.add(call.localChanges(of: device), of: device.id, database)
        for file in call.files { try FileOrderTable.report(file, of: device.id, at: call.at, database) }
        return row?["startUps"] ?? 0
    }
}

extension Device {
    fileprivate func isAdded(to known: [Device]) -> Bool { !known.contains { $0.id == id } }
}

extension PhoneCalls {
    init(row: Row) throws {
        self.init(
            device: DeviceID(number: row["device"]), startUps: row["startUps"],
            lastReason: try row.optional("reason", CallReason.init(rawValue:)), lastCall: row.date("at"),
            contactAddress: row["contactAddress"], contactPort: row["contactPort"], contactGap: row["contactGap"],
            secureMode: try row.optional("secureMode", SecureMode.init(rawValue:)), remark: row["remark"])
    }
}
