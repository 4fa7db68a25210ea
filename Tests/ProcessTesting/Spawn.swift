import Foundation

/// `posix_spawn` with everything that ``ChildProcess`` promises.
enum Spawn {
    static func start(
        _ arguments: [String], directory: String?, environment: [String: String], streams: ChildProcess.Streams
    ) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        for (number, descriptor) in [streams.input, streams.output, streams.errors].enumerated() {
            if let descriptor {
                posix_spawn_file_actions_adddup2(&actions, descriptor, Int32(number))
            } else {
                posix_spawn_file_actions_addopen(&actions, Int32(number), "/dev/null", O_RDWR, 0)
            }
        }
        if let directory { try GNU.changeDirectory(&actions, directory) }
        try GNU.closeFrom(&actions, 3)
        setFresh(&attributes)
        return try spawn(arguments, environment, &actions, &attributes)
    }

    /// No signal blocked, none ignored, a process group of its own.
    private static func setFresh(_ attributes: inout posix_spawnattr_t) {
        var none = sigset_t()
        var all = sigset_t()
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setpgroup(&attributes, 0)
        // POSIX_SPAWN_SETPGROUP, _SETSIGDEF and _SETSIGMASK of spawn.h.
        posix_spawnattr_setflags(&attributes, 0x02 | 0x04 | 0x08)
    }

    private static func spawn(
        _ arguments: [String], _ environment: [String: String], _ actions: inout posix_spawn_file_actions_t,
        _ attributes: inout posix_spawnattr_t
    ) throws -> pid_t {
        let words = arguments.map { strdup($0) } + [nil]
        let variables = environment.map { strdup("\($0)=\($1)") } + [nil]
        defer { for text in words + variables { free(text) } }
        var identifier: pid_t = 0
        let program = arguments.first ?? ""
        let code = posix_spawnp(&identifier, program, &actions, &attributes, words, variables)
        guard code == 0 else {
            throw ChildProcess.DidNotStart(program: program, reason: String(cString: strerror(code)))
        }
        return identifier
    }
}

/// Two calls of the GNU C library that its headers show to GNU programs only.
private enum GNU {
    private typealias Actions = UnsafeMutablePointer<posix_spawn_file_actions_t>

    static func closeFrom(_ actions: inout posix_spawn_file_actions_t, _ first: Int32) throws {
        typealias Call = @convention(c) (Actions, Int32) -> Int32
        _ = unsafeBitCast(try address("posix_spawn_file_actions_addclosefrom_np"), to: Call.self)(&actions, first)
    }

    static func changeDirectory(_ actions: inout posix_spawn_file_actions_t, _ path: String) throws {
        typealias Call = @convention(c) (Actions, UnsafePointer<CChar>) -> Int32
        _ = unsafeBitCast(try address("posix_spawn_file_actions_addchdir_np"), to: Call.self)(&actions, path)
    }

    private static func address(_ name: String) throws -> UnsafeMutableRawPointer {
        guard let address = dlsym(nil, name) else {
            throw ChildProcess.DidNotStart(program: name, reason: "the C library has no such function")
        }
        return address
    }
}
