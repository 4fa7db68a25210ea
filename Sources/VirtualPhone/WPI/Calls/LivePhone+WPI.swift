import DeploymentModel
import ManagementXML
import NIOCore
import PhoneTransport

// A phone that speaks WPI: when it calls, and what makes it.
extension LivePhone {
    var speaksWPI: Bool { model.type.managementProtocol == .wpi }

    /// What the phone names as the place where it listens for contact-me.
    var contactURI: String { "http://\(address):\(port)\(ContactMe.path)" }

    var takesChunks: Bool { with { core in core.behaviour.takesChunks } }
    var quirks: WPIQuirks { with { core in core.behaviour.quirks } }

    /// The phone is there.
    func startCalling() {
        guard speaksWPI else { return }
        let caller = with { core in
            let caller = core.caller ?? WPICaller(loop: fleet.group.next())
            core.caller = caller
            return caller
        }
        caller.start(self, services: fleet.wpi, after: fleet.wpi.pauseBeforeStart(at: fleet.now))
    }

    func stopCalling() {
        with { core in core.caller }?.cut()
    }

    /// Tells the phone's machine of something; nil for a phone that does not call.
    @discardableResult
    func tell(
        _ event: @escaping @Sendable (inout WPIMachine, inout PhoneBehaviour, Double) -> [CallOrder]?
    ) -> EventLoopFuture<Bool>? {
        with { core in core.caller }?.tell(event)
    }

    // MARK: Contact-me

    /// Answers a request to call back; whether the phone reacts is its own affair.
    func contacted(_ head: RequestHead, body: [UInt8]) -> HTTPAnswer {
        guard speaksWPI else { return HTTPAnswer(.notFound, .text, Array("not found\n".utf8)) }
        let request: ContactMe
        switch head.method {
        case .get: request = ContactMe(query: head.query)
        case .post:
            guard let read = ContactMe(form: body) else {
                return HTTPAnswer(.badRequest, .text, Array("ContactMe is missing\n".utf8))
            }
            request = read
        case .head, .other: return .notAllowed("GET, POST")
        }
        with { core in core.counts.contacts += 1 }
        if request.isWanted { react(to: request) }
        var answer = HTTPAnswer(.noContent, .html, [])
        answer.fields = "Server: DlsClient\r\n"
        return answer
    }

    private func react(to request: ContactMe) {
        let server = request.server
        tell { machine, phone, now in
            machine.contacted(&phone, server: server, at: now)
        }?.whenSuccess { [weak self] isTaken in
            if !isTaken { self?.with { core in core.counts.ignoredContacts += 1 } }
        }
    }

    // MARK: The web page

    /// Changes settings as a user of the web page does, and notes that the server has to hear of it.
    ///
    /// - Returns: what was refused.
    func change(_ fields: [(name: String, value: String)]) -> [Item] {
        let items = fields.compactMap { field in ItemKey(parsing: field.name).map { Item($0, value: field.value) } }
        let refused = with { core in
            // Not as a server's order: a call keeps nobody from using the page.
            core.behaviour.write(items, .writeItems(items)).0.items
        }
        let names = Set(refused.map(\.key))
        let taken = items.map(\.key).filter { !names.contains($0) }
        if !taken.isEmpty { localChange(taken) }
        return refused
    }

    /// Notes that settings were changed at the phone.
    func localChange(_ keys: [ItemKey]) {
        telephonyChanged()
        tell { machine, phone, now in machine.changedAtPhone(keys, &phone, at: now) }
    }
}

/// A request to call back.
struct ContactMe: Hashable {
    static let path = ContactMeURI.usualPath
    /// Whether the sender wants to be called.
    var isWanted: Bool
    /// Whom to call, if not the usual server.
    var server: WPIEndpoint?

    /// The newer form: parameters in the query, all of them optional.
    init(query: String?) {
        self.init(fields: HTTPText.formFields((query ?? "").utf8), isWantedByDefault: true)
    }

    /// The documented form; nil when `ContactMe` is missing.
    init?(form: [UInt8]) {
        let fields = HTTPText.formFields(form)
        guard fields.contains(where: { $0.name == "ContactMe" }) else { return nil }
        self.init(fields: fields, isWantedByDefault: false)
    }

    private init(fields: [(name: String, value: String)], isWantedByDefault: Bool) {
        func value(_ name: String) -> String? { fields.first { $0.name == name }?.value }
        isWanted = value("ContactMe").map { $0 == "true" } ?? isWantedByDefault
        guard let host = value("dls_ip_addr"), !host.isEmpty else { return }
        let port = value("dls_ip_port").flatMap { $0.isEmpty ? nil : $0 } ?? "\(WPI.port)"
        server = try? WPIEndpoint(parsing: "\(host):\(port)", usualPort: WPI.port)
    }
}
