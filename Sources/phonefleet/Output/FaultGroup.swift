import DeploymentModel

/// Faults of one code and detail, told together: four hundred phones without a password are one message.
struct FaultGroup: Equatable {
    /// Subjects that are named before the rest is only counted.
    static let named = 4

    var code: StatusCode
    var detail: String?
    var subjects: [String] = []

    /// The faults in groups, in the order in which each group first came.
    static func groups(of faults: [Fault]) -> [FaultGroup] {
        var groups: [FaultGroup] = []
        var places: [Fault: Int] = [:]
        for fault in faults {
            let kind = Fault(fault.code, detail: fault.detail)
            let place = places[kind] ?? groups.count
            if place == groups.count {
                groups.append(FaultGroup(code: fault.code, detail: fault.detail))
                places[kind] = place
            }
            if let subject = fault.subject { groups[place].subjects.append(subject) }
        }
        return groups
    }

    /// Who and what in one line, for example `10.0.0.1, 10.0.0.2 and 7 more: connection refused (net.refused)`.
    var text: String {
        var words = subjects.prefix(Self.named).joined(separator: ", ")
        if subjects.count > Self.named { words += " and \(subjects.count - Self.named) more" }
        let what = Fault(code, detail: detail).summary
        return (words.isEmpty ? what : "\(words): \(what)") + " (\(code))"
    }
}
