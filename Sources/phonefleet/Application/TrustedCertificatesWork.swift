import DeploymentEngine
import DeploymentModel
import DeploymentStore
import Foundation
import PhoneTransport
import TLSMaterial

/// Checks a new set of trusted certificates against everything that can be known beforehand, and makes it the work of a run.
struct TrustedCertificatesWork {
    var workspace: Workspace
    /// Chains of servers that cannot be reached from here.
    var serverChains: [ServerChainArgument]

    /// Throws a ``FaultList`` with everything that stands in the way, each telephony server once; nothing is sent.
    ///
    /// - Parameters:
    ///   - origin: the file's name, for messages.
    ///   - present: the servers at which the phones themselves say that they register; nil to go by the settings.
    func transfer(
        _ trusted: TrustedCertificates, from origin: String, to devices: [Device],
        present: [DeviceID: [TelephonyServer]]?
    ) async throws -> FileWork {
        let types = Set(devices.compactMap(\.type)).sorted().compactMap { workspace.catalogue[$0] }
        let faults = MaterialRules().faults(of: trusted, named: origin, for: types)
        guard faults.isEmpty else { throw FaultList(faults) }
        let servers = if let present { present } else { try await settings(of: devices) }
        let checks = try await check(Set(servers.values.joined()), against: trusted)
        var work = FileWork()
        let reference: SecretReference
        do throws(MaterialError) {
            reference = work.seal(try PKCS12.encode(trusted), as: "file-0")
        } catch {
            throw Fault(error, subject: origin)
        }
        for device in devices {
            let checked = (servers[device.id] ?? []).compactMap { checks[$0] }
            work.files[device.id] = [
                WantedFile(
                    kind: .clientTrustedCertificates, change: .transfer(reference, FileFacts(trusted)),
                    telephony: checked)
            ]
        }
        return work
    }

    /// The servers at which each device shall register.
    private func settings(of devices: [Device]) async throws -> [DeviceID: [TelephonyServer]] {
        let book = try await workspace.settingsBook()
        let groups = try await workspace.groupsByDevice()
        var servers: [DeviceID: [TelephonyServer]] = [:]
        for device in devices {
            guard let type = device.type.flatMap({ workspace.catalogue[$0] }) else { continue }
            let settings = book.resolve(for: device, type: type, groups: groups[device.id] ?? []).settings
            servers[device.id] = TelephonyServer.all(of: type, settings: settings)
        }
        return servers
    }

    /// Under which CA of the set each server is good.
    private func check(
        _ servers: Set<TelephonyServer>, against trusted: TrustedCertificates
    ) async throws -> [TelephonyServer: TelephonyCheck] {
        let given = try givenChains(for: servers)
        let loops = EventLoops()
        let probe = TelephonyProbe(loops: loops)
        let found = try await BoundedWork.map(Array(servers), width: 16) { server in
            if let chain = given[server] { return (server, Result<[[UInt8]], Fault>.success(chain)) }
            return (server, await Self.chain(of: server, probe))
        }
        try await loops.shutDown()
        var checks: [TelephonyServer: TelephonyCheck] = [:]
        var faults: [Fault] = []
        let now = Date()
        for (server, chain) in found {
            switch chain {
            case .failure(let fault): faults.append(fault)
            case .success(let chain) where chain.isEmpty: continue
            case .success(let chain):
                switch trusted.judge(serverChain: chain, at: now) {
                case .accepted(let verified):
                    let authority = verified.path.last?.subject.description ?? ""
                    checks[server] = TelephonyCheck(server: server.description, authority: authority)
                case .refused(let refusal):
                    faults.append(Self.fault(refusal, of: server))
                }
            }
        }
        guard faults.isEmpty else { throw FaultList(faults) }
        return checks
    }

    /// The chains that were given as files; throws a ``FaultList`` for a file that cannot be used or is for no server.
    private func givenChains(for servers: Set<TelephonyServer>) throws(FaultList) -> [TelephonyServer: [[UInt8]]] {
        var chains: [TelephonyServer: [[UInt8]]] = [:]
        var faults: [Fault] = []
        for argument in serverChains {
            let meant = servers.filter { argument.isMeant(for: $0) && chains[$0] == nil }
            do throws(Fault) {
                let chain = try argument.chain()
                guard !meant.isEmpty else {
                    throw Fault(
                        .inputNotFound, subject: "--server-chain \(argument.address)",
                        detail: "no selected phone registers there")
                }
                for server in meant { chains[server] = chain }
            } catch {
                faults.append(error)
            }
        }
        guard faults.isEmpty else { throw FaultList(faults) }
        return chains
    }

    /// The chain of a server as it presents it now.
    private static func chain(of server: TelephonyServer, _ probe: TelephonyProbe) async -> Result<[[UInt8]], Fault> {
        do {
            let sight = try await probe.look(at: server.address, port: server.port)
            if !sight.chain.isEmpty { return .success(sight.chain) }
            // Nothing that trusted certificates could shut out: the type has no parameter for TLS, and it is not spoken.
            if server.security == .unsaid, sight.speaksNoTLS { return .success([]) }
            throw sight.fault ?? Fault(.tlsNoCertificate)
        } catch {
            let cause = (error as? Fault)?.summary ?? "\(error)"
            return .failure(Fault(.telephonyNotChecked, subject: server.description, detail: cause))
        }
    }

    private static func fault(_ refusal: TelephonyRefusal, of server: TelephonyServer) -> Fault {
        var detail = refusal.failure.detail
        if let issuer = refusal.missingIssuer { detail += "; the set lacks the CA \(issuer)" }
        return Fault(.telephonyNotTrusted, subject: server.description, detail: detail)
    }
}
