public import DeploymentModel
public import ManagementXML
import PhoneTransport

/// Drives phones that have items: one action after the other over one session, whatever protocol carries it.
public struct ItemDriver: PhoneDriver {
    public init() {}

    public func identify(over call: PhoneCall) async throws -> PhoneIdentity {
        let reply = try await perform(.identify, over: call, password: nil)
        return PhoneIdentity(reply)
    }

    public func read(_ keys: [ItemKey], over call: PhoneCall) async throws -> [Item] {
        let limit = max(1, call.itemLimit)
        if keys.count <= limit {
            return keys.isEmpty ? [] : try await part(keys, over: call)
        }
        var items: [Item] = []
        items.reserveCapacity(keys.count)
        for start in stride(from: 0, to: keys.count, by: limit) {
            let part = Array(keys[start..<min(start + limit, keys.count)])
            items += try await self.part(part, over: call)
        }
        return items
    }

    public func readAll(over call: PhoneCall) async throws -> [Item] {
        try await perform(.readAllItems, over: call, password: call.password).items
    }

    /// Reads items in one message.
    ///
    /// An answer that names one of them twice says two things, so it proves neither.
    private func part(_ keys: [ItemKey], over call: PhoneCall) async throws -> [Item] {
        let items = try await perform(.readItems(keys), over: call, password: call.password).items
        let isAsAsked = items.count == keys.count && zip(items, keys).allSatisfy { $0.key == $1 }
        guard isAsAsked || Set(items.map(\.key)).count == items.count else {
            throw Fault(.xmlUnexpected, subject: "ReadItems", detail: "the phone names an item twice")
        }
        return items
    }

    public func write(_ items: [ItemToWrite], over call: PhoneCall) async throws -> [ItemKey: ItemStatus] {
        var refused: [ItemKey: ItemStatus] = [:]
        for message in MessagePacking.pack(items, limit: call.itemLimit) {
            let action = ManagementAction.writeItems(message)
            let reply = try await call.session.perform(action, password: call.password)
            let listed = reply.items.filter { $0.status != nil }
            // A phone that took nothing may say 'failed' and still name the items: that is an answer, not a breakdown.
            if reply.status != .accepted, reply.status == .busy || listed.isEmpty {
                try Self.check(reply, of: action)
            }
            for item in listed { refused[item.key] = item.status }
        }
        return refused
    }

    public func status(over call: PhoneCall) async throws -> PhoneStatus {
        let reply = try await perform(.status, over: call, password: nil)
        guard let status = reply.phoneStatus else {
            throw Fault(.xmlUnexpected, subject: reply.action, detail: "the answer holds no status")
        }
        return status
    }

    public func restart(over call: PhoneCall) async throws {
        _ = try await perform(.restart, over: call, password: call.password)
    }

    public func factoryReset(over call: PhoneCall) async throws {
        _ = try await perform(.factoryReset, over: call, password: call.password)
    }

    func perform(
        _ action: ManagementAction, over call: PhoneCall, password: SecretText?
    ) async throws -> ManagementReply {
        let reply = try await call.session.perform(action, password: password)
        try Self.check(reply, of: action)
        return reply
    }

    private static func check(_ reply: ManagementReply, of action: ManagementAction) throws {
        switch reply.status {
        case .accepted: return
        case .busy: throw Fault(.phoneBusy, subject: action.name)
        case .failed: throw Fault(.phoneActionFailed, subject: action.name, detail: reply.reason)
        }
    }
}
