import DeploymentModel
import Foundation
import Synchronization

/// A word of a telephony client about how its registration stands.
public struct RegistrationChange: Hashable, Sendable {
    /// The phone's.
    public let address: String
    public let state: TelephonyState
}

extension VirtualFleet {
    /// What the phones' telephony clients say from now on; ends with the fleet's ``shutdown()``.
    ///
    /// Whoever does not read fast enough loses the oldest.
    public func registrationChanges() -> AsyncStream<RegistrationChange> {
        guard let telephony = context.telephony else { return AsyncStream { $0.finish() } }
        return telephony.observers.stream()
    }
}

/// Who listens to the telephony clients of a fleet.
final class RegistrationObservers: Sendable {
    private let observers = Mutex<[UUID: AsyncStream<RegistrationChange>.Continuation]>([:])
    private static let mostWaiting = 1000

    func stream() -> AsyncStream<RegistrationChange> {
        let (stream, observer) = AsyncStream.makeStream(
            of: RegistrationChange.self, bufferingPolicy: .bufferingNewest(Self.mostWaiting))
        let id = UUID()
        observers.withLock { $0[id] = observer }
        observer.onTermination = { [weak self] _ in
            self?.observers.withLock { $0[id] = nil }
        }
        return stream
    }

    func tell(_ address: IPv4Address, _ state: TelephonyState) {
        let listening = observers.withLock { $0.isEmpty ? [] : Array($0.values) }
        guard !listening.isEmpty else { return }
        let change = RegistrationChange(address: address.description, state: state)
        for observer in listening { observer.yield(change) }
    }

    func finish() {
        for observer in observers.withLock({ Array($0.values) }) { observer.finish() }
    }
}
