import DeploymentModel
import ManagementXML
import NIOCore
import NIOPosix
import NIOSSL

// Being there and being away: connections, restarts, the switch.
extension LivePhone {
    /// Whether TLS is spoken with who comes in there.
    func isTLS(at door: PhoneDoor) -> Bool {
        (isTLS || door == .web) && !faults.contains(.plain)
    }

    /// Sets up an accepted connection as this phone serves it.
    func serve(_ channel: any Channel, at door: PhoneDoor = .management) throws {
        guard admits(channel), !faults.contains(.refuses) else { return channel.drop(resets: true) }
        channel.closeFuture.assumeIsolated().whenComplete { [self] _ in forget(channel) }
        let pipeline = channel.pipeline.syncOperations
        if faults.contains(.silent) { return try pipeline.addHandler(SilentConnection(resets: false)) }
        if faults.contains(.resetsHandshake) { return try pipeline.addHandler(SilentConnection(resets: true)) }
        if isTLS(at: door) {
            guard let context = try serverContext() else {
                return try pipeline.addHandler(SilentConnection(resets: true))
            }
            try pipeline.addHandler(NIOSSLServerHandler(context: context))
        }
        try pipeline.addHandler(PhoneConnection(phone: self, door: door))
    }

    /// What the web server and the management interface present on a new connection; nil when nothing works.
    private func serverContext() throws -> NIOSSLContext? {
        let isOnlyTLS1_0 = faults.contains(.onlyTLS1_0)
        switch with({ core in core.behaviour.served }) {
        case .nothing: return nil
        case .own(let file): return try fleet.contexts.context(of: file, isOnlyTLS1_0: isOnlyTLS1_0)
        case .builtIn:
            let key = ContextCache.Key(
                type: model.type.id, keyType: fleet.keyType, fault: faults.lazy.compactMap(\.wrongCertificate).first,
                isOnlyTLS1_0: isOnlyTLS1_0)
            return try fleet.contexts.context(for: key)
        }
    }

    /// By how many seconds the phone's own clock is wrong.
    var clockError: Double { faults.lazy.compactMap(\.clockError).first ?? 0 }

    /// The phone's own idea of the time.
    var date: HTTPDate { HTTPDate(seconds: fleet.wallClock + Int(clockError)) }

    // MARK: Away and back

    /// Drops every connection and is away for so many seconds; infinity = until ``comeBack()``.
    func leave(seconds: Double) {
        let now = fleet.now
        let (channels, listener, webListener, absence) = with { core in
            core.awayUntil = now + seconds
            core.absences += 1
            if seconds.isFinite { core.behaviour.setBootTime(now + seconds) }
            defer {
                core.channels = [:]
                core.listener = nil
                core.webListener = nil
            }
            return (Array(core.channels.values), core.listener, core.webListener, core.absences)
        }
        fallAsleep()
        if seconds.isFinite { wake(after: seconds, absence: absence) }
        webListener?.close(promise: nil)
        for channel in channels { channel.drop(resets: false) }
        guard let listener else { return }
        let closed = listener.close()
        with { core in core.closing = closed }
        guard seconds.isFinite else { return }
        closed.whenComplete { [self] _ in
            let rest = max(0, now + seconds - fleet.now)
            listener.eventLoop.scheduleTask(in: .phone(rest)) { [self] in
                comeBack(to: listener.localAddress, loop: listener.eventLoop, absence: absence)
            }
        }
    }

    /// Listens again at both doors where the phone listened before, unless it went away anew.
    ///
    /// Somebody else may hold a port for a moment: it tries again.
    ///
    /// - Parameter absence: the one from which it comes back.
    func comeBack(to address: SocketAddress?, loop: any EventLoop, absence: Int) {
        _ = listenAgainAsWebServer(loop: loop, absence: absence)
        listenAgain(on: address ?? lastAddress, loop: loop, absence: absence)
    }

    private func listenAgain(on address: SocketAddress?, loop: any EventLoop, absence: Int) {
        let isWanted = with { core in core.listener == nil && core.absences == absence }
        guard isWanted, let address else { return }
        listen(on: address, loop: loop).whenFailure { [self] _ in
            loop.scheduleTask(in: Self.nextTry) { [self] in listenAgain(on: address, loop: loop, absence: absence) }
        }
    }

    /// The first try is over when what is returned is; the next ones go on by themselves.
    private func listenAgainAsWebServer(loop: any EventLoop, absence: Int) -> EventLoopFuture<Void> {
        let port = with { core in core.webListener == nil && core.absences == absence ? core.webPort : nil }
        guard let port else { return loop.makeSucceededVoidFuture() }
        return listenAsWebServer(port: port, loop: loop).flatMapErrorThrowing { [self] _ in
            loop.scheduleTask(in: Self.nextTry) { [self] in
                _ = listenAgainAsWebServer(loop: loop, absence: absence)
            }
        }
    }

    private static let nextTry = TimeAmount.milliseconds(200)

    private var lastAddress: SocketAddress? {
        let port = with { core in core.port }
        return try? SocketAddress(ipAddress: address.description, port: port)
    }

    /// Is there again after ``leave(seconds:)`` with infinity; counts as a start.
    func switchOn() throws -> EventLoopFuture<Void>? {
        let now = fleet.now
        let absence: Int? = with { core in
            guard core.awayUntil != nil else { return nil }
            core.awayUntil = nil
            core.absences += 1
            core.behaviour.restart(at: now)
            return core.absences
        }
        guard let absence else { return nil }
        let saved = save(on: fleet.group.next())
        wake()
        guard fleet.hasOwnListeners, let address = lastAddress else { return saved }
        let isBack = listenAgainAtBoth(on: address, absence: absence)
        return saved.map { saved in isBack.and(saved).map { _ in } } ?? isBack
    }

    private func listenAgainAtBoth(on address: SocketAddress, absence: Int) -> EventLoopFuture<Void> {
        guard let closing = with({ core in core.closing }) else {
            return listenAtBoth(on: address, loop: fleet.group.next(), absence: absence)
        }
        // Until the old listener has let go of the port, nobody can have it.
        let loop = closing.eventLoop
        return closing.flatMapError { _ in loop.makeSucceededVoidFuture() }.flatMap { [self] in
            listenAtBoth(on: address, loop: loop, absence: absence)
        }
    }

    // MARK: What a phone does by itself

    /// The phone is there: it registers, and it calls.
    func wake() {
        startTelephony()
        startCalling()
    }

    /// Wakes when the phone is there again, unless it went away anew or was switched on before.
    func wake(after seconds: Double, absence: Int) {
        fleet.group.next().scheduleTask(in: .phone(seconds)) { [self] in
            if with({ core in core.absences == absence }) { wake() }
        }
    }

    private func fallAsleep() {
        stopTelephony()
        stopCalling()
    }

    // MARK: Listening

    /// Listens at both doors where the phone listened before; only the failure of the first one is a failure.
    private func listenAtBoth(
        on address: SocketAddress, loop: any EventLoop, absence: Int
    ) -> EventLoopFuture<Void> {
        listen(on: address, loop: loop).and(listenAgainAsWebServer(loop: loop, absence: absence)).map { _ in }
    }

    /// Listens for browsers, and for contact-me over HTTPS.
    func listenAsWebServer(port: Int, loop: any EventLoop) -> EventLoopFuture<Void> {
        let phone = self
        guard let address = try? SocketAddress(ipAddress: address.description, port: port) else {
            return loop.makeSucceededVoidFuture()
        }
        return PhoneListener.bind(address, loop: loop, children: loop) { channel in
            try phone.serve(channel, at: .web)
        }.map { listener in
            let isWanted = phone.with { core in
                guard core.webListener == nil, core.awayUntil?.isFinite != false else { return false }
                core.webListener = listener
                core.webPort = listener.localAddress?.port ?? port
                return true
            }
            if !isWanted { listener.close(promise: nil) }
        }
    }

    /// Listens with a listener of the phone's own.
    func listen(on address: SocketAddress, loop: any EventLoop) -> EventLoopFuture<Void> {
        let phone = self
        return PhoneListener.bind(address, loop: loop, children: loop) { channel in try phone.serve(channel) }
            .map { listener in
                let isWanted = phone.with { core in
                    guard core.listener == nil, core.awayUntil?.isFinite != false else { return false }
                    core.listener = listener
                    core.port = listener.localAddress?.port ?? core.port
                    return true
                }
                if !isWanted { listener.close(promise: nil) }
            }
    }

    /// Writes the state to disk if the fleet keeps one; nil when there is nothing to wait for.
    func save(on loop: any EventLoop) -> EventLoopFuture<Void>? {
        guard let store = fleet.store else { return nil }
        let (state, type, generation) = with { core in
            core.generation += 1
            return (core.behaviour.saved, model.type.id, core.generation)
        }
        return NIOThreadPool.singleton.runIfActive(eventLoop: loop) {
            try store.write(state, type: type, generation: generation)
        }
    }
}

/// Where a connection comes in.
enum PhoneDoor: Hashable, Sendable {
    /// The management interface, or contact-me.
    case management
    /// The web server of a phone that speaks WPI; always TLS.
    case web
}

/// Opens listeners for phones.
enum PhoneListener {
    private static let backlog: Int32 = 4096

    /// - Parameter serve: called on the loop of each accepted connection, before anything is read from it.
    static func bind(
        _ address: SocketAddress, loop: any EventLoop, children: any EventLoopGroup,
        serve: @escaping @Sendable (any Channel) throws -> Void
    ) -> EventLoopFuture<any Channel> {
        ServerBootstrap(group: loop, childGroup: children)
            .serverChannelOption(.backlog, value: backlog)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelOption(.maxMessagesPerRead, value: 32)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try serve(channel) }
            }
            .bind(to: address)
    }
}
