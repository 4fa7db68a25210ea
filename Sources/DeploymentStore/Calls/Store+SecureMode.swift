public import DeploymentModel
import GRDB

/// The way of a phone into secure mode; each step is durable before the next one is made.
extension Store {
    /// Notes that a phone is about to be given what it needs for secure mode.
    ///
    /// It is served in default mode as before, until ``proveSecureMode(of:fingerprint:)``.
    /// - Parameter tan: the end of the PIN, which the phone will be asked for; nil without a PIN.
    /// - Throws: `device.leased` while a run or another process works on the phone, `input.not-found`.
    public func beginSecureMode(of device: DeviceID, tan: SecretText?) async throws {
        let (identity, moment) = (identity, now())
        let name = SecureModeSecret.name(of: device)
        let sealed = try tan.map { try self.sealed($0, name) }
        try await write { database in
            try DeviceTable.requireExists(device, database)
            try LeaseTable.requireFree(device, besides: nil, process: identity, at: moment, database)
            try SecretTable.remove(name, database)
            if let sealed { try SecretTable.save(sealed, as: name, database) }
            try CallTable.note(.begun, of: device, database)
        }
    }

    /// The end of the PIN that a phone is still to be asked for.
    public func secureModeTAN(of device: DeviceID) async throws -> SecretText? {
        let name = SecureModeSecret.name(of: device)
        guard try await secretNames().contains(name) else { return nil }
        return try await reveal(.sealed(name))
    }

    /// The phone called on the secure port with the certificate that was made for it: from now on it is served there only.
    ///
    /// - Parameters:
    ///   - fingerprint: SHA-256 of the certificate, lower-case hexadecimal.
    ///   - authority: the same of the authority by which the phone believed this program, where it was not in secure mode
    ///     before; nil leaves what is known of that as it is.
    public func proveSecureMode(
        of device: DeviceID, fingerprint: String, authority: String? = nil
    ) async throws {
        let moment = now()
        try await write { database in
            try DeviceTable.requireExists(device, database)
            try database.run(
                "UPDATE device SET wasAuthenticated = 1, certificateFingerprint = ? WHERE id = ?",
                [fingerprint, device.number])
            try HeldTable.noteClient(fingerprint, of: device, at: moment, database)
            if let authority { try ServerTrustTable.set([authority], of: device, database) }
            try SecretTable.remove(SecureModeSecret.name(of: device), database)
            try CallTable.note(.active, of: device, database)
        }
    }

    /// The phone declined: it is in default mode as before.
    public func withdrawSecureMode(of device: DeviceID) async throws {
        try await write { database in
            try SecretTable.remove(SecureModeSecret.name(of: device), database)
            try database.run(
                "UPDATE phoneCall SET secureMode = NULL WHERE device = ? AND secureMode = 'begun'", [device.number])
        }
    }

    /// A certificate that was made for a phone is not to be used, because somebody else may have its key.
    ///
    /// The phone stays on its way: one that shows the certificate proves nothing by it.
    public func distrustSecureMode(of device: DeviceID, fingerprint: String) async throws {
        try await write { database in
            try database.run(
                "UPDATE issuedCertificate SET device = NULL WHERE device = ? AND fingerprint = ?",
                [device.number, fingerprint])
        }
    }
}

/// Where the end of a PIN is kept, sealed, until its phone was asked for it.
enum SecureModeSecret {
    static func name(of device: DeviceID) -> String { "secure-mode/\(device)" }
}
