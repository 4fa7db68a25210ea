/// Name constraints of every CA of a path against all certificates below it (RFC 5280 sections 4.2.1.10 and 6.1.4).
///
/// Directory names, DNS names and IP addresses are checked. A constraint of another form is refused by name, because
/// ignoring it would be to believe a CA beyond its limits.
struct NameConstraintCheck {
    let path: [ParsedCertificate]

    func run() throws(TrustFailure) {
        for index in path.indices.dropFirst() {
            guard let constraints = path[index].content.extensions.nameConstraints else { continue }
            let owner = path[index].subject.short
            try refuseUnsupported(constraints, of: owner)
            for below in path.indices[..<index] {
                // Self-issued intermediates are exempt, the leaf never is.
                if below > 0 && path[below].content.isSelfIssued { continue }
                try check(path[below], constraints, of: owner)
            }
        }
    }

    private func refuseUnsupported(_ constraints: NameConstraints, of owner: String) throws(TrustFailure) {
        for name in constraints.permitted + constraints.excluded {
            switch name {
            case .directory, .dns: continue
            case .ip(let bytes) where bytes.count == 8 || bytes.count == 32: continue
            default:
                let detail = "CA \(owner) constrains names of the form \(name.form), which cannot be checked"
                throw TrustFailure(.nameConstraints, detail: detail)
            }
        }
    }

    private func check(
        _ certificate: ParsedCertificate, _ constraints: NameConstraints, of owner: String
    ) throws(TrustFailure) {
        var names = certificate.content.extensions.subjectAlternativeNames
        if !certificate.subject.isEmpty { names.append(.directory(certificate.subject)) }
        for name in names {
            if constraints.excluded.contains(where: { covers($0, name) }) {
                throw failure(name, "excluded by", owner)
            }
            let relevant = constraints.permitted.filter { $0.form == name.form }
            if !relevant.isEmpty, !relevant.contains(where: { covers($0, name) }) {
                throw failure(name, "not permitted by", owner)
            }
        }
    }

    private func failure(_ name: GeneralName, _ relation: String, _ owner: String) -> TrustFailure {
        let text =
            switch name {
            case .directory(let name): name.short
            case .dns(let name): NameEscapes.escape(TrustFailure.cut(name, to: 90))
            default: NameEscapes.hexadecimal(Array(name.der.prefix(40)))
            }
        return TrustFailure(.nameConstraints, detail: "\(name.form) \(text) is \(relation) CA \(owner)")
    }

    private func covers(_ constraint: GeneralName, _ name: GeneralName) -> Bool {
        switch (constraint, name) {
        case (.directory(let subtree), .directory(let name)): name.isWithin(subtree)
        case (.dns(let domain), .dns(let host)): covers(domain: domain, host: host)
        case (.ip(let network), .ip(let address)): covers(network: network, address: address)
        default: false
        }
    }

    /// Any name that can be made by adding labels on the left; a leading dot asks for at least one.
    private func covers(domain: String, host: String) -> Bool {
        let domain = Array(domain.lowercased().utf8)
        let host = Array(host.lowercased().utf8)
        guard let first = domain.first else { return true }
        guard host.count > domain.count else { return host == domain }
        guard host.suffix(domain.count).elementsEqual(domain) else { return false }
        return first == UInt8(ascii: ".") || host[host.count - domain.count - 1] == UInt8(ascii: ".")
    }

    private func covers(network: [UInt8], address: [UInt8]) -> Bool {
        guard network.count == address.count * 2 else { return false }
        return address.indices.allSatisfy { index in
            let mask = network[address.count + index]
            return address[index] & mask == network[index] & mask
        }
    }
}
