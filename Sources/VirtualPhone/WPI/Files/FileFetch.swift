import Crypto
import NIOCore
import NIOSSL

/// Loads one file by HTTPS or FTP; of its content only the beginning and the fingerprint are kept.
///
/// Lives on its event loop.
final class FileFetch {
    typealias Outcome = Result<LoadedFile, WPIMachine.FetchFailure>

    private let loop: any EventLoop
    private let ownAddress: String
    private let limit: Int
    private let onEnd: (Outcome) -> Void
    private var hash = SHA256()
    private var head: [UInt8] = []
    private var size = 0
    private var exchange: OutgoingExchange?
    private var control: FTPConnection?
    private var data: FTPConnection?
    private var dialogue: FTPDialogue?
    private var timer: Scheduled<Void>?
    private var isOver = false
    private static let longest = TimeAmount.minutes(15)

    /// - Parameter onEnd: called once, unless the fetch is given up before.
    init(loop: any EventLoop, ownAddress: String, limit: Int, onEnd: @escaping (Outcome) -> Void) {
        self.loop = loop
        self.ownAddress = ownAddress
        self.limit = limit
        self.onEnd = onEnd
    }

    func start(_ source: FileSource, tls: NIOSSLContext) {
        timer = loop.assumeIsolated().scheduleTask(in: Self.longest) { self.finish(.failure(.broken)) }
        switch source {
        case .https(let server, let path): startHTTPS(server, path, tls)
        case .ftp(let server, let path, let user, let password):
            startFTP(server, FTPDialogue(path: path, user: user, password: password))
        }
    }

    /// Gives up; nothing is told any more.
    func end() {
        isOver = true
        letGo()
    }

    private func finish(_ outcome: Outcome) {
        guard !isOver else { return }
        isOver = true
        letGo()
        onEnd(outcome)
    }

    private func letGo() {
        timer?.cancel()
        timer = nil
        exchange?.end()
        control?.end()
        data?.end()
        exchange = nil
        control = nil
        data = nil
    }

    private func take(_ bytes: ByteBufferView) {
        size += bytes.count
        guard size <= limit else { return finish(.failure(.tooLarge)) }
        bytes.withUnsafeBytes { hash.update(bufferPointer: $0) }
        if head.count < LoadedFile.headBytes { head += bytes.prefix(LoadedFile.headBytes - head.count) }
    }

    private func succeed() {
        let fingerprint = HexText.of(hash.finalize())
        finish(size == 0 ? .failure(.broken) : .success(LoadedFile(size: size, fingerprint: fingerprint, head: head)))
    }

    // MARK: HTTPS

    private func startHTTPS(_ server: WPIEndpoint, _ path: String, _ tls: NIOSSLContext) {
        // Without a CA and a policy for file servers a phone takes any certificate.
        let exchange = OutgoingExchange(security: .init(context: tls, believes: { _ in true }), bodyLimit: limit)
        self.exchange = exchange
        exchange.onEvent = { [weak self] event in
            guard let self else { return }
            switch event {
            case .ready:
                exchange.send(
                    ByteBuffer(
                        string: "GET \(path) HTTP/1.1\r\nHost: \(server)\r\nConnection: close\r\nAccept: */*\r\n\r\n"))
            case .body(let bytes): take(bytes)
            case .answered(let head): head.status == 200 ? succeed() : finish(.failure(.refused))
            case .gone(let problem): finish(.failure(problem.isTooLarge ? .tooLarge : .unreachable))
            }
        }
        exchange.open(to: server, from: ownAddress, on: loop)
    }

    // MARK: FTP

    private func startFTP(_ server: WPIEndpoint, _ dialogue: FTPDialogue) {
        self.dialogue = dialogue
        let control = FTPConnection(isData: false)
        self.control = control
        control.onEvent = { [weak self] event in
            guard let self else { return }
            switch event {
            case .line(let line): carryOut(self.dialogue?.received(line) ?? [], server)
            case .closed: finish(.failure(.unreachable))
            case .bytes: break
            }
        }
        control.open(to: server, from: ownAddress, on: loop)
    }

    private func carryOut(_ steps: [FTPDialogue.Step], _ server: WPIEndpoint) {
        for step in steps {
            switch step {
            case .send(let line): control?.send(line)
            case .openData(let port): openData(WPIEndpoint(host: server.host, port: port), server)
            case .finished: succeed()
            case .failed: finish(.failure(.refused))
            }
        }
    }

    private func openData(_ place: WPIEndpoint, _ server: WPIEndpoint) {
        let data = FTPConnection(isData: true)
        self.data = data
        data.onEvent = { [weak self] event in
            guard let self else { return }
            switch event {
            case .bytes(let bytes): take(bytes)
            case .closed(let isInOrder):
                guard isInOrder else { return finish(.failure(.broken)) }
                carryOut(dialogue?.dataEnded() ?? [], server)
            case .line: break
            }
        }
        data.open(to: place, from: ownAddress, on: loop)
    }
}
