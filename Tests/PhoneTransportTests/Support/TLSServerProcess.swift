import Foundation
import ProcessTesting

/// A TLS peer that nobody here wrote, in a process that ends with this object.
class TLSServerProcess {
    struct DidNotStart: Error {}

    let port: Int
    private let process: ChildProcess
    private let directory: URL
    /// Its end would end the server.
    private let input: ChildPipe
    private let output: ChildPipe

    init(port: Int, process: ChildProcess, directory: URL, input: ChildPipe, output: ChildPipe) {
        self.port = port
        self.process = process
        self.directory = directory
        self.input = input
        self.output = output
    }

    deinit {
        process.end()
        try? FileManager.default.removeItem(at: directory)
    }

    /// A new directory for the server's files.
    static func makeDirectory() throws -> URL {
        let directory = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        return directory
    }
}
