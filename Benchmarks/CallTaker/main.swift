// Sessions of phones that call with nothing around them: no device list, no journal, no run. Each phone that calls is
// written the items, read back, compared and let go.
//
// usage: CallTaker PORT COUNT ITEM=VALUE ...
// prints "ready", and after COUNT whole sessions: sessions, seconds from the first call to the last, sessions per second,
// failures; tab-separated

import DeploymentModel
import Foundation
import ManagementXML
import PhoneTransport
import Synchronization
import TLSMaterial

/// Serves every call to its end, and counts.
private final class Taker: CallReceiver {
    private struct State {
        var first: ContinuousClock.Instant?
        var whole = 0
        var failed = 0
    }

    let ended: AsyncStream<Void>
    private let end: AsyncStream<Void>.Continuation
    private let items: [Item]
    private let values: [ItemKey: String]
    private let state = Mutex(State())

    init(_ items: [Item]) {
        self.items = items
        values = Dictionary(uniqueKeysWithValues: items.map { ($0.key, $0.value ?? "") })
        (ended, end) = AsyncStream.makeStream(of: Void.self)
    }

    var report: (seconds: Double, failed: Int) {
        state.withLock { state in
            (state.first.map { (ContinuousClock.now - $0) / .seconds(1) } ?? 0, state.failed)
        }
    }

    func note(_ call: IncomingCall) async throws -> CallNote {
        state.withLock { $0.first = $0.first ?? .now }
        return CallNote(startUps: 1)
    }

    func receive(_ call: IncomingCall, _ note: CallNote) async {
        let isWhole = (try? await serve(call.session)) ?? false
        await call.session.close()
        state.withLock { state in
            if isWhole { state.whole += 1 } else { state.failed += 1 }
        }
        end.yield()
    }

    private func serve(_ session: any PhoneSession) async throws -> Bool {
        let written = try await session.perform(.writeItems(items), password: nil)
        guard written.status == .accepted, written.items.allSatisfy({ $0.status == nil }) else { return false }
        let read = try await session.perform(.readItems(items.map(\.key)), password: nil)
        let kept = Dictionary(read.items.map { ($0.key, $0.value ?? "") }, uniquingKeysWith: { first, _ in first })
        return values.allSatisfy { kept[$0.key] == $0.value }
    }
}

private func material() throws -> KeyMaterial {
    let subject = try DistinguishedName(rfc4514: "CN=bench")
    let authority = try CertificateAuthority.make(
        subject: subject, keyType: .p256, days: 30,
        policy: AuthorityPolicy(subject: SubjectPattern(subject), keyType: .p256), at: Date())
    return try authority.issue(subject: subject, at: Date())
}

private let arguments = CommandLine.arguments
guard arguments.count > 3, let port = Int(arguments[1]), let count = Int(arguments[2]) else {
    print("usage: CallTaker PORT COUNT ITEM=VALUE ...")
    exit(2)
}
private let taker = Taker(
    arguments.dropFirst(3).compactMap { argument in
        let parts = argument.split(separator: "=", maxSplits: 1)
        guard parts.count == 2, let key = ItemKey(parsing: parts[0]) else { return nil }
        return Item(key, value: String(parts[1]))
    })
private let loops = EventLoops()
private let server = try await WPIServer.start(
    WPIServerConfiguration(address: "127.0.0.1", port: port, material: try material()), receiver: taker, loops: loops)
print("ready")
fflush(nil)
private var left = count
for await _ in taker.ended {
    left -= 1
    if left == 0 { break }
}
private let (seconds, failures) = taker.report
print("\(count)\t\(String(format: "%.3f\t%.0f", seconds, Double(count - failures) / seconds))\t\(failures)")
await server.stop()
try await loops.shutDown()
exit(failures == 0 ? 0 : 1)
