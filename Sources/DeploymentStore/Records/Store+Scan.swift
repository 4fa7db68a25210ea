public import DeploymentModel
import Foundation
import GRDB

extension Store {
    /// Keeps what a scan found; a row takes the place of an earlier one of the same address.
    public func saveScan(_ rows: [ScanRow]) async throws {
        try await write { database in
            for row in rows { try ScanTable.save(row, database) }
        }
    }

    /// What the last scans found, by address.
    public func scanRows() async throws -> [ScanRow] {
        try await read { database in
            try Row.fetchAll(database, sql: "SELECT * FROM scanRow ORDER BY length(address), address")
                .map(ScanRow.init(row:))
        }
    }

    /// Forgets what scans found; the device list stays.
    public func resetScan() async throws {
        try await write { try $0.run("DELETE FROM scanRow") }
    }
}

/// The rows of the scan table.
enum ScanTable {
    static func save(_ row: ScanRow, _ database: Database) throws {
        try database.run(
            """
            INSERT OR REPLACE INTO scanRow (address, port, status, type, deviceType, mac, number, softwareVersion, tls,
                hasEvidence, certificateFingerprint, profile, tlsVersion, chain, faultCode, faultSubject, faultDetail,
                seenAt)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                row.address, row.port, row.status.rawValue, row.type?.rawValue, row.deviceType, row.mac?.description,
                row.number?.rawValue, row.softwareVersion?.text, row.tls, row.evidence != nil,
                row.evidence?.certificateFingerprint, row.evidence?.profile, row.evidence?.tlsVersion,
                pack(row.chain), row.fault?.code.rawValue, row.fault?.subject, row.fault?.detail,
                row.seenAt?.microseconds,
            ])
    }

    /// Certificates one after the other, each after its length as four bytes, big-endian.
    static func pack(_ chain: [[UInt8]]) -> Data {
        var data = Data()
        for certificate in chain {
            withUnsafeBytes(of: UInt32(clamping: certificate.count).bigEndian) { data.append(contentsOf: $0) }
            data.append(contentsOf: certificate)
        }
        return data
    }

    static func unpack(_ data: Data) throws -> [[UInt8]] {
        var chain: [[UInt8]] = []
        var rest = data[...]
        while !rest.isEmpty {
            let length = rest.prefix(4).reduce(0) { $0 << 8 | Int($1) }
            guard rest.count >= 4, rest.count - 4 >= length else { throw StoredValueError(column: "chain") }
            chain.append(Array(rest.dropFirst(4).prefix(length)))
            rest = rest.dropFirst(4 + length)
        }
        return chain
    }
}

extension ScanRow {
    init(row: Row) throws {
        self.init(
            address: row["address"], port: row["port"], status: try row.value("status", ScanStatus.init(rawValue:)),
            type: (row["type"] as String?).map { PhoneTypeID($0) }, deviceType: row["deviceType"],
            mac: try row.optional("mac") { MACAddress($0) },
            number: try row.optional("number", TerminalNumber.init(rawValue:)),
            softwareVersion: (row["softwareVersion"] as String?).map(SoftwareVersion.init), tls: row["tls"],
            evidence: row.evidence, chain: try ScanTable.unpack(row["chain"]), fault: row.fault,
            seenAt: row.date("seenAt"))
    }
}
