/// The attribute types whose short names people type and read (RFC 4514 section 3, RFC 4519, and what OpenSSL prints).
struct AttributeKind {
    let identifier: ObjectIdentifier
    let name: String
    let otherNames: [String]
    let stringType: DistinguishedName.StringType

    private init(
        _ identifier: ObjectIdentifier, _ name: String, _ otherNames: [String] = [],
        _ stringType: DistinguishedName.StringType = .utf8
    ) {
        self.identifier = identifier
        self.name = name
        self.otherNames = otherNames
        self.stringType = stringType
    }

    static let all: [AttributeKind] = [
        AttributeKind(ObjectIdentifier(2, 5, 4, 3), "CN", ["commonName"]),
        AttributeKind(ObjectIdentifier(2, 5, 4, 4), "SN", ["surname"]),
        AttributeKind(ObjectIdentifier(2, 5, 4, 5), "serialNumber", [], .printable),
        AttributeKind(ObjectIdentifier(2, 5, 4, 6), "C", ["countryName"], .printable),
        AttributeKind(ObjectIdentifier(2, 5, 4, 7), "L", ["localityName"]),
        AttributeKind(ObjectIdentifier(2, 5, 4, 8), "ST", ["S", "stateOrProvinceName"]),
        AttributeKind(ObjectIdentifier(2, 5, 4, 9), "STREET", ["streetAddress"]),
        AttributeKind(ObjectIdentifier(2, 5, 4, 10), "O", ["organizationName"]),
        AttributeKind(ObjectIdentifier(2, 5, 4, 11), "OU", ["organizationalUnitName"]),
        AttributeKind(ObjectIdentifier(2, 5, 4, 12), "title", ["T"]),
        AttributeKind(ObjectIdentifier(2, 5, 4, 13), "description"),
        AttributeKind(ObjectIdentifier(2, 5, 4, 15), "businessCategory"),
        AttributeKind(ObjectIdentifier(2, 5, 4, 17), "postalCode"),
        AttributeKind(ObjectIdentifier(2, 5, 4, 20), "telephoneNumber", [], .printable),
        AttributeKind(ObjectIdentifier(2, 5, 4, 41), "name"),
        AttributeKind(ObjectIdentifier(2, 5, 4, 42), "GN", ["givenName"]),
        AttributeKind(ObjectIdentifier(2, 5, 4, 43), "initials"),
        AttributeKind(ObjectIdentifier(2, 5, 4, 44), "generationQualifier"),
        AttributeKind(ObjectIdentifier(2, 5, 4, 46), "dnQualifier", [], .printable),
        AttributeKind(ObjectIdentifier(2, 5, 4, 65), "pseudonym"),
        AttributeKind(ObjectIdentifier(2, 5, 4, 97), "organizationIdentifier"),
        AttributeKind(ObjectIdentifier(0, 9, 2342, 19_200_300, 100, 1, 25), "DC", ["domainComponent"], .ia5),
        AttributeKind(ObjectIdentifier(0, 9, 2342, 19_200_300, 100, 1, 1), "UID", ["userId"]),
        AttributeKind(
            ObjectIdentifier(1, 2, 840, 113549, 1, 9, 1), "emailAddress", ["E", "Email"], .ia5),
    ]

    static let byIdentifier = Dictionary(uniqueKeysWithValues: all.map { ($0.identifier, $0) })

    /// By lower-case name, long names included.
    static let byName = Dictionary(
        uniqueKeysWithValues: all.flatMap { kind in
            ([kind.name] + kind.otherNames).map { ($0.lowercased(), kind) }
        })
}
