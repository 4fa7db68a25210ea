import DeploymentModel
import Foundation
import GRDB

/// Turns what SQLite and the operating system say into the product's coded facts.
enum StoreFault {
    /// The fault for an error; faults pass unchanged.
    ///
    /// `path` is the subject, nil for a database in memory.
    static func make(_ error: any Error, path: String?) -> Fault {
        switch error {
        case let fault as Fault: fault
        case let error as DatabaseError: Fault(code(of: error, path: path), subject: path, detail: detail(of: error))
        case let error as StoredValueError:
            Fault(.storeDamaged, subject: path, detail: "\(error.column) holds no valid value")
        default: Fault(.internalDefect, subject: path, detail: "\(type(of: error))")
        }
    }

    /// SQLite's own words only: values bound to statements may be confidential.
    private static func detail(of error: DatabaseError) -> String {
        "\(error.message ?? "SQLite error") (SQLite code \(error.extendedResultCode.rawValue))"
    }

    private static func code(of error: DatabaseError, path: String?) -> StatusCode {
        // A shared-memory file that cannot grow is a full disk too, though SQLite calls it an input/output error.
        if error.extendedResultCode == .SQLITE_IOERR_SHMSIZE { return .storeFull }
        switch error.resultCode {
        case .SQLITE_FULL: return .storeFull
        case .SQLITE_BUSY, .SQLITE_LOCKED: return .storeLocked
        case .SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_IOERR: return .storeDamaged
        case .SQLITE_READONLY, .SQLITE_CANTOPEN: return writability(of: path)
        case .SQLITE_PERM, .SQLITE_AUTH: return .storePermission
        default: return .internalDefect
        }
    }

    /// SQLite says only "cannot open"; the operating system knows whether the medium or the rights are to blame.
    private static func writability(of path: String?) -> StatusCode {
        guard let path else { return .storePermission }
        for place in [path, directory(of: path)] where access(place, R_OK | W_OK) != 0 {
            return system(errno, path: path).code
        }
        return .storeReadOnly
    }

    /// The fault for a failed system call.
    static func system(_ number: Int32, path: String) -> Fault {
        let code: StatusCode =
            switch number {
            case EROFS: .storeReadOnly
            case ENOSPC, EDQUOT: .storeFull
            default: .storePermission
            }
        return Fault(code, subject: path, detail: String(cString: strerror(number)).lowercased())
    }

    static func directory(of path: String) -> String {
        let parent = (path as NSString).deletingLastPathComponent
        return parent.isEmpty ? "." : parent
    }
}

/// A stored value that the product's own rules refuse: the file was changed by other hands or is damaged.
struct StoredValueError: Error {
    let column: String
}
