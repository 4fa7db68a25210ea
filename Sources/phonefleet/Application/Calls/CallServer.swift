import DeploymentEngine
import DeploymentModel
import DeploymentStore
import Foundation
import PhoneTransport
import TLSMaterial

/// The end that phones call (WPI), for as long as a command lasts: its listeners, the desk that hears every call, and the
/// dialler that asks phones to call.
struct CallServer: Sendable {
    /// Who hears of what phones do.
    struct Ears: Sendable {
        var heard: @Sendable (HeardCall, CallEntry) -> Void = { _, _ in }
        /// The first of each kind of defect.
        var defect: @Sendable (WPIDefect, Fault) -> Void = { _, _ in }
    }

    let server: WPIServer
    let desk: CallDesk
    let book: StoredContactBook
    let dialer: WPIDialer

    /// Opens the ports; the end for phones in secure mode only where there are trust profiles to judge them by.
    ///
    /// - Parameters:
    ///   - identity: what is presented; nil for the certificate in use.
    ///   - receiver: who hears of calls instead of the desk alone; nil for the desk.
    /// - Throws: `call.port-taken`, or what the database says.
    static func start(
        in workspace: Workspace, _ settings: CallSettings, on loops: EventLoops, ears: Ears = Ears(),
        presenting identity: ServerIdentity? = nil, receiver: ((CallDesk) -> any CallReceiver)? = nil
    ) async throws -> CallServer {
        let current = try await ServerIdentity.current(in: workspace.store)
        let isSecure = try await !workspace.store.trustRecords().isEmpty
        let trust = CallerTrust(workspace: workspace)
        let configuration = WPIServerConfiguration(
            address: settings.listen, port: settings.port, securePort: isSecure ? settings.securePort : nil,
            pollPort: settings.pollPort,
            material: (identity ?? current).material, minimumTLS: settings.allowsLegacy ? .v1_0 : .v1_2,
            allowsLegacy: settings.allowsLegacy, profiles: { try await trust.profiles(of: $0) })
        let desk = CallDesk(book: workspace.store, catalogue: workspace.catalogue, heard: ears.heard)
        let server = try await listening(configuration, receiver?(desk) ?? desk, loops, ears)
        let (listed, known) = (try await workspace.store.devices(), try await workspace.store.calls())
        let book = StoredContactBook(workspace.store, gap: settings.contactGap, listed, known)
        let dialer = WPIDialer(
            server: server, book: book,
            timing: CallTiming(unreachableDeadline: settings.pollPort == nil ? unreachableSeconds : pollSeconds),
            advertisedAddress: settings.address,
            interval: { [store = workspace.store] mac in try await store.contactGap(of: mac).map(Double.init) })
        return CallServer(server: server, desk: desk, book: book, dialer: dialer)
    }

    /// For the work on single phones.
    var place: CallPlace { CallPlace(dialer: dialer, desk: desk) }

    func stop() async { await server.stop() }

    /// Opens the ports for as long as some work lasts, on threads of their own.
    static func during<Outcome>(
        in workspace: Workspace, _ settings: CallSettings, ears: Ears = Ears(),
        presenting identity: ServerIdentity? = nil, _ work: (CallServer) async throws -> Outcome
    ) async throws -> Outcome {
        let loops = EventLoops()
        var server: CallServer?
        do {
            let started = try await start(
                in: workspace, settings, on: loops, ears: ears, presenting: identity)
            server = started
            let outcome = try await work(started)
            await started.stop()
            try? await loops.shutDown()
            return outcome
        } catch {
            await server?.stop()
            try? await loops.shutDown()
            throw error
        }
    }

    /// How long a phone is waited for that cannot be asked: it may be starting, and calls then.
    ///
    /// A run that is to wait longer comes back to it.
    private static let unreachableSeconds = 10.0
    /// The same where phones poll.
    private static let pollSeconds = 330.0

    private static func listening(
        _ configuration: WPIServerConfiguration, _ receiver: any CallReceiver, _ loops: EventLoops, _ ears: Ears
    ) async throws -> WPIServer {
        do {
            return try await WPIServer.start(configuration, receiver: receiver, loops: loops, report: ears.defect)
        } catch let fault as Fault where fault.code == .netLocal {
            throw Fault(.callPortTaken, subject: fault.subject, detail: fault.detail)
        }
    }
}

/// When which phone was asked to call, for all processes that share the database.
struct StoredContactBook: ContactBook {
    private let store: Store
    /// Seconds, instead of the usual shortest time.
    private let gap: Double
    /// The MAC addresses of phones by where they listen: a phone that is asked by its address in a scan is the same one
    /// that a run asks by its MAC address.
    private let macs: [String: String]

    /// - Parameters:
    ///   - listed: the devices of the list.
    ///   - known: what is known of them by their calls.
    init(_ store: Store, gap: Double, _ listed: [Device], _ known: [PhoneCalls]) {
        self.store = store
        self.gap = gap
        let contacts = Dictionary(uniqueKeysWithValues: known.map { ($0.device, $0) })
        var macs: [String: String] = [:]
        for device in listed {
            guard let mac = device.mac, let address = device.address else { continue }
            let ports = [device.port, contacts[device.id]?.contactPort, ContactMeURI.usualPort].compactMap(\.self)
            for port in ports { macs["\(address):\(port)"] = mac.description }
        }
        self.macs = macs
    }

    func claimContactMe(at place: String, gap usual: Double) async throws -> Date? {
        let isUsual = usual == ContactRule.minimumGap || gap < ContactRule.minimumGap
        return try await store.claimContactMe(at: macs[place] ?? place, gap: isUsual ? gap : max(usual, gap))
    }

    func withdrawContactMe(at place: String) async throws {
        try await store.withdrawContactMe(at: macs[place] ?? place)
    }
}

/// Takes calls and notes nothing, for a scan that shall leave the device list as it is.
struct UnnotedCalls: CallReceiver {
    let catalogue: Catalogue
    let heard: @Sendable (HeardCall, CallEntry) -> Void

    func note(_ call: IncomingCall) async throws -> CallNote {
        heard(HeardCall(call, catalogue: catalogue, at: Date()), CallEntry())
        return CallNote(startUps: 0)
    }
    func receive(_ call: IncomingCall, _ note: CallNote) async { await call.session.close() }
}

/// The trust profiles of phones that call on the secure port; read again now and then, because lists change while it listens.
actor CallerTrust {
    private struct Known {
        var trust: TrustDirectory
        var devices: [MACAddress: Device]
        var groups: [DeviceID: [String]]
        var until: ContinuousClock.Instant
    }

    private let workspace: Workspace
    private var known: Known?

    init(workspace: Workspace) { self.workspace = workspace }

    /// Those of its device, resolved for it; of a phone that is not on the list those that are bound to no type or device.
    func profiles(of mac: MACAddress) async throws -> [TrustProfile] {
        let known = try await current()
        guard let device = known.devices[mac] else {
            let values = PhoneValues(mac: mac.description, number: nil, type: nil, ip: nil)
            return known.trust.profiles(for: nil).compactMap { try? $0.resolved(for: values) }
        }
        return known.trust.profiles(for: device, groups: known.groups[device.id] ?? [])
    }

    private func current() async throws -> Known {
        if let known, .now < known.until { return known }
        let pairs = try await workspace.store.devices().compactMap { device in device.mac.map { ($0, device) } }
        let fresh = Known(
            trust: try await TrustDirectory.load(from: workspace),
            devices: Dictionary(pairs, uniquingKeysWith: { first, _ in first }),
            groups: try await workspace.groupsByDevice(), until: .now + .seconds(2))
        known = fresh
        return fresh
    }
}

extension TransferPlan {
    /// Whether phones have to call for it.
    func hasCallers(in catalogue: Catalogue) -> Bool {
        let types = Set(devices.map(\.type)).compactMap { catalogue[$0] }
        return types.contains { $0.managementProtocol == .wpi }
    }
}
