/// What a phone says that it is, in the form in which it is compared: upper and lower case and spaces do not count.
///
/// The sources of the catalogue do not agree on the spaces (`20E`, `20 E`), and phones of other software may not either.
struct PhoneAnswer: Hashable, CustomStringConvertible {
    let description: String
    private let folded: [UInt8]

    init(_ text: String) {
        description = text
        folded = text.lowercased().utf8.filter { $0 != 0x20 && $0 != 0x09 }
    }

    static func == (left: PhoneAnswer, right: PhoneAnswer) -> Bool { left.folded == right.folded }
    func hash(into hasher: inout Hasher) { hasher.combine(folded) }

    /// What stands behind the last space: `SIP` in `Siemens SIP`.
    static func lastWord(of text: String) -> PhoneAnswer {
        PhoneAnswer(text.split(whereSeparator: { $0 == " " || $0 == "\t" }).last.map(String.init) ?? "")
    }
}

extension PhoneType {
    /// Every device type that phones of this type answer.
    public var answers: [String] { [deviceType] + alsoAnswers }

    /// Whether a phone whose software is of this type can be of the phone type.
    ///
    /// Only the last word is compared (`Unify SIP` is as good as `Siemens SIP`), because the maker's name before it
    /// changed in the course of time. What is not known, of the phone or of the type, speaks against nothing.
    func isAnswered(bySoftwareType said: String?) -> Bool {
        guard let softwareType, let said else { return true }
        return PhoneAnswer.lastWord(of: softwareType) == PhoneAnswer.lastWord(of: said)
    }

    /// Whether a phone of this type may say the same of its software as one of the other.
    func mayAnswerLike(_ other: PhoneType) -> Bool {
        softwareType == nil || other.softwareType == nil || isAnswered(bySoftwareType: other.softwareType)
    }
}

extension Catalogue {
    /// The one type of which a phone with this answer can be; nil when there is none, or when several are possible.
    ///
    /// - Parameter softwareType: what the phone says of its software (`Siemens SIP`); nil when it says nothing.
    public func type(answering deviceType: String, softwareType: String? = nil) -> PhoneType? {
        let types = types(answering: deviceType, softwareType: softwareType)
        return types.count == 1 ? types.first : nil
    }
}
