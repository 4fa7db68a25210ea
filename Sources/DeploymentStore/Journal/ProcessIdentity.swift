import Foundation
import Synchronization

/// Who owns a run: a process of this machine, named so that it cannot be mistaken for a later one with the same number.
struct ProcessIdentity: Hashable, Sendable {
    /// Changes with every start of the machine.
    let boot: String
    /// Containers have process numbers of their own.
    let namespace: String
    let process: Int32
    /// Clock ticks from the start of the machine to the start of the process.
    let start: String
    /// Tells the stores of one process apart.
    let instance: String

    /// What can be said of an owner from here.
    enum Life { case alive, dead, unknown }

    var text: String { [boot, namespace, String(process), start, instance].joined(separator: " ") }

    init?(_ text: String) {
        let parts = text.split(separator: " ").map(String.init)
        guard parts.count == 5, let process = Int32(parts[2]) else { return nil }
        (boot, namespace, self.process, start, instance) = (parts[0], parts[1], process, parts[3], parts[4])
    }

    private init(process: Int32) {
        boot = Self.firstLine("/proc/sys/kernel/random/boot_id") ?? "-"
        namespace = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/ns/pid")) ?? "-"
        self.process = process
        start = Self.startTime(of: process) ?? "-"
        instance = String(UInt64.random(in: 0 ... .max), radix: 16)
    }

    /// Whether the owner still works.
    ///
    /// Dead for certain after a restart of the machine; unknown in another container.
    var life: Life {
        guard boot == Self.firstLine("/proc/sys/kernel/random/boot_id") else { return .dead }
        guard namespace == (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/ns/pid")) else {
            return .unknown
        }
        if process == getpid() { return Self.open.withLock { $0.contains(instance) } ? .alive : .dead }
        return Self.startTime(of: process) == start ? .alive : .dead
    }

    /// Instances of this process whose store is open.
    private static let open = Mutex<Set<String>>([])

    /// Makes the identity of a store that is being opened; ends with ``retire()``.
    static func enlist() -> ProcessIdentity {
        let identity = ProcessIdentity(process: getpid())
        open.withLock { _ = $0.insert(identity.instance) }
        return identity
    }

    func retire() {
        Self.open.withLock { _ = $0.remove(instance) }
    }

    /// Field 22 of `/proc/PID/stat` (proc(5)); the command in field 2 may hold blanks and brackets.
    ///
    /// nil for the dead, also for those whose parent has not noticed yet (zombies).
    private static func startTime(of process: Int32) -> String? {
        guard let text = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8),
            let bracket = text.lastIndex(of: ")")
        else { return nil }
        let fields = text[bracket...].split(separator: " ")
        guard fields.count > 20, fields[1] != "Z", fields[1] != "X" else { return nil }
        return String(fields[20])
    }

    private static func firstLine(_ path: String) -> String? {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return nil }
        return text.split(separator: "\n", maxSplits: 1).first.map(String.init)
    }
}
