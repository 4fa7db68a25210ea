import Foundation

/// A pipe between a test and a program that it started.
///
/// Read from one thread at a time.
public final class ChildPipe: @unchecked Sendable {
    // Safe: the descriptors are changed by closing only, which whoever owns the pipe does once; `rest` belongs to the reader.
    private var readEnd: Int32
    private var writeEnd: Int32
    private var rest: [UInt8] = []

    public init() throws {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else {
            throw ChildProcess.DidNotStart(program: "pipe", reason: String(cString: strerror(errno)))
        }
        (readEnd, writeEnd) = (ends[0], ends[1])
    }

    deinit {
        close(readEnd)
        closeWriteEnd()
    }

    /// The end that the program reads from or this process writes to.
    public var input: Int32 { readEnd }
    public var output: Int32 { writeEnd }

    /// Lets the reader see the end once the program has ended; call it when the program has its copy.
    public func closeWriteEnd() {
        if writeEnd >= 0 { close(writeEnd) }
        writeEnd = -1
    }

    /// The next line without its end; nil when there is no other.
    ///
    /// A line without its end does not count.
    public func line() -> String? {
        while true {
            if let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                let line = String(decoding: rest[..<end], as: UTF8.self)
                rest.removeSubrange(...end)
                return line
            }
            guard readMore() else { return nil }
        }
    }

    /// The lines up to the end.
    public func lines() -> [String] {
        var lines: [String] = []
        while let line = line() { lines.append(line) }
        return lines
    }

    /// Everything up to the end.
    public func text() -> String {
        while readMore() {}
        defer { rest = [] }
        return String(decoding: rest, as: UTF8.self)
    }

    /// Reads and forgets everything up to the end, on a thread of its own, so that the program is never blocked.
    public func drain() {
        Thread.detachNewThread {
            while self.readMore() { self.rest = [] }
        }
    }

    private func readMore() -> Bool {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        var count = -1
        repeat { count = read(readEnd, &buffer, buffer.count) } while count < 0 && errno == EINTR
        rest.append(contentsOf: buffer.prefix(max(0, count)))
        return count > 0
    }
}
