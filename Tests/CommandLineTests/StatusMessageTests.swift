import DeploymentModel
import TLSMaterial
import Testing

@Suite("The words for status codes")
struct StatusMessageTests {
    @Test("every verdict of the chain verifier has its words", arguments: TrustFailure.Reason.allCases)
    func trustReasonsHaveWords(reason: TrustFailure.Reason) {
        #expect(StatusMessage.of(StatusCode(reason.rawValue)) != nil)
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
