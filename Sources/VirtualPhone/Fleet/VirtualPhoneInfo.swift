public import DeploymentModel
import NIOCore

/// Who and where one virtual phone is.
public struct VirtualPhoneInfo: Hashable, Sendable {
    public let address: String
    public let port: Int
    /// The port of the phone's own web server, if it has one apart.
    public let webPort: Int?
    /// Whether the type is reached over TLS.
    public let tls: Bool
    public let mac: MACAddress
    public let type: PhoneTypeID
    public let deviceType: String
    public let software: SoftwareVersion
    public let faults: [PhoneFault]

    init(_ phone: LivePhone, port: Int) {
        address = phone.address.description
        self.port = port
        tls = phone.isTLS
        webPort = phone.with { core in core.webPort }
        mac = phone.with { core in core.behaviour.state.mac }
        type = phone.model.type.id
        deviceType = phone.model.type.deviceType
        software = phone.model.software
        faults = phone.faults
    }
}

/// What a virtual phone has at one moment, secrets included: for tests and rehearsals.
public struct VirtualPhoneState: Sendable {
    public let counts: PhoneCounts
    public let behaviour: PhoneBehaviour
    /// Whether the phone is there, and not restarting, absent or switched off.
    public let isPresent: Bool

    /// The value of an item, secrets included; nil when the phone has no such item.
    public func value(of key: ItemKey) -> String? { behaviour.value(of: key) }
    public var bootCount: Int { behaviour.state.bootCount }
    public var files: [StoredFile] { behaviour.state.files }
}

extension VirtualFleet {
    /// The state of the phone at an address; nil when no phone of the fleet has it.
    public func state(of address: String) -> VirtualPhoneState? {
        phone(at: address).map { phone in
            let now = context.now
            return phone.with { core in
                VirtualPhoneState(
                    counts: core.counts, behaviour: core.behaviour,
                    isPresent: core.awayUntil.map { now >= $0 } ?? true)
            }
        }
    }

    /// The counts of all phones, in the order of ``phones``.
    public var counts: [PhoneCounts] {
        live.map { phone in phone.with { core in core.counts } }
    }

    /// Begins a call at the phone; it is busy for so many seconds.
    public func startCall(at address: String, seconds: Double) {
        let now = context.now
        guard let phone = phone(at: address) else { return }
        phone.with { core in core.behaviour.startCall(seconds: seconds, at: now) }
        // The end of the call may be awaited.
        phone.tell { _, _, _ in [] }
    }

    /// Pulls the plug: connections end at once, and nothing answers until ``switchOn(_:)``.
    public func switchOff(_ address: String) {
        phone(at: address)?.leave(seconds: .infinity)
    }

    /// Puts the plug in again; returns when the phone listens.
    public func switchOn(_ address: String) async throws {
        try await phone(at: address)?.switchOn()?.get()
    }

    /// Sets a value as somebody at the phone would, without any check; false when the phone has no such item.
    @discardableResult
    public func set(_ key: ItemKey, to value: String, at address: String) -> Bool {
        guard let phone = phone(at: address), phone.with({ core in core.behaviour.force(value, for: key) }) else {
            return false
        }
        if phone.speaksWPI { phone.localChange([key]) } else { phone.telephonyChanged() }
        return true
    }
}
