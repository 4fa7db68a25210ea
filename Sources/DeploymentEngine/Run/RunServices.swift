public import DeploymentModel
public import PhoneTransport
public import struct Foundation.Date

/// What a run is made with; put together in the composition root, and in tests from stand-ins.
public struct RunServices: Sendable {
    public var catalogue: Catalogue
    public var dialer: any PhoneDialer
    public var journal: any RunJournal
    public var secrets: any SecretSource
    public var observers: [any TransferObserver]
    public var drivers: [ManagementProtocol: any PhoneDriver]
    public var verification: Verification
    public var time: Time
    /// Gets what a phone gives back where a plan asks for nothing but reading a file; may hold a private key.
    ///
    /// A fault that it throws is the phone's result.
    public var received: (@Sendable (DeviceID, FileKind, [UInt8]) throws -> Void)?
    /// Looks at the web servers of phones that call, where their certificate was changed; nil where nobody does.
    public var web: Web?
    /// Hears of phones that call; runs wait there for phones that are busy or start again.
    public var calls: CallDesk?
    /// Where the visits to phones run, in turn; none for the default executor.
    ///
    /// Made for the threads of the connections (see `EventLoops.executors`).
    public var executors: [any TaskExecutor] = []

    /// The web servers of phones that call.
    public struct Web: Sendable {
        public var probe: any PhoneProbe
        public var port: Int

        public init(probe: any PhoneProbe, port: Int) {
            self.probe = probe
            self.port = port
        }
    }

    /// Where time and chance come from.
    public struct Time: Sendable {
        /// Measures pauses and durations.
        public var clock: any Clock<Duration>
        /// The date that is written into journal, events and results.
        public var now: @Sendable () -> Date
        /// Of the jitter in pauses; the same seed gives the same pauses.
        public var seed: UInt64

        public init(
            clock: any Clock<Duration> = ContinuousClock(), now: @escaping @Sendable () -> Date = { Date() },
            seed: UInt64 = UInt64.random(in: 0 ... .max)
        ) {
            self.clock = clock
            self.now = now
            self.seed = seed
        }
    }

    public init(
        catalogue: Catalogue, dialer: any PhoneDialer, journal: any RunJournal, secrets: any SecretSource,
        observers: [any TransferObserver] = [],
        drivers: [ManagementProtocol: any PhoneDriver] = [
            .direct: ItemDriver(), .wpi: ItemDriver(),
        ], verification: Verification = .standard, time: Time = Time()
    ) {
        self.catalogue = catalogue
        self.dialer = dialer
        self.journal = journal
        self.secrets = secrets
        self.observers = observers
        self.drivers = drivers
        self.verification = verification
        self.time = time
    }
}
