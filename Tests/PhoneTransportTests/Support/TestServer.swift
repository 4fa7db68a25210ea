import Glibc
import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// A peer that does what a test tells it: bytes as a script, over TCP or TLS, with everything that came recorded.
final class TestServer: Sendable {
    /// What the peer does when something came.
    enum Answer: Sendable {
        case send([UInt8])
        case sendThenClose([UInt8])
        /// One byte after the other, each in its own write, without an end in sight.
        case drip([UInt8])
        /// The whole answer, after some time.
        case late([UInt8], milliseconds: Int64)
        case close
        case reset
        case silence
    }

    struct Request: Sendable {
        var head: String
        var body: [UInt8]

        func header(_ name: String) -> String? {
            for line in head.split(separator: "\r\n") where line.lowercased().hasPrefix(name.lowercased() + ":") {
                return line.dropFirst(name.count + 1).trimmingPrefix(" ").description
            }
            return nil
        }
    }

    enum Event: Sendable {
        case accepted
        case request(Request)
        /// The connection has ended; what it brought before and after decryption.
        case ended(raw: [UInt8], plain: [UInt8])
    }

    enum Script: Sendable {
        /// Speaks first, then waits.
        case greeting([UInt8])
        /// Answers whatever comes first, HTTP or not.
        case anything(Answer)
        /// Answers each whole request.
        case requests(@Sendable (Request) -> Answer)
    }

    let port: Int
    let events: AsyncStream<Event>
    private let channel: any Channel
    private let feed: AsyncStream<Event>.Continuation

    static func start(
        _ loops: any EventLoopGroup, tls: TLSConfiguration? = nil, _ script: Script
    ) async throws -> TestServer {
        let (events, feed) = AsyncStream.makeStream(of: Event.self)
        let context = try tls.map { try NIOSSLContext(configuration: $0) }
        let channel = try await ServerBootstrap(group: loops)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelOption(.backlog, value: 1024)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let recorder = Recorder(feed: feed)
                    try channel.pipeline.syncOperations.addHandler(recorder)
                    if let context {
                        try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context))
                    }
                    try channel.pipeline.syncOperations.addHandler(Player(script: script, recorder: recorder))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        return TestServer(channel: channel, events: events, feed: feed)
    }

    private init(channel: any Channel, events: AsyncStream<Event>, feed: AsyncStream<Event>.Continuation) {
        self.channel = channel
        self.events = events
        self.feed = feed
        port = channel.localAddress?.port ?? 0
    }

    func stop() async {
        try? await channel.close()
        feed.finish()
    }

    /// The next request.
    func nextRequest() async -> Request? {
        for await event in events {
            if case .request(let request) = event { return request }
        }
        return nil
    }

    /// What the next connection to end brought.
    func nextEnd() async -> (raw: [UInt8], plain: [UInt8])? {
        for await event in events {
            if case .ended(let raw, let plain) = event { return (raw, plain) }
        }
        return nil
    }

    func nextAccept() async {
        for await event in events {
            if case .accepted = event { return }
        }
    }
}

/// Keeps what came over the wire, before TLS.
private final class Recorder: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    var raw: [UInt8] = []
    var plain: [UInt8] = []
    let feed: AsyncStream<TestServer.Event>.Continuation

    init(feed: AsyncStream<TestServer.Event>.Continuation) {
        self.feed = feed
    }

    func channelActive(context: ChannelHandlerContext) {
        feed.yield(.accepted)
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        raw += unwrapInboundIn(data).readableBytesView
        context.fireChannelRead(data)
    }

    func channelInactive(context: ChannelHandlerContext) {
        feed.yield(.ended(raw: raw, plain: plain))
        context.fireChannelInactive()
    }
}

/// Plays the script, after TLS.
private final class Player: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let script: TestServer.Script
    private let recorder: Recorder
    private var pending: [UInt8] = []

    init(script: TestServer.Script, recorder: Recorder) {
        self.script = script
        self.recorder = recorder
    }

    func channelActive(context: ChannelHandlerContext) {
        if case .greeting(let bytes) = script { send(bytes, context) }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = Array(unwrapInboundIn(data).readableBytesView)
        recorder.plain += bytes
        switch script {
        case .greeting: break
        case .anything(let answer): play(answer, context)
        case .requests(let respond):
            pending += bytes
            while let request = nextRequest() {
                recorder.feed.yield(.request(request))
                play(respond(request), context)
            }
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    private func nextRequest() -> TestServer.Request? {
        guard let end = pending.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
        var request = TestServer.Request(
            head: String(decoding: pending[..<end.lowerBound], as: UTF8.self), body: [])
        let length = request.header("Content-Length").flatMap { Int($0) } ?? 0
        guard pending.count >= end.upperBound + length else { return nil }
        request.body = Array(pending[end.upperBound..<(end.upperBound + length)])
        pending.removeFirst(end.upperBound + length)
        return request
    }

    private func play(_ answer: TestServer.Answer, _ context: ChannelHandlerContext) {
        switch answer {
        case .send(let bytes): send(bytes, context)
        case .sendThenClose(let bytes):
            send(bytes, context)
            context.close(promise: nil)
        case .drip(let bytes): drip(bytes[...], context)
        case .late(let bytes, let milliseconds):
            let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
            context.eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(milliseconds)) {
                self.send(bytes, bound.value)
            }
        case .close: context.close(promise: nil)
        case .reset:
            // A lingering time of nought makes the close a reset.
            _ = (context.channel as? any SocketOptionProvider)?.setSoLinger(linger(l_onoff: 1, l_linger: 0))
            context.close(promise: nil)
        case .silence: break
        }
    }

    private func send(_ bytes: [UInt8], _ context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil)
    }

    private func drip(_ bytes: ArraySlice<UInt8>, _ context: ChannelHandlerContext) {
        guard let first = bytes.first, context.channel.isActive else { return }
        send([first], context)
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        context.eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(5)) {
            self.drip(bytes.dropFirst(), bound.value)
        }
    }
}
