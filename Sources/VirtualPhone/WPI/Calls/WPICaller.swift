import DeploymentModel
import NIOCore

/// What makes a phone call: one for each phone that speaks WPI, from any thread.
final class WPICaller: Sendable {
    private let loop: any EventLoop
    private let line: NIOLoopBoundBox<WPILine?>

    init(loop: any EventLoop) {
        self.loop = loop
        line = .makeEmptyBox(valueType: WPILine.self, eventLoop: loop)
    }

    /// The phone started: a new line, and a start-up after so many seconds.
    func start(_ phone: LivePhone, services: WPIServices, after delay: Double) {
        loop.execute { [self] in
            line.value?.cut()
            let seed = phone.with { core in core.behaviour.state.mac.value &+ UInt64(core.behaviour.state.bootCount) }
            let fresh = WPILine(
                phone,
                machine: WPIMachine(
                    options: services.options, contactURI: phone.contactURI, seed: seed,
                    wallClockAtZero: phone.date.seconds - Int(phone.fleet.now)),
                loop: loop, services: services)
            line.value = fresh
            fresh.happen { machine, phone, now in machine.started(&phone, after: delay, at: now) }
        }
    }

    /// The phone went away.
    func cut() {
        loop.execute { [self] in
            line.value?.cut()
            line.value = nil
        }
    }

    /// Tells the phone's machine of something, if the phone is there; returns when it was told.
    func tell(
        _ event: @escaping @Sendable (inout WPIMachine, inout PhoneBehaviour, Double) -> [CallOrder]?
    ) -> EventLoopFuture<Bool> {
        loop.submit { [self] in line.value?.happen(event) ?? false }
    }
}
