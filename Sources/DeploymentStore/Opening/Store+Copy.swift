import GRDB

extension Store {
    /// Makes a copy of the whole database in memory, to try out what a change would bring.
    ///
    /// The copy opens the same sealed secrets, takes and gives no leases of this database, and is gone with its last
    /// reference. Throws `store.*` when the database cannot be read.
    public func scratchCopy() throws -> Store {
        do {
            let copy = try DatabaseQueue(configuration: Self.configuration(Options()))
            try database.backup(to: copy)
            return Store(database: copy, key: key, path: nil, bounds: bounds, now: now)
        } catch {
            throw StoreFault.make(error, path: path)
        }
    }
}
