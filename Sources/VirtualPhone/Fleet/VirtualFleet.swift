public import DeploymentModel
import Foundation
public import NIOCore
public import NIOPosix
import PhoneTransport
import Synchronization

/// A running fleet of virtual phones.
///
/// The phones serve from ``start(_:catalogue:group:)`` until ``shutdown()``; whoever starts a fleet ends it.
public final class VirtualFleet: Sendable {
    /// Who and where the phones are, in the order of their addresses.
    public let phones: [VirtualPhoneInfo]
    let context: FleetContext
    let live: [LivePhone]
    private let sharedListeners: Mutex<[any Channel]>
    private let first: IPv4Address

    private init(
        context: FleetContext, live: [LivePhone], ports: [Int], sharedListeners: [any Channel]
    ) {
        self.context = context
        self.live = live
        self.sharedListeners = Mutex(sharedListeners)
        first = live[0].address
        phones = zip(live, ports).map { VirtualPhoneInfo($0, port: $1) }
    }

    /// Starts the phones and returns when they all listen.
    ///
    /// - Parameter group: the loops on which the phones work; it stays the caller's.
    /// - Throws: ``Fault``: `input.*` for what the configuration asks in vain, `net.local` when an address or a port
    ///   can not be had.
    public static func start(
        _ configuration: FleetConfiguration, catalogue: Catalogue,
        group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
    ) async throws -> VirtualFleet {
        OpenFiles.raiseLimit()
        let models = try configuration.models(catalogue)
        let context = try FleetContext(configuration, group: group, hasOwnListeners: configuration.hasOwnListeners)
        let live = try makePhones(configuration, models: models, context: context)
        // Each start counts, also of a phone that goes away before it has anything else to keep.
        let saves = live.compactMap { $0.save(on: group.next()) }
        for save in saves { try await save.get() }
        let ports = live.map { configuration.port ?? $0.model.type.access(for: $0.model.software).port }
        guard configuration.hasOwnListeners else {
            let (listeners, bound) = try await SharedListener.open(live, ports: ports, context: context)
            return VirtualFleet(context: context, live: live, ports: bound, sharedListeners: listeners).begun()
        }
        let bound = try await openOwnListeners(live, ports: ports, context: context)
        return VirtualFleet(context: context, live: live, ports: bound, sharedListeners: []).begun()
    }

    /// The fleet, with all phones that are there at work.
    private func begun() -> VirtualFleet {
        for phone in live {
            if let absence = phone.faults.lazy.compactMap(\.absentSeconds).first {
                phone.wake(after: absence, absence: 0)
            } else {
                phone.wake()
            }
        }
        return self
    }

    private static func makePhones(
        _ configuration: FleetConfiguration, models: [PhoneModel], context: FleetContext
    ) throws(Fault) -> [LivePhone] {
        let faults = configuration.faults.spread(over: models.map(\.type.id), seed: configuration.seed)
        var phones: [LivePhone] = []
        phones.reserveCapacity(models.count)
        for (number, model) in models.enumerated() {
            let mac = MACAddress(value: configuration.firstMAC.value &+ UInt64(number))
            var behaviour = PhoneBehaviour(
                model: model, mac: mac, password: configuration.password, faults: faults[number])
            try context.store?.restore(&behaviour)
            context.wpi.restoreSoftware(of: &behaviour)
            phones.append(
                LivePhone(
                    behaviour: behaviour, address: configuration.listenRange[number],
                    isTLS: model.type.access(for: model.software).tls, fleet: context,
                    awayUntil: faults[number].lazy.compactMap(\.absentSeconds).first))
        }
        return phones
    }

    private static func openOwnListeners(
        _ live: [LivePhone], ports: [Int], context: FleetContext
    ) async throws -> [Int] {
        var opened: [(LivePhone, port: Int, EventLoopFuture<Void>?)] = []
        for (phone, port) in zip(live, ports) {
            phone.with { core in core.port = port }
            opened.append((phone, port, try phone.open(port: port)))
            if phone.speaksWPI, let webPort = context.wpi.options.webPort {
                phone.with { core in core.webPort = webPort }
                opened.append((phone, webPort, phone.openWeb(port: webPort)))
            }
        }
        var failure: Fault?
        for (phone, port, future) in opened {
            do { try await future?.get() } catch {
                failure = failure ?? .listener(phone.address.description, port, error)
            }
        }
        if let failure {
            for phone in live { phone.leave(seconds: .infinity) }
            throw failure
        }
        return live.map(\.port)
    }

    /// Takes the phones' registrations back, ends all connections and listeners; what the phones kept on disk stays.
    public func shutdown() async {
        let registrations = live.compactMap { $0.endTelephony() }
        for registration in registrations { try? await registration.get() }
        for phone in live { phone.leave(seconds: .infinity) }
        let listeners = sharedListeners.withLock { listeners in
            defer { listeners = [] }
            return listeners
        }
        for listener in listeners { try? await listener.close() }
        for phone in live { try? await phone.with { core in core.closing }?.get() }
        context.telephony?.observers.finish()
    }

    func phone(at address: String) -> LivePhone? {
        guard let wanted = IPv4Address(address), wanted >= first else { return nil }
        let position = Int(wanted.value - first.value)
        return live.indices.contains(position) ? live[position] : nil
    }
}

extension LivePhone {
    var port: Int { with { core in core.port } }

    /// Listens now, or later for a phone that is absent at first, or never.
    ///
    /// - Returns: what is to be waited for; for a phone that does not listen yet, that its port is known.
    func open(port: Int) throws -> EventLoopFuture<Void>? {
        let address = try SocketAddress(ipAddress: address.description, port: port)
        let loop = fleet.group.next()
        let absence = faults.lazy.compactMap(\.absentSeconds).first
        guard absence != nil || faults.contains(.refuses) else { return listen(on: address, loop: loop) }
        if let absence, !faults.contains(.refuses) {
            loop.scheduleTask(in: .phone(absence)) { [self] in listenLate(loop) }
        }
        return port == 0 ? choosePort(address, loop) : nil
    }

    /// As ``open(port:)``, for the web server.
    func openWeb(port: Int) -> EventLoopFuture<Void>? {
        let isLate = faults.contains(.refuses) || faults.contains { $0.absentSeconds != nil }
        return isLate ? nil : listenAsWebServer(port: port, loop: fleet.group.next())
    }

    private func listenLate(_ loop: any EventLoop) {
        let (isWanted, absence) = with { core in
            (core.listener == nil && core.awayUntil?.isFinite == true, core.absences)
        }
        if isWanted { comeBack(to: nil, loop: loop, absence: absence) }
    }

    /// Finds a free port for a phone that will listen later or never.
    private func choosePort(_ address: SocketAddress, _ loop: any EventLoop) -> EventLoopFuture<Void> {
        PhoneListener.bind(address, loop: loop, children: loop) { channel in channel.drop(resets: true) }
            .flatMap { [self] listener in
                with { core in core.port = listener.localAddress?.port ?? 0 }
                return listener.close()
            }
    }
}

extension Fault {
    static func listener(_ address: String, _ port: Int, _ error: any Error) -> Fault {
        let reason = (error as? IOError).map { String(cString: strerror($0.errnoCode)).lowercased() } ?? "\(error)"
        return Fault(.netLocal, subject: "\(address):\(port)", detail: "cannot listen: \(reason)")
    }
}
