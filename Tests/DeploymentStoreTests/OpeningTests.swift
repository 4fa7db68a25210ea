import DeploymentModel
import Foundation
import GRDB
import ProcessTesting
import Testing

@testable import DeploymentStore

@Suite struct OpeningTests {
    private let directory: TemporaryDirectory
    private var path: String { directory.file("fleet.db") }

    init() throws { directory = try TemporaryDirectory() }

    private func mode(_ path: String) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        return (attributes[.posixPermissions] as? NSNumber)?.intValue ?? -1
    }

    private func bytes(_ path: String) throws -> Data {
        try Data(contentsOf: URL(fileURLWithPath: path))
    }

    @Test(arguments: ["000", "077", "277"]) func nobodyElseCanReadTheFilesWhateverTheMask(mask: String) async throws {
        let path = directory.file("a/b/fleet.db")
        let probe = try ProbeProcess(["hold", path, "1"], environment: ["PROBE_UMASK": mask])
        #expect(await probe.line() == "held r1")
        for suffix in ["", "-wal", "-shm", ".key"] { #expect(try mode(path + suffix) == 0o600, "\(suffix)") }
        if mask != "277" {
            #expect(try mode(directory.file("a/b")) == 0o700)
            #expect(try mode(directory.file("a")) == 0o700)
        }
    }

    @Test func rightsOfOthersAreTakenFromAnExistingDatabase() throws {
        try Store.open(path: path).close()
        chmod(path, 0o644)
        try Store.open(path: path).close()
        #expect(try mode(path) == 0o600)
    }

    @Test func whatWasKeptIsThereWhenItIsOpenedAgain() async throws {
        let first = try Store.open(path: path)
        let devices = try await first.saveDevices(adding: [.make(1)])
        try await first.seal(SecretText("123456"), as: "admin")
        _ = try await first.devices()
        try first.close()
        let isWhole = !FileManager.default.fileExists(atPath: path + "-wal")
        #expect(isWhole)
        let second = try Store.open(path: path)
        #expect(try await second.devices() == devices)
        #expect(try await second.reveal(.sealed("admin")) == SecretText("123456"))
        #expect(second.path == path)
    }

    @Test func aCommitIsOnTheMediumBeforeItIsAcknowledged() throws {
        let store = try Store.open(path: path)
        let pragmas = try store.database.writeWithoutTransaction { database in
            try ["journal_mode", "synchronous", "foreign_keys"].map {
                try String.fetchOne(database, sql: "PRAGMA \($0)")
            }
        }
        #expect(pragmas == ["wal", "2", "1"])
    }

    @Test func everyTableIsStrict() throws {
        let store = try Store.inMemory()
        let loose = try store.database.read { database in
            try String.fetchAll(
                database,
                sql: """
                    SELECT name FROM pragma_table_list WHERE type = 'table' AND strict = 0 AND schema = 'main'
                    AND name NOT LIKE 'sqlite%' AND name <> 'grdb_migrations'
                    """)
        }
        #expect(loose.isEmpty)
    }

    @Test func anOlderDatabaseIsBroughtUpToDateWithoutLoss() async throws {
        let queue = try DatabaseQueue(path: path)
        try Schema.migrator.migrate(queue, upTo: "1 device list, settings, trust, secrets")
        try await queue.write { database in
            try database.execute(
                sql: "INSERT INTO device (address, status, wasAuthenticated, note) VALUES ('10.0.0.1', 'new', 1, 'old')"
            )
        }
        try queue.close()
        let store = try Store.open(path: path)
        #expect(try await store.devices().map(\.note) == ["old"])
        #expect(try await store.runs().isEmpty)
    }

    @Test func certificatesOfPhonesThatCallAreToldApartInAnOlderDatabase() async throws {
        let queue = try DatabaseQueue(path: path)
        try Schema.migrator.migrate(queue, upTo: "7 scans that ask phones to call")
        let (web, client) = (String(repeating: "a", count: 64), String(repeating: "c", count: 64))
        try await queue.write { database in
            try database.execute(
                sql: """
                    INSERT INTO device (id, status, certificateFingerprint, wasAuthenticated, lastSeen, note)
                    VALUES (1, 'new', '\(client)', 1, 5, '');
                    INSERT INTO authority VALUES ('site', '', '', '', '', 'site', 0);
                    """)
            for (fingerprint, profile) in [(web, "site"), (client, "secure-site")] {
                try database.execute(
                    sql: """
                        INSERT INTO issuedCertificate VALUES (?, ?, 'site', '01', 'CN=x', 0, 9, 1, 0, X'00000000', ?, 1)
                        """, arguments: [fingerprint, fingerprint, profile])
            }
        }
        try queue.close()
        let store = try Store.open(path: path)
        let purposes = try await store.database.read { database in
            try Row.fetchAll(database, sql: "SELECT fingerprint, purpose FROM issuedCertificate ORDER BY profile").map {
                [$0["fingerprint"] as String, $0["purpose"] as String]
            }
        }
        #expect(purposes == [[client, "client"], [web, "server"]])
        let held = try await store.heldMaterial()
        #expect(held.map(\.kind) == [HeldMaterial.clientCertificate] && held.map(\.fingerprint) == [client])
    }

    @Test func aNewerDatabaseIsRefusedAndLeftAsItIs() async throws {
        try Store.open(path: path).close()
        let queue = try DatabaseQueue(path: path)
        try await queue.write { try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('99 from the future')") }
        try queue.close()
        let before = try bytes(path)
        #expect(await code { _ = try Store.open(path: path) } == .storeNewerVersion)
        #expect(try bytes(path) == before)
    }

    @Test func anotherProgramsDatabaseIsRefusedAndLeftAsItIs() async throws {
        let queue = try DatabaseQueue(path: path)
        try await queue.write { try $0.execute(sql: "CREATE TABLE song (title TEXT)") }
        try queue.close()
        chmod(path, 0o644)
        let before = try bytes(path)
        #expect(await code { _ = try Store.open(path: path) } == .storeDamaged)
        #expect(try bytes(path) == before)
        #expect(try mode(path) == 0o644)
    }

    @Test func aFileThatIsNoDatabaseIsRefusedAndLeftAsItIs() async throws {
        let text = Data(String(repeating: "devices: []\n", count: 500).utf8)
        try text.write(to: URL(fileURLWithPath: path))
        #expect(await code { _ = try Store.open(path: path) } == .storeDamaged)
        #expect(try bytes(path) == text)
        #expect(await code { _ = try Store.open(path: directory.path) } == .storeDamaged)
    }

    @Test func aDamagedPageIsADamagedStoreAndNoCrash() async throws {
        let store = try Store.open(path: path)
        try await store.saveDevices(adding: (1...2000).map { .make($0) })
        try store.close()
        var content = try bytes(path)
        for offset in stride(from: 4096 * 30, to: content.count - 4096, by: 4096) {
            content.replaceSubrange(offset..<offset + 200, with: Data(repeating: 0xA5, count: 200))
        }
        try content.write(to: URL(fileURLWithPath: path))
        let seen = await code { _ = try await Store.open(path: path).devices() }
        #expect(seen == .storeDamaged, "\(content.count)")
    }

    @Test func aDirectoryWithoutWritePermissionIsNamed() async throws {
        try Store.open(path: path).close()
        chmod(directory.path, 0o555)
        chmod(path, 0o444)
        defer { chmod(directory.path, 0o755) }
        let user = getuid() == 0 ? ["PROBE_USER": "65534"] : [:]
        let known = try ProbeProcess(["open", path], environment: user)
        #expect(await known.lines() == ["fault store.permission"])
        let fresh = try ProbeProcess(["open", directory.file("new.db")], environment: user)
        #expect(await fresh.lines() == ["fault store.permission"])
    }

    @Test(.enabled(if: CanMount.here)) func aReadOnlyFileSystemIsNamed() async throws {
        try Store.open(path: path).close()
        let probe = try ProbeProcess(
            ["open", path],
            shell: """
                mount --bind \(directory.path) \(directory.path) &&
                mount -o remount,bind,ro \(directory.path) && exec "$0" "$@"
                """)
        #expect(await probe.lines() == ["fault store.read-only"])
    }

    @Test(.enabled(if: CanMount.here)) func aFullDiskIsNamedAndLosesNothing() async throws {
        let probe = try ProbeProcess(
            ["fill", path], shell: "mount -t tmpfs -o size=1m none \(directory.path) && exec \"$0\" \"$@\"")
        #expect(await probe.lines() == ["fault store.full", "kept all of some true"])
    }

    @Test func aFullDatabaseIsNamedAndLosesNothing() async throws {
        let store = try Store.open(path: path, keyFile: nil, options: .init(maximumPages: 120))
        try await store.saveDevices(adding: [.make(0)])
        let many = (1...5000).map { Device.make($0, note: String(repeating: "n", count: 200)) }
        #expect(await code { try await store.saveDevices(adding: many) } == .storeFull)
        #expect(try await store.devices().map(\.id) == [DeviceID("d1")])
        try await store.saveDevices(adding: [.make(1)])
        #expect(try await store.deviceCount() == 2)
    }

    @Test func aDatabaseInWhichAnotherProcessWritesIsLocked() async throws {
        let store = try Store.open(path: path, keyFile: nil, options: .init(lockTimeout: 0.01))
        var configuration = Configuration()
        configuration.allowsUnsafeTransactions = true
        let other = try DatabaseQueue(path: path, configuration: configuration)
        try await other.writeWithoutTransaction { try $0.execute(sql: "BEGIN IMMEDIATE") }
        #expect(await code { try await store.saveDevices(adding: [.make(1)]) } == .storeLocked)
        #expect(try await store.devices().isEmpty)
        try await other.writeWithoutTransaction { try $0.execute(sql: "COMMIT") }
        try await store.saveDevices(adding: [.make(1)])
    }

    @Test func severalProcessesMakeOneNewDatabaseTogether() async throws {
        let probes = try (0..<4).map { _ in try ProbeProcess(["open", path]) }
        for probe in probes { #expect(await probe.lines() == ["open"]) }
    }
}

/// Whether this process may mount file systems (root, and no container that forbids it).
enum CanMount {
    static let here: Bool = {
        let said = try? Tool.runAndWait(["unshare", "-m", "sh", "-c", "mount -t tmpfs none /mnt"])
        return said?.status == 0
    }()
}
