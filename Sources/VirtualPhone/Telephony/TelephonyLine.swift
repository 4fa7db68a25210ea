import DeploymentModel
import Foundation
import NIOCore
import NIOPosix

/// One registration from its beginning to its end: carries out what the state machine orders.
///
/// Lives on its event loop.
final class TelephonyLine {
    private let wish: TelephonyClient.Wish
    private let loop: any EventLoop
    private let fleet: FleetContext
    private let clockError: Double
    private let report: (TelephonyState) -> Void
    private var machine: RegistrationMachine
    private var connection: ServerConnection?
    private var timer: Scheduled<Void>?
    private var timerTime: Double?
    private var said: TelephonyState?
    private var onEnd: [() -> Void] = []
    private var isOver = false

    init(
        _ wish: TelephonyClient.Wish, loop: any EventLoop, fleet: FleetContext, clockError: Double,
        report: @escaping (TelephonyState) -> Void
    ) {
        self.wish = wish
        self.loop = loop
        self.fleet = fleet
        self.clockError = clockError
        self.report = report
        machine = RegistrationMachine(account: wish.account, seed: UInt64.random(in: 0...UInt64.max))
    }

    func start(after pause: Double) {
        happen { machine, now in machine.start(after: pause, at: now) }
    }

    /// Takes the registration back if there is one; `onEnd` is called once, when that is over.
    func leave(onEnd: @escaping () -> Void) {
        guard !isOver else { return onEnd() }
        self.onEnd.append(onEnd)
        guard machine.phase != .leaving else { return }
        happen { machine, now in machine.stop(at: now) }
    }

    /// Ends without a word, as a phone without power does.
    func cut() {
        guard !isOver else { return }
        connection?.end(dropping: true)
        connection = nil
        finish()
    }

    private func finish() {
        isOver = true
        timer?.cancel()
        timer = nil
        let waiting = onEnd
        onEnd = []
        for body in waiting { body() }
    }

    // MARK: What happens

    private func happen(_ event: (inout RegistrationMachine, Double) -> [RegistrationMachine.Order]) {
        guard !isOver else { return }
        for order in event(&machine, fleet.now) { carryOut(order) }
        guard !isOver else { return }
        if machine.status != said {
            said = machine.status
            report(machine.status)
        }
        if machine.phase == .ended { finish() } else { setTimer() }
    }

    private func carryOut(_ order: RegistrationMachine.Order) {
        switch order {
        case .connect: connect()
        case .send(let bytes): connection?.send(bytes)
        case .disconnect:
            connection?.end(dropping: false)
            connection = nil
        }
    }

    private func setTimer() {
        guard machine.deadline != timerTime || timer == nil else { return }
        timer?.cancel()
        timer = nil
        timerTime = machine.deadline
        guard let deadline = machine.deadline else { return }
        timer = loop.assumeIsolated().scheduleTask(in: .phone(deadline - fleet.now)) { [weak self] in
            guard let self else { return }
            timer = nil
            happen { machine, now in machine.timePassed(at: now) }
        }
    }

    // MARK: Connection

    private func connect() {
        do {
            guard let telephony = fleet.telephony else { return }
            let connection = ServerConnection(trust: wish.trust, context: try telephony.tlsContext())
            let fleet = fleet
            let clockError = clockError
            connection.time = { Date(timeIntervalSince1970: Double(fleet.wallClock) + clockError) }
            self.connection = connection
            connection.onEvent = { [weak self, weak connection] event in
                // An event of a connection that was given up says nothing any more.
                guard let self, self.connection === connection else { return }
                take(event)
            }
            connection.open(
                to: wish.account.host, port: wish.account.port, from: wish.account.ownHost, on: loop)
        } catch {
            // The library has no TLS for us; that is told as any other failure of the handshake.
            loop.assumeIsolated().execute { self.take(.gone("tls.failed: no TLS context")) }
        }
    }

    private func take(_ event: ServerConnection.Event) {
        switch event {
        case .connected: happen { machine, now in machine.connected(at: now) }
        case .secured: happen { machine, now in machine.secured(at: now) }
        case .message(let message): happen { machine, now in machine.received(message, at: now) }
        case .gone(let reason): happen { machine, now in machine.lost(reason, at: now) }
        }
    }
}
