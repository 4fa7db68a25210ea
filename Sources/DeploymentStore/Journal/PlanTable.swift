import DeploymentModel
import Foundation
import GRDB

/// The rows in which the plans of runs are kept: one per device, so that no plan is ever in memory twice.
enum PlanTable {
    /// Spelled out because the chain of results is made over them: a column that is added later is not part of it.
    static let columns =
        "run, position, device, type, address, port, tls, mac, number, trust, password, wanted, common"

    static func insert(_ plan: TransferPlan, run: Int64, _ database: Database) throws {
        var header = plan
        header.devices = []
        try database.run("INSERT INTO runPlan (run, header) VALUES (?, ?)", [run, try text(of: header)])
        var lists = SharedLists(run: run)
        for (position, device) in plan.devices.enumerated() {
            try database.run(
                "INSERT INTO runPlanDevice (\(columns), files) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    run, position, device.device.rawValue, device.type.rawValue, device.address, device.port,
                    device.tls, device.mac?.description, device.number?.rawValue, FlatList.encode(device.trust),
                    device.password?.description ?? "", device.own.flat, try lists.place(of: device.common, database),
                    try FileColumn.encode(device.files),
                ])
        }
    }

    static func plan(of run: Int64, _ database: Database) throws -> TransferPlan {
        guard let header = try database.first("SELECT header FROM runPlan WHERE run = ?", [run]) else {
            throw Fault(.runNotFound, subject: RunID(number: run).rawValue)
        }
        var plan = try Self.header(of: header["header"])
        let lists = try Row.fetchAll(
            database, sql: "SELECT wanted FROM runPlanItems WHERE run = ? ORDER BY place", arguments: [run]
        ).map { try [WantedItem](flat: $0["wanted"]) }
        let rows = try Row.fetchCursor(
            database, sql: "SELECT * FROM runPlanDevice WHERE run = ? ORDER BY position", arguments: [run])
        while let row = try rows.next() { plan.devices.append(try DevicePlan(row: row, sharing: lists)) }
        return plan
    }

    /// The lists of common items of one plan, each kept once.
    private struct SharedLists {
        let run: Int64
        private var places: [[WantedItem]: Int] = [:]
        private var last: (list: [WantedItem], place: Int)?

        init(run: Int64) { self.run = run }

        /// The place under which a list is kept; nil for an empty one.
        mutating func place(of list: [WantedItem], _ database: Database) throws -> Int? {
            guard !list.isEmpty else { return nil }
            // Most phones share the list of the one before, and lists in the same memory compare at once.
            if let last, last.list == list { return last.place }
            let place = places[list] ?? places.count
            if places.updateValue(place, forKey: list) == nil {
                try database.run(
                    "INSERT INTO runPlanItems (run, place, wanted) VALUES (?, ?, ?)", [run, place, list.flat])
            }
            last = (list, place)
            return place
        }
    }

    private static func text(of header: TransferPlan) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return String(decoding: try encoder.encode(header), as: UTF8.self)
        } catch {
            throw Fault(.inputValue, subject: "plan", detail: "an option of the plan is no number")
        }
    }

    private static func header(of text: String) throws -> TransferPlan {
        do {
            return try JSONDecoder().decode(TransferPlan.self, from: Data(text.utf8))
        } catch {
            throw StoredValueError(column: "header")
        }
    }
}

extension DevicePlan {
    init(row: Row, sharing lists: [[WantedItem]]) throws {
        var common: [WantedItem] = []
        if let place = row["common"] as Int? {
            guard lists.indices.contains(place) else { throw StoredValueError(column: "common") }
            common = lists[place]
        }
        self.init(
            device: DeviceID(row["device"]), type: PhoneTypeID(row["type"]), address: row["address"],
            port: row["port"], tls: row["tls"], mac: try row.optional("mac") { MACAddress($0) },
            number: try row.optional("number", TerminalNumber.init(rawValue:)),
            trust: try FlatList.decode(row["trust"], width: 1, column: "trust").compactMap(\.[0]),
            password: try Self.password(row["password"]),
            wanted: try [WantedItem](flat: row["wanted"]), common: common,
            files: try FileColumn.decode(row["files"], column: "files"))
    }
}

extension DevicePlan {
    /// Kept as an empty text where there is none.
    private static func password(_ text: String) throws -> SecretReference? {
        guard !text.isEmpty else { return nil }
        guard let reference = SecretReference(text) else { throw StoredValueError(column: "password") }
        return reference
    }
}

extension [WantedItem] {
    private static var width: Int { 8 }

    /// Eight texts per item: item, plain value, secret reference, layer, scope, restart, dependent group, known as accepted.
    var flat: String {
        var texts: [String?] = []
        texts.reserveCapacity(count * Self.width)
        for item in self {
            texts.append(item.key.description)
            switch item.value {
            case .plain(let text): texts += [text, nil]
            case .secret(let reference): texts += [nil, reference.description]
            }
            let origin = item.origin?.columns
            texts += [origin?.layer, origin?.scope, item.needsRestart ? "restart" : nil, item.dependentGroup]
            texts.append(item.isKnownAccepted ? "accepted" : nil)
        }
        return FlatList.encode(texts)
    }

    init(flat: String) throws {
        self = try FlatList.decode(flat, width: Self.width, column: "wanted").map { texts in
            guard let name = texts[0], let value = Self.value(plain: texts[1], secret: texts[2]) else {
                throw StoredValueError(column: "wanted")
            }
            return WantedItem(
                key: ItemKey(parsing: name) ?? ItemKey(name), value: value,
                origin: texts[3].flatMap { SettingLayer(layer: $0, scope: texts[4] ?? "") },
                needsRestart: texts[5] != nil, dependentGroup: texts[6], isKnownAccepted: texts[7] != nil)
        }
    }

    private static func value(plain: String?, secret: String?) -> WantedValue? {
        if let plain { return .plain(plain) }
        return secret.flatMap { SecretReference($0) }.map(WantedValue.secret)
    }
}

/// Seals the secrets of a new run and makes its plan name them.
struct PlanSecrets {
    let run: Int64
    let given: [String: SecretText]
    let key: SealingKey
    private var done: [SecretReference: SecretReference] = [:]

    init(run: Int64, given: [String: SecretText], key: SealingKey) {
        (self.run, self.given, self.key) = (run, given, key)
    }

    /// The plan with the references under which its secrets are sealed now.
    mutating func adopt(_ plan: TransferPlan, _ database: Database) throws -> TransferPlan {
        var plan = plan
        for index in plan.devices.indices {
            try plan.devices[index].replaceSecrets { try adopt($0, database) }
        }
        return plan
    }

    private mutating func adopt(_ reference: SecretReference, _ database: Database) throws -> SecretReference {
        guard case .sealed(let name) = reference, name.hasPrefix(Store.runPrefix) else { return reference }
        if let known = done[reference] { return known }
        let own = name.dropFirst(Store.runPrefix.count)
        // Of two runs' secrets with one name each keeps its own: the earlier run's number stays part of the name.
        let fresh = Store.secretName(String(own), of: RunID(number: run))
        let secret = try given[String(own)] ?? SecretTable.reveal(reference, key, database)
        try database.run(
            "INSERT INTO runSecret (run, name, sealed) VALUES (?, ?, ?)",
            [run, fresh, try key.seal(secret, name: fresh)])
        done[reference] = .sealed(fresh)
        return .sealed(fresh)
    }
}
