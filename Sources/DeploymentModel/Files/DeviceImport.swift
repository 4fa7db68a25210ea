/// What a CSV would do to the device list: everything that is wrong with it, or every row that it makes or changes.
///
/// All or nothing: while there is a fault, nothing may be applied.
public struct DeviceImport: Hashable, Sendable {
    /// One row of the CSV.
    public struct Row: Hashable, Sendable {
        /// Line of the file, 1 = first.
        public var line: Int
        /// The entry that the row changes; nil for a new one.
        public var device: DeviceID?
        /// The whole entry as it will be.
        public var fields: DeviceFields
        /// All groups of the device as they will be; nil where the row leaves them as they are.
        public var groups: [String]?
        /// The device's own values that are set.
        public var values: [ItemKey: SettingValue]
        /// The device's own values that are taken away.
        public var removedValues: Set<ItemKey>
        /// What differs from before, secrets masked; empty = the row changes nothing.
        public var changes: [DeviceChange]

        public init(
            line: Int, device: DeviceID? = nil, fields: DeviceFields, groups: [String]? = nil,
            values: [ItemKey: SettingValue] = [:], removedValues: Set<ItemKey> = [], changes: [DeviceChange] = []
        ) {
            self.line = line
            self.device = device
            self.fields = fields
            self.groups = groups
            self.values = values
            self.removedValues = removedValues
            self.changes = changes
        }
    }

    /// In the order of the file; empty while there are faults.
    public var rows: [Row]
    /// Code `input.csv` (or `input.secret`), subject `line N` or `line N, column C (NAME)`; 100 at most.
    public var faults: [Fault]
    /// Groups that do not exist yet, in the order in which they are named.
    public var newGroups: [String]
    /// Columns that are known but not set by an import (software, status, ...).
    public var skippedColumns: [String]

    public init(rows: [Row] = [], faults: [Fault] = [], newGroups: [String] = [], skippedColumns: [String] = []) {
        self.rows = rows
        self.faults = faults
        self.newGroups = newGroups
        self.skippedColumns = skippedColumns
    }

    /// Rows that make a new entry.
    public var created: [Row] { rows.filter { $0.device == nil } }
    /// Rows that change an entry.
    public var updated: [Row] { rows.filter { $0.device != nil && !$0.changes.isEmpty } }
    /// Number of rows that change nothing.
    public var unchangedCount: Int { rows.count { $0.device != nil && $0.changes.isEmpty } }
}

/// What an import or export knows of the device list.
public struct DeviceCSVContext: Sendable {
    public var devices: [Device]
    public var groups: [DeviceGroup]
    /// Settings of any layer; only those of single devices count here.
    public var settings: [Setting]
    public var catalogue: Catalogue
    /// Whether an item's value is a secret; see the catalogue.
    public var isSecret: @Sendable (ItemKey) -> Bool

    public init(
        devices: [Device] = [], groups: [DeviceGroup] = [], settings: [Setting] = [], catalogue: Catalogue,
        isSecret: @escaping @Sendable (ItemKey) -> Bool
    ) {
        self.devices = devices
        self.groups = groups
        self.settings = settings
        self.catalogue = catalogue
        self.isSecret = isSecret
    }
}

/// Largest input that is looked at.
public struct CSVLimits: Hashable, Sendable {
    public var bytes: Int
    /// Rows beside the header.
    public var rows: Int
    public var columns: Int
    public var faults: Int

    public init(bytes: Int = 10 << 20, rows: Int = 100_000, columns: Int = 256, faults: Int = 100) {
        self.bytes = bytes
        self.rows = rows
        self.columns = columns
        self.faults = faults
    }
}
