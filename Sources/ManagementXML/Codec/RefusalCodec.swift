/// Writes and reads the body of a 4xx answer.
enum RefusalCodec {
    static func encode(_ refusal: WireError, id: String?) -> [UInt8] {
        var writer = XMLWriter(capacity: 512)
        writer.beginDocument("<ManagementRefusal")
        if let id { writer.attribute(" id=", id) }
        writer.attribute(" code=", refusal.code.rawValue)
        writer.attribute(" line=", max(refusal.line, 1))
        writer.markup("><Reason>")
        writer.shortText(refusal.reason)
        writer.markup("</Reason></ManagementRefusal>\n")
        return writer.bytes
    }

    static func decode(_ parser: inout XMLPullParser) throws(WireError) -> WireError {
        try parser.root(named: "ManagementRefusal")
        var code: WireError.Code?
        var line: Int?
        for attribute in parser.attributes {
            if parser.isAttribute(attribute, "code") {
                code = try parser.word(of: attribute, WireError.Code.self)
            } else if parser.isAttribute(attribute, "line") {
                line = try parser.number(of: attribute)
            } else if parser.isAttribute(attribute, "id") {
                _ = try parser.checked(attribute, Vocabulary.isID)
            } else {
                throw parser.unexpectedAttribute(attribute)
            }
        }
        guard let code else { throw parser.missing("code") }
        guard let line, line > 0 else { throw parser.missing("line") }
        guard try parser.nextChild(), parser.isElement("Reason") else {
            throw parser.unexpected("element Reason is missing")
        }
        let reason = try parser.shortText()
        if try parser.nextChild() { throw parser.unexpectedElement() }
        return WireError(code, line: line, reason: reason)
    }
}
