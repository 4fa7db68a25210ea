extension Schema {
    static let claims = """
        -- Phones that a process works on outside of a run.
        CREATE TABLE claim (
            device INTEGER NOT NULL PRIMARY KEY REFERENCES device(id) ON DELETE CASCADE,
            owner TEXT NOT NULL CHECK (owner <> ''),
            ownedUntil INTEGER NOT NULL
        ) STRICT;
        """
}
