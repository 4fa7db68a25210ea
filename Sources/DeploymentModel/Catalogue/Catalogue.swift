/// All phone types that the tool knows: the built-in ones with a user's own merged over them.
public struct Catalogue: Sendable {
    /// In the order of the built-in data, then the user's additions.
    public let types: [PhoneType]
    /// What the catalogue is known to leave out.
    public let gaps: [CatalogueGap]
    private let byID: [PhoneTypeID: PhoneType]
    private let byAnswer: [PhoneAnswer: [PhoneType]]

    public init(types: [PhoneType], gaps: [CatalogueGap] = []) {
        self.types = types
        self.gaps = gaps
        byID = Dictionary(types.map { ($0.id, $0) }, uniquingKeysWith: { _, last in last })
        var byAnswer: [PhoneAnswer: [PhoneType]] = [:]
        for type in types {
            for answer in Set(type.answers.map(PhoneAnswer.init)) { byAnswer[answer, default: []].append(type) }
        }
        self.byAnswer = byAnswer
    }

    public subscript(id: PhoneTypeID) -> PhoneType? { byID[id] }

    /// Every type of which a phone with this answer can be, in the order of ``types``.
    ///
    /// - Parameter softwareType: what the phone says of its software (`Siemens SIP`); nil when it says nothing.
    public func types(answering deviceType: String, softwareType: String? = nil) -> [PhoneType] {
        (byAnswer[PhoneAnswer(deviceType)] ?? []).filter { $0.isAnswered(bySoftwareType: softwareType) }
    }
}
