public import DeploymentModel
public import Foundation
import GRDB

extension Store: CallBook {
    /// Enters a phone that called by the one matching step, and counts its start-ups.
    ///
    /// A call that contradicts the list, and one in default mode of a phone that belongs into secure mode, changes
    /// nothing and is refused. Of what a call says beside no more is kept than a phone can have to say, and of phones that
    /// prove nothing no more than so much in all.
    public func note(_ call: HeardCall, by matcher: DeviceMatcher) async throws -> CallEntry {
        try await write { [bounds] in try CallTable.note(call, by: matcher, bounds, $0) }
    }

    public func startUps(of mac: MACAddress) async throws -> Int {
        try await read { database in
            try database.first(
                "SELECT startUps FROM phoneCall JOIN device ON device.id = phoneCall.device WHERE mac = ?",
                [mac.description]
            )?["startUps"] ?? 0
        }
    }

    /// What is known of phones by their calls, in the order of their ids; those that never called are left out.
    public func calls(of devices: [DeviceID]? = nil) async throws -> [PhoneCalls] {
        try await read { database in
            guard let devices else {
                return try Row.fetchAll(database, sql: "SELECT * FROM phoneCall ORDER BY device").map(
                    PhoneCalls.init(row:))
            }
            return try Set(devices).sorted().compactMap { device in
                try database.first("SELECT * FROM phoneCall WHERE device = ?", [device.number]).map(
                    PhoneCalls.init(row:))
            }
        }
    }

    /// Notes how far a phone is on its way into secure mode; nil when it is in default mode.
    ///
    /// A phone whose secure mode is active is refused in default mode. Throws `input.not-found` for an unknown id.
    public func setSecureMode(_ mode: SecureMode?, of device: DeviceID) async throws {
        try await write { database in
            try DeviceTable.requireExists(device, database)
            if mode == nil {
                try ServerTrustTable.forget(device, database)
                try MaterialTable.disownClient(of: device, database)
            }
            try CallTable.note(mode, of: device, database)
        }
    }

    /// Notes the pause that a phone itself makes between two reactions to contact-me; nil when it is not known.
    public func setContactGap(_ seconds: Int?, of device: DeviceID) async throws {
        try await write { database in
            try DeviceTable.requireExists(device, database)
            try CallTable.setContactGap(seconds, of: device, database)
        }
    }

    /// That pause in seconds, as the phone's items said last; nil when it is not known.
    public func contactGap(of mac: MACAddress) async throws -> Int? {
        try await read { database in
            try database.first(
                "SELECT contactGap FROM phoneCall JOIN device ON device.id = phoneCall.device WHERE mac = ?",
                [mac.description]
            )?["contactGap"]
        }
    }

    /// Takes the right to ask a phone to call, in the name of all processes that share the database.
    ///
    /// - Parameters:
    ///   - place: the phone's MAC address, or its address and port where that is not known.
    ///   - gap: the shortest time in seconds between two such requests.
    /// - Returns: nil when the phone may be asked now, which is then noted; else when it may be asked again.
    public func claimContactMe(at place: String, gap: Double) async throws -> Date? {
        let moment = now()
        return try await write { database in
            try ContactTable.claim(place, at: moment, gap: gap, database)
        }
    }

    /// Gives that right back, because nothing at the place heard the request.
    public func withdrawContactMe(at place: String) async throws {
        try await write { try $0.run("DELETE FROM contactMe WHERE place = ?", [place]) }
    }
}

extension Store {
    /// What was changed at all phones themselves and not written over since, of each in ascending order of item.
    public func localChanges() async throws -> [DeviceID: [LocalChange]] {
        try await read { database in
            let rows = try Row.fetchCursor(
                database, sql: "SELECT device, item, value, at FROM localChange ORDER BY device, item")
            var changes: [DeviceID: [LocalChange]] = [:]
            while let row = try rows.next() {
                changes[DeviceID(number: row["device"]), default: []].append(try LocalChange(row: row))
            }
            return changes
        }
    }

    /// What was changed at a phone itself and not written over since, in ascending order of item.
    public func localChanges(of device: DeviceID) async throws -> [LocalChange] {
        guard let number = device.number else { return [] }
        return try await read { database in
            try Row.fetchAll(
                database, sql: "SELECT item, value, at FROM localChange WHERE device = ? ORDER BY item",
                arguments: [number]
            ).map(LocalChange.init(row:))
        }
    }

    /// Forgets what was changed at a phone, because it is settled.
    public func forgetLocalChanges(of device: DeviceID) async throws {
        try await write { try $0.run("DELETE FROM localChange WHERE device = ?", [device.number]) }
    }

    public func lastKnownItems(of device: DeviceID) async throws -> [Item]? {
        try await read { database in
            try database.first("SELECT items FROM knownItems WHERE device = ?", [device.number])
                .map { try KnownItems.items(of: $0["items"]) }
        }
    }

    @discardableResult
    public func keepItems(
        _ items: [Item], changed: [LocalChange], of device: DeviceID, at: Date
    ) async throws -> Fault? {
        let text = KnownItems.text(of: items)
        return try await write { [bounds] database in
            // Removed meanwhile: there is nothing to keep, and nobody to tell.
            guard try DeviceTable.find(device, database) != nil else { return nil }
            try CallTable.noteContactGap(in: items.map { ($0.key, $0.value) }, of: device, database)
            if let full = try CallTally.refusal(of: device, bounds, database) { return full }
            let unkept = try KnownItems.keep(text, of: device, at: at, bounds, database)
            return try LocalChangeTable.add(changed, of: device, bounds, database) ?? unkept
        }
    }

    public func orderFile(
        _ order: FileOrderRecord, of device: DeviceID, unlessSince earliest: Date
    ) async throws -> FileOrderRecord? {
        let moment = now()
        return try await write { database in
            try DeviceTable.requireExists(device, database)
            if let known = try FileOrderTable.find(order, of: device, database), known.isRepeated(by: order, earliest) {
                return known
            }
            try FileOrderTable.order(order, of: device, at: moment, database)
            return nil
        }
    }

    public func withdrawFileOrder(_ order: FileOrderRecord, of device: DeviceID) async throws {
        try await write { try FileOrderTable.withdraw(order, of: device, $0) }
    }

    public func fileOrders(of device: DeviceID) async throws -> [FileOrderRecord] {
        guard let number = device.number else { return [] }
        return try await read { database in
            try Row.fetchAll(
                database, sql: "SELECT * FROM fileOrder WHERE device = ? ORDER BY type, name", arguments: [number]
            ).map(FileOrderRecord.init(row:))
        }
    }
}

extension FileOrderRecord {
    /// Whether an order would repeat this one before its time.
    fileprivate func isRepeated(by order: FileOrderRecord, _ earliest: Date) -> Bool {
        guard let orderedAt else { return false }
        return orderedAt > earliest && version == order.version
    }
}
