import Crypto
import DeploymentModel
import Foundation

/// The file that holds the key of the sealed secrets, apart from the database.
///
/// One line: `phonefleet-key-1` and 32 random bytes in base64.
enum KeyFile {
    private static let mark = "phonefleet-key-1"

    /// Reads the key; nil when there is no file.
    ///
    /// Throws `store.key-file` when others than the owner may read it or it holds no key.
    static func read(_ path: String) throws(Fault) -> SymmetricKey? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else {
            if errno == ENOENT { return nil }
            throw fault(path, String(cString: strerror(errno)).lowercased())
        }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw fault(path, "not a regular file")
        }
        guard status.st_mode & 0o077 == 0 else {
            throw fault(path, "others than its owner have rights on it; mode \(octal(status.st_mode)), must be 0600")
        }
        guard status.st_uid == geteuid() || geteuid() == 0 else { throw fault(path, "belongs to another user") }
        return try parse(readAll(file), path: path)
    }

    /// Makes a key file with a fresh key; when another process was faster, its key is taken.
    static func create(_ path: String) throws(Fault) -> SymmetricKey {
        let key = SymmetricKey(size: .bits256)
        let line = "\(mark) \(key.withUnsafeBytes { Data($0) }.base64EncodedString())\n"
        let draft = "\(path).\(getpid())-\(UInt32.random(in: 0 ... .max))"
        try write(Array(line.utf8), to: draft)
        defer { unlink(draft) }
        // A link appears whole or not at all and never replaces a file that is there, unlike a rename.
        guard link(draft, path) == 0 else {
            guard errno == EEXIST, let other = try read(path) else { throw StoreFault.system(errno, path: path) }
            return other
        }
        synchronise(StoreFault.directory(of: path))
        return key
    }

    private static func parse(_ bytes: [UInt8], path: String) throws(Fault) -> SymmetricKey {
        let words = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isWhitespace)
        guard words.count == 2, words[0] == mark, let key = Data(base64Encoded: String(words[1])), key.count == 32
        else {
            throw fault(path, "holds no key of this program")
        }
        return SymmetricKey(data: key)
    }

    private static func readAll(_ file: Int32) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 512)
        let count = bytes.withUnsafeMutableBytes { Glibc.read(file, $0.baseAddress, $0.count) }
        return Array(bytes.prefix(max(0, count)))
    }

    private static func write(_ bytes: [UInt8], to path: String) throws(Fault) {
        let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw StoreFault.system(errno, path: path) }
        defer { close(file) }
        fchmod(file, 0o600)
        let count = bytes.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
        guard count == bytes.count, fsync(file) == 0 else {
            let number = errno
            unlink(path)
            throw StoreFault.system(count == bytes.count ? number : ENOSPC, path: path)
        }
    }

    private static func synchronise(_ directory: String) {
        let file = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard file >= 0 else { return }
        fsync(file)
        close(file)
    }

    private static func octal(_ mode: mode_t) -> String {
        "0" + String(mode & 0o777, radix: 8)
    }

    private static func fault(_ path: String, _ detail: String) -> Fault {
        Fault(.storeKeyFile, subject: path, detail: detail)
    }
}
