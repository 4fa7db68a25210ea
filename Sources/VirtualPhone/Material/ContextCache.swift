import DeploymentModel
import NIOSSL
import Synchronization
import TLSMaterial

/// Makes the TLS contexts of a fleet when they are first needed.
///
/// Of built-in key material there is one for each kind of phone. Of phones' own there is one for each content; those that
/// were not needed lately are forgotten and made again, so that ten thousand phones with ten thousand keys fit in.
final class ContextCache: Sendable {
    /// All that makes one context with built-in key material differ from another.
    struct Key: Hashable {
        var type: PhoneTypeID
        var keyType: CertificateIssuer.KeyType
        var fault: PhoneFault.WrongCertificate?
        var isOnlyTLS1_0: Bool
    }

    private struct OwnKey: Hashable {
        var fingerprint: String
        var isOnlyTLS1_0: Bool
    }

    private let contexts = Mutex<[Key: NIOSSLContext]>([:])
    private let ownContexts: Mutex<BoundedMemory<OwnKey, NIOSSLContext>>

    /// - Parameter mostOwn: how many contexts of phones' own key material are kept.
    init(mostOwn: Int = 4096) {
        ownContexts = Mutex(BoundedMemory(limit: mostOwn))
    }

    /// The contexts of phones' own key material that are kept now.
    var ownCount: Int { ownContexts.withLock { $0.count } }

    func context(for key: Key) throws -> NIOSSLContext {
        try contexts.withLock { contexts in
            if let known = contexts[key] { return known }
            let context = try Self.make(key)
            contexts[key] = context
            return context
        }
    }

    /// The context of a file with server key material.
    ///
    /// It is made outside the lock, so that one phone's key keeps no other phone waiting.
    func context(of file: StoredFile, isOnlyTLS1_0: Bool) throws -> NIOSSLContext {
        let key = OwnKey(fingerprint: file.fingerprint, isOnlyTLS1_0: isOnlyTLS1_0)
        if let known = ownContexts.withLock({ $0.value(for: key) }) { return known }
        let context = try ServerContext.make(ofFile: file.content, isOnlyTLS1_0: isOnlyTLS1_0)
        ownContexts.withLock { $0.insert(context, for: key) }
        return context
    }

    private static func make(_ key: Key) throws -> NIOSSLContext {
        let files = BuiltInMaterial.files(of: key.type, keyType: key.keyType, fault: key.fault)
        let chain = try files.chain.flatMap { try NIOSSLCertificate.fromPEMBytes(Array($0.utf8)) }
        let privateKey = try NIOSSLPrivateKey(bytes: Array(files.key.utf8), format: .pem)
        return try ServerContext.make(chain, privateKey, isOnlyTLS1_0: key.isOnlyTLS1_0)
    }
}
