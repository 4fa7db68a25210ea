import GRDB

/// The database's schema as a list of named steps.
///
/// Steps are only ever added at the end, never changed.
enum Schema {
    /// Marks the file as ours (`PRAGMA application_id`): "pflt".
    static let applicationID = 0x7066_6C74

    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1 device list, settings, trust, secrets") { database in
            try database.execute(sql: "PRAGMA application_id = 1885760628")
            try database.execute(sql: deviceList)
            try database.execute(sql: settingsAndTrust)
        }
        migrator.registerMigration("2 scans, runs, journal") { database in
            try database.execute(sql: scans)
            try database.execute(sql: runs)
            try database.execute(sql: journal)
        }
        migrator.registerMigration("3 items shared by phones of a plan") { database in
            try database.execute(sql: sharedItems)
        }
        migrator.registerMigration("4 files of phones in runs") { database in
            try database.execute(sql: files)
        }
        migrator.registerMigration("5 certificate authorities") { database in
            try database.execute(sql: authorities)
        }
        migrator.registerMigration("6 phones that call") { database in
            try database.execute(sql: calls)
        }
        migrator.registerMigration("7 scans that ask phones to call") { database in
            try database.execute(sql: scansByContact)
        }
        migrator.registerMigration("8 runs that restart or reset phones") { database in
            try database.execute(sql: runsOfOrders)
        }
        migrator.registerMigration("9 purposes of certificates") { database in
            try database.execute(sql: purposes)
        }
        migrator.registerMigration("10 phones at work outside of runs") { database in
            try database.execute(sql: claims)
        }
        migrator.registerMigration("11 whom phones in secure mode believe") { database in
            try database.execute(sql: serverTrust)
        }
        return migrator
    }

    private static let files = """
        -- What a run has to do with files, as JSON; NULL where there is nothing. The chain of results covers them when
        -- they are there.
        ALTER TABLE runPlanDevice ADD COLUMN files TEXT;
        ALTER TABLE journalEntry ADD COLUMN file TEXT;
        ALTER TABLE result ADD COLUMN files TEXT;
        """

    private static let sharedItems = """
        -- Items that many phones of a plan have alike, once for all of them.
        CREATE TABLE runPlanItems (
            run INTEGER NOT NULL REFERENCES run(id) ON DELETE CASCADE,
            place INTEGER NOT NULL,
            wanted TEXT NOT NULL,
            PRIMARY KEY (run, place)
        ) STRICT, WITHOUT ROWID;

        ALTER TABLE runPlanDevice ADD COLUMN common INTEGER;
        """

    private static let deviceList = """
        CREATE TABLE storeInfo (
            name TEXT NOT NULL PRIMARY KEY,
            value BLOB NOT NULL
        ) STRICT, WITHOUT ROWID;

        -- AUTOINCREMENT: the number of a removed device is never given again.
        CREATE TABLE device (
            id INTEGER PRIMARY KEY AUTOINCREMENT CHECK (id > 0),
            type TEXT CHECK (type <> ''),
            address TEXT CHECK (address <> ''),
            port INTEGER CHECK (port BETWEEN 1 AND 65535),
            mac TEXT UNIQUE CHECK (length(mac) = 17),
            number TEXT UNIQUE CHECK (length(number) BETWEEN 1 AND 25),
            softwareVersion TEXT,
            status TEXT NOT NULL CHECK (status IN
                ('new', 'verified', 'failed', 'differs', 'waiting', 'not-trusted', 'conflict')),
            certificateFingerprint TEXT,
            wasAuthenticated INTEGER NOT NULL CHECK (wasAuthenticated IN (0, 1)),
            lastSeen INTEGER,
            note TEXT NOT NULL
        ) STRICT;
        CREATE INDEX device_on_address ON device(address);

        CREATE TABLE deviceGroup (
            id INTEGER PRIMARY KEY,
            name TEXT NOT NULL UNIQUE CHECK (name <> '')
        ) STRICT;

        CREATE TABLE groupMember (
            groupID INTEGER NOT NULL REFERENCES deviceGroup(id) ON DELETE CASCADE,
            deviceID INTEGER NOT NULL REFERENCES device(id) ON DELETE CASCADE,
            PRIMARY KEY (groupID, deviceID)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX groupMember_on_deviceID ON groupMember(deviceID);

        -- What a phone took of secrets: marks (HMAC) by which the same text is known again. Never the text.
        CREATE TABLE acceptedSecret (
            device TEXT NOT NULL,
            item TEXT NOT NULL,
            mark BLOB NOT NULL CHECK (length(mark) = 32),
            PRIMARY KEY (device, item)
        ) STRICT, WITHOUT ROWID;
        """

    private static let settingsAndTrust = """
        CREATE TABLE setting (
            layer TEXT NOT NULL CHECK (layer IN ('type', 'site', 'group', 'device')),
            scope TEXT NOT NULL CHECK ((layer = 'site') = (scope = '')),
            item TEXT NOT NULL CHECK (item <> ''),
            isSecret INTEGER NOT NULL CHECK (isSecret IN (0, 1)),
            value TEXT NOT NULL,
            PRIMARY KEY (layer, scope, item)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE trustProfile (
            name TEXT NOT NULL PRIMARY KEY CHECK (name <> ''),
            subject TEXT NOT NULL,
            anchors TEXT NOT NULL,
            minimumTLS TEXT NOT NULL CHECK (minimumTLS IN ('1.0', '1.1', '1.2', '1.3')),
            allowsLegacy INTEGER NOT NULL CHECK (allowsLegacy IN (0, 1)),
            pin TEXT CHECK (length(pin) = 64),
            allowsExpiredAnchor INTEGER NOT NULL CHECK (allowsExpiredAnchor IN (0, 1))
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE trustBinding (
            scope TEXT NOT NULL CHECK (scope IN ('all', 'type', 'group', 'device')),
            target TEXT NOT NULL CHECK ((scope = 'all') = (target = '')),
            profile TEXT NOT NULL REFERENCES trustProfile(name) ON DELETE CASCADE,
            position INTEGER NOT NULL,
            PRIMARY KEY (scope, target, profile)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX trustBinding_on_profile ON trustBinding(profile);

        -- AES-GCM under the key file; the name is authenticated with the text.
        CREATE TABLE sealedSecret (
            name TEXT NOT NULL PRIMARY KEY CHECK (name <> ''),
            sealed BLOB NOT NULL CHECK (length(sealed) >= 28)
        ) STRICT, WITHOUT ROWID;
        """

    private static let scans = """
        CREATE TABLE scanRow (
            address TEXT NOT NULL PRIMARY KEY CHECK (address <> ''),
            port INTEGER CHECK (port BETWEEN 1 AND 65535),
            status TEXT NOT NULL CHECK (status IN
                ('waiting', 'silent', 'refused', 'no-phone', 'unknown-type', 'phone', 'not-trusted')),
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
        """

    private static let runs = """
        CREATE TABLE run (
            id INTEGER PRIMARY KEY AUTOINCREMENT CHECK (id > 0),
            mode TEXT NOT NULL CHECK (mode IN ('deploy', 'compare')),
            createdAt INTEGER NOT NULL,
            deviceCount INTEGER NOT NULL CHECK (deviceCount >= 0),
            state TEXT NOT NULL CHECK (state IN ('running', 'finished', 'stopped', 'failed', 'interrupted')),
            finishedAt INTEGER,
            faultCode TEXT,
            faultSubject TEXT,
            faultDetail TEXT,
            isStopRequested INTEGER NOT NULL DEFAULT 0 CHECK (isStopRequested IN (0, 1)),
            -- Who works on the run, and until when that is believed without a sign of life.
            owner TEXT NOT NULL,
            ownedUntil INTEGER NOT NULL,
            -- The head of the chain of results; see the result table.
            chainLength INTEGER NOT NULL DEFAULT 0,
            chainHash BLOB NOT NULL CHECK (length(chainHash) = 32)
        ) STRICT;

        -- The plan but for its devices, as JSON; apart from run, whose rows are rewritten with every result.
        CREATE TABLE runPlan (
            run INTEGER NOT NULL PRIMARY KEY REFERENCES run(id) ON DELETE CASCADE,
            header TEXT NOT NULL
        ) STRICT;

        CREATE TABLE runPlanDevice (
            run INTEGER NOT NULL REFERENCES run(id) ON DELETE CASCADE,
            position INTEGER NOT NULL,
            device TEXT NOT NULL,
            type TEXT NOT NULL,
            address TEXT NOT NULL,
            port INTEGER NOT NULL,
            tls INTEGER NOT NULL CHECK (tls IN (0, 1)),
            mac TEXT,
            number TEXT,
            trust TEXT NOT NULL,
            password TEXT NOT NULL,
            wanted TEXT NOT NULL,
            PRIMARY KEY (run, position)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE runSecret (
            run INTEGER NOT NULL REFERENCES run(id) ON DELETE CASCADE,
            name TEXT NOT NULL PRIMARY KEY CHECK (name <> ''),
            sealed BLOB NOT NULL CHECK (length(sealed) >= 28)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX runSecret_on_run ON runSecret(run);
        """

    private static let journal = """
        CREATE TABLE lease (
            device TEXT NOT NULL PRIMARY KEY,
            run INTEGER NOT NULL REFERENCES run(id) ON DELETE CASCADE
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX lease_on_run ON lease(run);

        -- One row per device that a run has begun.
        CREATE TABLE runDevice (
            run INTEGER NOT NULL REFERENCES run(id) ON DELETE CASCADE,
            device TEXT NOT NULL,
            isOpen INTEGER NOT NULL CHECK (isOpen IN (0, 1)),
            -- Its latest result, and the last journal entry that belongs to it.
            outcome TEXT,
            result INTEGER,
            lastEntry INTEGER NOT NULL DEFAULT 0,
            PRIMARY KEY (run, device)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE journalEntry (
            id INTEGER PRIMARY KEY,
            run INTEGER NOT NULL REFERENCES run(id) ON DELETE CASCADE,
            device TEXT NOT NULL,
            step TEXT NOT NULL,
            moment TEXT NOT NULL CHECK (moment IN ('intent', 'outcome')),
            at INTEGER NOT NULL,
            changes TEXT NOT NULL,
            bootCount INTEGER,
            faultCode TEXT,
            faultSubject TEXT,
            faultDetail TEXT
        ) STRICT;
        CREATE INDEX journalEntry_on_run ON journalEntry(run);

        -- Only added to. hash = SHA-256(hash of the row before it, all columns of this row but the hash).
        CREATE TABLE result (
            run INTEGER NOT NULL REFERENCES run(id) ON DELETE CASCADE,
            position INTEGER NOT NULL CHECK (position > 0),
            device TEXT NOT NULL,
            address TEXT NOT NULL,
            mac TEXT,
            type TEXT NOT NULL,
            outcome TEXT NOT NULL CHECK (outcome IN
                ('verified', 'unchanged', 'failed', 'differs', 'waiting', 'stopped', 'skipped')),
            faultCode TEXT,
            faultSubject TEXT,
            faultDetail TEXT,
            changes TEXT NOT NULL,
            warnings TEXT NOT NULL,
            hasEvidence INTEGER NOT NULL CHECK (hasEvidence IN (0, 1)),
            certificateFingerprint TEXT,
            profile TEXT,
            tlsVersion TEXT,
            softwareVersion TEXT,
            attempts INTEGER NOT NULL CHECK (attempts >= 0),
            duration REAL NOT NULL,
            finishedAt INTEGER NOT NULL,
            hash BLOB NOT NULL CHECK (length(hash) = 32),
            PRIMARY KEY (run, position)
        ) STRICT, WITHOUT ROWID;
        """
}
