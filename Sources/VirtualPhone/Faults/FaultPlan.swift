public import DeploymentModel

/// Which phones of a fleet have which fault: a list of rules, spread over the phones by a seed.
public struct FaultPlan: Hashable, Sendable {
    /// Whom a fault strikes.
    public enum Share: Hashable, Sendable {
        case all
        /// So many percent of the phones, rounded, but at least one for more than nothing.
        case percent(Double)
        /// So many phones; all of them when there are fewer.
        case count(Int)
        /// The phone of this number, counted from 1.
        case number(Int)
        /// All phones of a type.
        case type(PhoneTypeID)
    }

    /// One fault and whom it strikes.
    public struct Rule: Hashable, Sendable {
        public var fault: PhoneFault
        public var share: Share

        public init(_ fault: PhoneFault, _ share: Share = .all) {
            self.fault = fault
            self.share = share
        }

        /// Reads `FAULT@SHARE`, for example `busy:5s@10%`, `keeps-nothing:sntp-addr@3`, `silent@#7`,
        /// `plain@optipoint-410-standard-hfa`; without `@` the fault strikes all phones.
        ///
        /// - Throws: ``Fault`` with `input.value`.
        public init(parsing text: String) throws(Fault) {
            guard let at = text.lastIndex(of: "@") else {
                self.init(try PhoneFault(text: text[...]))
                return
            }
            let share = try Self.share(text[text.index(after: at)...], in: text)
            self.init(try PhoneFault(text: text[..<at]), share)
        }

        private static func share(_ text: Substring, in whole: String) throws(Fault) -> Share {
            if text.hasSuffix("%"), let percent = Double(text.dropLast()), (0...100).contains(percent) {
                return .percent(percent)
            }
            if text.hasPrefix("#"), let number = Int(text.dropFirst()), number > 0 { return .number(number) }
            if let count = Int(text), count >= 0 { return .count(count) }
            let isName = text.utf8.allSatisfy { ($0 >= 97 && $0 <= 122) || ($0 >= 48 && $0 <= 57) || $0 == 45 }
            if text == "all" { return .all }
            if isName, text.utf8.first.map({ $0 >= 97 }) == true { return .type(PhoneTypeID(String(text))) }
            throw Fault(
                .inputValue, subject: whole, detail: "after @ comes a share such as 10%, 3, #7, all or a phone type")
        }
    }

    public var rules: [Rule]

    public init(_ rules: [Rule] = []) {
        self.rules = rules
    }

    /// Reads one rule from each text; see ``Rule/init(parsing:)``.
    public init(parsing texts: [String]) throws(Fault) {
        var rules: [Rule] = []
        for text in texts { rules.append(try Rule(parsing: text)) }
        self.init(rules)
    }

    /// The faults of each phone.
    ///
    /// The same seed gives the same phones.
    ///
    /// A rule prefers phones that have no fault yet, so that three faults of one phone each show on three phones.
    func spread(over types: [PhoneTypeID], seed: UInt64) -> [[PhoneFault]] {
        var faults = Array(repeating: [PhoneFault](), count: types.count)
        for (position, rule) in rules.enumerated() {
            var generator = SeededGenerator(seed: seed &+ UInt64(position) &* 0x9E37_79B9)
            for phone in struck(by: rule.share, types: types, faults: faults, using: &generator) {
                faults[phone].append(rule.fault)
            }
        }
        return faults
    }

    private func struck(
        by share: Share, types: [PhoneTypeID], faults: [[PhoneFault]], using generator: inout SeededGenerator
    ) -> [Int] {
        switch share {
        case .all: return Array(types.indices)
        case .type(let id): return types.indices.filter { types[$0] == id }
        case .number(let number): return types.indices.contains(number - 1) ? [number - 1] : []
        case .percent(let percent):
            let exact = Double(types.count) * percent / 100
            let count = percent > 0 ? max(1, Int(exact.rounded())) : 0
            return draw(count, of: types.count, faults: faults, using: &generator)
        case .count(let count): return draw(count, of: types.count, faults: faults, using: &generator)
        }
    }

    private func draw(
        _ count: Int, of total: Int, faults: [[PhoneFault]], using generator: inout SeededGenerator
    ) -> [Int] {
        let order = (0..<total).shuffled(using: &generator)
        let sound = order.filter { faults[$0].isEmpty }
        let others = order.filter { !faults[$0].isEmpty }
        return Array((sound + others).prefix(count))
    }
}
