import Foundation
import Testing

private let scriptsDirectory = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Scripts")

private func scriptNames() -> [String] {
    let names = try? FileManager.default.contentsOfDirectory(atPath: scriptsDirectory.path())
    return (names ?? []).filter { $0.hasSuffix(".txt") }.sorted()
}

@Suite("The program does and says what its scripts show", .serialized)
struct ScriptTests {
    @Test("script", arguments: scriptNames())
    func script(name: String) async throws {
        let script = try Script(contentsOf: scriptsDirectory.appending(path: name))
        let runner = try ScriptRunner()
        defer { runner.finish() }
        #expect(!script.steps.isEmpty, "a script without a step claims nothing")
        for step in script.steps {
            if let problem = try await runner.run(step) {
                Issue.record("\(name): \(problem)")
                return
            }
        }
    }

    @Test("there are scripts")
    func scriptsAreFound() {
        #expect(scriptNames().count >= 20)
    }
}
