extension TransferOptions {
    /// Everything that is out of range in the options, as `input.value` faults with the rule.
    public var faults: [Fault] {
        var faults: [Fault] = []
        func demand(_ holds: Bool, _ name: String, _ rule: String) {
            if !holds { faults.append(Fault(.inputValue, subject: name, detail: "expects \(rule)")) }
        }
        demand((1...2000).contains(concurrency), "concurrency", "1 to 2000")
        demand(canary >= 0, "canary", "0 or more phones")
        demand((1...100).contains(attempts), "attempts", "1 to 100")
        demand(waitForAbsent.isFinite && waitForAbsent >= 0, "wait-for-absent", "0 or more seconds")
        demand(connectTimeout.isFinite && connectTimeout > 0, "connect-timeout", "more than 0 seconds")
        demand(replyTimeout.isFinite && replyTimeout > 0, "reply-timeout", "more than 0 seconds")
        switch failureLimit {
        case .count(let count): demand(count >= 1, "max-failures", "1 or more phones")
        case .percent(let share): demand(share > 0 && share <= 100, "max-failures", "more than 0 and up to 100 percent")
        case nil: break
        }
        return faults
    }
}
