import DeploymentModel
import Foundation

/// Makes the database's directory and file so that nobody but their owner can read them, whatever the umask is.
enum StoreFiles {
    /// Creates missing directories (0700) and the file (0600).
    ///
    /// SQLite gives its `-wal` and `-shm` files the rights of the database file, so these need no care of their own.
    static func prepare(_ path: String) throws(Fault) {
        try makeDirectories(StoreFault.directory(of: path))
        // An existing file is never opened here: closing it would drop the locks that SQLite, elsewhere in this
        // process, holds on it (POSIX record locks belong to the process, not to the descriptor).
        let file = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file < 0 else {
            fchmod(file, 0o600)
            close(file)
            return
        }
        guard errno == EEXIST else { throw StoreFault.system(errno, path: path) }
        guard let status = Self.status(of: path) else { throw StoreFault.system(errno, path: path) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw Fault(.storeDamaged, subject: path, detail: "not a regular file")
        }
        // SQLite opens what it may not write as read-only without a word; the first write would fail much later.
        for place in [path, StoreFault.directory(of: path)] where access(place, R_OK | W_OK) != 0 {
            throw StoreFault.system(errno, path: place)
        }
    }

    /// Takes rights of others away from a file that is known to be ours.
    static func keepFromOthers(_ path: String) {
        if let status = status(of: path), status.st_mode & 0o077 != 0 { chmod(path, 0o600) }
    }

    static func size(of path: String) -> Int {
        status(of: path).map { Int($0.st_size) } ?? 0
    }

    static func status(of path: String) -> stat? {
        var status = stat()
        return stat(path, &status) == 0 ? status : nil
    }

    private static func makeDirectories(_ path: String) throws(Fault) {
        if let status = status(of: path) {
            guard status.st_mode & S_IFMT == S_IFDIR else {
                throw Fault(.storePermission, subject: path, detail: "not a directory")
            }
            return
        }
        guard errno == ENOENT else { throw StoreFault.system(errno, path: path) }
        let parent = StoreFault.directory(of: path)
        if parent != path { try makeDirectories(parent) }
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw StoreFault.system(errno, path: path) }
    }
}
