import DeploymentModel
import Foundation
import ManagementXML
import NIOCore
public import TLSMaterial

/// Looks at an address by asking whatever is there to call, once, and waiting for the call.
///
/// What the phone says of itself stands in the first message of its call, so a look costs it one contact-me and one
/// conversation without a question. The server's receiver notes these calls like all others.
public struct ContactMeProbe: PhoneProbe {
    private let server: WPIServer
    private let book: any ContactBook
    private let patience: Double
    private let advertisedAddress: String?
    private let contactMe: ContactMe

    /// - Parameters:
    ///   - server: takes the calls.
    ///   - book: when which address was asked last.
    ///   - patience: how long a phone that took the request is waited for, in seconds.
    ///   - advertisedAddress: the address that phones are told to call; nil = the one by which they are reached.
    public init(server: WPIServer, book: any ContactBook, patience: Double, advertisedAddress: String? = nil) {
        self.server = server
        self.book = book
        self.patience = patience
        self.advertisedAddress = advertisedAddress ?? server.address
        contactMe = ContactMe(loops: server.loops)
    }

    /// - Parameters:
    ///   - port: where phones listen for contact-me.
    ///   - tls: of no meaning here: contact-me is plain, and the call is always over TLS.
    ///   - profiles: of no meaning here: the server judges phones that call on its secure port.
    public func contact(
        address: String, port: Int, tls: Bool, profiles: [TrustProfile], timeouts: ContactTimeouts
    ) async throws -> ContactReport {
        var report = ContactReport(address: address, port: port, tls: false)
        do {
            let session = try await call(from: address, port: port, timeouts)
            // It was asked by its address; now that its MAC address is known, it counts as asked under this one too.
            _ = try await book.claimContactMe(at: session.line.mac.description, gap: 0)
            report.connected = true
            report.evidence = session.evidence
            report.tls = session.evidence.isAuthenticated
            report.identity = try await session.perform(.identify, password: nil)
            await session.close()
        } catch let fault as Fault {
            report.fault = fault
            report.connected = fault.code == .phoneDidNotCall || fault.code.rawValue.hasPrefix("http.")
        }
        return report
    }

    private func call(from address: String, port: Int, _ timeouts: ContactTimeouts) async throws -> WPISession {
        let place = try await AddressResolver(loops: server.loops).resolve(
            address, port: port, timeout: timeouts.connect)
        let target = PhoneTarget(
            address: place.ipAddress ?? address, port: port, security: .plain, timeouts: timeouts,
            managementProtocol: .wpi)
        if let next = try await book.claimContactMe(at: target.contactPlace, gap: ContactRule.minimumGap) {
            throw Fault.askedRecently(address, until: next, at: Date())
        }
        let waiter = Waiter(target)
        server.board.waiting.enter(waiter)
        defer { server.board.waiting.leave(waiter) }
        let callBack = ContactMe.CallBack(address: advertisedAddress, port: server.port)
        var detail: String?
        switch try await contactMe.attempt(address, port: port, callBack: callBack, timeouts: timeouts) {
        case .taken: break
        // It may have heard the request and be busy: then it calls, and it must not be asked again in any case.
        case .failed(let fault) where fault.code == .netSilent: detail = "it did not answer the request either"
        case .failed(let fault): throw fault
        case .unheard(let fault):
            try await book.withdrawContactMe(at: target.contactPlace)
            throw fault
        }
        let patience = patience
        let session = try await waiter.session(before: { try await Task.sleep(for: .seconds(patience)) })
        guard let session else { throw Fault(.phoneDidNotCall, subject: address, detail: detail) }
        return session
    }
}
