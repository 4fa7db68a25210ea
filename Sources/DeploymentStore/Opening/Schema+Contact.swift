extension Schema {
    /// Another status of an address; SQLite changes a check only with the whole table.
    static let scansByContact = """
        ALTER TABLE scanRow RENAME TO formerScanRow;

        CREATE TABLE scanRow (
            address TEXT NOT NULL PRIMARY KEY CHECK (address <> ''),
            port INTEGER CHECK (port BETWEEN 1 AND 65535),
            status TEXT NOT NULL CHECK (status IN
                ('waiting', 'silent', 'refused', 'no-phone', 'unknown-type', 'phone', 'not-trusted', 'no-call')),
            type TEXT,
            deviceType TEXT,
            mac TEXT,
            number TEXT,
            softwareVersion TEXT,
            tls INTEGER NOT NULL CHECK (tls IN (0, 1)),
            certificateFingerprint TEXT,
            profile TEXT,
            tlsVersion TEXT,
            hasEvidence INTEGER NOT NULL CHECK (hasEvidence IN (0, 1)),
            chain BLOB NOT NULL,
            faultCode TEXT,
            faultSubject TEXT,
            faultDetail TEXT,
            seenAt INTEGER
        ) STRICT, WITHOUT ROWID;

        INSERT INTO scanRow SELECT * FROM formerScanRow;
        DROP TABLE formerScanRow;
        """
}
