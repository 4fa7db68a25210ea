import Foundation

/// The processors of this machine, and work that is shared out among them.
public enum Processors {
    /// How many there are, at least one.
    public static let count = max(1, ProcessInfo.processInfo.activeProcessorCount)

    /// The results of a computation for each of the values, in their order, made on all processors.
    ///
    /// Throws `CancellationError` when the task is cancelled meanwhile.
    public static func map<Value: Sendable, Result: Sendable>(
        _ values: [Value], _ transform: @escaping @Sendable (Value) -> Result
    ) async throws -> [Result] {
        let share = max(1, (values.count + count - 1) / count)
        return try await withThrowingTaskGroup(of: (Int, [Result]).self) { group in
            for start in stride(from: 0, to: values.count, by: share) {
                let part = values[start..<min(start + share, values.count)]
                group.addTask {
                    let results = try part.map { value in
                        try Task.checkCancellation()
                        return transform(value)
                    }
                    return (start, results)
                }
            }
            var parts: [(start: Int, results: [Result])] = []
            for try await part in group { parts.append(part) }
            return parts.sorted { $0.start < $1.start }.flatMap(\.results)
        }
    }
}
