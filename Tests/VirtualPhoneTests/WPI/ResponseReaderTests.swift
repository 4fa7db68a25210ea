import NIOCore
import Testing

@testable import VirtualPhone

@Suite struct ResponseReaderTests {
    private func body(_ text: String) throws -> String? {
        var reader = HTTPResponseReader(bodyLimit: 1000)
        var bytes = ByteBuffer(string: text)
        var body = ""
        let isWhole = try reader.read(&bytes) { body += String(decoding: $0, as: UTF8.self) }
        return isWhole ? body : nil
    }

    @Test func chunksAreJoined() throws {
        let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        #expect(try body(head + "2\r\nab\r\n1\r\nc\r\n0\r\n\r\n") == "abc")
    }

    @Test func aChunkThatIsLongerThanItSaid_isRefused() {
        let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        #expect(throws: HTTPResponseProblem(detail: "chunk longer than it said")) {
            try body(head + "2\r\nabc\r\n0\r\n\r\n")
        }
    }
}
