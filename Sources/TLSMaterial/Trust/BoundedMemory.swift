/// A table that forgets what was not asked for lately, so that its size has a bound.
///
/// Two generations: when the young one is full it becomes the old one, and what was old is dropped unless it was asked
/// for in the meantime. Every operation takes constant time.
public struct BoundedMemory<Key: Hashable, Value> {
    private var young: [Key: Value] = [:]
    private var old: [Key: Value] = [:]
    private let generationSize: Int

    /// Makes an empty table.
    ///
    /// - Parameter limit: the most entries that are ever held, at least two.
    public init(limit: Int) { generationSize = max(1, limit / 2) }

    /// The entries that are held.
    public var count: Int { young.count + old.count }

    /// The value that was kept for the key, if it was not forgotten.
    public mutating func value(for key: Key) -> Value? {
        if let value = young[key] { return value }
        guard let value = old.removeValue(forKey: key) else { return nil }
        insert(value, for: key)
        return value
    }

    /// Keeps a value for the key.
    public mutating func insert(_ value: Value, for key: Key) {
        if young.count >= generationSize {
            old = young
            young = [:]
        }
        young[key] = value
    }
}
