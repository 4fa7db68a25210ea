import ArgumentParser

/// A number of days as people write it: `30d`, `8w`, or `30`.
struct DaysArgument: ExpressibleByArgument, Hashable {
    /// 0 or more, at most a hundred years.
    var days: Int

    init?(argument: String) {
        let digits = argument.prefix { $0.isASCII && $0.isNumber }
        let factors: [Substring: Int] = ["d": 1, "w": 7, "": 1]
        guard let number = Int(digits), number <= 36_500, let factor = factors[argument.dropFirst(digits.count)],
            number * factor <= 36_500
        else { return nil }
        days = number * factor
    }

    var seconds: Double { Double(days) * 86_400 }
}
