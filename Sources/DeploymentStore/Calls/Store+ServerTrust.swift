public import DeploymentModel
import GRDB

/// By which authorities one phone in secure mode believes this program.
///
/// Authorities are named by the SHA-256 of their certificates, in lower-case hexadecimal.
public struct ServerBelief: Hashable, Sendable {
    /// Whatever became of what the phone was told last.
    public var sure: Set<String>
    /// It was told of them, or told to forget them, and has not proven what became of that.
    public var doubtful: Set<String>

    public init(_ sure: Set<String> = [], doubtful: Set<String> = []) {
        self.sure = sure
        self.doubtful = doubtful
    }

    /// Nothing was noted of the phone.
    public var isUnknown: Bool { sure.isEmpty && doubtful.isEmpty }

    /// What is known of a phone that is about to be told to believe by some authorities and no others.
    public func told(_ authorities: Set<String>) -> ServerBelief {
        let kept = sure.intersection(authorities)
        return ServerBelief(kept, doubtful: sure.union(doubtful).union(authorities).subtracting(kept))
    }
}

/// What decides which certificate the program may use, as it was at one moment.
public struct ServerTrustState: Equatable, Sendable {
    /// The sealed secrets that were asked for, opened.
    public let secrets: [String: SecretText]
    /// All phones in secure mode and on the way there; of some nothing was noted.
    public let beliefs: [DeviceID: ServerBelief]
    /// Every sealing makes other bytes of the same text, so these tell of any change.
    fileprivate let sealed: SealedState

    public static func == (left: Self, right: Self) -> Bool {
        left.sealed == right.sealed && left.beliefs == right.beliefs
    }
}

extension Store {
    /// The sealed secrets of some names, and by what phones believe the program, of one and the same moment.
    ///
    /// - Throws: `input.secret` when a secret was changed by somebody else or is another one in disguise.
    public func serverTrustState(of names: [String]) async throws -> ServerTrustState {
        let key = key
        return try await read { database in
            let sealed = try SealedState(of: names, database)
            return ServerTrustState(
                secrets: try sealed.opened(by: key), beliefs: try ServerTrustTable.all(database), sealed: sealed)
        }
    }

    /// Seals secrets, and removes those that are nil, if nothing of a state has changed meanwhile.
    ///
    /// - Parameter others: is noted as the authority by which phones believe of which nothing was noted: they came under
    ///   the certificate that was in use.
    /// - Returns: false when something has changed, and nothing was sealed.
    /// - Throws: `input.secret` when a name is empty or begins with `run/`.
    public func seal(
        _ secrets: [String: SecretText?], if state: ServerTrustState, others: String?
    ) async throws -> Bool {
        let sealed = try allSealed(secrets)
        return try await write { database in
            guard try state.sealed == SealedState(of: state.sealed.names, database),
                try state.beliefs == ServerTrustTable.all(database)
            else { return false }
            if let others { try ServerTrustTable.noteOthers(others, database) }
            try SecretTable.save(sealed, database)
            return true
        }
    }

    /// Notes that a phone is about to be told to believe by some authorities and no others.
    ///
    /// - Parameters:
    ///   - state: by which they were chosen.
    ///   - others: by which it believes if nothing was noted of it.
    /// - Throws: `call.server-changed` when the secrets of the state have changed meanwhile, `input.not-found` for an
    ///   unknown id.
    public func tellServerTrust(
        _ authorities: Set<String>, to device: DeviceID, if state: ServerTrustState, others: String
    ) async throws {
        try await write { database in
            try DeviceTable.requireExists(device, database)
            try state.requireSame(database)
            let known = try ServerTrustTable.belief(of: device, others: others, database)
            try ServerTrustTable.set(known.told(authorities), of: device, database)
        }
    }

    /// Notes by which authorities a phone believes, in place of what was noted before.
    ///
    /// Of a phone that has left secure mode meanwhile, or has become another one, nothing is noted.
    /// - Throws: `input.not-found` for an unknown id.
    public func setServerTrust(_ belief: ServerBelief, of device: DeviceID) async throws {
        try await write { database in
            try DeviceTable.requireExists(device, database)
            let mode = try database.first("SELECT secureMode FROM phoneCall WHERE device = ?", [device.number])
            guard mode?["secureMode"] as String? != nil else { return }
            try ServerTrustTable.set(belief, of: device, database)
        }
    }
}

/// By which authorities a phone that is to enter secure mode is told to believe this program.
public struct ServerTrustOrder: Sendable {
    /// The first one is that of the certificate in use.
    public var authorities: [String]
    /// By which they were chosen.
    public var state: ServerTrustState

    public init(_ authorities: [String], by state: ServerTrustState) {
        self.authorities = authorities
        self.state = state
    }
}

extension ServerTrustState {
    /// Throws `call.server-changed` when one of its secrets was sealed anew or removed meanwhile.
    func requireSame(_ database: Database) throws {
        guard try sealed == SealedState(of: sealed.names, database) else {
            throw Fault(.callServerChanged, subject: "server certificate")
        }
    }
}

enum ServerTrustTable {
    /// In secure mode, and on the way there: who was given an order may have followed it.
    private static let secure = """
        SELECT phoneCall.device FROM phoneCall JOIN device ON device.id = phoneCall.device
        WHERE secureMode = 'active' AND wasAuthenticated OR secureMode = 'begun'
        """

    static func all(_ database: Database) throws -> [DeviceID: ServerBelief] {
        let rows = try Row.fetchCursor(
            database,
            sql: """
                SELECT phone.device, authority, isSure FROM (\(secure)) AS phone
                LEFT JOIN serverTrust ON serverTrust.device = phone.device
                """)
        var beliefs: [DeviceID: ServerBelief] = [:]
        while let row = try rows.next() {
            let device = DeviceID(number: row["device"])
            var belief = beliefs[device] ?? ServerBelief()
            if let authority: String = row["authority"] {
                if row["isSure"] { belief.sure.insert(authority) } else { belief.doubtful.insert(authority) }
            }
            beliefs[device] = belief
        }
        return beliefs
    }

    /// - Parameter others: by which a phone believes of which nothing was noted.
    static func belief(of device: DeviceID, others: String, _ database: Database) throws -> ServerBelief {
        var belief = ServerBelief()
        let rows = try Row.fetchCursor(
            database, sql: "SELECT authority, isSure FROM serverTrust WHERE device = ?", arguments: [device.number])
        while let row = try rows.next() {
            if row["isSure"] { belief.sure.insert(row["authority"]) } else { belief.doubtful.insert(row["authority"]) }
        }
        return belief.isUnknown ? ServerBelief([others]) : belief
    }

    /// A phone is about to be told; of one that may have followed an earlier order only what both say is sure.
    static func begin(_ order: ServerTrustOrder, of device: DeviceID, _ database: Database) throws {
        try order.state.requireSame(database)
        guard let first = order.authorities.first else { return }
        let mode = try database.first("SELECT secureMode FROM phoneCall WHERE device = ?", [device.number])
        let all = Set(order.authorities)
        let isBegun = mode?["secureMode"] == SecureMode.begun.rawValue
        let belief =
            isBegun
            ? try belief(of: device, others: first, database).told(all)
            : ServerBelief([first], doubtful: all.subtracting([first]))
        try set(belief, of: device, database)
    }

    /// The phone called where a certificate of the authority was presented.
    ///
    /// While a command works on the phone, that alone says what the phone believes: the call may be older than its order.
    static func saw(_ authority: String, of device: DeviceID, _ database: Database) throws {
        try database.run(
            """
            INSERT INTO serverTrust (device, authority) SELECT ?1, ?2
            WHERE NOT EXISTS (SELECT 1 FROM serverTrust WHERE device = ?1 AND authority = ?2 AND isSure)
                AND NOT EXISTS (SELECT 1 FROM claim WHERE device = ?1)
            ON CONFLICT (device, authority) DO UPDATE SET isSure = 1
            """, [device.number, authority])
    }

    /// The phone proved that it believes by the authority; what else is known stays as it is.
    static func prove(_ authority: String, of device: DeviceID, _ database: Database) throws {
        try database.run(
            """
            INSERT INTO serverTrust (device, authority) VALUES (?, ?)
            ON CONFLICT (device, authority) DO UPDATE SET isSure = 1
            """, [device.number, authority])
    }

    static func set(_ belief: ServerBelief, of device: DeviceID, _ database: Database) throws {
        try forget(device, database)
        for (authorities, isSure) in [(belief.sure, true), (belief.doubtful, false)] {
            for authority in authorities {
                try database.run(
                    "INSERT INTO serverTrust (device, authority, isSure) VALUES (?, ?, ?)",
                    [device.number, authority, isSure])
            }
        }
    }

    static func noteOthers(_ authority: String, _ database: Database) throws {
        try database.run(
            """
            INSERT INTO serverTrust (device, authority) SELECT device, ? FROM (\(secure))
            WHERE device NOT IN (SELECT device FROM serverTrust)
            """, [authority])
    }

    static func forget(_ device: DeviceID, _ database: Database) throws {
        try database.run("DELETE FROM serverTrust WHERE device = ?", [device.number])
    }
}
