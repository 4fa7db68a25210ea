import ArgumentParser
import DeploymentModel

/// Where phones that call (WPI) find this program, as options.
struct CallOptions: ParsableArguments {
    @Option(
        name: .customLong("wpi-port"),
        help: ArgumentHelp("Where phones call by WPI, in their default mode.", valueName: "port"))
    var port = CallSettings.usualPort
    @Option(
        name: .customLong("wpi-secure-port"),
        help: ArgumentHelp("Where phones in secure mode call, with their own certificate.", valueName: "port"))
    var securePort = CallSettings.usualSecurePort
    @Option(
        name: .customLong("wpi-address"),
        help: ArgumentHelp(
            "The address that phones are told to call; by default the one from which each of them is reached.",
            valueName: "address"))
    var address: String?
    @Flag(help: "Also let phones call with TLS 1.0 or 1.1, which old firmware needs.") var legacyTLS = false

    func validate() throws {
        guard (1...65_535).contains(port) else { throw ValidationError("--wpi-port is 1 to 65535") }
        guard (1...65_535).contains(securePort) else { throw ValidationError("--wpi-secure-port is 1 to 65535") }
        guard port != securePort else { throw ValidationError("--wpi-port and --wpi-secure-port are the same") }
        if let address {
            guard let range = try? AddressRange(address), range.count == 1 else {
                throw ValidationError("--wpi-address is an IP address or a host name")
            }
        }
    }

    var settings: CallSettings {
        CallSettings(port: port, securePort: securePort, address: address, takesLegacyTLS: legacyTLS)
    }
}

/// Where phones that call find this program.
struct CallSettings: Hashable, Sendable {
    static let usualPort = 18_443
    static let usualSecurePort = 18_444

    var port = usualPort
    var securePort = usualSecurePort
    /// What phones are told; nil for the address from which each is reached.
    var address: String?
    var takesLegacyTLS = false
}
