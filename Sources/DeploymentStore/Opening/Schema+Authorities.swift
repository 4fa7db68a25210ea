extension Schema {
    static let authorities = """
        -- The keys of authorities are sealed secrets, named 'ca-key/NAME'.
        CREATE TABLE authority (
            name TEXT NOT NULL PRIMARY KEY CHECK (name <> ''),
            chain TEXT NOT NULL,
            former TEXT NOT NULL,
            cross TEXT NOT NULL,
            policy TEXT NOT NULL,
            profile TEXT NOT NULL,
            createdAt INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;

        -- Private keys of phones, AES-GCM under the key file, by the SHA-256 of the public key.
        CREATE TABLE materialKey (
            fingerprint TEXT NOT NULL PRIMARY KEY CHECK (length(fingerprint) = 64),
            sealed BLOB NOT NULL CHECK (length(sealed) >= 28)
        ) STRICT, WITHOUT ROWID;

        -- Neither a device nor for all: the phone is gone or is another one.
        CREATE TABLE issuedCertificate (
            fingerprint TEXT NOT NULL PRIMARY KEY CHECK (length(fingerprint) = 64),
            keyFingerprint TEXT NOT NULL CHECK (length(keyFingerprint) = 64),
            authority TEXT REFERENCES authority(name) ON DELETE SET NULL,
            serial TEXT NOT NULL,
            subject TEXT NOT NULL,
            notBefore INTEGER NOT NULL,
            notAfter INTEGER NOT NULL,
            device INTEGER REFERENCES device(id) ON DELETE SET NULL,
            isForAll INTEGER NOT NULL CHECK (isForAll IN (0, 1) AND (isForAll = 0 OR device IS NULL)),
            chain BLOB NOT NULL,
            profile TEXT NOT NULL,
            issuedAt INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX issuedCertificate_on_device ON issuedCertificate(device);
        CREATE INDEX issuedCertificate_on_keyFingerprint ON issuedCertificate(keyFingerprint);
        CREATE INDEX issuedCertificate_on_authority ON issuedCertificate(authority);

        CREATE TABLE pendingRequest (
            keyFingerprint TEXT NOT NULL PRIMARY KEY CHECK (length(keyFingerprint) = 64),
            device INTEGER NOT NULL REFERENCES device(id) ON DELETE CASCADE,
            subject TEXT NOT NULL,
            pattern TEXT NOT NULL,
            createdAt INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX pendingRequest_on_device ON pendingRequest(device);

        -- What was read back; what a handshake showed stands in device.certificateFingerprint.
        CREATE TABLE heldMaterial (
            device INTEGER NOT NULL REFERENCES device(id) ON DELETE CASCADE,
            kind TEXT NOT NULL CHECK (kind <> ''),
            fingerprint TEXT NOT NULL,
            subject TEXT,
            notAfter INTEGER,
            seenAt INTEGER NOT NULL,
            PRIMARY KEY (device, kind)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX heldMaterial_on_fingerprint ON heldMaterial(fingerprint);
        """

    /// Until then the certificates with which phones call could be told by their trust profile only.
    static let purposes = """
        ALTER TABLE issuedCertificate ADD COLUMN purpose TEXT NOT NULL DEFAULT 'server'
            CHECK (purpose IN ('server', 'client'));
        UPDATE issuedCertificate SET purpose = 'client' WHERE profile = 'secure-' || authority;
        INSERT OR REPLACE INTO heldMaterial (device, kind, fingerprint, subject, notAfter, seenAt)
            SELECT device.id, 'client-certificate', fingerprint, subject, notAfter, coalesce(lastSeen, 0)
            FROM device JOIN issuedCertificate ON fingerprint = certificateFingerprint
            WHERE purpose = 'client' AND issuedCertificate.device = device.id;
        """
}
