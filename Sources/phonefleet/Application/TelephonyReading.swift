import DeploymentEngine
import DeploymentModel
import DeploymentStore
import PhoneTransport

/// Asks phones at which telephony servers they are set to register.
///
/// Each phone is leased meanwhile, as in a run; nothing is changed, and no run is left behind.
struct TelephonyReading {
    var workspace: Workspace

    /// Everything on which ``TelephonyServer/all(of:value:)`` depends.
    private static let items = [
        TelephonyItem.registrarAddress, TelephonyItem.registrarPort, TelephonyItem.serverAddress,
        TelephonyItem.serverPort, TelephonyItem.gatewayAddress, TelephonyItem.gatewayPort, TelephonyItem.routing,
        TelephonyItem.transport, TelephonyItem.systemAddress, TelephonyItem.systemPort,
    ]

    /// The servers of each phone by what it says itself; throws a ``FaultList`` naming every phone that gives no answer.
    ///
    /// - Parameters:
    ///   - prepared: a run of the phones in which nothing is done.
    ///   - devices: the same phones as they stand in the list.
    func servers(_ prepared: PreparedRun, of devices: [Device]) async throws -> [DeviceID: [TelephonyServer]] {
        let (run, plan) = try await workspace.store.createRun(plan: prepared.plan, secrets: prepared.secrets)
        let loops = EventLoops()
        let answers: [(DeviceID, Result<[TelephonyServer], Fault>)]
        do {
            let trust = try await TrustDirectory.load(from: workspace)
            let groups = try await workspace.groupsByDevice()
            let profiles = Dictionary(
                uniqueKeysWithValues: devices.map { ($0.id, trust.profiles(for: $0, groups: groups[$0.id] ?? [])) })
            let dialer = DirectDialer(loops: loops)
            answers = try await BoundedWork.map(plan.devices, width: plan.options.concurrency) { phone in
                let target = PhoneTarget(
                    address: phone.address, port: phone.port,
                    security: phone.tls ? .tls(profiles[phone.device] ?? []) : .plain,
                    timeouts: ContactTimeouts(
                        connect: plan.options.connectTimeout, handshake: plan.options.connectTimeout,
                        reply: plan.options.replyTimeout))
                return (phone.device, await answer(of: phone, at: target, dialer, in: run))
            }
        } catch {
            await end(run, loops)
            throw error
        }
        await end(run, loops)
        var servers: [DeviceID: [TelephonyServer]] = [:]
        var faults: [Fault] = []
        for (device, answer) in answers {
            switch answer {
            case .success(let found): servers[device] = found
            case .failure(let fault): faults.append(fault)
            }
        }
        guard faults.isEmpty else { throw FaultList(faults) }
        return servers
    }

    private func end(_ run: RunID, _ loops: EventLoops) async {
        try? await loops.shutDown()
        try? await workspace.store.finishRun(run, .finished)
        try? await workspace.store.removeRun(run)
    }

    private func answer(
        of phone: DevicePlan, at target: PhoneTarget, _ dialer: DirectDialer, in run: RunID
    ) async -> Result<[TelephonyServer], Fault> {
        guard let type = workspace.catalogue[phone.type] else { return .success([]) }
        let keys = Self.items.filter { type.parameter(item: $0) != nil }.map { ItemKey($0) }
        guard !keys.isEmpty else { return .success([]) }
        do {
            try await workspace.store.begin(phone.device, in: run)
            let session = try await dialer.session(with: target)
            var password: SecretText?
            if let reference = phone.password { password = try await workspace.store.reveal(reference) }
            let call = PhoneCall(session: session, password: password, itemLimit: type.limits.items)
            let items: [Item]
            do {
                items = try await ItemDriver().read(keys, over: call)
            } catch {
                await session.close()
                throw error
            }
            await session.close()
            try await workspace.store.release(phone.device, in: run)
            return .success(TelephonyServer.all(of: type) { name in items.first { $0.key.name == name }?.value })
        } catch {
            let cause = (error as? Fault)?.summary ?? "\(error)"
            return .failure(Fault(.telephonyNotAsked, subject: phone.address, detail: cause))
        }
    }
}
