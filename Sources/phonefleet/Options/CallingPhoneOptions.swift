import ArgumentParser
import DeploymentModel
import TLSMaterial
import VirtualPhone

/// How virtual phones of types that call by themselves (WPI) go about it.
struct CallingPhoneOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Where phones that call by themselves find their server; without it they call only when they are asked to.",
            valueName: "host:port"))
    var server: String?
    @Option(help: ArgumentHelp("Port of the web server of such phones; 0 for any free one.", valueName: "port"))
    var webPort = 443
    @Flag(help: "All such phones call at one moment, as after a power failure, and not one after the other.")
    var callAtStart = false
    @Option(
        help: ArgumentHelp(
            "The waiting times of such phones (contact gap, retries, overload) are so many times shorter.",
            valueName: "factor"))
    var speed = 1.0
    @Option(
        help: ArgumentHelp("Where such phones ask whether there is something to do (DCMP).", valueName: "host:port"))
    var poll: String?
    @Option(help: ArgumentHelp("How often they ask.", valueName: "duration"))
    var pollEvery = DurationArgument(seconds: 60)
    @Flag(help: "A factory reset makes such phones forget their server, as where DHCP does not name it.")
    var forgetServer = false
    @Flag(help: "Such phones take messages of exactly the described form only.")
    var strict = false
    @Flag(help: "Such phones tell the result of every file, also of several ordered at once.")
    var reportEveryFile = false
    @Option(
        help: ArgumentHelp(
            "Enter the PIN of the first line of this file at such phones, as soon as they ask for one.",
            valueName: "file"))
    var pinFile: String?

    func options() throws(Fault) -> WPIOptions {
        var options = WPIOptions()
        options.secureModeOpener = { data, password in
            let content = try SecureModeContainer(opening: data, password: password)
            return VirtualPhone.SecureMode(
                clientCertificate: content.clientCertificate, authorities: content.authorities, port: content.port)
        }
        if let pinFile { options.enteredPIN = try SecretInput.firstLine(of: pinFile).reveal() }
        if let server { options.server = try WPIEndpoint(parsing: server, usualPort: 18443) }
        guard (0...65535).contains(webPort) else {
            throw Fault(.inputValue, subject: "\(webPort)", detail: "expects a port")
        }
        guard speed.isFinite, speed > 0 else {
            throw Fault(.inputValue, subject: "\(speed)", detail: "expects a factor above 0")
        }
        options.webPort = webPort
        options.callsAtStart = callAtStart
        options.speed = speed
        options.isServerFromDHCP = !forgetServer
        options.isStrict = strict
        options.reportsEveryFile = reportEveryFile
        if let poll {
            options.polling = .init(
                proxy: try WPIEndpoint(parsing: poll, usualPort: 8080), interval: pollEvery.seconds)
        }
        return options
    }
}
