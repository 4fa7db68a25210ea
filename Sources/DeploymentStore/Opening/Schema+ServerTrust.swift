extension Schema {
    static let serverTrust = """
        -- By which authorities a phone in secure mode was seen to believe this program; SHA-256 of their certificates.
        CREATE TABLE serverTrust (
            device INTEGER NOT NULL REFERENCES device(id) ON DELETE CASCADE,
            authority TEXT NOT NULL CHECK (length(authority) = 64),
            PRIMARY KEY (device, authority)
        ) STRICT, WITHOUT ROWID;
        """
}
