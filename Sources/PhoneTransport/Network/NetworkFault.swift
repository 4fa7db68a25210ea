import DeploymentModel
import NIOCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Names what the operating system said of a connection.
enum NetworkFault {
    static func fault(for error: any Error, subject: String) -> Fault {
        if let fault = error as? Fault { return fault }
        if case ChannelError.connectTimeout = error { return Fault(.netSilent, subject: subject) }
        guard let error = error as? IOError else { return Fault(.netClosed, subject: subject) }
        return fault(errno: error.errnoCode, subject: subject)
    }

    static func fault(errno code: CInt, subject: String) -> Fault {
        switch code {
        case ECONNREFUSED: Fault(.netRefused, subject: subject)
        case ETIMEDOUT: Fault(.netSilent, subject: subject)
        case ECONNRESET, EPIPE, ECONNABORTED: Fault(.netReset, subject: subject)
        case EHOSTUNREACH, ENETUNREACH, EHOSTDOWN, ENETDOWN, EPROTO, ENOPROTOOPT, EINVAL, EAFNOSUPPORT:
            Fault(.netUnreachable, subject: subject, detail: text(code))
        case EMFILE, ENFILE: Fault(.netLocal, subject: subject, detail: "too many open files")
        default: Fault(.netLocal, subject: subject, detail: text(code))
        }
    }

    /// The C library's words; its buffer is one per thread.
    private static func text(_ code: CInt) -> String? {
        strerror(code).map { String(cString: $0).lowercased() }
    }
}
