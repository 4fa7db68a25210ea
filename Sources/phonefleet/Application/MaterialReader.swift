import DeploymentModel
import TLSMaterial

/// Reads the user's files with key material and certificates.
///
/// A pass phrase that was typed for one file is tried on the next ones too, so that a folder of files is asked for once.
struct MaterialReader {
    /// The pass phrase that was given or typed; nil to ask for one where a file needs it.
    var passPhrase: SecretText?

    /// The private key with its chain; throws what is wrong with the file.
    ///
    /// - Parameter path: `-` for standard input.
    mutating func keyMaterial(_ path: String) throws(Fault) -> KeyMaterial {
        try opened(path) { bytes, passPhrase throws(MaterialError) in
            try KeyMaterial(file: bytes, passPhrase: passPhrase)
        }
    }

    /// The set of certificates; throws what is wrong with the file.
    ///
    /// - Parameter path: `-` for standard input.
    mutating func trustedCertificates(_ path: String) throws(Fault) -> TrustedCertificates {
        try opened(path) { bytes, passPhrase throws(MaterialError) in
            try TrustedCertificates(file: bytes, passPhrase: passPhrase)
        }
    }

    private mutating func opened<Content>(
        _ path: String, _ read: ([UInt8], String?) throws(MaterialError) -> Content
    ) throws(Fault) -> Content {
        let bytes = try UserFile.read(path)
        do throws(MaterialError) {
            return try read(bytes, passPhrase?.reveal())
        } catch {
            guard error.code == .passPhraseNeeded, passPhrase == nil, path != "-",
                let typed = Question.secret("Pass phrase of \(path)"), !typed.isEmpty
            else { throw Fault(error, subject: path) }
            passPhrase = typed
        }
        do throws(MaterialError) {
            return try read(bytes, passPhrase?.reveal())
        } catch {
            throw Fault(error, subject: path)
        }
    }
}
