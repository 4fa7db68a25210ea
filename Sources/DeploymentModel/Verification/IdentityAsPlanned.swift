/// The phone is still the one that was planned for: type, and MAC address where the plan knows it.
public struct IdentityAsPlanned: VerificationPolicy {
    public init() {}

    public func findings(in readBack: ReadBack) -> [Finding] {
        if readBack.planned.type != readBack.seen.type {
            return [Finding(key: nil, fault: .wrongType(planned: readBack.planned.type, seen: readBack.seen.type))]
        }
        if let planned = readBack.planned.mac, planned != readBack.seen.mac {
            return [Finding(key: nil, fault: .wrongMAC(planned: planned, seen: readBack.seen.mac))]
        }
        return []
    }
}

extension Fault {
    static func wrongType(planned: PhoneTypeID?, seen: PhoneTypeID?) -> Fault {
        Fault(
            .phoneWrongType, subject: seen?.description,
            detail: "expected \(planned?.description ?? "no type"), got \(seen?.description ?? "an unknown type")")
    }

    static func wrongMAC(planned: MACAddress, seen: MACAddress?) -> Fault {
        Fault(
            .phoneWrongMAC, subject: seen?.description,
            detail: "expected \(planned), got \(seen?.description ?? "no address")")
    }
}
