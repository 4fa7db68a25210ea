import Foundation
import ManagementXML
import Testing

@Suite("The reference shows what is")
struct ReferenceTests {
    private static func reference() throws -> String {
        try String(
            contentsOf: Documents.root.appending(path: "docs/reference/management-interface.md"), encoding: .utf8)
    }

    /// An example as the reference shows it: without the declaration, unless that tells the encoding.
    private static func shown(_ bytes: [UInt8]) -> String {
        let declaration = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        let text = String(decoding: bytes, as: UTF8.self)
        if text.hasPrefix(declaration) { return String(text.dropFirst(declaration.count)) }
        return String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
    }

    @Test("Every example stands in it, as it is")
    func examples() throws {
        let reference = try Self.reference()
        let examples = try Documents.examples()
        for example in examples {
            let block = "(examples/\(example.name).xml)\n\n```xml\n\(Self.shown(example.bytes))```\n"
            #expect(reference.contains(block), "\(example.name)")
        }
        #expect(reference.components(separatedBy: "```xml\n").count - 1 == examples.count)
    }

    @Test("Constants, codes and limits stand in it")
    func facts() throws {
        let reference = try Self.reference()
        let limits = DecodingLimits.phone
        let facts =
            [DirectXML.namespace, DirectXML.path, DirectXML.contentType]
            + WireError.Code.allCases.map(\.rawValue) + ManagementReply.Status.allCases.map(\.rawValue)
            + PhoneStatus.Registration.allCases.map(\.rawValue)
        for fact in facts { #expect(reference.contains("`\(fact)`"), "\(fact)") }
        let digits = reference.replacing(",", with: "")
        for number in [limits.bytes, limits.items, limits.attributeBytes, limits.textBytes] {
            #expect(digits.contains("| \(number)"), "\(number)")
        }
        #expect(DecodingLimits.tool == limits)
    }
}
