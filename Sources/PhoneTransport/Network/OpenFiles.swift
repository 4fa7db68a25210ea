import Foundation

/// The number of files that the process may have open at one time.
public enum OpenFiles {
    /// Raises the soft limit to the hard one: every phone and every connection takes a file, and shells allow 1024.
    public static func raiseLimit() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}
