extension Schema {
    static let calls = """
        -- What is known of phones that call the tool, by device of the list.
        CREATE TABLE phoneCall (
            device INTEGER NOT NULL PRIMARY KEY REFERENCES device(id) ON DELETE CASCADE,
            startUps INTEGER NOT NULL DEFAULT 0 CHECK (startUps >= 0),
            reason TEXT,
            at INTEGER,
            contactAddress TEXT,
            contactPort INTEGER CHECK (contactPort BETWEEN 1 AND 65535),
            contactGap INTEGER,
            secureMode TEXT CHECK (secureMode IN ('begun', 'active')),
            remark TEXT
        ) STRICT;

        -- When a phone was last asked to call, by its MAC address or, where that is not known, its address and port.
        CREATE TABLE contactMe (
            place TEXT NOT NULL PRIMARY KEY CHECK (place <> ''),
            at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX contactMe_on_at ON contactMe(at);

        -- What was changed at the phones themselves. Never the value of a secret.
        CREATE TABLE localChange (
            device INTEGER NOT NULL REFERENCES device(id) ON DELETE CASCADE,
            item TEXT NOT NULL CHECK (item <> ''),
            value TEXT,
            at INTEGER NOT NULL,
            PRIMARY KEY (device, item)
        ) STRICT, WITHOUT ROWID;

        -- The items of a phone as they were last read whole, without secrets, for phones that do not say what was changed.
        CREATE TABLE knownItems (
            device INTEGER NOT NULL PRIMARY KEY REFERENCES device(id) ON DELETE CASCADE,
            items TEXT NOT NULL,
            at INTEGER NOT NULL
        ) STRICT;

        -- Files that phones were ordered to fetch, and what they say of them.
        CREATE TABLE fileOrder (
            device INTEGER NOT NULL REFERENCES device(id) ON DELETE CASCADE,
            type TEXT NOT NULL,
            name TEXT NOT NULL,
            version TEXT,
            orderedAt INTEGER,
            isDone INTEGER CHECK (isDone IN (0, 1)),
            reportedAt INTEGER,
            saidAt TEXT,
            PRIMARY KEY (device, type, name)
        ) STRICT, WITHOUT ROWID;
        """
}
