import DeploymentModel
import Foundation
import NIOSSL
import TLSMaterial

/// Names why a handshake failed, from what the library said and what the first bytes were.
enum HandshakeFault {
    static func fault(for error: any Error, sight: PeerSight, policy: TLSPolicy, subject: String) -> Fault {
        let reasons = Reason.all(in: error)
        if let alert = reasons.lazy.compactMap(\.alert).first {
            return fault(for: alert, afterChain: !sight.chain.isEmpty, subject: subject)
        }
        for reason in reasons {
            if let fault = fault(for: reason.name, first: sight.first, policy: policy, subject: subject) {
                return fault
            }
        }
        if case NIOSSLError.handshakeFailed(.sslError([.eofDuringHandshake])) = error {
            return Fault(.netClosed, subject: subject, detail: "in the handshake")
        }
        return Fault(.tlsFailed, subject: subject, detail: reasons.first?.words)
    }

    /// An alert that answers the ClientHello or comes later in the handshake.
    ///
    /// - Parameter afterChain: whether the peer had presented its certificates by then. It had agreed to version and
    ///   cipher suite before, and a `handshake_failure` then is how TLS up to 1.2 asks in vain for a client certificate
    ///   (RFC 5246 section 7.4.6); TLS 1.3 has an alert of its own for it.
    static func fault(for alert: TLSAlert, afterChain: Bool, subject: String) -> Fault {
        let detail = "the phone sent the alert \(alert)"
        return switch (alert.number, afterChain) {
        case (70, false):
            Fault(.tlsProtocolVersion, subject: subject, detail: "the phone refused every version offered")
        case (40, false), (71, false): Fault(.tlsNoCommonCipher, subject: subject, detail: detail)
        case (40, true), (41, true), (116, _): Fault(.tlsClientCertificate, subject: subject, detail: detail)
        default: Fault(.tlsAlert, subject: subject, detail: detail)
        }
    }

    private static func fault(for name: String, first: FirstRecord?, policy: TLSPolicy, subject: String) -> Fault? {
        switch name {
        case "UNSUPPORTED_PROTOCOL", "WRONG_VERSION_NUMBER", "WRONG_SSL_VERSION":
            guard case .serverHello(let hello) = first else { return Fault(.tlsProtocolVersion, subject: subject) }
            return versionFault(hello.version, minimum: policy.minimum, subject: subject)
        case "HANDSHAKE_FAILURE_ON_CLIENT_HELLO":
            return fault(for: TLSAlert(number: 40), afterChain: false, subject: subject)
        case "WRONG_CIPHER_RETURNED", "UNKNOWN_CIPHER_RETURNED":
            guard case .serverHello(let hello) = first else { return Fault(.tlsNoCommonCipher, subject: subject) }
            return Fault(.tlsNoCommonCipher, subject: subject, detail: "the phone chose \(hello.suite)")
        case "PEER_DID_NOT_RETURN_A_CERTIFICATE", "NO_CERTIFICATES_RETURNED", "NO_CERTIFICATE_ASSIGNED":
            return Fault(.tlsNoCertificate, subject: subject)
        case "WRONG_CERTIFICATE_TYPE", "CANNOT_PARSE_LEAF_CERT", "UNKNOWN_CERTIFICATE_TYPE":
            return Fault(StatusCode("tls.bad-certificate"), subject: subject, detail: name.asWords)
        case "KEY_USAGE_BIT_INCORRECT":
            return Fault(
                StatusCode("tls.key-usage"), subject: subject,
                detail: "the certificate's key usage does not permit the key exchange")
        default: return nil
        }
    }

    static func versionFault(
        _ version: String, minimum: TrustProfile.MinimumTLS, subject: String?
    ) -> Fault {
        let seen = version.hasPrefix("1") ? "TLS \(version)" : version
        return Fault(
            .tlsProtocolVersion, subject: subject,
            detail: "the phone chose \(seen), at least TLS \(minimum.rawValue) is wanted")
    }
}

/// One entry of the library's error stack.
private struct Reason {
    var number: Int
    var name: String

    /// The library says a peer's alert as its number above a thousand.
    var alert: TLSAlert? {
        let number = number & 0xFFF
        return (1000...1255).contains(number) ? TLSAlert(number: UInt8(number - 1000)) : nil
    }

    var words: String { name.asWords }

    static func all(in error: any Error) -> [Reason] {
        switch error {
        case NIOSSLError.handshakeFailed(.sslError(let stack)), NIOSSLError.handshakeFailed(.unknownError(let stack)),
            BoringSSLError.sslError(let stack), BoringSSLError.unknownError(let stack):
            stack.compactMap(Reason.init)
        default: []
        }
    }

    /// `Error: 268435696 error:100000f0:SSL routines:OPENSSL_internal:UNSUPPORTED_PROTOCOL at FILE:LINE`; the library
    /// gives the parts in no other way.
    private init?(_ error: BoringSSLInternalError) {
        let text = error.description
        let words = text.split(separator: " ")
        guard words.count > 2, let number = Int(words[1]), let end = text.range(of: " at ") else { return nil }
        self.number = number
        name = text[..<end.lowerBound].split(separator: ":").last.map(String.init) ?? ""
    }
}

extension String {
    /// `KEY_USAGE_BIT_INCORRECT` as `key usage bit incorrect`.
    fileprivate var asWords: String { lowercased().replacing("_", with: " ") }
}
