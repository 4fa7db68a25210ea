import DeploymentModel
import Foundation
import NIOCore
import NIOPosix
import NIOSSL
import NIOTLS

/// One connection of a telephony client to its server: TCP, TLS, SIP messages.
///
/// The server is judged within the handshake: a server that is not believed never gets a byte of SIP. Lives on its event
/// loop.
final class ServerConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    enum Event {
        case connected
        /// The handshake is complete.
        case secured
        case message(SIPMessage)
        /// The connection is over, or never came about; nothing follows.
        case gone(String)
    }

    var onEvent: (Event) -> Void = { _ in }
    /// The phone's own idea of the time.
    var time: () -> Date = { Date() }
    private let trust: ServerTrust
    private let tls: NIOSSLContext
    private var reader = SIPReader()
    private var context: ChannelHandlerContext?
    private var refusal: String?
    private var isSecured = false
    private var isOver = false

    init(trust: ServerTrust, context: NIOSSLContext) {
        self.trust = trust
        tls = context
    }

    /// Dials; what comes of it is told by ``onEvent``.
    ///
    /// - Parameter ownAddress: from where, if that can reach the server.
    func open(to host: String, port: Int, from ownAddress: String, on loop: any EventLoop) {
        if case .nobody(let reason) = trust {
            return loop.assumeIsolated().execute { self.finish(reason) }
        }
        let bound = NIOLoopBound(self, eventLoop: loop)
        // The state machine's time is the one that counts.
        let dialled = Dial.connect(to: host, port: port, from: ownAddress, on: loop, timeout: .hours(1)) { channel in
            try channel.pipeline.syncOperations.addHandler(bound.value)
        }
        dialled.assumeIsolated().whenFailure { self.finish(Self.words($0, at: "\(host):\(port)")) }
    }

    /// Sends the bytes of a message.
    func send(_ bytes: [UInt8]) {
        guard isSecured, !isOver, let context else { return }
        context.writeAndFlush(wrapOutboundOut(context.channel.allocator.buffer(bytes: bytes)), promise: nil)
    }

    /// Closes the connection; no event follows.
    ///
    /// - Parameter dropping: without the farewell of TLS.
    func end(dropping: Bool) {
        isOver = true
        guard let channel = context?.channel else { return }
        if dropping { channel.drop(resets: false) } else { channel.close(promise: nil) }
    }

    private func finish(_ reason: String) {
        guard !isOver else { return }
        isOver = true
        onEvent(.gone(reason))
    }

    // MARK: Channel events

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }
    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelActive(context: ChannelHandlerContext) {
        // Given up while the system was still dialling.
        guard !isOver else { return context.close(promise: nil) }
        onEvent(.connected)
        guard !isOver else { return }
        do {
            let handler = try NIOSSLClientHandler(context: tls, serverHostname: nil) { [weak self] chain, promise in
                promise.succeed(self?.judge(chain) ?? .failed)
            }
            try context.channel.pipeline.syncOperations.addHandler(handler, position: .first)
        } catch {
            finish("tls.failed: no TLS for this connection")
            context.close(promise: nil)
        }
    }

    private func judge(_ chain: [NIOSSLCertificate]) -> NIOSSLVerificationResult {
        refusal = trust.refusal(of: chain.compactMap { try? $0.toDERBytes() }, at: time())
        return refusal == nil ? .certificateVerified : .failed
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted? = event as? TLSUserEvent, !isOver {
            isSecured = true
            onEvent(.secured)
        }
        context.fireUserInboundEventTriggered(event)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard isSecured, !isOver else { return }
        reader.append(unwrapInboundIn(data).readableBytesView)
        do throws(SIPProblem) {
            while !isOver, let message = try reader.next() { onEvent(.message(message)) }
        } catch {
            finish("the server does not speak SIP: \(error.detail)")
            context.close(promise: nil)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        finish(isSecured ? "net.closed: the server ended the connection" : "net.closed: in the handshake")
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // A server that hangs up without a farewell; the end of the channel follows.
        if case NIOSSLError.uncleanShutdown = error { return }
        finish(refusal ?? Self.words(error, at: nil))
        context.close(promise: nil)
    }

    private static func words(_ error: any Error, at place: String?) -> String {
        switch error {
        case let error as IOError:
            let words = String(cString: strerror(error.errnoCode)).lowercased()
            let code = error.errnoCode == ECONNREFUSED ? "net.refused" : "net.failed"
            return "\(code): \(words)\(place.map { ": \($0)" } ?? "")"
        case is NIOSSLError, is BoringSSLError: return "tls.failed: the handshake failed"
        default: return "net.unreachable\(place.map { ": \($0)" } ?? "")"
        }
    }
}
