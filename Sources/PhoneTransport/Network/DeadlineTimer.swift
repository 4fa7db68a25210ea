import NIOCore

/// One timer for all deadlines of a connection, one after the other.
///
/// Setting and clearing a deadline is a store; the loop's timer is touched only when it rings too early or would ring
/// too late. A loop that is behind with its timers is as far behind with what has arrived, so a deadline that it comes to
/// late is put off by as much, a few times: no phone is called silent because the tool was busy. Lives on its event loop.
final class DeadlineTimer {
    private let loop: any EventLoop
    private let onDeadline: () -> Void
    private var deadline: NIODeadline?
    private var ringsAt: NIODeadline?
    private var bell: Scheduled<Void>?
    private var respites = 0
    private static let mostRespites = 4
    private static let punctual = TimeAmount.milliseconds(10)

    init(loop: any EventLoop, onDeadline: @escaping () -> Void) {
        self.loop = loop
        self.onDeadline = onDeadline
    }

    func set(_ seconds: Double) {
        let deadline = NIODeadline.now() + .seconds(seconds)
        self.deadline = deadline
        respites = 0
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
        let now = NIODeadline.now()
        guard deadline <= now else { return wind(for: deadline) }
        let delay = now - deadline
        if delay > Self.punctual, respites < Self.mostRespites {
            respites += 1
            self.deadline = now + delay
            return wind(for: now + delay)
        }
        self.deadline = nil
        onDeadline()
    }
}
