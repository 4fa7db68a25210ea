import DeploymentModel
import Foundation

/// Where the program keeps its files, by the XDG base directory specification.
struct Paths {
    /// The database file; its key file and the logs of runs lie beside it.
    var database: String

    /// - Parameter database: what the user named; nil for the user's data directory.
    init(database: String?) {
        if let database {
            self.database = Self.absolute(database)
            return
        }
        let environment = ProcessInfo.processInfo.environment
        let home = environment["HOME"] ?? "/root"
        let data = environment["XDG_DATA_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil } ?? "\(home)/.local/share"
        self.database = "\(data)/phonefleet/phonefleet.db"
    }

    var directory: String { (database as NSString).deletingLastPathComponent }
    /// JSON lines of one run.
    func log(of run: RunID) -> String { "\(directory)/logs/\(name)-\(run).jsonl" }

    private var name: String { ((database as NSString).lastPathComponent as NSString).deletingPathExtension }

    private static func absolute(_ path: String) -> String {
        path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
    }
}

/// Reads and writes the user's files with clear faults.
enum UserFile {
    /// Largest file that is read whole, in bytes.
    static let limit = 64 << 20

    /// The bytes of a file; `-` is standard input.
    static func read(_ path: String) throws(Fault) -> [UInt8] {
        let handle: FileHandle
        if path == "-" {
            handle = .standardInput
        } else {
            guard let opened = FileHandle(forReadingAtPath: path) else { throw problem(path) }
            handle = opened
        }
        let data: Data?
        do { data = try handle.read(upToCount: limit + 1) } catch { throw problem(path) }
        let bytes = Array(data ?? Data())
        guard bytes.count <= limit else {
            throw Fault(.inputFile, subject: path, detail: "larger than \(limit >> 20) MiB")
        }
        return bytes
    }

    static func readText(_ path: String) throws(Fault) -> String {
        guard let text = String(validating: try read(path), as: UTF8.self) else {
            throw Fault(.inputFile, subject: path, detail: "not UTF-8 text")
        }
        return text
    }

    /// Writes a file whole or not at all; `-` is standard output.
    ///
    /// A link is followed, and what is no regular file (`/dev/null`, a pipe) is written into and stays what it is.
    static func write(_ text: String, to path: String, mode: mode_t = 0o644) throws(Fault) {
        guard path != "-" else { return Terminal.writeOut(text) }
        var target = path
        var mode = mode
        var status = stat()
        if stat(path, &status) == 0 {
            guard status.st_mode & S_IFMT == S_IFREG else { return try writeInto(text, path) }
            target = URL(filePath: path).resolvingSymlinksInPath().path(percentEncoded: false)
            mode = status.st_mode & 0o777
        }
        // A name that nobody can know beforehand and that must not be there yet: in a folder of everybody, another
        // user could have laid a link under a name that can be guessed.
        let temporary = "\(target).\(UInt64.random(in: 0 ... .max)).part"
        let file = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode)
        guard file >= 0 else { throw problem(path) }
        defer { close(file) }
        guard writeAll(text, file), fsync(file) == 0, rename(temporary, target) == 0 else {
            let fault = problem(path)
            unlink(temporary)
            throw fault
        }
    }

    private static func writeInto(_ text: String, _ path: String) throws(Fault) {
        let file = open(path, O_WRONLY | O_CLOEXEC)
        guard file >= 0 else { throw problem(path) }
        defer { close(file) }
        guard writeAll(text, file) else { throw problem(path) }
    }

    private static func writeAll(_ text: String, _ file: Int32) -> Bool {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let written = bytes.withUnsafeBytes { Foundation.write(file, $0.baseAddress, $0.count) }
            guard written > 0 || errno == EINTR else { return false }
            bytes = bytes.dropFirst(max(0, written))
        }
        return true
    }

    private static func problem(_ path: String) -> Fault {
        var isDirectory: ObjCBool = false
        if FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory), isDirectory.boolValue {
            return Fault(.inputFile, subject: path, detail: "it is a directory")
        }
        let reason = errno == 0 ? "it cannot be opened" : String(cString: strerror(errno)).lowercased()
        return Fault(.inputFile, subject: path, detail: reason)
    }
}
