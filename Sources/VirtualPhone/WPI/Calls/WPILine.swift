import DeploymentModel
import Foundation
import ManagementXML
import NIOCore
import TLSMaterial

/// A phone's side of its conversations from one start to the next: carries out what the machine orders.
///
/// Lives on its event loop.
final class WPILine {
    private let loop: any EventLoop
    private let services: WPIServices
    private unowned let phone: LivePhone
    private var machine: WPIMachine
    private var exchange: OutgoingExchange?
    private var route: WPIRoute?
    private var cookies: [String] = []
    private var body: [UInt8] = []
    private var fetch: FileFetch?
    private var timer: Scheduled<Void>?
    private var timerTime: Double?
    private var isOver = false

    init(_ phone: LivePhone, machine: WPIMachine, loop: any EventLoop, services: WPIServices) {
        self.phone = phone
        self.machine = machine
        self.loop = loop
        self.services = services
    }

    /// The phone lost its power or restarts: everything is dropped, nothing follows.
    func cut() {
        isOver = true
        timer?.cancel()
        timer = nil
        exchange?.end(dropping: true)
        exchange = nil
        fetch?.end()
        fetch = nil
    }

    // MARK: What happens

    /// Tells the machine of something; what it orders is carried out.
    ///
    /// - Returns: whether the machine took it.
    @discardableResult
    func happen(_ event: (inout WPIMachine, inout PhoneBehaviour, Double) -> [CallOrder]?) -> Bool {
        guard !isOver else { return false }
        let now = phone.fleet.now
        let orders = phone.with { core in
            let finished = machine.finished
            let orders = event(&machine, &core.behaviour, now)
            core.counts.conversations += machine.finished - finished
            return orders
        }
        if let orders { carryOut(orders[...]) }
        if !isOver { setTimer() }
        return orders != nil
    }

    private func carryOut(_ orders: ArraySlice<CallOrder>) {
        var rest = orders
        while !isOver, let order = rest.popFirst() {
            switch order {
            case .save:
                guard let saved = phone.save(on: loop) else { continue }
                let following = rest
                let bound = NIOLoopBound(self, eventLoop: loop)
                saved.whenComplete { _ in bound.value.carryOut(following) }
                return
            case .post(let message, let route): post(message, to: route)
            case .hangUp: hangUp()
            case .fetch(let order): load(order)
            case .poll: poll()
            case .install(let version): services.install(version, on: phone)
            case .telephonyChanged: phone.telephonyChanged()
            case .restart:
                phone.with { core in core.counts.restarts += 1 }
                phone.leave(seconds: phone.fleet.restartSeconds)
            }
        }
    }

    private func setTimer() {
        let now = phone.fleet.now
        let deadline = phone.with { core in machine.deadline(of: core.behaviour, at: now) }
        guard deadline != timerTime || timer == nil else { return }
        timer?.cancel()
        timer = nil
        timerTime = deadline
        guard let deadline else { return }
        timer = loop.assumeIsolated().scheduleTask(in: .phone(deadline - now)) { [weak self] in
            guard let self else { return }
            timer = nil
            happen { machine, phone, now in machine.timePassed(&phone, at: now) }
        }
    }

    // MARK: Conversations

    private func post(_ message: WPIPhoneMessage, to route: WPIRoute) {
        body = []
        if message.reason.isOpening {
            hangUp()
            phone.with { core in core.counts.calls += 1 }
        }
        let request = WPIRequest(message, to: route, cookies: cookies, faults: phone.faults)
        if let exchange, exchange.isReady, self.route == route { return send(request, on: exchange) }
        connect(route, then: request)
    }

    private func connect(_ route: WPIRoute, then request: WPIRequest) {
        exchange?.end()
        exchange = nil
        self.route = route
        do {
            let exchange = OutgoingExchange(
                security: try security(of: route), bodyLimit: 1 << 20, takesChunks: phone.takesChunks)
            self.exchange = exchange
            exchange.onEvent = { [weak self, weak exchange] event in
                // An event of a connection that was given up says nothing any more.
                guard let self, let exchange, self.exchange === exchange else { return }
                if case .ready = event { return send(request, on: exchange) }
                take(event)
            }
            exchange.open(to: route.server, from: phone.address.description, on: loop)
        } catch {
            // The library has no TLS for us; that is told as any other failure of the handshake.
            loop.assumeIsolated().execute { self.happen { machine, phone, now in machine.lost(&phone, at: now) } }
        }
    }

    private func security(of route: WPIRoute) throws -> OutgoingExchange.Security {
        let isOld = phone.faults.contains(.onlyTLS1_0)
        guard let mode = route.secure else {
            return .init(context: try services.tls.context(isOnlyTLS1_0: isOld), believes: { _ in true })
        }
        let trust = ServerTrust.only(try TrustedCertificates(mode.authorities.map { try ParsedCertificate(der: $0) }))
        let time = Date(timeIntervalSince1970: Double(phone.fleet.wallClock) + phone.clockError)
        return .init(
            context: try services.tls.context(of: mode, isOnlyTLS1_0: isOld),
            believes: { trust.refusal(of: $0, at: time) == nil })
    }

    private func send(_ request: WPIRequest, on exchange: OutgoingExchange) {
        guard !phone.faults.contains(.callsSilently) else { return }
        switch Delivery(phone.faults) {
        case .half:
            exchange.send(request.firstHalf)
            exchange.end()
            happen { machine, phone, now in machine.lost(&phone, at: now) }
        case .slow(let pause):
            exchange.send(request.head)
            trickle(request.body, pause: pause, on: exchange)
        case .sound, .malformed, .oversized: exchange.send(request.whole)
        }
    }

    private func trickle(_ bytes: ByteBuffer, pause: TimeAmount, on exchange: OutgoingExchange) {
        var rest = bytes
        guard self.exchange === exchange, let byte = rest.readSlice(length: 1) else { return }
        exchange.sendMore(byte)
        loop.assumeIsolated().scheduleTask(in: pause) { [weak self, rest] in
            self?.trickle(rest, pause: pause, on: exchange)
        }
    }

    private func take(_ event: OutgoingExchange.Event) {
        switch event {
        case .ready: break
        case .body(let bytes): body += bytes
        case .answered(let head): answered(head)
        case .gone:
            exchange = nil
            happen { machine, phone, now in machine.lost(&phone, at: now) }
        }
    }

    private func answered(_ head: HTTPResponseReader.Head) {
        for cookie in head.cookies {
            let name = cookie.prefix { $0 != "=" }
            cookies.removeAll { $0.prefix { $0 != "=" } == name }
            cookies.append(cookie)
        }
        if !head.keepsAlive || phone.faults.contains(.closesConnections) {
            exchange?.end()
            exchange = nil
        }
        let bytes = body
        body = []
        guard head.status == 200 || head.status == 204 else {
            happen { machine, phone, now in machine.lost(&phone, at: now) }
            return
        }
        let answer = bytes.isEmpty ? nil : read(bytes)
        happen { machine, phone, now in machine.received(answer, &phone, at: now) }
    }

    private func read(_ bytes: [UInt8]) -> Result<WPIServerMessage, WireError> {
        let quirks = phone.quirks
        return Result { () throws(WireError) in
            try WPI.decodeServerMessage(bytes, strict: services.options.isStrict, quirks: quirks)
        }
    }

    private func hangUp() {
        exchange?.end()
        exchange = nil
        route = nil
        cookies = []
    }

    // MARK: Files and polls

    private func load(_ order: FileOrder) {
        guard let source = order.source, let tls = try? services.tls.context(isOnlyTLS1_0: false) else {
            return loop.assumeIsolated().execute { self.fetched(.failure(.refused)) }
        }
        let fetch = FileFetch(
            loop: loop, ownAddress: phone.address.description,
            limit: FileRules.limit(order.type, options: services.options)
        ) { [weak self] outcome in self?.fetched(outcome) }
        self.fetch = fetch
        fetch.start(source, tls: tls)
    }

    private func fetched(_ outcome: FileFetch.Outcome) {
        fetch = nil
        happen { machine, phone, now in machine.fetched(outcome, &phone, at: now) }
    }

    private func poll() {
        guard let proxy = services.options.polling?.proxy else { return }
        let poll = OutgoingExchange(security: nil, bodyLimit: 1 << 16)
        let mac = phone.with { core in core.behaviour.callsAs }
        poll.onEvent = { [weak self] event in
            switch event {
            case .ready:
                poll.send(
                    ByteBuffer(
                        string: "GET /dcmp/contact-me?device-id=\(mac) HTTP/1.1\r\nHost: \(proxy)\r\n"
                            + "Connection: close\r\n\r\n"))
            case .answered(let head):
                poll.end()
                self?.happen { machine, phone, now in machine.polled(&phone, status: head.status, at: now) }
            case .body, .gone: break
            }
        }
        poll.open(to: proxy, from: phone.address.description, on: loop)
        loop.assumeIsolated().scheduleTask(in: .phone(services.options.answerSeconds)) { poll.end() }
    }
}
