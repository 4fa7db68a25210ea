import NIOCore

/// One timer for all deadlines of a connection, one after the other.
///
/// Setting and clearing a deadline is a store; the loop's timer is touched only when it rings too early or would ring
/// too late. Lives on its event loop.
final class DeadlineTimer {
    private let loop: any EventLoop
    private let onDeadline: () -> Void
    private var deadline: NIODeadline?
    private var ringsAt: NIODeadline?
    private var bell: Scheduled<Void>?

    init(loop: any EventLoop, onDeadline: @escaping () -> Void) {
        self.loop = loop
        self.onDeadline = onDeadline
    }

    func set(_ seconds: Double) {
        let deadline = NIODeadline.now() + .seconds(seconds)
        self.deadline = deadline
        guard let ringsAt, ringsAt <= deadline else { return wind(for: deadline) }
    }

    func clear() {
        deadline = nil
    }

    /// Lets go of the loop's timer for good.
    func end() {
        deadline = nil
        bell?.cancel()
        bell = nil
        ringsAt = nil
    }

    private func wind(for deadline: NIODeadline) {
        bell?.cancel()
        ringsAt = deadline
        bell = loop.assumeIsolated().scheduleTask(deadline: deadline) { self.ring() }
    }

    private func ring() {
        bell = nil
        ringsAt = nil
        guard let deadline else { return }
        guard deadline <= .now() else { return wind(for: deadline) }
        self.deadline = nil
        onDeadline()
    }
}
