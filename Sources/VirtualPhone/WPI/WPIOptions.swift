public import DeploymentModel

/// Where a server listens.
public struct WPIEndpoint: Hashable, Sendable, Codable, CustomStringConvertible {
    /// IP address or host name.
    public var host: String
    /// 1...65535.
    public var port: Int

    public init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// Reads `HOST:PORT`, or `HOST` with the usual port.
    ///
    /// - Throws: ``Fault`` with `input.value`.
    public init(parsing text: String, usualPort: Int) throws(Fault) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), let host = parts.first, !host.isEmpty,
            let port = parts.count == 2 ? Int(parts[1]) : usualPort, (1...65535).contains(port),
            host.utf8.allSatisfy({ HTTPText.isHostByte($0) })
        else { throw Fault(.inputValue, subject: text, detail: "expects HOST or HOST:PORT") }
        self.init(host: String(host), port: port)
    }

    public var description: String { "\(host):\(port)" }
}

/// How the phones of a fleet that call by themselves (WPI) go about it.
public struct WPIOptions: Sendable {
    /// Where phones in default mode find their server; nil = they know none until they are contacted.
    public var server: WPIEndpoint?
    /// DHCP names the server, so that a factory reset does not make the phone forget it.
    public var isServerFromDHCP = true
    /// Port of the phones' own web server (TLS); nil = there is none, 0 = any free one.
    public var webPort: Int? = 443
    /// All phones call at one moment when the fleet starts, as after a power failure; otherwise they are spread out.
    public var callsAtStart = false
    /// All waiting times of the protocol are so many times shorter: contact gap, overload, retries, local changes, polls.
    public var speed = 1.0
    /// Takes only messages of exactly the described form.
    public var isStrict = false
    /// Tells the result of every file, also where several were ordered at once or some deleted.
    public var reportsEveryFile = false
    /// Where the phones ask whether there is something to do, for networks in which nobody can reach them.
    public var polling: Polling?
    /// How long an answer may take, in seconds; not shortened by ``speed``.
    public var answerSeconds = 60.0
    /// Largest file that is fetched, in bytes; firmware may be sixteen times as large.
    public var mostFileBytes = 8 << 20

    /// Opens `secure-mode-data`; nil = the phones refuse secure mode with a PIN.
    public var secureModeOpener: SecureModeOpener?
    /// What the user of each phone enters as soon as it asks for a PIN; nil = nobody is there.
    public var enteredPIN: String?

    /// Opens a container of `secure-mode-data` with the password that the PIN yields: the PIN without its last three
    /// characters.
    ///
    /// The vendor's packing is not public; whoever defines one of ours hands its opener to the fleet. Throws for a wrong
    /// password and for a damaged container alike.
    public typealias SecureModeOpener = @Sendable (_ data: [UInt8], _ password: String) throws -> SecureMode

    /// A DCMP proxy.
    public struct Polling: Hashable, Sendable {
        /// Plain HTTP.
        public var proxy: WPIEndpoint
        /// Seconds between two questions.
        public var interval: Double

        public init(proxy: WPIEndpoint, interval: Double) {
            self.proxy = proxy
            self.interval = interval
        }
    }

    public init(server: WPIEndpoint? = nil) {
        self.server = server
    }
}
