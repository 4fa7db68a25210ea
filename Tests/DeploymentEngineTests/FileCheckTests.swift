import DeploymentEngine
import DeploymentModel
import DeploymentTesting
import ManagementXML
import PhoneTransport
import Synchronization
import TLSMaterial
import Testing

@Suite struct FileCheckTests {
    private let content = SecretText(fileContent: Material.content(Material.shared.new))

    private func plan(
        _ trust: [String], facts: FileFacts = Material.facts(Material.shared.new), phones: Int = 3
    ) -> TransferPlan {
        let file = WantedFile(
            kind: .serverKeyMaterial, change: .transfer(.sealed("run/m"), facts), newTrust: trust)
        return FileBench(phones, files: { _ in [file] }, secrets: [:]).plan
    }

    private func faults(_ plan: TransferPlan, _ secrets: [String: SecretText]) async throws -> [Fault] {
        try await FileCheck.faults(of: plan, secrets: secrets, at: Material.shared.now)
    }

    @Test func aChainThatIsGoodUnderTheComingProfilesMayBeSent() async throws {
        #expect(try await faults(plan(["new"]), ["m": content]) == [])
        #expect(try await faults(plan(["old", "new"]), ["m": content]) == [])
    }

    @Test func oneReasonOfManyPhonesIsNamedOnce() async throws {
        for trust in [["old"], []] {
            let found = try await faults(plan(trust), ["m": content])
            #expect(found.map(\.code) == [.materialNotTrusted])
            #expect(found[0].detail?.hasSuffix("3 phones, the first is 10.0.0.1") == true)
        }
    }

    @Test func aContentThatIsNotThePlannedOneIsRefused() async throws {
        #expect(
            try await faults(plan(["new"], facts: FileFacts(fingerprint: "00")), ["m": content]).map(\.code) == [
                .inputSecret
            ])
        #expect(try await faults(plan(["new"]), [:]).map(\.code) == [.inputSecret])
        #expect(try await faults(plan(["new"]), ["m": SecretText("?")]).map(\.code) == [.inputSecret])
        let garbage = SecretText(fileContent: [0x30, 0x03, 1, 2, 3])
        #expect(try await faults(plan(["new"]), ["m": garbage]).map(\.code) == [StatusCode("material.damaged")])
    }

    /// Whoever gave such an order, by a plan that was tampered with or a driver that was called by mistake.
    @Test func noPrivateKeyGoesOverASessionThatIsNotAuthenticated() async throws {
        let session = Deaf()
        let call = PhoneCall(session: session, password: nil, itemLimit: 1)
        await #expect(throws: Fault(.materialPlainRefused)) {
            try await ItemDriver().transfer([1], as: .serverKeyMaterial, over: call)
        }
        await #expect(throws: Fault(.materialPlainRefused)) {
            _ = try await ItemDriver().readFile(.serverKeyMaterial, over: call)
        }
        #expect(session.asked.withLock { $0 } == 0)
    }

    /// A peer that was not authenticated, and counts what it is asked.
    private final class Deaf: PhoneSession {
        let evidence = PeerEvidence(certificateFingerprint: "aa", tlsVersion: "1.3")
        let asked = Mutex(0)

        func perform(_ action: ManagementAction, password: SecretText?) async throws -> ManagementReply {
            asked.withLock { $0 += 1 }
            return ManagementReply(action: action.name, status: .accepted)
        }

        func close() async {}
    }
}
