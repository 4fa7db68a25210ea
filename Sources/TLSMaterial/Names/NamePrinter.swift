extension DistinguishedName: CustomStringConvertible {
    /// RFC 4514 form, for example `CN=optiPoint 410,O=Example`; control characters are always escaped.
    public var description: String {
        relativeNames.reversed().map { attributes in
            attributes.reversed().map(\.rfc4514).joined(separator: "+")
        }.joined(separator: ",")
    }
}

extension DistinguishedName.Attribute {
    fileprivate var rfc4514: String {
        let kind = AttributeKind.byIdentifier[identifier]
        switch value {
        case .text(let text, _) where kind != nil: return "\(kind?.name ?? type)=\(NameEscapes.escape(text))"
        case .text, .other:
            // RFC 4514 section 2.4: a type in dotted form goes with the value in hexadecimal.
            return "\(kind?.name ?? type)=#\(NameEscapes.hexadecimal(encodedValue))"
        }
    }

    private var encodedValue: [UInt8] {
        switch value {
        case .other(let der): der
        case .text(let text, let type): DEREncoding.value(type.rawValue, NameText.encode(text, as: type) ?? [])
        }
    }
}

/// The escapes of RFC 4514 section 2.4.
enum NameEscapes {
    static func escape(_ text: String) -> String {
        var result = String.UnicodeScalarView()
        let scalars = Array(text.unicodeScalars)
        for (index, scalar) in scalars.enumerated() {
            let edge = index == 0 || index == scalars.count - 1
            switch scalar {
            case "\"", "+", ",", ";", "<", ">", "\\",
                "#" where scalar != "#" || index == 0, " " where edge:
                result.append("\\")
                result.append(scalar)
            case _ where isUnfitToShow(scalar):
                for byte in String(scalar).utf8 { result.append(contentsOf: "\\\(hexadecimal([byte]))".unicodeScalars) }
            default: result.append(scalar)
            }
        }
        return String(result)
    }

    static func hexadecimal(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    /// Control and format characters could forge what a person reads on a terminal.
    private static func isUnfitToShow(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return scalar.value < 0x20 || scalar.value == 0x7F }
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: return true
        default: return false
        }
    }
}
