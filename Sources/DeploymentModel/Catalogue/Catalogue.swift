/// All phone types that the tool knows: the built-in ones with a user's own merged over them.
public struct Catalogue: Sendable {
    /// In the order of the built-in data, then the user's additions.
    public let types: [PhoneType]
    /// What the catalogue is known to leave out.
    public let gaps: [CatalogueGap]
    private let byID: [PhoneTypeID: PhoneType]
    private let byDeviceType: [String: PhoneType]

    public init(types: [PhoneType], gaps: [CatalogueGap] = []) {
        self.types = types
        self.gaps = gaps
        byID = Dictionary(types.map { ($0.id, $0) }, uniquingKeysWith: { _, last in last })
        byDeviceType = Dictionary(
            types.map { ($0.deviceType.lowercased(), $0) }, uniquingKeysWith: { _, last in last })
    }

    public subscript(id: PhoneTypeID) -> PhoneType? { byID[id] }

    /// The type that answers with this device type; upper and lower case are the same.
    public func type(answering deviceType: String) -> PhoneType? { byDeviceType[deviceType.lowercased()] }
}
