import Foundation
import NIOCore
import NIOSSL

extension Channel {
    /// Ends the connection as a phone does that loses power or restarts: at once, without the closing words of TLS.
    ///
    /// - Parameter resets: whether the peer sees a reset instead of an orderly end.
    func drop(resets: Bool) {
        guard eventLoop.inEventLoop else { return eventLoop.execute { self.drop(resets: resets) } }
        if resets, let socket = self as? any SocketOptionProvider {
            // The loop is ours: the option is set before this call returns.
            _ = socket.setSoLinger(linger(l_onoff: 1, l_linger: 0))
        }
        if let below = try? pipeline.syncOperations.context(handlerType: NIOSSLHandler.self) {
            below.close(promise: nil)
        } else {
            close(promise: nil)
        }
    }
}
