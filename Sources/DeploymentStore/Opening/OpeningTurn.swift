import Foundation

/// Lets one process at a time open databases of a directory.
///
/// The lock is on the directory itself, so that no file is left behind, and the system takes it back from a process that dies.
/// It is a courtesy and no guard: who does not get it in time goes on without it.
struct OpeningTurn {
    private let directory: Int32

    /// Waits for the turn, at most so many seconds.
    init(directory path: String, patience: Double) {
        directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { return }
        let clock = ContinuousClock()
        let end = clock.now + .seconds(patience)
        while flock(directory, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK || errno == EINTR, clock.now < end {
            usleep(2000)
        }
    }

    func end() {
        if directory >= 0 { close(directory) }
    }
}
