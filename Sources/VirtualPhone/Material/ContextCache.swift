import DeploymentModel
import NIOSSL
import Synchronization
import TLSMaterial

/// Makes the TLS contexts of a fleet when they are first needed: one for each kind of phone, not one a phone.
final class ContextCache: Sendable {
    /// All that makes one context differ from another.
    struct Key: Hashable {
        var type: PhoneTypeID
        var keyType: CertificateIssuer.KeyType
        var fault: PhoneFault.WrongCertificate?
        var isOnlyTLS1_0: Bool
    }

    private let contexts = Mutex<[Key: NIOSSLContext]>([:])

    func context(for key: Key) throws -> NIOSSLContext {
        try contexts.withLock { contexts in
            if let known = contexts[key] { return known }
            let context = try Self.make(key)
            contexts[key] = context
            return context
        }
    }

    private static func make(_ key: Key) throws -> NIOSSLContext {
        let files = BuiltInMaterial.files(of: key.type, keyType: key.keyType, fault: key.fault)
        let chain = try files.chain.flatMap { try NIOSSLCertificate.fromPEMBytes(Array($0.utf8)) }
        let privateKey = try NIOSSLPrivateKey(bytes: Array(files.key.utf8), format: .pem)
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(privateKey))
        configuration.minimumTLSVersion = .tlsv12
        // What phones of their time could speak; the library's default begins with a post-quantum group.
        configuration.curves = [.x25519, .secp256r1, .secp384r1, .secp521r1]
        if key.isOnlyTLS1_0 {
            configuration.minimumTLSVersion = .tlsv1
            configuration.maximumTLSVersion = .tlsv1
        }
        return try NIOSSLContext(configuration: configuration)
    }
}
