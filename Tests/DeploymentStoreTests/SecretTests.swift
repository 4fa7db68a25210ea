import DeploymentModel
import Foundation
import GRDB
import Testing

@testable import DeploymentStore

@Suite struct SecretTests {
    let device = DeviceID("d1")
    let password = ItemKey("admin-pwd")

    @Test func aSealedSecretComesBackAndIsListedByNameOnly() async throws {
        let store = try Store.inMemory()
        try await store.seal(SecretText("first"), as: "admin")
        try await store.seal(SecretText("gr\u{fc}n"), as: "admin")
        try await store.seal(SecretText(""), as: "empty")
        #expect(try await store.reveal(.sealed("admin")) == SecretText("gr\u{fc}n"))
        #expect(try await store.reveal(.sealed("empty")).isEmpty)
        #expect(try await store.secretNames() == ["admin", "empty"])
        try await store.removeSecret("admin")
        #expect(await code { _ = try await store.reveal(.sealed("admin")) } == .inputSecret)
        #expect(await code { try await store.removeSecret("admin") } == .inputNotFound)
    }

    @Test func referencesThatAreNotTheStoresAreRefused() async throws {
        let store = try Store.inMemory()
        #expect(await code { _ = try await store.reveal(.environment("HOME")) } == .inputSecret)
        #expect(await code { _ = try await store.reveal(.file("/etc/passwd")) } == .inputSecret)
        #expect(await code { try await store.seal(SecretText("x"), as: "run/r1/x") } == .inputSecret)
        #expect(await code { try await store.seal(SecretText("x"), as: "") } == .inputSecret)
    }

    @Test func exchangedEntriesAreDetected() async throws {
        let store = try Store.inMemory()
        try await store.seal(SecretText("of the gatekeeper"), as: "a")
        try await store.seal(SecretText("of the phones"), as: "b")
        try await store.database.write { database in
            try database.execute(
                sql: """
                    UPDATE sealedSecret SET sealed = (SELECT sealed FROM sealedSecret WHERE name = 'b') WHERE name = 'a'
                    """)
        }
        #expect(await code { _ = try await store.reveal(.sealed("a")) } == .inputSecret)
        #expect(try await store.reveal(.sealed("b")) == SecretText("of the phones"))
    }

    @Test func noSecretStandsInTheFilesOfTheDatabase() async throws {
        let directory = try TemporaryDirectory()
        let store = try Store.open(path: directory.file("fleet.db"))
        let secret = "correct-horse-battery"
        try await store.seal(SecretText(secret), as: "admin")
        let plan = TransferPlan.make(
            devices: [device],
            wanted: [WantedItem(key: password, value: .secret(.sealed("run/new")))])
        let run = try await store.createRun(plan: plan, secrets: ["new": SecretText(secret)])
        try await store.begin(device, in: run.id)
        try await store.finish(.make(device), acceptedSecrets: [password: .sealed("run/r1/new")], in: run.id)
        for name in try FileManager.default.contentsOfDirectory(atPath: directory.path) {
            let data = try Data(contentsOf: URL(fileURLWithPath: directory.file(name)))
            #expect(data.range(of: Data(secret.utf8)) == nil, "\(name)")
        }
    }

    @Test(arguments: [0o640, 0o604, 0o660]) func aKeyFileThatOthersMayUseIsRefused(mode: Int) async throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("fleet.db")
        try Store.open(path: path).close()
        chmod(path + ".key", mode_t(mode))
        #expect(await code { _ = try Store.open(path: path) } == .storeKeyFile)
    }

    @Test func aLostKeyFileIsNamedAndNotMadeAgain() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("fleet.db")
        try Store.open(path: path).close()
        unlink(path + ".key")
        #expect(throws: Fault(.storeKeyFile, subject: path + ".key", detail: "the file is missing")) {
            _ = try Store.open(path: path)
        }
        #expect(!FileManager.default.fileExists(atPath: path + ".key"))
    }

    @Test func theKeyOfAnotherDatabaseIsRefused() async throws {
        let directory = try TemporaryDirectory()
        let (one, two) = (directory.file("one.db"), directory.file("two.db"))
        try Store.open(path: one).close()
        try Store.open(path: two).close()
        #expect(await code { _ = try Store.open(path: one, keyFile: two + ".key") } == .storeKeyFile)
        #expect(await code { _ = try Store.open(path: one, keyFile: directory.path) } == .storeKeyFile)
        try Data("no key\n".utf8).write(to: URL(fileURLWithPath: one + ".key"))
        chmod(one + ".key", 0o600)
        #expect(await code { _ = try Store.open(path: one) } == .storeKeyFile)
    }

    @Test func twoDatabasesMayShareOneKeyFile() async throws {
        let directory = try TemporaryDirectory()
        let key = directory.file("key")
        let first = try Store.open(path: directory.file("one.db"), keyFile: key)
        let second = try Store.open(path: directory.file("two.db"), keyFile: key)
        try await first.seal(SecretText("a"), as: "x")
        #expect(await code { _ = try await second.reveal(.sealed("x")) } == .inputSecret)
    }

    @Test func theSecretsOfARunLiveUntilEveryPhoneIsProven() async throws {
        let store = try Store.inMemory()
        let plan = TransferPlan.make(
            devices: [device], password: .sealed("run/old"),
            wanted: [
                WantedItem(key: password, value: .secret(.sealed("run/new"))),
                WantedItem(key: ItemKey("user-pwd"), value: .secret(.sealed("shared"))),
            ])
        let secrets = ["old": SecretText("123456"), "new": SecretText("654321")]
        let run = try await store.createRun(plan: plan, secrets: secrets)
        #expect(run.plan.devices[0].password == .sealed("run/r1/old"))
        #expect(run.plan.devices[0].wanted[0].value == .secret(.sealed("run/r1/new")))
        #expect(run.plan.devices[0].wanted[1].value == .secret(.sealed("shared")))
        #expect(try await store.plan(of: run.id) == run.plan)
        #expect(try await store.reveal(.sealed("run/r1/new")) == SecretText("654321"))
        #expect(try await store.secretNames().isEmpty)

        try await store.begin(device, in: run.id)
        try await store.finish(.make(device, .failed, fault: Fault(.netSilent)), acceptedSecrets: [:], in: run.id)
        try await store.finishRun(run.id, .finished)
        #expect(try await store.reveal(.sealed("run/r1/old")) == SecretText("123456"))

        let again = try await store.createRun(plan: run.plan)
        let kept = try #require(again.plan.devices[0].password)
        #expect(try await store.reveal(kept) == SecretText("123456"))
        try await store.removeRun(run.id)
        #expect(await code { _ = try await store.reveal(.sealed("run/r1/old")) } == .inputSecret)
        try await store.begin(device, in: again.id)
        try await store.finish(.make(device), acceptedSecrets: [:], in: again.id)
        try await store.finishRun(again.id, .finished)
        #expect(await code { _ = try await store.reveal(kept) } == .inputSecret)
    }

    @Test func aPlanThatNamesAMissingSecretMakesNoRun() async throws {
        let store = try Store.inMemory()
        let plan = TransferPlan.make(devices: [device], password: .sealed("run/lost"))
        #expect(await code { _ = try await store.createRun(plan: plan) } == .inputSecret)
        #expect(try await store.runs().isEmpty)
    }

    @Test func anAcceptedSecretIsKnownAgainForItsPhoneAndItemOnly() async throws {
        let store = try Store.inMemory()
        try await store.saveDevices(adding: [.make(1), .make(2)])
        try await store.seal(SecretText("123456"), as: "admin")
        let run = try await store.createRun(plan: .make(devices: [device])).id
        try await store.begin(device, in: run)
        try await store.finish(.make(device), acceptedSecrets: [password: .sealed("admin")], in: run)
        #expect(try await store.isAccepted(device, password, SecretText("123456")))
        let accepted = try await store.acceptedSecrets()
        #expect(accepted.contains(SecretText("123456"), for: password, on: device))
        #expect(!accepted.contains(SecretText("1234567"), for: password, on: device))
        #expect(!accepted.contains(SecretText("123456"), for: ItemKey("user-pwd"), on: device))
        #expect(!accepted.contains(SecretText("123456"), for: password, on: DeviceID("d2")))

        var other = try await store.device(device)
        other.mac = MACAddress(value: 42)
        let replaced = [other]
        try await store.saveDevices(updating: replaced)
        #expect(try await !store.isAccepted(device, password, SecretText("123456")))
    }

    @Test func theStoredPasswordOfADeviceGoesWithIt() async throws {
        let store = try Store.inMemory()
        try await store.saveDevices(adding: [.make(1), .make(2)])
        let names = ["d1", "d2"].map { StoredPassword.name(for: .device(DeviceID($0))) }
        for name in names { try await store.seal(SecretText("123456"), as: name) }
        try await store.removeDevices([device])
        #expect(try await store.secretNames() == [names[1]])
        var other = try await store.device(DeviceID("d2"))
        other.mac = MACAddress(value: 42)
        let replaced = [other]
        try await store.saveDevices(updating: replaced)
        #expect(try await store.secretNames().isEmpty)
    }

    @Test func acceptedSecretsAreForgottenOnRequest() async throws {
        let store = try Store.inMemory()
        try await store.seal(SecretText("123456"), as: "admin")
        let run = try await store.createRun(plan: .make(devices: [device])).id
        try await store.finish(.make(device), acceptedSecrets: [password: .sealed("admin")], in: run)
        try await store.forgetAcceptedSecrets(of: [device])
        #expect(try await !store.isAccepted(device, password, SecretText("123456")))
    }
}
