/// Collects the faults of a plan and names one that thousands of phones share only once.
public struct FaultTally {
    private var order: [Fault] = []
    private var holders: [Fault: (first: String?, count: Int)] = [:]

    public init() {}

    public mutating func add(_ fault: Fault, of device: String? = nil) {
        if let known = holders[fault] {
            holders[fault] = (known.first, known.count + 1)
        } else {
            holders[fault] = (device, 1)
            order.append(fault)
        }
    }

    /// In the order in which they were first found, with the phones that they concern.
    public var list: [Fault] {
        order.map { fault in
            guard let holder = holders[fault], let first = holder.first else { return fault }
            let phones = holder.count == 1 ? "phone \(first)" : "\(holder.count) phones, the first is \(first)"
            return Fault(fault.code, subject: fault.subject, detail: "\(fault.detail.map { "\($0); " } ?? "")\(phones)")
        }
    }
}
