import DeploymentModel
public import TLSMaterial

/// What a phone's TLS server uses for the next connection.
public enum ServedMaterial: Hashable, Sendable {
    /// What the phone left the factory with.
    case builtIn
    /// Key material that was transferred; it takes precedence.
    case own(StoredFile)
    /// Nothing works: connections end in the handshake.
    case nothing
}

extension PhoneBehaviour {
    /// What the TLS server uses after a start of the phone: the file that it holds, or what was built in.
    var materialAtStart: ServedMaterial {
        file(.serverKeyMaterial).map(ServedMaterial.own) ?? .builtIn
    }

    /// Makes the TLS server use what the phone holds now, unless a fault is in the way.
    mutating func serveWhatIsHeld() {
        if faults.contains(.servesOldChain) { return }
        let held = materialAtStart
        served = faults.contains(.breaksTLS) && held != .builtIn ? .nothing : held
    }

    /// The chain that the phone presents on the next connection, DER, leaf first; nil when it presents none.
    ///
    /// Faults that change the built-in certificate are left out of account.
    public func presentedChain(keyType: CertificateIssuer.KeyType = .p256) -> [[UInt8]]? {
        switch served {
        case .nothing: nil
        case .own(let file): (try? KeyMaterial(pkcs12: PKCS12.decodeUnencrypted(file.content)))?.chain
        case .builtIn:
            BuiltInMaterial.chainPEM(of: model.type.id, keyType: keyType).flatMap { pem in
                ((try? CertificateFile.certificates(in: Array(pem.utf8))) ?? []).map(\.der)
            }
        }
    }
}
