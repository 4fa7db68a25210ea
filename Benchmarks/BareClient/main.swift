// The ceiling of the measurements: what the same network library does with nothing of ours in it. One connection per phone:
// connect, TLS handshake (the certificate is not looked at), one POST, the whole answer, close.
//
// usage: BareClient FIRST-ADDRESS COUNT PORT tls|plain CONCURRENCY
// prints: phones, seconds, phones per second, failures; tab-separated

import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

private let message = """
    <?xml version="1.0" encoding="UTF-8"?>
    <ManagementRequest xmlns="urn:phonefleet:management:1" id="1"><Identify/></ManagementRequest>
    """

/// Sends one POST when the connection is active and closes it after the whole answer.
private final class OneExchange: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    private let done: EventLoopPromise<Bool>
    private var answered = false

    init(done: EventLoopPromise<Bool>) { self.done = done }

    func channelActive(context: ChannelHandlerContext) {
        var head = HTTPRequestHead(version: .http1_1, method: .POST, uri: "/management")
        head.headers = ["Host": "phone", "Content-Type": "application/xml", "Content-Length": "\(message.utf8.count)"]
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: message)))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if case .end = unwrapInboundIn(data) {
            answered = true
            context.close(promise: nil)
        }
    }

    func channelInactive(context: ChannelHandlerContext) { done.succeed(answered) }
    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}

private func contact(_ address: SocketAddress, tls: NIOSSLContext?, on group: any EventLoopGroup) async -> Bool {
    let done = group.next().makePromise(of: Bool.self)
    let bootstrap = ClientBootstrap(group: done.futureResult.eventLoop)
        .channelOption(.tcpOption(.tcp_nodelay), value: 1)
        .channelInitializer { channel in
            channel.eventLoop.makeCompletedFuture {
                if let tls {
                    let handler = try NIOSSLClientHandler(
                        context: tls, serverHostname: nil,
                        customVerificationCallback: { $1.succeed(.certificateVerified) })
                    try channel.pipeline.syncOperations.addHandler(handler)
                }
                try channel.pipeline.syncOperations.addHTTPClientHandlers()
                try channel.pipeline.syncOperations.addHandler(OneExchange(done: done))
            }
        }
    do { _ = try await bootstrap.connect(to: address).get() } catch { done.succeed(false) }
    return (try? await done.futureResult.get()) ?? false
}

private func successor(of address: String, by offset: Int) -> String {
    let number = address.split(separator: ".").reduce(0) { $0 << 8 | (Int($1) ?? 0) } + offset
    return [24, 16, 8, 0].map { String(number >> $0 & 255) }.joined(separator: ".")
}

private let arguments = CommandLine.arguments
guard arguments.count == 6, let count = Int(arguments[2]), let port = Int(arguments[3]),
    let concurrency = Int(arguments[5])
else {
    print("usage: BareClient FIRST-ADDRESS COUNT PORT tls|plain CONCURRENCY")
    exit(2)
}

private var context: NIOSSLContext?
if arguments[4] == "tls" {
    var configuration = TLSConfiguration.makeClientConfiguration()
    configuration.trustRoots = .certificates([])
    configuration.certificateVerification = .noHostnameVerification
    // The groups that phonefleet offers: the handshake of the ceiling is the same one.
    configuration.curves = [.x25519, .secp256r1, .secp384r1, .secp521r1]
    context = try NIOSSLContext(configuration: configuration)
}
private let tls = context
private let group = MultiThreadedEventLoopGroup(numberOfThreads: System.coreCount)
private let first = arguments[1]
private let started = ContinuousClock.now
private let failures = await withTaskGroup(of: Bool.self, returning: Int.self) { tasks in
    var failures = 0
    for offset in 0..<count {
        if offset >= concurrency, await tasks.next() == false { failures += 1 }
        tasks.addTask {
            guard let address = try? SocketAddress(ipAddress: successor(of: first, by: offset), port: port) else {
                return false
            }
            return await contact(address, tls: tls, on: group)
        }
    }
    for await succeeded in tasks where !succeeded { failures += 1 }
    return failures
}
private let seconds = (ContinuousClock.now - started) / .seconds(1)
print("\(count)\t\(String(format: "%.3f\t%.0f", seconds, Double(count - failures) / seconds))\t\(failures)")
exit(failures == 0 ? 0 : 1)
