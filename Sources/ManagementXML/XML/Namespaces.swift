/// The namespace declarations that hold where the parser stands.
///
/// Namespaces are told apart by number.
struct Namespaces {
    /// The number of no namespace.
    static let none = 0
    /// The number of the namespace of the messages.
    static let known = 1
    /// The number of the namespace that the prefix `xml` has.
    static let xml = 2

    struct Binding {
        /// Empty for the default namespace.
        var prefix: XMLSlice
        var number: Int
    }

    /// Innermost last.
    var bindings: [Binding] = []
    /// The names of the namespaces that are numbered 3 and up.
    var others: [[UInt8]] = []
    var declared = 0
}

extension XMLPullParser {
    /// Takes a declaration into force (Namespaces in XML 1.0, sections 3 and 5).
    mutating func declare(prefix: XMLSlice, as value: XMLSlice, at place: Int) throws(WireError) {
        namespaces.declared += 1
        guard namespaces.declared <= Self.maximumNamespaces else {
            throw fault(.tooLarge, at: place, "more than \(Self.maximumNamespaces) namespace declarations")
        }
        if !prefix.isEmpty, value.isEmpty { throw fault(.malformed, at: place, "a prefix bound to no namespace") }
        let number = try number(ofNamespace: value)
        let isReserved =
            equals(prefix, "xmlns") || equals(value, "http://www.w3.org/2000/xmlns/")
            || equals(prefix, "xml") != (number == Namespaces.xml)
        guard !isReserved else { throw fault(.malformed, at: place, "a reserved prefix or namespace declared anew") }
        if let element = open.last {
            for binding in namespaces.bindings[element.outerBindings...] where sameBytes(binding.prefix, prefix) {
                throw fault(.malformed, at: place, "an attribute twice in one tag")
            }
        }
        namespaces.bindings.append(Namespaces.Binding(prefix: prefix, number: number))
    }

    private mutating func number(ofNamespace name: XMLSlice) throws(WireError) -> Int {
        if equals(name, namespace) { return Namespaces.known }
        if name.isEmpty { return Namespaces.none }
        if equals(name, "http://www.w3.org/XML/1998/namespace") { return Namespaces.xml }
        let bytes = try withBytes(of: name) { bytes in Array(bytes) }
        if let index = namespaces.others.firstIndex(of: bytes) { return index + 3 }
        namespaces.others.append(bytes)
        return namespaces.others.count + 2
    }

    /// The namespace that a prefix stands for at the element last begun; without a prefix, the default one.
    func number(ofPrefix prefix: XMLSlice, at place: Int) throws(WireError) -> Int {
        var index = namespaces.bindings.count
        while index > 0 {
            index -= 1
            if sameBytes(namespaces.bindings[index].prefix, prefix) { return namespaces.bindings[index].number }
        }
        if prefix.isEmpty { return Namespaces.none }
        if equals(prefix, "xml") { return Namespaces.xml }
        throw fault(.malformed, at: place, "a prefix that is not declared")
    }

    /// Gives the prefixed attributes of the element last begun their namespaces and refuses doubles.
    mutating func resolveAttributes() throws(WireError) {
        for index in attributes.indices where !attributes[index].prefix.isEmpty {
            let attribute = attributes[index]
            let number = try number(ofPrefix: attribute.prefix, at: attribute.name.start)
            attributes[index].namespaceNumber = number
            for other in attributes[..<index]
            where other.namespaceNumber == number && !other.prefix.isEmpty && sameBytes(other.name, attribute.name) {
                throw fault(.malformed, at: attribute.name.start, "an attribute twice in one tag")
            }
        }
    }

    /// The name of the namespace of the element last begun.
    var namespaceName: [UInt8] {
        let index = namespaceNumber - 3
        return namespaces.others.indices.contains(index) ? namespaces.others[index] : []
    }
}
