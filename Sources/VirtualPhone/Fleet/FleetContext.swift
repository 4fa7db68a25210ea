import DeploymentModel
import Foundation
import NIOCore
import TLSMaterial

/// What all phones of one fleet share.
final class FleetContext: Sendable {
    let group: any EventLoopGroup
    let contexts = ContextCache()
    let keyType: CertificateIssuer.KeyType
    let restartSeconds: Double
    let limits: ConnectionLimits
    let store: StateDirectory?
    /// Nil when the phones of the fleet register nowhere.
    let telephony: TelephonyServices?
    let wpi: WPIServices
    /// Whether each phone has a listener of its own.
    let hasOwnListeners: Bool
    private let start = NIODeadline.now()

    init(_ configuration: FleetConfiguration, group: any EventLoopGroup, hasOwnListeners: Bool) throws(Fault) {
        self.group = group
        self.hasOwnListeners = hasOwnListeners
        keyType = configuration.keyType
        restartSeconds = configuration.restartSeconds
        limits = configuration.limits
        wpi = WPIServices(options: configuration.wpi)
        telephony = configuration.telephony == .off ? nil : TelephonyServices(scope: configuration.telephony)
        store = try configuration.stateDirectory.map { path throws(Fault) in try StateDirectory(path: path) }
    }

    /// Seconds since the fleet was started.
    var now: Double {
        Double((NIODeadline.now() - start).nanoseconds) / 1e9
    }

    /// Seconds since 1970.
    var wallClock: Int {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return now.tv_sec
    }
}

/// How long a virtual phone bears with a peer, in seconds.
public struct ConnectionLimits: Hashable, Sendable {
    /// From the connection to the end of the handshake, and from the first byte of a request to its last.
    public var request: Double
    /// Without any request.
    public var idle: Double

    public init(request: Double = 10, idle: Double = 60) {
        self.request = request
        self.idle = idle
    }
}
