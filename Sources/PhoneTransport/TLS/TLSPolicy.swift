import DeploymentModel
import NIOCore
import NIOSSL
import Synchronization
import TLSMaterial

/// What the tool offers in a handshake, before any chain is seen.
struct TLSPolicy: Hashable, Sendable {
    var minimum: TrustProfile.MinimumTLS
    /// Offers 3DES and takes SHA-1 signatures in the handshake.
    var allowsLegacy: Bool

    /// What the most lenient of the profiles permits; whether a certain profile may accept is decided when version
    /// and cipher suite are known.
    init(for profiles: [TrustProfile]) {
        minimum = profiles.map(\.minimumTLS).min() ?? .v1_2
        allowsLegacy = profiles.contains(where: \.allowsLegacy)
    }

    init(minimum: TrustProfile.MinimumTLS, allowsLegacy: Bool) {
        self.minimum = minimum
        self.allowsLegacy = allowsLegacy
    }

    /// Everything that this library can speak; for looking only.
    static let everything = TLSPolicy(minimum: .v1_0, allowsLegacy: true)

    private static let suites =
        "ECDH+AESGCM:ECDH+CHACHA20:ECDH+AES256:ECDH+AES128:RSA+AESGCM:RSA+AES:!aNULL:!eNULL:!MD5"
    private static let soundSignatures: [SignatureAlgorithm] = [
        .ecdsaSecp256R1Sha256, .rsaPssRsaeSha256, .rsaPkcs1Sha256, .ecdsaSecp384R1Sha384, .rsaPssRsaeSha384,
        .rsaPkcs1Sha384, .ecdsaSecp521R1Sha512, .rsaPssRsaeSha512, .rsaPkcs1Sha512, .ed25519,
    ]

    /// The library's form of the policy.
    ///
    /// The library checks nothing of the chain: every handler brings the verification callback that asks our own
    /// verifier. The trust roots are set to none, because the default reads the system's some hundred certificates.
    var configuration: TLSConfiguration {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = minimum.library
        configuration.trustRoots = .certificates([])
        configuration.certificateVerification = .noHostnameVerification
        configuration.cipherSuites = allowsLegacy ? Self.suites.replacing(":!aNULL", with: ":3DES:!aNULL") : Self.suites
        configuration.verifySignatureAlgorithms =
            Self.soundSignatures + (allowsLegacy ? [.rsaPkcs1Sha1, .ecdsaSha1] : [])
        // The library's default begins with a post-quantum group that no phone speaks and that costs a third of a
        // handshake and a kilobyte of ClientHello.
        configuration.curves = [.x25519, .secp256r1, .secp384r1, .secp521r1]
        // Our sessions end with close_notify and do not wait for the phone's; the library's timer then only keeps
        // memory alive.
        configuration.shutdownTimeout = .milliseconds(50)
        return configuration
    }
}

extension TLSPolicy {
    /// The library's form of the policy for a server with this key material.
    ///
    /// - Parameter asksForCertificate: whether a client without a certificate is refused; which one is believed decides
    ///   the verification callback that every handler brings, as with a client.
    func serverConfiguration(_ material: KeyMaterial, asksForCertificate: Bool) throws -> TLSConfiguration {
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: try material.chain.map { .certificate(try NIOSSLCertificate(bytes: $0, format: .der)) },
            privateKey: .privateKey(try NIOSSLPrivateKey(bytes: material.privateKey, format: .der)))
        let client = self.configuration
        configuration.minimumTLSVersion = client.minimumTLSVersion
        configuration.cipherSuites = client.cipherSuites
        configuration.verifySignatureAlgorithms = client.verifySignatureAlgorithms
        configuration.curves = client.curves
        configuration.shutdownTimeout = client.shutdownTimeout
        configuration.trustRoots = .certificates([])
        configuration.certificateVerification = asksForCertificate ? .noHostnameVerification : .none
        return configuration
    }
}

extension TrustProfile.MinimumTLS {
    fileprivate var library: TLSVersion {
        switch self {
        case .v1_0: .tlsv1
        case .v1_1: .tlsv11
        case .v1_2: .tlsv12
        case .v1_3: .tlsv13
        }
    }

    init(_ version: TLSVersion) {
        switch version {
        case .tlsv1: self = .v1_0
        case .tlsv11: self = .v1_1
        case .tlsv12: self = .v1_2
        case .tlsv13: self = .v1_3
        }
    }
}

/// The library's contexts, one for each policy: making one is dear, and all connections can share it.
final class TLSContexts: Sendable {
    private let contexts = Mutex<[TLSPolicy: NIOSSLContext]>([:])

    /// - Throws: ``Fault`` `tls.failed` when the library refuses the policy.
    func context(for policy: TLSPolicy) throws -> NIOSSLContext {
        try contexts.withLock { contexts in
            if let context = contexts[policy] { return context }
            do {
                let context = try NIOSSLContext(configuration: policy.configuration)
                contexts[policy] = context
                return context
            } catch {
                throw Fault(.tlsFailed, detail: "no TLS context for this profile")
            }
        }
    }
}
