public import DeploymentModel
public import Foundation
import GRDB

/// Which of the issued certificates are meant; what is nil does not narrow.
public struct IssuedFilter: Sendable {
    public var authority: String?
    public var devices: Set<DeviceID>?
    public var states: Set<IssuedCertificate.State>?
    /// Only what expires before this moment.
    public var expiringBefore: Date?

    public init(
        authority: String? = nil, devices: Set<DeviceID>? = nil, states: Set<IssuedCertificate.State>? = nil,
        expiringBefore: Date? = nil
    ) {
        self.authority = authority
        self.devices = devices
        self.states = states
        self.expiringBefore = expiringBefore
    }

    func accepts(_ certificate: IssuedCertificate) -> Bool {
        if let authority, certificate.authority != authority { return false }
        if let devices, !(certificate.holder.device.map(devices.contains) ?? false) { return false }
        if let states, !states.contains(certificate.state) { return false }
        if let expiringBefore, certificate.notAfter >= expiringBefore { return false }
        return true
    }
}

extension Store {
    /// Keeps certificates with their private keys, all in one step.
    ///
    /// A certificate that is kept already stays as it is. Throws `input.not-found` for a device that is not on the list.
    public func saveIssued(_ issued: [(certificate: IssuedCertificate, key: SecretText)]) async throws {
        let rows = try issued.map { issued in
            (issued.certificate, try sealed(issued.key, MaterialTable.keyName(issued.certificate.keyFingerprint)))
        }
        // In the order of the tables, so that each page is touched once.
        let sorted = rows.sorted { $0.0.fingerprint < $1.0.fingerprint }
        try await write { database in
            for (certificate, sealed) in sorted {
                try MaterialTable.save(sealed, key: certificate.keyFingerprint, database)
                try MaterialTable.save(certificate, database)
            }
        }
    }

    /// The certificates that fit, the latest first, each with the state that follows from what the phones have.
    public func issuedCertificates(_ filter: IssuedFilter = IssuedFilter()) async throws -> [IssuedCertificate] {
        try await read { try MaterialTable.issued($0).filter(filter.accepts) }
    }

    /// The private key of issued material or of a request, by the fingerprint of its public key.
    ///
    /// Throws `input.secret` when it is no longer kept or was changed.
    public func materialKey(_ fingerprint: String) async throws -> SecretText {
        let key = key
        return try await read { try MaterialTable.key(fingerprint, key, $0) }
    }

    /// Many private keys from one consistent state; those that are not kept are left out.
    public func materialKeys(_ fingerprints: [String]) async throws -> [String: SecretText] {
        let key = key
        return try await read { database in
            var keys: [String: SecretText] = [:]
            for fingerprint in fingerprints {
                let row = try database.first("SELECT sealed FROM materialKey WHERE fingerprint = ?", [fingerprint])
                guard let sealed = row?["sealed"] as Data? else { continue }
                keys[fingerprint] = try key.open(sealed, name: MaterialTable.keyName(fingerprint))
            }
            return keys
        }
    }

    /// Removes the private keys that are of no more use, and returns how many.
    ///
    /// That are the keys of certificates that were superseded, and of those that a phone holds whose authority's policy
    /// says so. A key that another certificate or a request still needs stays.
    @discardableResult
    public func removeSpentKeys() async throws -> Int {
        try await write { database in
            let policies = try Row.fetchAll(database, sql: "SELECT * FROM authority").map(AuthorityRecord.init(row:))
            let drops = Set(policies.filter { !$0.policy.keepsKeys }.map(\.name))
            var kept = try MaterialTable.neededKeys(dropping: drops, database)
            kept.formUnion(try String.fetchAll(database, sql: "SELECT keyFingerprint FROM pendingRequest"))
            let known = try String.fetchAll(database, sql: "SELECT fingerprint FROM materialKey")
            let spent = known.filter { !kept.contains($0) }
            for fingerprint in spent {
                try database.run("DELETE FROM materialKey WHERE fingerprint = ?", [fingerprint])
            }
            return spent.count
        }
    }
}

/// The rows of the tables of issued certificates and their keys.
enum MaterialTable {
    static func keyName(_ fingerprint: String) -> String { "material-key/\(fingerprint)" }

    static func save(_ sealed: Data, key fingerprint: String, _ database: Database) throws {
        try database.run(
            """
            INSERT INTO materialKey (fingerprint, sealed) VALUES (?, ?)
            ON CONFLICT (fingerprint) DO UPDATE SET sealed = excluded.sealed
            """, [fingerprint, sealed])
    }

    static func key(_ fingerprint: String, _ key: SealingKey, _ database: Database) throws -> SecretText {
        let row = try database.first("SELECT sealed FROM materialKey WHERE fingerprint = ?", [fingerprint])
        guard let sealed = row?["sealed"] as Data? else {
            throw Fault(.inputSecret, subject: fingerprint, detail: "the private key is no longer kept")
        }
        return try key.open(sealed, name: keyName(fingerprint))
    }

    static func save(_ certificate: IssuedCertificate, _ database: Database) throws {
        if let device = certificate.holder.device { try DeviceTable.requireExists(device, database) }
        try database.run(
            """
            INSERT INTO issuedCertificate (fingerprint, keyFingerprint, authority, serial, subject, notBefore, notAfter,
                device, isForAll, chain, profile, issuedAt, purpose)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (fingerprint) DO NOTHING
            """,
            [
                certificate.fingerprint, certificate.keyFingerprint, certificate.authority, certificate.serial,
                certificate.subject, certificate.notBefore.microseconds, certificate.notAfter.microseconds,
                certificate.holder.device?.number, certificate.holder == .all, ScanTable.pack(certificate.chain),
                certificate.profile, certificate.issuedAt.microseconds, certificate.purpose.rawValue,
            ])
    }

    /// All certificates, the latest first.
    ///
    /// A phone has what it was last seen with: read back, or shown in a handshake.
    static func issued(_ database: Database) throws -> [IssuedCertificate] {
        let rows = try Row.fetchAll(
            database,
            sql: """
                SELECT issuedCertificate.*, materialKey.fingerprint IS NOT NULL AS hasKey,
                    (\(isHeld)) AS isHeld
                FROM issuedCertificate LEFT JOIN materialKey ON materialKey.fingerprint = keyFingerprint
                ORDER BY issuedAt DESC, device, issuedCertificate.fingerprint
                """)
        var states = HoldingStates()
        return try rows.map { row in
            var certificate = try IssuedCertificate(row: row)
            certificate.state = states.next(row)
            return certificate
        }
    }

    /// The fingerprints of the private keys that certificates still need.
    ///
    /// Looks at nothing but certificates that have a key or that a phone holds: all others are superseded, and what
    /// phones had over the years may be many times as much.
    ///
    /// - Parameter dropping: the authorities whose keys are needed no longer once a phone holds the certificate.
    static func neededKeys(dropping: Set<String>, _ database: Database) throws -> Set<String> {
        let rows = try Row.fetchCursor(
            database,
            sql: """
                WITH meant (fingerprint) AS (
                    SELECT certificateFingerprint FROM device UNION SELECT fingerprint FROM heldMaterial
                    UNION SELECT issuedCertificate.fingerprint FROM materialKey
                        JOIN issuedCertificate ON keyFingerprint = materialKey.fingerprint)
                SELECT keyFingerprint, authority, device, isForAll, purpose, materialKey.fingerprint IS NOT NULL AS hasKey,
                    (\(isHeld)) AS isHeld
                FROM meant JOIN issuedCertificate ON issuedCertificate.fingerprint = meant.fingerprint
                LEFT JOIN materialKey ON materialKey.fingerprint = keyFingerprint
                ORDER BY issuedAt DESC, device, issuedCertificate.fingerprint
                """)
        var states = HoldingStates()
        var needed: Set<String> = []
        while let row = try rows.next() {
            let state = states.next(row)
            guard row["hasKey"] as Bool else { continue }
            switch state {
            case .issued: needed.insert(row["keyFingerprint"])
            case .held:
                if !((row["authority"] as String?).map(dropping.contains) ?? false) {
                    needed.insert(row["keyFingerprint"])
                }
            case .superseded: break
            }
        }
        return needed
    }

    /// Finds the states of certificates, which have to come the latest first.
    private struct HoldingStates {
        private struct Place: Hashable {
            var device: Int64
            var purpose: String
        }

        private var served: Set<Place> = []

        /// - Parameter row: with `device`, `purpose`, `isForAll`, `hasKey` and `isHeld`.
        mutating func next(_ row: Row) -> IssuedCertificate.State {
            let device = row["device"] as Int64?
            let isForNobody = device == nil && !(row["isForAll"] as Bool)
            let place = device.map { Place(device: $0, purpose: row["purpose"]) }
            if isForNobody || place.map(served.contains) ?? false { return .superseded }
            if row["isHeld"] as Bool {
                if let place { served.insert(place) }
                return .held
            }
            // Without its key nobody can bring it to its phone any more.
            return row["hasKey"] as Bool ? .issued : .superseded
        }
    }

    /// By the phone's own rows where the certificate is for one phone, by any phone's where it is for all.
    ///
    /// In cases, because SQLite works out both sides of an `OR`: all phones would be gone through for each certificate.
    private static let isHeld = """
        CASE
        WHEN EXISTS (SELECT 1 FROM device WHERE id = issuedCertificate.device
            AND certificateFingerprint = issuedCertificate.fingerprint) THEN TRUE
        WHEN EXISTS (SELECT 1 FROM heldMaterial WHERE device = issuedCertificate.device
            AND heldMaterial.fingerprint = issuedCertificate.fingerprint) THEN TRUE
        WHEN NOT isForAll THEN FALSE
        WHEN EXISTS (SELECT 1 FROM heldMaterial WHERE heldMaterial.fingerprint = issuedCertificate.fingerprint) THEN TRUE
        ELSE EXISTS (SELECT 1 FROM device WHERE certificateFingerprint = issuedCertificate.fingerprint)
        END
        """

    /// The certificates with which a phone called in secure mode are not given to it again once it has left that: the first
    /// who answers in default mode is given one, and the phone may still have them.
    ///
    /// Of a phone on its way into secure mode nothing changes: it may have followed its order.
    static func disownClient(of device: DeviceID, _ database: Database) throws {
        try database.run(
            """
            UPDATE issuedCertificate SET device = NULL WHERE device = ?1 AND purpose = 'client'
                AND EXISTS (SELECT 1 FROM phoneCall WHERE device = ?1 AND secureMode = 'active')
            """, [device.number])
    }

    /// Forgets what a device had and was to get, because its entry now stands for another phone.
    static func forget(_ device: DeviceID, _ database: Database) throws {
        try database.run("DELETE FROM heldMaterial WHERE device = ?", [device.number])
        try database.run("DELETE FROM pendingRequest WHERE device = ?", [device.number])
        try database.run("UPDATE issuedCertificate SET device = NULL WHERE device = ?", [device.number])
    }
}

extension IssuedCertificate {
    init(row: Row) throws {
        let holder: Holder =
            if row["isForAll"] as Bool { .all } else if let number = row["device"] as Int64? {
                .device(DeviceID(number: number))
            } else { .nobody }
        self.init(
            fingerprint: row["fingerprint"], keyFingerprint: row["keyFingerprint"], authority: row["authority"],
            serial: row["serial"], subject: row["subject"], notBefore: Date(microseconds: row["notBefore"]),
            notAfter: Date(microseconds: row["notAfter"]), holder: holder, chain: try ScanTable.unpack(row["chain"]),
            profile: row["profile"], issuedAt: Date(microseconds: row["issuedAt"]),
            purpose: try row.value("purpose", IssuedCertificate.Purpose.init(rawValue:)), hasKey: row["hasKey"])
    }
}
