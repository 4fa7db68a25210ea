import DeploymentModel
import ManagementXML
import Testing

@testable import PhoneTransport

@Suite("Reading an HTTP answer")
struct HTTPReplyParserTests {
    /// Reads `text` in pieces of `size` bytes; the answers and what was left over at the end.
    private func read(_ text: String, pieces size: Int, limits: HTTPLimits = HTTPLimits()) throws -> [HTTPReply] {
        var parser = HTTPReplyParser(limits: limits)
        var replies: [HTTPReply] = []
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let piece = Array(bytes.prefix(size))
            bytes = bytes.dropFirst(size)
            try piece.withUnsafeBytes { piece in
                var rest = piece
                while !rest.isEmpty {
                    guard let reply = try parser.read(&rest) else { return }
                    replies.append(reply)
                }
            }
        }
        return replies
    }

    private func problem(_ text: String, limits: HTTPLimits = HTTPLimits()) -> StatusCode? {
        var codes: Set<StatusCode?> = []
        for size in [1, 7, 1 << 20] {
            do {
                _ = try read(text, pieces: size, limits: limits)
                codes.insert(nil)
            } catch {
                codes.insert((error as? HTTPProblem)?.code)
            }
        }
        #expect(codes.count == 1, "the verdict depends on how the bytes were cut")
        return codes.first ?? nil
    }

    @Test("a plain answer comes out whole, however it was cut", arguments: [1, 2, 3, 5, 17, 4096])
    func whole(_ size: Int) throws {
        let text = """
            HTTP/1.1 200 OK\r
            Content-Type: application/xml\r
            content-length:  5 \r
            WWW-Authenticate: Basic realm="a"\r
            WWW-Authenticate: Digest realm="b"\r
            Authentication-Info: nextnonce="n"\r
            Retry-After: 7\r
            \r
            hello
            """
        let expected = HTTPReply(
            status: 200, body: Array("hello".utf8), challenge: "Basic realm=\"a\", Digest realm=\"b\"",
            authenticationInfo: "nextnonce=\"n\"", retryAfter: 7)
        #expect(try read(text + text, pieces: size) == [expected, expected])
    }

    @Test("chunks are joined, extensions and trailers passed over", arguments: [1, 3, 4096])
    func chunks(_ size: Int) throws {
        let text = """
            HTTP/1.1 200 OK\r
            Transfer-Encoding: Chunked\r
            \r
            3;a=b\r
            hel\r
            2\r
            lo\r
            0\r
            Trailer: x\r
            \r

            """
        #expect(try read(text, pieces: size).map(\.body) == [Array("hello".utf8)])
    }

    @Test("interim answers are passed over")
    func interim() throws {
        let text = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103\r\nLink: x\r\n\r\nHTTP/1.1 204 No\r\n\r\n"
        #expect(try read(text, pieces: 9).map(\.status) == [204])
    }

    @Test("a connection that will be closed is known")
    func keepAlive() throws {
        func keeps(_ line: String, _ field: String) throws -> Bool? {
            try read("\(line)\r\n\(field)\r\nContent-Length: 0\r\n\r\n", pieces: 50).first?.keepsAlive
        }
        #expect(try keeps("HTTP/1.1 200 OK", "X: y") == true)
        #expect(try keeps("HTTP/1.1 200 OK", "Connection: Close") == false)
        #expect(try keeps("HTTP/1.0 200 OK", "X: y") == false)
        #expect(try keeps("HTTP/1.0 200 OK", "Connection: keep-alive") == true)
        #expect(try read("HTTP/1.1 404 No\r\n\r\n", pieces: 50).first?.keepsAlive == false)
    }

    @Test(
        "what is no answer is malformed",
        arguments: [
            "<html>", "SSH-2.0-x\r\n", "HTTP/2 200 OK\r\n", "HTTP/1.1 20 OK\r\n", "HTTP/1.1 2000 OK\r\n",
            "HTTP/1.1 099 OK\r\n", "HTTP/1.1 200 OK\n\n", "HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 101 Switch\r\n\r\n",
            "HTTP/1.1 200 OK\r\nno colon\r\n", "HTTP/1.1 200 OK\r\n: empty\r\n", "HTTP/1.1 200 OK\r\na b: c\r\n",
            "HTTP/1.1 200 OK\r\nA: b\r\n folded\r\n", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 1, 1\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 0x1\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n123456789\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n",
        ])
    func malformed(_ text: String) {
        #expect(problem(text) == .httpMalformed)
    }

    @Test("what would fill the memory is too large")
    func tooLarge() {
        let head = "HTTP/1.1 200 OK\r\n"
        let long = String(repeating: "a", count: 20_000)
        #expect(problem(head + "X: " + long) == .httpTooLarge)
        #expect(problem(head + String(repeating: "X: y\r\n", count: 101)) == .httpTooLarge)
        #expect(problem(head + "Content-Length: 1048577\r\n\r\n") == .httpTooLarge)
        #expect(problem(head + "Transfer-Encoding: chunked\r\n\r\nffffffff\r\n") == .httpTooLarge)
        let crumbs = String(repeating: "1\r\na\r\n", count: 20_000)
        #expect(problem(head + "Transfer-Encoding: chunked\r\n\r\n" + crumbs) == .httpTooLarge)
        let trailers = String(repeating: "X: y\r\n", count: 20_000)
        #expect(problem(head + "Transfer-Encoding: chunked\r\n\r\n0\r\n" + trailers) == .httpTooLarge)
        #expect(problem(String(repeating: "HTTP/1.1 100 C\r\n\r\n", count: 9)) == .httpTooLarge)
        var limits = HTTPLimits()
        limits.bodyBytes = 4
        #expect(problem(head + "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\n", limits: limits) == .httpTooLarge)
    }
}

@Suite("Bad HTTP from a phone", .timeLimit(.minutes(5)))
struct BadHTTPTests {
    private func code(_ answer: TestServer.Answer, reply: Double = 60) async throws -> Fault? {
        let server = try await TestServer.start(TestLoops.shared.group, .requests { _ in answer })
        let session = try await session(server, timeouts: ContactTimeouts(connect: 60, handshake: 60, reply: reply))
        let fault = await fault { try await session.perform(.identify, password: nil) }
        await session.close()
        await server.stop()
        return fault
    }

    @Test("each has its code and ends the session")
    func codes() async throws {
        let endless = Array("HTTP/1.1 200 OK\r\nX: ".utf8) + [UInt8](repeating: 97, count: 100_000)
        #expect(try await code(.send(endless))?.code == .httpTooLarge)
        #expect(try await code(.send(Array("hello\r\n".utf8)))?.code == .httpMalformed)
        let short = Array("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc".utf8)
        #expect(
            try await code(.sendThenClose(short))
                == Fault(.netClosed, subject: "127.0.0.1", detail: "in the middle of the answer"))
        #expect(try await code(.close) == Fault(.netClosed, subject: "127.0.0.1", detail: "before the answer"))
        #expect(try await code(.reset)?.code == .netReset)
        #expect(try await code(.send(TestPhone.http(200, body: [60]) + [1, 2, 3]))?.code == .httpMalformed)
        #expect(
            try await code(.send(TestPhone.http(200, body: Array("<a/>".utf8))))?.code.rawValue.hasPrefix("xml.")
                == true)
    }

    @Test("an answer that drips or never ends is silent when its time is up")
    func slow() async throws {
        let slow = Array("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n".utf8) + [UInt8](repeating: 97, count: 1000)
        #expect(try await code(.drip(slow), reply: 0.5)?.code == .netSilent)
        #expect(
            try await code(.silence, reply: 0.2)
                == Fault(.netSilent, subject: "127.0.0.1", detail: "no answer to the request"))
    }
}
