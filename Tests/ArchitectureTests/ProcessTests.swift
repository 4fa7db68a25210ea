import Foundation
import Testing

@Suite("How tests start programs")
struct ProcessTests {
    @Test("tests start programs in the one way that gives a child no socket of another test")
    func testsStartProgramsInOneWay() throws {
        let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let files =
            FileManager.default.enumerator(at: tests, includingPropertiesForKeys: nil)?
            .compactMap { $0 as? URL }.filter { $0.pathExtension == "swift" } ?? []
        #expect(files.count > 50, "the test looks in the wrong place")
        for file in files {
            let text = try String(contentsOf: file, encoding: .utf8)
            guard text.contains(/\bProcess(?:\.init)?\(|\bProcess\.run\(/) else { continue }
            Issue.record("\(file.lastPathComponent) starts programs by itself; ChildProcess and Tool do it well")
        }
    }
}
