import ArgumentParser
import DeploymentModel
import PhoneTransport

/// `phonefleet serve`: listens for phones that call.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Listen for phones that call, until Ctrl-C.",
        discussion: """
            OpenStage and OpenScape Desk Phones call at every start, and when somebody changed a setting at the phone. \
            Who calls is put on the device list; what was changed is kept for 'devices show' and 'verify'. Phones in \
            secure mode are served at a port of their own, as soon as there is a trust profile to judge them by. A \
            run ('deploy', 'verify') listens by itself for as long as it lasts, and needs this command not. With \
            --format json every call is a JSON document of one line.
            """)
    @OptionGroup var calls: CallOptions
    @Option(
        help: ArgumentHelp(
            "Only print DHCP option 43, by which phones learn to call this address.", valueName: "address"))
    var dhcpOption: String?
    @Option(help: ArgumentHelp("The VLAN that DHCP names to phones, with --dhcp-option.", valueName: "number"))
    var vlan: Int?
    @OptionGroup var global: GlobalOptions

    func validate() throws {
        guard vlan == nil || dhcpOption != nil else { throw ValidationError("--vlan goes with --dhcp-option") }
        if let vlan, !(0...4095).contains(vlan) { throw ValidationError("--vlan is 0 to 4095") }
        if let dhcpOption {
            guard let range = try? AddressRange(dhcpOption), range.count == 1 else {
                throw ValidationError("--dhcp-option is an IP address or a host name")
            }
        }
    }

    func run() async throws {
        if let dhcpOption {
            let option = DHCPOption(address: dhcpOption, port: calls.port, vlan: vlan)
            return Terminal.writeOut(try option.lines())
        }
        let workspace = try Workspace.open(global)
        switch global.format {
        case .table: try await serve(workspace)
        case .json: try await serveInLines(workspace)
        case .csv: throw Fault(.inputValue, subject: "csv", detail: "what is heard is told as a table or as JSON")
        }
    }

    private func serve(_ workspace: Workspace) async throws {
        let report = ServeReport(tellsAll: global.verbose, isQuiet: global.quiet)
        let ears = CallServer.Ears(
            heard: { report.tell($0, $1) }, defect: { report.tell($0, $1) }, unkept: { report.tell(unkept: $0) })
        let server = try await CallServer.during(in: workspace, calls.settings, ears: ears) { server in
            await untilStopped { Terminal.writeOut(Self.greeting(server.server)) }
            return server
        }
        for line in ServeReport.summary(server) { global.say(line) }
    }

    /// For programs: every call is a line.
    private func serveInLines(_ workspace: Workspace) async throws {
        let lines = ServeLines()
        let ears = CallServer.Ears(
            heard: { lines.tell($0, $1) }, defect: { lines.tell($0, $1) }, unkept: { lines.tell(unkept: $0) })
        let server = try await CallServer.during(in: workspace, calls.settings, ears: ears) { server in
            await untilStopped { lines.listening(server.server) }
            return server
        }
        lines.ended(server)
    }

    private func untilStopped(ready: () -> Void) async {
        await Signals.untilStopped(ready: ready)
        global.say("ending: phones that are being served are served to the end; once more to stop at once")
    }

    private static func greeting(_ server: WPIServer) -> String {
        var parts = ["phones call at port \(server.port)"]
        if let port = server.securePort { parts.append("in secure mode at port \(port)") }
        if let port = server.pollPort { parts.append("and poll at port \(port)") }
        return parts.joined(separator: ", ") + "; Ctrl-C ends\n"
    }
}
