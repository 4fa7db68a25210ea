import Foundation
import NIOCore
import NIOSSL
import PhoneTransport
import Synchronization
import TLSMaterial

/// What the telephony clients of one fleet share: where they may register, the TLS context, and the pace of new starts.
final class TelephonyServices: Sendable {
    let scope: TelephonyScope
    let observers = RegistrationObservers()
    private let context = Mutex<NIOSSLContext?>(nil)
    private let nextStart = Mutex(0.0)
    /// Starts of telephony clients in a second: a fleet that comes up at one moment does not bury its server, nor the
    /// loops on which its phones answer.
    private static let startsPerSecond = 400.0

    init(scope: TelephonyScope) {
        self.scope = scope
    }

    /// Made when the first phone needs it.
    func tlsContext() throws -> NIOSSLContext {
        try context.withLock { context in
            if let context { return context }
            let made = try TelephonyTLS.makeContext()
            context = made
            return made
        }
    }

    /// How long a client that wants to start now has to wait, in seconds.
    func pauseBeforeStart(at now: Double) -> Double {
        nextStart.withLock { next in
            let start = max(now, next)
            next = start + 1 / Self.startsPerSecond
            return start - now
        }
    }
}

/// By what a phone believes its telephony server.
enum ServerTrust: Hashable, Sendable {
    /// No trusted certificates were transferred: every server will do.
    case anybody
    case only(TrustedCertificates)
    /// A file is there that can not be read: no server will do.
    case nobody(reason: String)

    init(_ file: StoredFile?) {
        guard let file else {
            self = .anybody
            return
        }
        do throws(MaterialError) {
            self = .only(try TrustedCertificates(pkcs12: PKCS12.decodeUnencrypted(file.content)))
        } catch {
            self = .nobody(reason: "the client trusted certificates can not be read: \(error.detail)")
        }
    }

    /// Why the phone does not speak to the server with this chain; nil when it does.
    func refusal(of chain: [[UInt8]], at time: Date) -> String? {
        switch self {
        case .anybody: return nil
        case .nobody(let reason): return reason
        case .only(let trust):
            guard case .refused(let refusal) = trust.judge(serverChain: chain, at: time) else { return nil }
            return "\(refusal.failure.reason.rawValue): \(refusal.failure.detail)"
        }
    }
}
