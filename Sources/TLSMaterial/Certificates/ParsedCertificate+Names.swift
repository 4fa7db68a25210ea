extension ParsedCertificate {
    /// The subject alternative names in their order; empty without the extension.
    public var subjectAlternativeNames: [GeneralName] { content.extensions.subjectAlternativeNames }
}

extension GeneralName: CustomStringConvertible {
    /// For people, in OpenSSL's manner: `DNS:phone.example`, `IP:10.0.0.7`.
    public var description: String {
        switch self {
        case .dns(let name): "DNS:\(name)"
        case .ip(let bytes): "IP:\(Self.address(bytes))"
        case .directory(let name): "DirName:\(name)"
        case .email(let address): "email:\(address)"
        case .uri(let uri): "URI:\(uri)"
        case .other: form
        }
    }

    /// RFC 5952 asks for more than this for IPv6; every group is written out here.
    private static func address(_ bytes: [UInt8]) -> String {
        if bytes.count == 4 { return bytes.map { String($0) }.joined(separator: ".") }
        return stride(from: 0, to: bytes.count - 1, by: 2).map { place in
            String(UInt16(bytes[place]) << 8 | UInt16(bytes[place + 1]), radix: 16)
        }.joined(separator: ":")
    }
}
