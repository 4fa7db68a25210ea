import Foundation

/// Runs programs to their end, most of them as judges that nobody here wrote.
public enum Tool {
    /// What a program said and how it ended.
    public struct Output: Sendable {
        /// The exit code, or 128 and the number of the signal, as a shell has it.
        public var status: Int32
        public var text: String
        public var errors: String
    }

    /// Runs a program of the path; standard input is empty.
    ///
    /// - Parameters:
    ///   - directory: where it works; nil for that of this process.
    ///   - environment: nil for that of this process.
    public static func run(
        _ arguments: [String], directory: String? = nil, environment: [String: String]? = nil
    ) async throws -> Output {
        try await OwnThread.run { try runAndWait(arguments, directory: directory, environment: environment) }
    }

    /// The same on the caller's thread.
    public static func runAndWait(
        _ arguments: [String], directory: String? = nil, environment: [String: String]? = nil
    ) throws -> Output {
        let output = try ChildPipe()
        // A file, because a second pipe that fills up would stop the program.
        let errors = try temporaryFile()
        defer { close(errors) }
        let process = try ChildProcess(
            arguments, directory: directory, environment: environment,
            streams: .init(output: output.output, errors: errors))
        output.closeWriteEnd()
        let text = output.text()
        let status: Int32 =
            switch process.wait() {
            case .code(let code): code
            case .signal(let number): 128 + number
            }
        return Output(status: status, text: text, errors: try contents(of: errors))
    }

    /// A file without a name, which goes with its descriptor.
    private static func temporaryFile() throws -> Int32 {
        var template = Array((NSTemporaryDirectory() + "/said-XXXXXX").utf8CString)
        let descriptor = mkstemp(&template)
        guard descriptor >= 0 else {
            throw ChildProcess.DidNotStart(program: "mkstemp", reason: String(cString: strerror(errno)))
        }
        unlink(template)
        return descriptor
    }

    private static func contents(of descriptor: Int32) throws -> String {
        lseek(descriptor, 0, SEEK_SET)
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: false)
        return String(decoding: try handle.readToEnd() ?? Data(), as: UTF8.self)
    }
}
