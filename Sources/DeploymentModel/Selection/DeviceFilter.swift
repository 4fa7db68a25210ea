/// A condition on devices that a person writes: `software<V3.0 and group=floor2`.
///
/// Comparisons are joined by `and`, `or`, `not` and parentheses (`not` binds strongest, `or` weakest); values with blanks
/// stand in quotes. Parsed once and then only evaluated; parsing and evaluation use no recursion.
public struct DeviceFilter: Hashable, Sendable, CustomStringConvertible {
    /// The filter as it was written.
    public let text: String
    /// In postfix order: every operator follows what it joins.
    private let program: [Step]

    enum Step: Hashable, Sendable {
        case test(FilterTest)
        case and, or, not
    }

    public var description: String { text }

    /// Longest filter in characters.
    public static let maximumLength = 4096
    /// Most comparisons of one filter.
    public static let maximumTests = 256

    /// Parses a filter.
    ///
    /// - Throws: ``Fault`` with `input.selection`, the text as subject, and column, reason and what to write as detail.
    public init(_ text: String) throws(Fault) {
        guard text.unicodeScalars.count <= Self.maximumLength else {
            let detail = "longer than \(Self.maximumLength) characters"
            throw Fault(.inputSelection, subject: ASCIIText.quoted(text), detail: detail)
        }
        self.text = text
        do {
            var parser = FilterParser(text)
            program = try parser.program()
        } catch let problem {
            let detail = "column \(problem.column): \(problem.detail)"
            throw Fault(.inputSelection, subject: ASCIIText.quoted(text, limit: 200), detail: detail)
        }
    }

    /// Whether the condition holds for the device.
    public func matches(_ device: Device, in context: FilterContext) -> Bool {
        var stack: [Bool] = []
        for step in program {
            switch step {
            case .test(let test): stack.append(test.matches(device, in: context))
            case .not: stack.append(!(stack.popLast() ?? false))
            case .and, .or:
                let right = stack.popLast() ?? false
                let left = stack.popLast() ?? false
                stack.append(step == .and ? left && right : left || right)
            }
        }
        return stack.last ?? false
    }
}

/// What a filter looks up beside the device itself.
public struct FilterContext: Sendable {
    public let catalogue: Catalogue
    private let groupsByDevice: [DeviceID: Set<String>]

    public init(groups: [DeviceGroup], catalogue: Catalogue) {
        self.catalogue = catalogue
        var groupsByDevice: [DeviceID: Set<String>] = [:]
        for group in groups {
            for member in group.members { groupsByDevice[member, default: []].insert(group.name.lowercased()) }
        }
        self.groupsByDevice = groupsByDevice
    }

    /// Names of the device's groups in lower case.
    func groups(of device: DeviceID) -> Set<String> { groupsByDevice[device] ?? [] }
}

/// Puts the words of a filter into postfix order (Dijkstra's shunting yard).
struct FilterParser {
    private var lexer: FilterLexer
    private var output: [DeviceFilter.Step] = []
    private var pending: [FilterToken] = []
    private var testCount = 0

    init(_ text: String) {
        lexer = FilterLexer(text)
    }

    mutating func program() throws(FilterLexer.Problem) -> [DeviceFilter.Step] {
        var expectsOperand = true
        var end = 1
        while let token = try lexer.token() {
            end = token.column
            switch token.kind {
            case .comparison(let field, let operation, let value, let valueColumn):
                guard expectsOperand else { throw missingJoin(field, at: token.column) }
                try countTest(at: token.column)
                output.append(
                    .test(
                        try FilterTest(
                            field: field, operation: operation, value: value, column: token.column,
                            valueColumn: valueColumn)))
                expectsOperand = false
            case .open, .not:
                guard expectsOperand else { throw missingJoin(token.kind == .not ? "not" : "(", at: token.column) }
                pending.append(token)
            case .close:
                guard !expectsOperand else { throw missingOperand(before: ")", at: token.column) }
                try closeGroup(at: token.column)
            case .and, .or:
                let word = token.kind == .and ? "and" : "or"
                guard !expectsOperand else { throw missingOperand(before: word, at: token.column) }
                while let last = pending.last, binds(last.kind) >= binds(token.kind) { pop() }
                pending.append(token)
                expectsOperand = true
            }
        }
        guard !expectsOperand else {
            throw FilterLexer.Problem(column: end, detail: "a comparison is missing, for example group=floor2")
        }
        while let last = pending.last {
            guard last.kind != .open else {
                throw FilterLexer.Problem(column: last.column, detail: "the parenthesis that opens here is not closed")
            }
            pop()
        }
        return output
    }

    private mutating func countTest(at column: Int) throws(FilterLexer.Problem) {
        testCount += 1
        guard testCount <= DeviceFilter.maximumTests else {
            throw FilterLexer.Problem(column: column, detail: "more than \(DeviceFilter.maximumTests) comparisons")
        }
    }

    private func missingJoin(_ word: String, at column: Int) -> FilterLexer.Problem {
        FilterLexer.Problem(
            column: column,
            detail: "and or or is missing before \(ASCIIText.quoted(word)), or a value with blanks needs quotes")
    }

    private func missingOperand(before word: String, at column: Int) -> FilterLexer.Problem {
        FilterLexer.Problem(column: column, detail: "a comparison is missing before \(word)")
    }

    private mutating func closeGroup(at column: Int) throws(FilterLexer.Problem) {
        while let last = pending.last, last.kind != .open { pop() }
        guard pending.popLast() != nil else {
            throw FilterLexer.Problem(column: column, detail: "the parenthesis that closes here was never opened")
        }
    }

    private func binds(_ kind: FilterToken.Kind) -> Int {
        switch kind {
        case .not: 3
        case .and: 2
        case .or: 1
        default: 0
        }
    }

    private mutating func pop() {
        switch pending.popLast()?.kind {
        case .and: output.append(.and)
        case .or: output.append(.or)
        case .not: output.append(.not)
        default: break
        }
    }
}
