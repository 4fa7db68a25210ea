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
    static func write(_ text: String, to path: String, mode: Int = 0o644) throws(Fault) {
        guard path != "-" else { return Terminal.writeOut(text) }
        let temporary = "\(path).\(getpid()).part"
        guard
            FileManager.default.createFile(
                atPath: temporary, contents: Data(text.utf8), attributes: [.posixPermissions: mode])
        else { throw problem(path) }
        guard rename(temporary, path) == 0 else {
            let fault = problem(path)
            unlink(temporary)
            throw fault
        }
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
