extension Schema {
    static let serverTrust = """
        -- By which authorities a phone in secure mode was seen to believe this program; SHA-256 of their certificates.
        CREATE TABLE serverTrust (
            device INTEGER NOT NULL REFERENCES device(id) ON DELETE CASCADE,
            authority TEXT NOT NULL CHECK (length(authority) = 64),
            PRIMARY KEY (device, authority)
        ) STRICT, WITHOUT ROWID;
        """

    static let doubtfulServerTrust = """
        -- 0: the phone was told of it, or told to forget it, and has not proven what became of that.
        ALTER TABLE serverTrust ADD COLUMN isSure INTEGER NOT NULL DEFAULT 1 CHECK (isSure IN (0, 1));
        """
}
