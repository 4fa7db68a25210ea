import DeploymentModel
import Foundation
import Synchronization

/// Keeps the state of virtual phones on disk: one small file a phone, named by its MAC address.
///
/// A file is written beside the old one, flushed and put in its place, so that a power cut leaves the old or the new
/// state, never a mixture. The files hold what the phones hold, passwords included: they are readable by the owner only.
final class StateDirectory: Sendable {
    private let path: String
    /// The newest state that was written for each phone; an older one that comes late is dropped.
    private let written = Mutex<[MACAddress: Int]>([:])
    private static let sizeLimit = 8 << 20
    private static let unfinished = ".new"

    /// Makes the directory when there is none, and clears away what a loss of power left of an unfinished write.
    init(path: String) throws(Fault) {
        self.path = path
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw Self.fault(path) }
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        for name in names where name.hasSuffix(Self.unfinished) { unlink("\(path)/\(name)") }
    }

    /// Returns when the state would survive a loss of power.
    func write(_ state: SavedPhone, type: PhoneTypeID, generation: Int) throws {
        let bytes = try JSONEncoder().encode(SavedFile(version: 1, type: type.rawValue, phone: state))
        let isNewest = written.withLock { written in
            guard written[state.mac, default: 0] < generation else { return false }
            written[state.mac] = generation
            return true
        }
        guard isNewest else { return }
        let target = file(of: state.mac)
        let temporary = "\(target).\(generation)\(Self.unfinished)"
        try Self.write(bytes, to: temporary)
        guard rename(temporary, target) == 0 else { throw Self.fault(target) }
        try Self.flush(directory: path)
    }

    /// The state of a phone; nil when there is none yet.
    ///
    /// - Throws: ``Fault`` with `input.file` for a damaged file or one of another phone.
    private func read(_ mac: MACAddress, type: PhoneTypeID) throws(Fault) -> SavedPhone? {
        let name = file(of: mac)
        guard FileManager.default.fileExists(atPath: name) else { return nil }
        guard let bytes = FileManager.default.contents(atPath: name), bytes.count <= Self.sizeLimit,
            let saved = try? JSONDecoder().decode(SavedFile.self, from: bytes), saved.version == 1,
            saved.phone.mac == mac
        else { throw Fault(.inputFile, subject: name, detail: "not the state of a virtual phone") }
        guard saved.type == type.rawValue else {
            throw Fault(.inputFile, subject: name, detail: "state of type \(saved.type), expected \(type)")
        }
        return saved.phone
    }

    /// Takes what is on disk for a phone over.
    ///
    /// - Throws: as ``read(_:type:)``.
    func restore(_ phone: inout PhoneBehaviour) throws(Fault) {
        guard let saved = try read(phone.state.mac, type: phone.model.type.id) else { return }
        do throws(FileCheck.Refusal) { try phone.restore(saved) } catch {
            throw Fault(
                .inputFile, subject: file(of: phone.state.mac), detail: "holds an unusable file: \(error.reason)")
        }
    }

    private func file(of mac: MACAddress) -> String {
        "\(path)/\(mac.description.replacing(":", with: "-")).json"
    }

    private static func write(_ bytes: Data, to path: String) throws(Fault) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw fault(path) }
        defer { close(descriptor) }
        let isWhole = bytes.withUnsafeBytes { buffer in
            var done = 0
            while done < buffer.count {
                guard let base = buffer.baseAddress else { return false }
                let count = Foundation.write(descriptor, base + done, buffer.count - done)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return false }
                done += count
            }
            return true
        }
        guard isWhole, fsync(descriptor) == 0 else {
            let fault = fault(path)
            unlink(path)
            throw fault
        }
    }

    private static func flush(directory: String) throws(Fault) {
        let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw fault(directory) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw fault(directory) }
    }

    private static func fault(_ path: String) -> Fault {
        Fault(.inputFile, subject: path, detail: String(cString: strerror(errno)))
    }
}

/// The state of a phone as its file holds it.
struct SavedPhone: Codable, Sendable {
    var mac: MACAddress
    var bootCount: Int
    /// By `name` or `name[index]`.
    var items: [String: String]
    var files: [SavedContent]
    var lastFileResult: String?
    var wpi: WPIState?
}

struct SavedContent: Codable, Sendable {
    var kind: String
    var content: Data
}

private struct SavedFile: Codable {
    var version: Int
    var type: String
    var phone: SavedPhone
}

extension PhoneBehaviour {
    var saved: SavedPhone {
        SavedPhone(
            mac: state.mac, bootCount: state.bootCount,
            items: Dictionary(
                changedItems.map { ($0.key.description, $0.value ?? "") }, uniquingKeysWith: { _, last in last }),
            files: state.files.map { SavedContent(kind: $0.kind.rawValue, content: Data($0.content)) },
            lastFileResult: state.lastFileResult, wpi: state.wpi)
    }

    /// Takes a saved state over; items that the model no longer has are dropped.
    ///
    /// Starting again counts as a start. Throws for a file that a phone of today would not have taken.
    mutating func restore(_ saved: SavedPhone) throws(FileCheck.Refusal) {
        var files: [StoredFile] = []
        for file in saved.files {
            files.append(try StoredFile(kind: FileKind(file.kind), content: Array(file.content)))
        }
        state.files = files
        state.bootCount = saved.bootCount
        state.lastFileResult = saved.lastFileResult
        state.wpi = saved.wpi
        for (name, value) in saved.items {
            guard let key = ItemKey(parsing: name), case .success(let slot) = model.slot(of: key) else { continue }
            state.changed[slot] = value
        }
        startAnew()
    }
}
