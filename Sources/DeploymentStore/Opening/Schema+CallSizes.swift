extension Schema {
    /// How much is kept of what phones that call say, counted with every change, so that no call has to count.
    ///
    /// Triggers, because rows go in many ways: with their device, when a run settles them, when a phone is reset. A later
    /// step that makes one of these tables anew has to make its triggers anew.
    static let callSizes =
        """
        -- Bytes that are kept of one phone, by table.
        CREATE TABLE callSize (
            device INTEGER NOT NULL PRIMARY KEY REFERENCES device(id) ON DELETE CASCADE,
            localChange INTEGER NOT NULL DEFAULT 0,
            knownItems INTEGER NOT NULL DEFAULT 0,
            fileOrder INTEGER NOT NULL DEFAULT 0
        ) STRICT;

        -- Entries of the device list, and bytes that are kept of phones that prove nothing.
        CREATE TABLE callTally (
            id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
            devices INTEGER NOT NULL,
            unproven INTEGER NOT NULL
        ) STRICT;

        """ + sizeTriggers + tallyTriggers + count

    /// What a row costs beside its texts.
    static let callRowBytes = 40
    private static let tables = ["localChange": ["item", "value"], "knownItems": ["items"], "fileOrder": files]
    private static let files = ["type", "name", "version", "saidAt"]

    /// The bytes of a row: its texts, and what a row costs beside.
    private static func size(of table: String, _ row: String) -> String {
        let texts = (tables[table] ?? []).map { "coalesce(length(CAST(\(row).\($0) AS BLOB)), 0)" }
        return "(\((texts + ["\(callRowBytes)"]).joined(separator: " + ")))"
    }

    private static func sum(_ row: String) -> String { "(\(row).localChange + \(row).knownItems + \(row).fileOrder)" }

    private static func isUnproven(_ device: String) -> String {
        "NOT EXISTS (SELECT 1 FROM phoneCall WHERE device = \(device) AND secureMode = 'active')"
    }

    private static var sizeTriggers: String {
        tables.keys.sorted().map { table in
            let (old, new) = (size(of: table, "old"), size(of: table, "new"))
            return """
                CREATE TRIGGER \(table)_comes AFTER INSERT ON \(table) BEGIN
                    INSERT INTO callSize (device, \(table)) VALUES (new.device, \(new))
                    ON CONFLICT (device) DO UPDATE SET \(table) = callSize.\(table) + excluded.\(table);
                END;
                CREATE TRIGGER \(table)_changes AFTER UPDATE ON \(table) WHEN \(new) <> \(old) BEGIN
                    UPDATE callSize SET \(table) = \(table) + \(new) - \(old) WHERE device = new.device;
                END;
                CREATE TRIGGER \(table)_goes AFTER DELETE ON \(table) BEGIN
                    UPDATE callSize SET \(table) = \(table) - \(old) WHERE device = old.device;
                END;

                """
        }.joined()
    }

    /// What is kept of a phone counts as long as the phone proves nothing.
    private static var tallyTriggers: String {
        """
        CREATE TRIGGER callSize_comes AFTER INSERT ON callSize WHEN \(isUnproven("new.device")) BEGIN
            UPDATE callTally SET unproven = unproven + \(sum("new"));
        END;
        CREATE TRIGGER callSize_changes AFTER UPDATE ON callSize WHEN \(isUnproven("new.device")) BEGIN
            UPDATE callTally SET unproven = unproven + \(sum("new")) - \(sum("old"));
        END;
        CREATE TRIGGER callSize_goes AFTER DELETE ON callSize WHEN \(isUnproven("old.device")) BEGIN
            UPDATE callTally SET unproven = unproven - \(sum("old"));
        END;
        CREATE TRIGGER phoneCall_comes AFTER INSERT ON phoneCall WHEN new.secureMode IS 'active' BEGIN
            UPDATE callTally SET unproven = unproven - \(sizeOfPhone("new.device"));
        END;
        CREATE TRIGGER phoneCall_changes AFTER UPDATE OF secureMode ON phoneCall
        WHEN (new.secureMode IS 'active') <> (old.secureMode IS 'active') BEGIN
            UPDATE callTally SET unproven =
                unproven + iif(old.secureMode IS 'active', 1, -1) * \(sizeOfPhone("new.device"));
        END;
        CREATE TRIGGER phoneCall_goes AFTER DELETE ON phoneCall WHEN old.secureMode IS 'active' BEGIN
            UPDATE callTally SET unproven = unproven + \(sizeOfPhone("old.device"));
        END;
        CREATE TRIGGER device_comes AFTER INSERT ON device BEGIN
            UPDATE callTally SET devices = devices + 1;
        END;
        CREATE TRIGGER device_goes AFTER DELETE ON device BEGIN
            UPDATE callTally SET devices = devices - 1;
        END;

        """
    }

    private static func sizeOfPhone(_ device: String) -> String {
        "coalesce((SELECT \(sum("callSize")) FROM callSize WHERE device = \(device)), 0)"
    }

    /// Counts what is there already.
    private static var count: String {
        let sizes = tables.keys.sorted().map { table in
            """
            INSERT INTO callSize (device, \(table))
                SELECT device, sum(\(size(of: table, table))) FROM \(table) WHERE true GROUP BY device
                ON CONFLICT (device) DO UPDATE SET \(table) = excluded.\(table);

            """
        }
        return "INSERT INTO callTally SELECT 1, count(*), 0 FROM device;\n" + sizes.joined()
    }
}
