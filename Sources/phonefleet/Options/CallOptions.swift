import ArgumentParser
import DeploymentModel
import PhoneTransport

/// Where phones that call (WPI) find this program, as options.
struct CallOptions: ParsableArguments {
    @Option(
        name: .customLong("wpi-port"),
        help: ArgumentHelp("Where phones call by WPI, in their default mode.", valueName: "port"))
    var port = CallSettings.usualPort
    @Option(
        name: .customLong("wpi-secure-port"),
        help: ArgumentHelp("Where phones in secure mode call, with a certificate of their own.", valueName: "port"))
    var securePort = CallSettings.usualSecurePort
    @Option(
        name: .customLong("wpi-address"),
        help: ArgumentHelp(
            "The address that phones are told to call; by default the one from which each of them is reached.",
            valueName: "address"))
    var address: String?
    @Option(
        name: .customLong("wpi-listen"),
        help: ArgumentHelp("Listen for calls at this IP address of the machine only.", valueName: "address"))
    var listen = "0.0.0.0"
    @Option(
        name: .customLong("dcmp-port"),
        help: ArgumentHelp(
            "Answer at this port, in plain HTTP, phones that poll whether they shall call (DCMP).", valueName: "port"))
    var pollPort: Int?
    @Option(
        help: ArgumentHelp(
            "Shortest time between two requests to a phone to call; less than a minute is for virtual phones.",
            valueName: "duration"))
    var contactGap = DurationArgument(seconds: ContactRule.minimumGap)
    @Flag(
        name: .customLong("legacy-tls"),
        help: "Also let phones call with TLS 1.0, 3DES and SHA-1, which old firmware needs.")
    var legacyTLS = false

    @Option(
        help: ArgumentHelp(
            "Where phones serve their web pages over TLS, to compare certificates or see a changed one.",
            valueName: "port"))
    var webPort = 443

    func validate() throws {
        guard (1...65_535).contains(webPort) else { throw ValidationError("--web-port is 1 to 65535") }
        let ports =
            [("--wpi-port", port), ("--wpi-secure-port", securePort)] + (pollPort.map { [("--dcmp-port", $0)] } ?? [])
        for (name, port) in ports {
            guard (1...65_535).contains(port) else { throw ValidationError("\(name) is 1 to 65535") }
        }
        guard Set(ports.map(\.1)).count == ports.count else {
            throw ValidationError("\(ports.map(\.0).joined(separator: " and ")) cannot be one port")
        }
        guard contactGap.seconds >= 0.1 else { throw ValidationError("--contact-gap is 100ms or more") }
        if let address {
            guard let range = try? AddressRange(address), range.count == 1 else {
                throw ValidationError("--wpi-address is an IP address or a host name")
            }
        }
    }

    var settings: CallSettings {
        CallSettings(
            listen: listen, port: port, securePort: securePort, pollPort: pollPort, address: address,
            contactGap: contactGap.seconds, webPort: webPort,
            allowsLegacy: legacyTLS)
    }
}

/// Where phones that call find this program, and how they are asked to.
struct CallSettings: Hashable, Sendable {
    static let usualPort = 18_443
    static let usualSecurePort = 18_444

    /// The IP address on which the ports are opened.
    var listen = "0.0.0.0"
    /// For phones in default mode; nil for nowhere.
    var port: Int? = usualPort
    var securePort = usualSecurePort
    /// Where phones poll (DCMP); nil for nowhere.
    var pollPort: Int?
    /// What phones are told; nil for the address from which each is reached.
    var address: String?
    /// Seconds; the shortest time between two requests to one phone.
    var contactGap = ContactRule.minimumGap
    /// Of the phones.
    var webPort = 443
    var allowsLegacy = false
}
