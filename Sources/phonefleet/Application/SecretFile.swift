import DeploymentModel
import Foundation

/// Writes files that hold private keys.
enum SecretFile {
    /// Makes a new file that only its owner can read; one that is there is never written over.
    ///
    /// Whoever has opened an old file of the name could read on, and its mode may be anything.
    static func write(_ bytes: [UInt8], to path: String) throws(Fault) {
        let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard file >= 0 else {
            let reason = errno == EEXIST ? "there is a file already" : String(cString: strerror(errno)).lowercased()
            throw Fault(.inputFile, subject: path, detail: reason)
        }
        defer { close(file) }
        fchmod(file, 0o600)
        var rest = bytes[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { Foundation.write(file, $0.baseAddress, $0.count) }
            guard written > 0 || errno == EINTR else { throw failure(path) }
            rest = rest.dropFirst(max(0, written))
        }
        guard fsync(file) == 0 else { throw failure(path) }
    }

    private static func failure(_ path: String) -> Fault {
        let reason = String(cString: strerror(errno)).lowercased()
        unlink(path)
        return Fault(.inputFile, subject: path, detail: reason)
    }

    /// Makes a folder that only its owner can enter; one that is there stays as it is.
    static func makeFolder(_ path: String) throws(Fault) {
        guard mkdir(path, 0o700) != 0, errno != EEXIST else { return }
        throw Fault(.inputFile, subject: path, detail: String(cString: strerror(errno)).lowercased())
    }

    /// The name of a phone's file: its MAC address with hyphens, or its place in the list where that is not known.
    static func name(of device: Device, _ ending: String) -> String {
        (device.mac?.description.replacing(":", with: "-") ?? device.id.rawValue) + "." + ending
    }
}
