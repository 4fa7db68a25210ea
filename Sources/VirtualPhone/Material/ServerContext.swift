import NIOSSL
import TLSMaterial

/// Makes the TLS contexts with which phones serve.
enum ServerContext {
    static func make(_ material: KeyMaterial, isOnlyTLS1_0: Bool = false) throws -> NIOSSLContext {
        let chain = try material.chain.map { try NIOSSLCertificate(bytes: $0, format: .der) }
        let key = try NIOSSLPrivateKey(bytes: material.privateKey, format: .der)
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
