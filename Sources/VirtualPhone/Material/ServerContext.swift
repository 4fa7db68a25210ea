import NIOSSL
import Synchronization
import TLSMaterial

/// Makes the TLS contexts with which phones serve.
enum ServerContext {
    /// The contexts of files that were tried out lately: a phone that takes one uses it from the next connection on.
    private static let triedOut = Mutex(BoundedMemory<Fingerprint, NIOSSLContext>(limit: 1_024))

    /// Makes the context of a file, so that a phone knows whether it can use it.
    static func tryOut(_ material: KeyMaterial, of content: [UInt8]) throws {
        let context = try make(material)
        triedOut.withLock { $0.insert(context, for: Fingerprint(of: content)) }
    }

    /// The context of a file of server key material.
    static func make(ofFile content: [UInt8], isOnlyTLS1_0: Bool) throws -> NIOSSLContext {
        if !isOnlyTLS1_0, let known = triedOut.withLock({ $0.value(for: Fingerprint(of: content)) }) { return known }
        return try make(try KeyMaterial(pkcs12: try PKCS12.decodeUnencrypted(content)), isOnlyTLS1_0: isOnlyTLS1_0)
    }

    static func make(_ material: KeyMaterial, isOnlyTLS1_0: Bool = false) throws -> NIOSSLContext {
        let (chain, key) = try material.tlsParts()
        return try make(chain, key, isOnlyTLS1_0: isOnlyTLS1_0)
    }

    static func make(_ chain: [NIOSSLCertificate], _ key: NIOSSLPrivateKey, isOnlyTLS1_0: Bool) throws -> NIOSSLContext
    {
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
        configuration.minimumTLSVersion = .tlsv12
        // What phones of their time could speak; the library's default begins with a post-quantum group.
        configuration.curves = [.x25519, .secp256r1, .secp384r1, .secp521r1]
        if isOnlyTLS1_0 {
            configuration.minimumTLSVersion = .tlsv1
            configuration.maximumTLSVersion = .tlsv1
        }
        return try NIOSSLContext(configuration: configuration)
    }
}

extension KeyMaterial {
    /// The TLS library's forms of chain and private key.
    func tlsParts() throws -> ([NIOSSLCertificate], NIOSSLPrivateKey) {
        (
            try chain.map { try NIOSSLCertificate(bytes: $0, format: .der) },
            try NIOSSLPrivateKey(bytes: privateKey, format: .der)
        )
    }
}
