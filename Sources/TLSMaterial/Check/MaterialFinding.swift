/// One thing that speaks against sending key material or trusted certificates to a phone, as a coded fact.
public struct MaterialFinding: Hashable, Sendable {
    /// What is wrong, for programs; the raw value is the status code that people see.
    public enum Code: String, Hashable, Sendable, CaseIterable {
        case damaged = "material.damaged"
        case keyMismatch = "material.key-mismatch"
        case chainOrder = "material.chain-order"
        case chainIncomplete = "material.chain-incomplete"
        case chainInvalid = "material.chain-invalid"
        case duplicate = "material.duplicate"
        case expired = "material.expired"
        case notYetValid = "material.not-yet-valid"
        case weakKey = "material.weak-key"
        case unsupportedKey = "material.unsupported-key"
        case digest = "material.digest"
        case leafIsCA = "material.leaf-is-ca"
        case purpose = "material.purpose"
        case tooLarge = "material.too-large"
    }

    /// What is wrong, for programs.
    public var code: Code
    /// What was seen, for people: which certificate, what was expected and what was got; never holds key material.
    public var detail: String

    /// Makes a finding from its code and what was seen.
    public init(_ code: Code, detail: String) {
        self.code = code
        self.detail = detail
    }
}
