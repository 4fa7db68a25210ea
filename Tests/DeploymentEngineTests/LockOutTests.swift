import DeploymentEngine
import DeploymentModel
import DeploymentTesting
import PhoneTransport
import Synchronization
import TLSMaterial
import Testing

/// Every state of a phone, every trouble that it can have, and the end of the tool's process at every call of its
/// journal: at no moment is a phone locked out.
@Suite struct LockOutTests {
    /// What the phone has and what the tool trusts when the run begins.
    enum Start: String, Sendable, CaseIterable { case builtIn, own, already, halfWay }
    enum Change: String, Sendable, CaseIterable { case rotate, delete }

    struct Case: Sendable, CustomTestStringConvertible {
        var start: Start
        var change: Change
        var trouble: FilePhone.Trouble
        var testDescription: String { "\(change) \(start) \(trouble)" }

        static let all: [Case] = Change.allCases.flatMap { change in
            Start.allCases.flatMap { start in
                FilePhone.Trouble.allCases.map { Case(start: start, change: change, trouble: $0) }
            }
        }
    }

    /// Collects the moments at which a phone could not be reached by what the tool durably trusts.
    private final class Moments: Sendable {
        private let state = Mutex<(bench: FileBench?, list: [String])>((nil, []))

        var list: [String] { state.withLock { $0.list } }
        func follow(_ bench: FileBench) { state.withLock { $0.bench = bench } }

        func check(_ phone: FilePhone, _ moment: String) {
            guard let bench = state.withLock({ $0.bench }), phone.chain != nil, !bench.isReachable() else { return }
            state.withLock { $0.list.append("\(moment) \(bench.trust())") }
        }
    }

    private static let secrets: [SecretReference: SecretText] = [
        .sealed("new"): SecretText(fileContent: Material.content(Material.shared.new))
    ]

    private func bench(_ the: Case, _ moments: Moments) -> FileBench {
        let file =
            the.change == .rotate
            ? KeyMaterialTests.rotation : WantedFile(kind: .serverKeyMaterial, change: .delete, newTrust: ["old"])
        // Whoever deletes has material of the new CA, or of the old one, and returns to what is under the old one.
        let own = the.change == .rotate ? Material.shared.old : Material.shared.new
        let target = the.change == .rotate ? Material.shared.new : nil
        let bench = FileBench(
            files: { _ in [file] }, secrets: Self.secrets,
            trust: { _ in
                switch (the.start, the.change) {
                case (.builtIn, _), (.own, .rotate): ["old"]
                case (.own, .delete): ["new"]
                case (.already, .rotate): ["new"]
                case (.already, .delete): ["old"]
                case (.halfWay, _): ["old", "new"]
                }
            }, options: TransferOptions(waitForAbsent: 100), watch: { moments.check($0, $1) }
        ) { _, phone in
            let held: KeyMaterial? =
                switch the.start {
                case .builtIn: nil
                case .own: own
                case .already, .halfWay: target
                }
            phone.trouble = the.trouble
            phone.files[.serverKeyMaterial] = held.map(Material.content)
            phone.served = held
        }
        moments.follow(bench)
        return bench
    }

    /// Whether nothing that goes wrong keeps the phone from getting there.
    private func arrives(_ the: Case) -> Bool {
        switch the.trouble {
        case .none, .dropsAnswer, .dropsRequest, .losesPowerKeepsOld, .losesPowerKeepsNew, .busy, .withholds: true
        case .keepsNothing, .keepsOldChain, .refuses, .breaksTLS, .diesForGood: false
        case .needsRestart: the.change == .delete
        }
    }

    private func expectSettled(_ bench: FileBench, _ the: Case, _ result: DeviceResult, _ moment: String) {
        let comment = Comment(rawValue: "\(the.testDescription), \(moment)")
        let phone = bench[1]
        #expect(phone.look(\.openSessions) == 0, comment)
        #expect(bench.journal.held.isEmpty, comment)
        let wanted = the.change == .rotate ? Material.content(Material.shared.new) : nil
        if result.outcome.isProven {
            #expect(phone.look { $0.files[.serverKeyMaterial] } == wanted, comment)
            #expect(bench.trust() == [the.change == .rotate ? "new" : "old"], comment)
            #expect(bench.isReachable(), comment)
        } else if phone.chain != nil {
            #expect(bench.isReachable(), comment)
            #expect(result.fault != nil, comment)
        } else {
            // The phone itself is broken: the result says so, and both profiles stay.
            #expect(result.fault?.code == .materialUncertain, comment)
            #expect(Set(bench.trust()) == ["old", "new"], comment)
        }
        if arrives(the) { #expect(result.outcome.isProven, comment) }
    }

    @Test(arguments: Case.all)
    func atNoMomentIsAPhoneLockedOutWhereverTheToolDies(the: Case) async throws {
        let moments = Moments()
        let whole = bench(the, moments)
        let undisturbed = try await whole.run().devices[0]
        expectSettled(whole, the, undisturbed, "undisturbed")
        for call in 1...whole.journal.calls {
            for death in MemoryJournal.Death.allCases {
                let bench = bench(the, moments)
                bench.journal.dies(at: call, death)
                do {
                    _ = try await bench.run()
                } catch {
                    #expect(error as? Fault == MemoryJournal.died)
                }
                moments.check(bench[1], "dead after call \(call)")
                let result = try await bench.resume().devices[0]
                expectSettled(bench, the, result, "died at call \(call), \(death)")
            }
        }
        #expect(moments.list == [])
    }

    @Test(arguments: Change.allCases)
    func aRunThatDiesAtEveryCallInTurnStillGetsThere(change: Change) async throws {
        for trouble in FilePhone.Trouble.allCases {
            let the = Case(start: .own, change: change, trouble: trouble)
            guard arrives(the) else { continue }
            let moments = Moments()
            let bench = bench(the, moments)
            var result: TransferResult?
            var lives = 0
            while result == nil, lives < 100 {
                lives += 1
                bench.journal.revive()
                bench.journal.dies(
                    at: bench.journal.calls + 3, lives.isMultiple(of: 2) ? .afterKeeping : .beforeKeeping)
                result = try? await bench.run(resuming: try await bench.journal.progress(of: Bench.run))
                moments.check(bench[1], "life \(lives)")
            }
            expectSettled(bench, the, try #require(result).devices[0], "after \(lives) lives")
            #expect(moments.list == [])
        }
    }

    @Test func stoppedOrCancelledAtAnyEventTheRunIsFinishedByTheNext() async throws {
        let the = Case(start: .own, change: .rotate, trouble: .none)
        let moments = Moments()
        let whole = bench(the, moments)
        _ = try await whole.run()
        for number in 1...whole.watcher.events.count {
            let bench = bench(the, moments)
            let stop = StopSignal()
            bench.watcher.at(number) { stop.request() }
            let first = try await bench.run(stop: stop).devices[0]
            #expect(first.outcome == .stopped || first.outcome == .verified, "event \(number)")
            expectSettled(bench, the, try await bench.resume().devices[0], "stopped at event \(number)")
        }
        for number in 1...whole.watcher.events.count {
            let bench = bench(the, moments)
            let task = Mutex<Task<TransferResult, any Error>?>(nil)
            bench.watcher.at(number) { task.withLock { $0?.cancel() } }
            let (gate, open) = AsyncStream.makeStream(of: Void.self)
            let run = Task {
                for await _ in gate {}
                return try await bench.run()
            }
            task.withLock { $0 = run }
            open.finish()
            _ = try await run.value
            #expect(bench.journal.held.isEmpty, "event \(number)")
            expectSettled(bench, the, try await bench.resume().devices[0], "cancelled at event \(number)")
        }
        #expect(moments.list == [])
    }
}
