import DeploymentModel

/// What a phone that speaks WPI keeps over a loss of power, beside its items and its key material.
struct WPIState: Hashable, Sendable, Codable {
    /// Settings were changed at the phone, and no server has read them since.
    var isChanged = false
    /// A factory reset made the phone forget where its server is.
    var hasLostServer = false
    /// The server that contacted the phone when it knew none.
    var learnedServer: WPIEndpoint?
    var secure: SecureMode?
    /// `secure-mode-data` for which nobody has entered the PIN yet.
    var sealed: SealedSecureMode?
    /// Loaded by a software deployment; nil = what the phone came with.
    var software: String?
    /// In the order of their arrival; at most one of each name and type.
    var files: [FetchedFile] = []
    /// Key modules and the like that are attached, by item name.
    var modules: [String: Int] = [:]
}

/// How a phone meets its server in secure mode.
public struct SecureMode: Hashable, Sendable, Codable {
    /// Certificate and private key of the phone, unencrypted PKCS#12.
    public var clientCertificate: [UInt8]
    /// The CAs by which the server is believed, DER.
    public var authorities: [[UInt8]]
    /// 1...65535.
    public var port: Int
    /// The last three characters of the PIN, if there was one.
    public var tan: String?

    public init(clientCertificate: [UInt8], authorities: [[UInt8]], port: Int, tan: String? = nil) {
        self.clientCertificate = clientCertificate
        self.authorities = authorities
        self.port = port
        self.tan = tan
    }
}

/// Secure mode that waits for its PIN.
struct SealedSecureMode: Hashable, Sendable, Codable {
    var data: [UInt8]
    var mostTries: Int
    var tries = 0
}

/// A file that a phone fetched: what it says of it, without the content.
public struct FetchedFile: Hashable, Sendable, Codable {
    public var name: String
    /// As the protocol calls it, for example `LOGO`.
    public var type: String
    public var size: Int
    /// SHA-256, lower-case hexadecimal.
    public var fingerprint: String
}
