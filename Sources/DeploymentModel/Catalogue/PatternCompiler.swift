/// Turns a pattern as it was written into the states of a ``ValuePattern``.
struct PatternCompiler {
    /// The first one is where the value has matched.
    private(set) var states: [ValuePattern.State] = [.accept]
    /// Parts still to be added at most: repetitions of nothing cost time without making states.
    private var budget = 20_000

    /// Adds the states of a part whose match goes on at `next`; returns where the part begins.
    mutating func add(_ tree: PatternTree, next: Int) -> Int? {
        budget -= 1
        guard budget > 0 else { return nil }
        switch tree {
        case .bytes(let set):
            return append(.consume(set, next: next))
        case .sequence(let parts):
            return parts.reversed().reduce(next as Int?) { next, part in next.flatMap { add(part, next: $0) } }
        case .either(let parts):
            var entry: Int?
            for part in parts.reversed() {
                guard let this = add(part, next: next) else { return nil }
                entry = if let other = entry { append(.split(this, other)) } else { this }
                guard entry != nil else { return nil }
            }
            return entry
        case .repeated(let part, let least, let most):
            return add(part, least: least, most: most, next: next)
        }
    }

    private mutating func add(_ part: PatternTree, least: Int, most: Int?, next: Int) -> Int? {
        var entry = next
        if let most {
            for _ in least..<most {
                guard let this = add(part, next: entry), let fork = append(.split(this, next)) else { return nil }
                entry = fork
            }
        } else {
            guard let loop = append(.split(0, next)), let body = add(part, next: loop) else { return nil }
            states[loop] = .split(body, next)
            entry = loop
        }
        for _ in 0..<least {
            guard let this = add(part, next: entry) else { return nil }
            entry = this
        }
        return entry
    }

    private mutating func append(_ state: ValuePattern.State) -> Int? {
        guard states.count < ValuePattern.maximumStates else { return nil }
        states.append(state)
        return states.count - 1
    }
}
