/// A file or certificate that cannot be used, as a coded fact.
public struct MaterialError: Error, Hashable, Sendable {
    /// What is wrong, for programs; the raw value is the status code that people see.
    public enum Code: String, Hashable, Sendable, CaseIterable {
        case notACertificate = "material.not-a-certificate"
        case damaged = "material.damaged"
        case tooLarge = "material.too-large"
        case privateKeyInside = "material.key-inside"
        case empty = "material.empty"
        case badName = "material.bad-name"
        case unsupportedKey = "material.unsupported-key"
        case badPEM = "material.bad-pem"
        case severalKeys = "material.several-keys"
        case keyMismatch = "material.key-mismatch"
        case duplicate = "material.duplicate"
        case passPhraseNeeded = "material.pass-phrase-needed"
        case wrongPassPhrase = "material.wrong-pass-phrase"
        case unsupportedEncryption = "material.unsupported-encryption"
        case tooManyRounds = "material.too-many-rounds"
        case noValue = "material.no-value"
        case authority = "material.authority"
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
