import NIOCore
import NIOSSL
import Synchronization
import TLSMaterial

/// The TLS contexts with which phones call: one for all phones in default mode, one for each conversation in secure mode.
final class WPITLS: Sendable {
    private struct Contexts {
        var usual: NIOSSLContext?
        var old: NIOSSLContext?
    }

    private let contexts = Mutex(Contexts())

    /// For default mode and for file servers: whatever certificate is shown will do.
    func context(isOnlyTLS1_0: Bool) throws -> NIOSSLContext {
        try contexts.withLock { contexts in
            if let known = isOnlyTLS1_0 ? contexts.old : contexts.usual { return known }
            let made = try NIOSSLContext(configuration: configuration(isOnlyTLS1_0: isOnlyTLS1_0))
            if isOnlyTLS1_0 { contexts.old = made } else { contexts.usual = made }
            return made
        }
    }

    /// For secure mode: with the phone's own certificate.
    ///
    /// It is not kept: it is needed once for many minutes, and five thousand of them would be dear.
    func context(of mode: SecureMode, isOnlyTLS1_0: Bool) throws -> NIOSSLContext {
        let material = try KeyMaterial(pkcs12: PKCS12.decodeUnencrypted(mode.clientCertificate))
        let (chain, key) = try material.tlsParts()
        var configuration = configuration(isOnlyTLS1_0: isOnlyTLS1_0)
        configuration.certificateChain = chain.map { .certificate($0) }
        configuration.privateKey = .privateKey(key)
        return try NIOSSLContext(configuration: configuration)
    }

    private func configuration(isOnlyTLS1_0: Bool) -> TLSConfiguration {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.trustRoots = .certificates([])
        // The chain is judged by a callback of our own, or not at all.
        configuration.certificateVerification = .noHostnameVerification
        configuration.minimumTLSVersion = .tlsv1
        if isOnlyTLS1_0 { configuration.maximumTLSVersion = .tlsv1 }
        configuration.curves = [.x25519, .secp256r1, .secp384r1, .secp521r1]
        configuration.shutdownTimeout = .milliseconds(50)
        return configuration
    }
}
