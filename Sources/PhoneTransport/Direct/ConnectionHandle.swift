import DeploymentModel
import NIOCore

/// Holds a connection from outside its event loop.
///
/// Cancelling a task that waits in ``open(_:on:)`` or ``exchange(_:)`` ends the connection at once.
final class ConnectionHandle: Sendable {
    private let loop: any EventLoop
    private let connection: NIOLoopBoundBox<PhoneConnection>

    private init(loop: any EventLoop, plan: ContactPlan) {
        self.loop = loop
        connection = .makeBoxSendingValue(PhoneConnection(plan: plan), eventLoop: loop)
    }

    /// Dials and waits until the connection is open or has failed; the outcome says which.
    static func open(_ plan: ContactPlan, on loop: any EventLoop) async -> (ConnectionHandle, OpeningOutcome) {
        let handle = ConnectionHandle(loop: loop, plan: plan)
        let outcome = await handle.waiting { connection, done in connection.open(on: loop, onOpened: done) }
        return (handle, outcome)
    }

    /// Sends a request and waits for the whole answer.
    func exchange(_ request: ByteBuffer) async -> Result<HTTPReply, Fault> {
        await waiting { connection, done in connection.exchange(request, onReply: done) }
    }

    /// Dials and, once open, sends `request` in the same turn of the loop.
    ///
    /// - Parameter request: gets the local address of the connection.
    static func contact(
        _ plan: ContactPlan, on loop: any EventLoop, request: @escaping @Sendable (SocketAddress?) -> ByteBuffer
    ) async -> (OpeningOutcome, Result<HTTPReply, Fault>?) {
        let handle = ConnectionHandle(loop: loop, plan: plan)
        return await handle.waiting { connection, done in
            connection.open(on: loop) { outcome in
                guard outcome.fault == nil else { return done((outcome, nil)) }
                connection.exchange(request(connection.localAddress)) { result in
                    connection.close()
                    done((outcome, result))
                }
            }
        }
    }

    func close() {
        loop.execute { self.connection.value.close() }
    }

    private func waiting<Value: Sendable>(
        for body: @escaping @Sendable (PhoneConnection, @escaping @Sendable (Value) -> Void) -> Void
    ) async -> Value {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                // A task that runs on the loop of its connection has no turn of the loop to wait for.
                if loop.inEventLoop {
                    body(connection.value) { continuation.resume(returning: $0) }
                } else {
                    loop.execute { body(self.connection.value) { continuation.resume(returning: $0) } }
                }
            }
        } onCancel: {
            // Whoever waits gets the fault and turns it into the cancellation that it is.
            loop.execute { self.connection.value.end(Fault(.netClosed, detail: "cancelled")) }
        }
    }
}
