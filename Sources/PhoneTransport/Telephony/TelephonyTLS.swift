public import NIOSSL

/// How TLS is spoken with a telephony server: by the telephony client of a virtual phone, and by the tool where it looks
/// at a server as that phone would.
public enum TelephonyTLS {
    /// A client's context for all connections to telephony servers: TLS 1.0 to 1.3, no name is sent, nothing is checked
    /// by the library.
    ///
    /// Every connection brings a verification callback of its own.
    ///
    /// - Throws: ``/DeploymentModel/Fault`` `tls.failed`.
    public static func makeContext() throws -> NIOSSLContext {
        try TLSContexts().context(for: .everything)
    }
}
