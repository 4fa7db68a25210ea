public import struct Foundation.Date

/// Keeps what phones that call say of themselves, durably, for all processes that share it.
///
/// Every call returns only when its content would survive a loss of power; calls of many phones are committed together.
/// All calls throw a ``Fault`` (`store.*`) when the content cannot be kept.
public protocol CallBook: Sendable {
    /// Enters a phone that called by the one matching step, and counts its start-ups.
    ///
    /// Who is refused changes nothing.
    func note(_ call: HeardCall, by matcher: DeviceMatcher) async throws -> CallEntry

    /// How often a phone was heard to start, whoever heard it; 0 for one that is not on the list.
    func startUps(of mac: MACAddress) async throws -> Int

    /// The items of a phone as they were last read whole, without secrets; nil when they never were.
    func lastKnownItems(of device: DeviceID) async throws -> [Item]?

    /// Keeps the items of a phone, and in the same step what was changed at it.
    ///
    /// - Returns: why not all of it is kept (`call.not-kept`); nil when it is.
    @discardableResult
    func keepItems(_ items: [Item], changed: [LocalChange], of device: DeviceID, at: Date) async throws -> Fault?

    /// Notes an order before it is given, unless the same one was given after `earliest`; then nothing is kept.
    ///
    /// - Returns: the earlier order that stands in the way.
    func orderFile(_ order: FileOrderRecord, of device: DeviceID, unlessSince earliest: Date) async throws
        -> FileOrderRecord?

    /// Takes back an order that the phone declined, so that it may be given again at any time.
    func withdrawFileOrder(_ order: FileOrderRecord, of device: DeviceID) async throws

    /// The orders of a phone and what came of them.
    func fileOrders(of device: DeviceID) async throws -> [FileOrderRecord]
}
