/// A file or certificate that cannot be used, as a coded fact.
public struct MaterialError: Error, Hashable, Sendable {
    /// What is wrong, for programs.
    public enum Code: String, Hashable, Sendable, CaseIterable {
        case notACertificate, damaged, tooLarge, pkcs12, privateKeyInside, empty, badName, unsupportedKey, badPEM
        case authority, incompleteChain
    }

    /// What is wrong, for programs.
    public var code: Code
    /// What was seen, for people; never holds key material.
    public var detail: String

    /// Makes an error from its code and what was seen.
    public init(_ code: Code, detail: String) {
        self.code = code
        self.detail = detail
    }
}
