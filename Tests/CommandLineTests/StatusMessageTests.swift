import DeploymentModel
import Foundation
import TLSMaterial
import Testing

@Suite("The words for status codes")
struct StatusMessageTests {
    @Test("every verdict of the chain verifier has its words", arguments: TrustFailure.Reason.allCases)
    func trustReasonsHaveWords(reason: TrustFailure.Reason) {
        #expect(StatusMessage.of(StatusCode(reason.rawValue)) != nil)
    }

    @Test("every fault of a file and every finding about key material has its words")
    func materialCodesHaveWords() {
        let codes = MaterialError.Code.allCases.map(\.rawValue) + MaterialFinding.Code.allCases.map(\.rawValue)
        #expect(codes.filter { StatusMessage.of(StatusCode($0)) == nil } == [])
    }

    @Test("every code that the sources name has its words")
    func codesOfTheSourcesHaveWords() throws {
        let sources = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Sources")
        let files =
            FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil)?
            .compactMap { $0 as? URL }.filter { $0.pathExtension == "swift" } ?? []
        var codes: Set<String> = []
        for file in files {
            for match in try String(contentsOf: file, encoding: .utf8).matches(of: /StatusCode\("([a-z-]+\.[a-z-]+)"\)/)
            {
                codes.insert(String(match.output.1))
            }
        }
        #expect(codes.count > 50)
        #expect(codes.filter { StatusMessage.of(StatusCode($0)) == nil }.sorted() == [])
    }

    @Test("no code stands twice")
    func codesAreUnique() {
        let codes = StatusMessage.groups.flatMap(\.messages).map(\.code)
        #expect(Set(codes).count == codes.count)
    }

    @Test("every message keeps to the form: lower case, no full stop in the summary and remedy")
    func messagesKeepTheForm() {
        for message in StatusMessage.groups.flatMap(\.messages) {
            #expect(!message.summary.hasSuffix("."), "\(message.code)")
            #expect(!message.remedy.hasSuffix("."), "\(message.code)")
            #expect(message.meaning.hasSuffix("."), "\(message.code)")
            #expect(message.summary.first?.isUppercase == false || message.summary.hasPrefix("TLS"), "\(message.code)")
        }
    }
}
