extension Schema {
    /// Further modes of runs; SQLite changes a check only with the whole table.
    ///
    /// The new table takes the name in the end, so that the references of others stay as they are.
    static let runsOfOrders = """
        CREATE TABLE comingRun (
            id INTEGER PRIMARY KEY AUTOINCREMENT CHECK (id > 0),
            mode TEXT NOT NULL CHECK (mode IN ('deploy', 'compare', 'restart', 'factory-reset')),
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

        INSERT INTO comingRun SELECT * FROM run;
        -- Numbers of runs that were removed are not given again: log files have them.
        DELETE FROM sqlite_sequence WHERE name = 'comingRun';
        INSERT INTO sqlite_sequence (name, seq) SELECT 'comingRun', seq FROM sqlite_sequence WHERE name = 'run';
        DROP TABLE run;
        ALTER TABLE comingRun RENAME TO run;
        """
}
