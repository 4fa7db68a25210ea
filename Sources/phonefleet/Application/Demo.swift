import DeploymentEngine
import DeploymentModel
import DeploymentStore
import Foundation
import PhoneTransport
import TLSMaterial
import VirtualPhone

/// The story of a roll-out: scan, trust, numbers, settings, transfer, proof, certificates.
struct Demo {
    var stage: DemoStage
    var palette: Palette

    var workspace: Workspace { stage.workspace }

    func run(serves: Bool) async throws {
        let started = ContinuousClock.now
        tell(
            "\(Words.count(stage.phones.count, "virtual phone")) of \(Set(stage.phones.map(\.type)).count) types listen at \(stage.range) and beyond"
        )
        try await scan()
        try await scanCallers()
        try await learn()
        try await number()
        try await choose()
        try await deploy()
        try await verify()
        try await certify()
        let seconds = (ContinuousClock.now - started) / .seconds(1)
        Terminal.writeOut("\nAll of this took \(Words.duration(seconds)). \(serves ? tryThis() : whatNext())")
    }

    private func scan() async throws {
        step("scan \(stage.range)", "find the phones and put them on the device list")
        let session = ScanSession(
            workspace: workspace, addresses: try AddressArguments.parse([stage.range]),
            ports: [stage.tlsPort] + plainPorts,
            pace: .init(timeouts: ContactTimeouts(connect: 1, handshake: 3, reply: 3)))
        let rows = try await session.run(showing: nil).rows
        try await workspace.store.saveScan(rows)
        let summary = try await ScanIntake(workspace: workspace).take(rows)
        for row in rows where row.status != .phone && row.status != .notTrusted {
            tell("\(row.address) is no phone that can be listed: \(row.fault?.summary ?? row.status.rawValue)")
        }
        let untrusted = rows.count { $0.status == .notTrusted }
        tell(
            "\(Words.count(summary.added.count, "phone")) found; \(untrusted) of them speak TLS and are not trusted yet"
        )
    }

    /// The other family: phones that are not called, but call.
    private func scanCallers() async throws {
        guard let range = stage.callers else { return }
        step(
            "scan \(range) --contact-me",
            "OpenStage and OpenScape Desk Phones are not called, they call: ask them to, and list who does")
        var session = ScanSession(
            workspace: workspace, addresses: try AddressArguments.parse([range]),
            pace: .init(timeouts: ContactTimeouts(connect: 1, handshake: 3, reply: 3)))
        session.contact = (stage.calls, 10)
        let rows = try await session.run(showing: nil).rows
        let called = rows.filter { $0.status == .phone }
        let types = Set(called.compactMap(\.deviceType)).sorted()
        tell("\(Words.count(called.count, "phone")) called: \(types.joined(separator: ", "))")
        tell("in their default mode nobody authenticates them, and every result says so")
    }

    private var plainPorts: [Int] {
        Array(Set(ScanRequest.ports(of: workspace.catalogue).filter { !$0.tls }.map(\.number))).sorted()
    }

    /// Learns from one phone of each type, as an administrator does from phones on the desk, and judges all others by that.
    private func learn() async throws {
        let desk = Set(stage.deskPhones)
        step(
            "trust learn \(stage.deskPhones.joined(separator: " "))",
            "one phone of each type on the desk: by which CA is it authenticated?")
        let learner = TrustLearner(workspace: workspace)
        let rows = try await workspace.store.scanRows().filter { desk.contains($0.address) }
        for candidate in try await learner.candidates(in: rows) {
            _ = try await learner.learn(candidate, as: nil)
            let fingerprint = Words.fingerprint(candidate.anchor.fingerprint).prefix(23)
            tell("trusted: \(candidate.anchor.subject.commonName ?? "CA"), SHA-256 \(fingerprint)…")
        }
        let accepted = try await learner.rejudgeLastScan()
        let refused = try await workspace.store.scanRows().count { $0.status == .notTrusted }
        tell(
            "here you would compare the fingerprints; \(Words.count(accepted, "phone")) authenticated by them, \(refused) not"
        )
    }

    private func number() async throws {
        step("devices number --all --prefix 4989722 --start 3200 --order mac", "give every phone its terminal number")
        let devices = try await workspace.store.devices()
        let assignments = try NumberSeries(prefix: "4989722", start: "3200").assign(
            to: devices, among: devices, order: .mac)
        let numbers = Dictionary(uniqueKeysWithValues: assignments.map { ($0.device, $0.number) })
        try await workspace.store.saveDevices(
            updating: devices.map { device in
                var device = device
                device.number = numbers[device.id]
                return device
            })
        tell("numbers \(assignments.first?.number.rawValue ?? "-") to \(assignments.last?.number.rawValue ?? "-")")
    }

    private func choose() async throws {
        let assignments = ["sntp-addr=192.0.2.10", "sntp-tz-offset=60", "daylight-save=true"]
        let known = assignments.filter { text in
            let name = String(text.prefix { $0 != "=" })
            return workspace.catalogue.types.contains { $0.parameter(item: name) != nil }
        }
        step("config set --site \(known.joined(separator: " "))", "what all phones shall have; only this is sent")
        let settings = try await SettingsEditor(workspace: workspace, layer: .site).settings(known)
        try await workspace.store.changeSettings(set: settings)
        try await workspace.store.seal(SecretText("123456"), as: StoredPassword.name(for: .site))
        tell("the phones' factory password is stored, sealed")
    }

    private func deploy() async throws {
        step("deploy --all --wait-for-absent 10s", "authenticate, write what differs, read back, judge")
        let options = TransferOptions(waitForAbsent: 10, attempts: 2, replyTimeout: 3)
        let (result, seconds) = try await run(.deploy, options)
        Terminal.writeOut(ResultReport(result: result, seconds: seconds, palette: palette).text())
    }

    private func verify() async throws {
        step("verify --where 'status=verified'", "read everything again: is it still so?")
        let devices = try await workspace.devices(DeviceSelection(filter: try DeviceFilter("status=verified")))
        let (result, seconds) = try await run(.compare, TransferOptions(), devices)
        let proven = result.devices.count { $0.outcome.isProven }
        tell(
            "\(proven) of \(Words.count(result.devices.count, "phone")) have what they should have, in \(Words.duration(seconds))"
        )
        let record = try await workspace.store.run(result.run)
        tell("the record of run \(result.run) is hash-chained; its head is \(record.chainHash.prefix(16))…")
    }

    private func run(
        _ mode: RunMode, _ options: TransferOptions, _ devices: [Device]? = nil
    ) async throws -> (result: TransferResult, seconds: Double) {
        let chosen = if let devices { devices } else { try await workspace.store.devices() }
        let prepared = try await RunPreparation(workspace: workspace).prepare(
            mode: mode, devices: chosen, options: options)
        return try await RunSession(workspace: workspace, global: stage.global, calls: stage.calls).start(prepared)
    }

    func step(_ command: String, _ why: String) {
        Terminal.writeOut("\n\(palette.strong("$ phonefleet \(command)"))\n\(palette.faint("  " + why))\n")
    }

    func tell(_ text: String) { Terminal.writeOut("  \(SafeText.line(text))\n") }

    private func whatNext() -> String {
        """
        What to try next:
          phonefleet demo --serve           keeps the phones, so that you can try the commands yourself
          phonefleet virtual-phones run     as many phones as you like, with faults on demand
          phonefleet scan 10.0.0.0/24       your own phones; nothing is changed by a scan

        """
    }

    private func tryThis() -> String {
        let database = workspace.paths.database
        return """
            The phones stay until Ctrl-C. In another terminal:
              export PHONEFLEET_DATABASE=\(database)
              phonefleet devices list
              phonefleet diagnose \(stage.phones.first?.address ?? "")
              phonefleet runs show r1
              phonefleet config set --site sntp-addr=192.0.2.11 && phonefleet plan --all

            """
    }
}
