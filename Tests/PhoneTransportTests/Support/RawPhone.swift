import DeploymentModel
import DeploymentTesting
import Foundation
import ManagementXML
import NIOCore
import NIOPosix
import NIOSSL
import Synchronization
import TLSMaterial

@testable import PhoneTransport

/// A phone of the tests: a TLS client that sends whatever bytes it is told, and hands out whole HTTP answers.
///
/// It shares nothing with the server end but the reader of answers; its messages are written by hand.
final class RawPhone: Sendable {
    private enum Event: Sendable {
        case reply(HTTPReply, head: String)
        case closed
    }

    private let channel: any Channel
    private let events: AsyncStream<Event>

    static func call(
        _ port: Int, from address: String = "127.0.0.1", isTLS: Bool = true, material: KeyMaterial? = nil,
        maximum: TLSVersion? = nil
    ) async throws -> RawPhone {
        let (events, feed) = AsyncStream.makeStream(of: Event.self)
        let context = try isTLS ? clientContext(material, maximum) : nil
        let channel = try await ClientBootstrap(group: TestLoops.shared.group)
            .connectTimeout(.minutes(1))
            .bind(to: try SocketAddress(ipAddress: address, port: 0))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if let context {
                        try pipeline.addHandler(
                            NIOSSLClientHandler(context: context, serverHostname: nil) { _, promise in
                                promise.succeed(.certificateVerified)
                            })
                    }
                    try pipeline.addHandler(Reader(feed))
                }
            }
            .connect(host: "127.0.0.1", port: port).get()
        return RawPhone(channel, events)
    }

    private init(_ channel: any Channel, _ events: AsyncStream<Event>) {
        self.channel = channel
        self.events = events
    }

    private static func clientContext(_ material: KeyMaterial?, _ maximum: TLSVersion?) throws -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv1
        configuration.maximumTLSVersion = maximum
        configuration.trustRoots = .certificates([])
        configuration.certificateVerification = .noHostnameVerification
        if let material {
            configuration.certificateChain = try material.chain.map {
                .certificate(try NIOSSLCertificate(bytes: $0, format: .der))
            }
            configuration.privateKey = .privateKey(try NIOSSLPrivateKey(bytes: material.privateKey, format: .der))
        }
        return try NIOSSLContext(configuration: configuration)
    }

    func send(_ text: String) async throws {
        try await channel.writeAndFlush(ByteBuffer(string: text))
    }

    /// The next answer; nil when the server has closed the connection.
    func next() async -> HTTPReply? {
        await nextWithHead()?.0
    }

    func nextWithHead() async -> (HTTPReply, head: String)? {
        for await event in events {
            switch event {
            case .reply(let reply, let head): return (reply, head)
            case .closed: return nil
            }
        }
        return nil
    }

    /// Posts a message and returns the answer's.
    func post(_ xml: String, fields: [String] = []) async throws -> WPIServerMessage? {
        try await send(Self.request(xml, fields: fields))
        guard let reply = await next(), reply.status == 200 else { return nil }
        return try WPI.decodeServerMessage(reply.body, strict: true)
    }

    func close() async {
        try? await channel.close()
    }

    static func request(_ xml: String, fields: [String] = []) -> String {
        let lines =
            [
                "POST /DeploymentService/LoginService HTTP/1.1", "Host: 192.0.2.1:18443", "Content-Type: text/xml",
                "Content-Length: \(xml.utf8.count)",
            ] + fields + ["", ""]
        return lines.joined(separator: "\r\n") + xml
    }

    /// What a phone says, written by hand.
    static func message(
        _ reason: String, nonce: String, mac: String? = nil, fragment: String? = nil, items: String = ""
    ) -> String {
        let part = fragment.map { " fragment=\"\($0)\"" } ?? ""
        let own = mac.map { "<Item name=\"mac-addr\">\($0)</Item>" } ?? ""
        return """
            <?xml version="1.0" encoding="UTF-8"?>
            <WorkpointMessage xmlns="http://www.siemens.com/DLS"><Message nonce="\(nonce)" maxItems="-1"\(part)>
            \(reason.hasPrefix("<") ? reason : "<ReasonForContact>\(reason)</ReasonForContact>")
            <ItemList>\(own)\(items)</ItemList></Message></WorkpointMessage>
            """
    }

    static func reply(
        to action: String, _ status: String = "accepted", nonce: String, mac: String? = nil, fragment: String? = nil,
        items: String = ""
    ) -> String {
        message(
            "<ReasonForContact action=\"\(action)\" status=\"\(status)\">reply-to</ReasonForContact>", nonce: nonce,
            mac: mac, fragment: fragment, items: items)
    }

    private final class Reader: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private let feed: AsyncStream<Event>.Continuation
        private var parser = HTTPReplyParser()
        private var seen = ""

        init(_ feed: AsyncStream<Event>.Continuation) { self.feed = feed }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let buffer = unwrapInboundIn(data)
            seen += String(buffer: buffer)
            buffer.withUnsafeReadableBytes { bytes in
                var rest = bytes
                while let reply = try? parser.read(&rest) {
                    feed.yield(.reply(reply, head: seen.components(separatedBy: "\r\n\r\n").first ?? ""))
                    seen = ""
                }
            }
        }

        func channelInactive(context: ChannelHandlerContext) {
            feed.yield(.closed)
            feed.finish()
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            context.close(promise: nil)
        }
    }
}
