import DeploymentModel
import Foundation
import NIOCore
import TLSMaterial

/// Asks phones to call (contact-me): one HTTP POST, to which a phone answers 204 and calls at a moment of its own choice.
///
/// Nothing in it is a secret, and nobody proves anything by it: in default mode whoever can send it can make a phone
/// call anywhere.
public struct ContactMe: Sendable {
    /// Where the phone is to call.
    public struct CallBack: Hashable, Sendable {
        /// nil = the address of this machine by which it reaches the phone.
        public var address: String?
        public var port: Int

        public init(address: String?, port: Int) {
            self.address = address
            self.port = port
        }
    }

    private let loops: EventLoops
    private let contexts = TLSContexts()

    /// - Parameter loops: the threads of the connections; must outlive this.
    public init(loops: EventLoops) {
        self.loops = loops
    }

    /// Asks a phone once to call; does not wait for the call.
    ///
    /// - Parameters:
    ///   - address: of the phone.
    ///   - port: where it listens unless `uri` says otherwise.
    ///   - uri: where the phone says that it listens; passed over unless it is at this address (``ContactMeURI``).
    /// - Throws: ``Fault`` `net.*` when the phone is not reached, `http.status` when it answers anything but 204,
    ///   `http.malformed`, `http.too-large`; `CancellationError`.
    public func ask(
        _ address: String, port: Int = ContactMeURI.usualPort, uri: String? = nil, callBack: CallBack,
        timeouts: ContactTimeouts
    ) async throws {
        switch try await attempt(address, port: port, uri: uri, callBack: callBack, timeouts: timeouts) {
        case .taken: return
        case .unheard(let fault), .failed(let fault): throw fault
        }
    }

    /// What became of one request.
    enum Attempt {
        case taken
        /// Nothing was sent: no phone heard it.
        case unheard(Fault)
        case failed(Fault)
    }

    /// - Throws: `CancellationError`.
    func attempt(
        _ address: String, port: Int, uri: String? = nil, callBack: CallBack, timeouts: ContactTimeouts
    ) async throws -> Attempt {
        try Task.checkCancellation()
        let place = uri.flatMap { ContactMeURI($0, of: address) } ?? ContactMeURI(port: port)
        let socket: SocketAddress
        do {
            socket = try await AddressResolver(loops: loops).resolve(
                address, port: place.port, timeout: timeouts.connect)
        } catch let fault as Fault {
            return .unheard(fault)
        }
        var plan = ContactPlan(subject: address, address: socket, trust: try demand(place), timeouts: timeouts)
        plan.limits = HTTPLimits(headBytes: 4096, bodyBytes: 4096, framingBytes: 4096)
        let (outcome, reply) = await ConnectionHandle.contact(plan, on: loops.next()) { local in
            Self.request(to: address, place, callBack: callBack, local: local)
        }
        try Task.checkCancellation()
        if let fault = outcome.fault { return .unheard(fault) }
        switch reply {
        case .success(let reply) where reply.status == 204: return .taken
        case .success(let reply):
            return .failed(
                Fault(.httpStatus, subject: address, detail: "\(reply.status), where 204 is expected"))
        case .failure(let fault): return .failed(fault)
        case nil: return .failed(Fault(.netClosed, subject: address))
        }
    }

    /// Over HTTPS every chain is let through: nothing is said that needs trust.
    private func demand(_ place: ContactMeURI) throws -> TrustDemand? {
        guard place.isTLS else { return nil }
        let context = try contexts.context(for: .everything)
        return TrustDemand(mode: .look, profiles: [], policy: .everything, context: context, now: { Date() })
    }

    private static func request(
        to address: String, _ place: ContactMeURI, callBack: CallBack, local: SocketAddress?
    ) -> ByteBuffer {
        var form = "ContactMe=true"
        if let own = callBack.address ?? local?.ipAddress {
            // An IPv6 address has colons, which a form writes as %3A.
            form += "&dls_ip_addr=\(own.replacing(":", with: "%3A"))"
        }
        form += "&dls_ip_port=\(callBack.port)"
        let host = address.contains(":") ? "[\(address)]" : address
        return ByteBuffer(
            string: """
                POST \(place.path) HTTP/1.1\r
                Host: \(host):\(place.port)\r
                Content-Type: application/x-www-form-urlencoded; charset=utf-8\r
                Content-Length: \(form.utf8.count)\r
                \r
                \(form)
                """)
    }
}

/// Where a phone listens for contact-me.
///
/// A phone names the place itself, so it is hostile input: with a URI of somebody else's the tool could be made to send
/// requests anywhere. Only `http` and `https` to the phone's own address are taken, without user, query and fragment.
public struct ContactMeURI: Hashable, Sendable {
    public static let usualPort = 8085
    public static let usualPath = "/contact_dls.html/ContactDLS"

    public let isTLS: Bool
    public let port: Int
    public let path: String

    /// The usual place.
    public init(port: Int = usualPort) {
        isTLS = false
        self.port = port
        path = Self.usualPath
    }

    /// What a phone said of itself; nil when it does not stand for a place at `address`.
    ///
    /// At most 255 bytes, as the guide says. Without a path, the usual one is meant.
    public init?(_ text: String, of address: String) {
        guard text.utf8.count <= 255, text.utf8.allSatisfy({ (33..<127).contains($0) }) else { return nil }
        let lowered = text.lowercased()
        isTLS = lowered.hasPrefix("https://")
        guard isTLS || lowered.hasPrefix("http://") else { return nil }
        let rest = text.dropFirst(isTLS ? 8 : 7)
        let end = rest.firstIndex(of: "/") ?? rest.endIndex
        guard let (host, port) = Self.split(rest[..<end]), host.lowercased() == address.lowercased() else { return nil }
        guard !rest.contains(where: { "?#@\\".contains($0) }) else { return nil }
        self.port = port ?? (isTLS ? 443 : 80)
        let path = String(rest[end...])
        self.path = path.isEmpty || path == "/" ? Self.usualPath : path
    }

    /// Host and port of `10.0.0.7:8085` or `[fd00::7]:8085`.
    private static func split(_ authority: Substring) -> (host: String, port: Int?)? {
        var host = authority
        var port: Substring?
        if host.first == "[", let close = host.firstIndex(of: "]") {
            let after = host[host.index(after: close)...]
            guard after.isEmpty || after.first == ":" else { return nil }
            port = after.isEmpty ? nil : after.dropFirst()
            host = host[host.index(after: host.startIndex)..<close]
        } else if let colon = host.firstIndex(of: ":") {
            port = host[host.index(after: colon)...]
            host = host[..<colon]
        }
        guard let port else { return (String(host), nil) }
        guard let number = Int(port), (1...65_535).contains(number) else { return nil }
        return (String(host), number)
    }
}
