import Foundation
import ProcessTesting
import Synchronization
public import TLSMaterial

/// A SIP registrar over TLS that nobody here wrote: kamailio, on an address and port of its own, with its log in memory.
///
/// Every user registers with the same password; the realm is `phones.test`. Each request that reaches the script is a line
/// of ``requests``. The server ends with ``stop()``, and also when this process dies: a parent of its own waits for the
/// end of its input and ends it.
public final class Kamailio: Sendable {
    /// Kamailio did not come up, or did not say what was waited for; with the end of its log.
    public struct Failure: Error, CustomStringConvertible {
        public var description: String
    }

    public enum Digest: String, Sendable { case md5 = "MD5", sha256 = "SHA-256" }

    public static let password = "geheim-4711"
    public static let realm = "phones.test"

    public let address: String
    public let port: Int
    private let directory: URL
    private let log = ProcessLog()
    private let running = Mutex<Running?>(nil)

    private struct Running {
        var process: ChildProcess
        var input: ChildPipe
    }

    private init(address: String, port: Int, directory: URL) {
        self.address = address
        self.port = port
        self.directory = directory
    }

    /// Runs `body` with a server that is up, and ends the server whatever happens.
    ///
    /// - Parameter mostSeconds: for how long a registration is granted at most.
    public static func with(
        _ material: KeyMaterial, digest: Digest = .md5, mostSeconds: Int = 3600,
        _ body: (Kamailio) async throws -> Void
    ) async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "kamailio-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let address = "127.77.\(Int.random(in: 1...254)).\(Int.random(in: 1...254))"
        let server = Kamailio(address: address, port: try FreePort.at(address), directory: directory)
        try server.writeFiles(material, digest: digest, mostSeconds: mostSeconds)
        var failure: (any Error)?
        do {
            try await server.start()
            try await body(server)
        } catch { failure = error }
        await server.stop()
        if let failure { throw failure }
    }

    /// What reached the script, oldest first: `REGISTER 4711 expires=3660 user=anna`, or `user=<null>` without proof.
    ///
    /// The log comes a moment after the answer: wait by ``waitForRequests(_:)`` before looking.
    public var requests: [String] { log.lines.compactMap(Self.request) }

    private static func request(_ line: String) -> String? {
        line.range(of: "SEEN ").map { String(line[$0.upperBound...]) }
    }

    /// Waits until so many requests have reached the script since the beginning.
    public func waitForRequests(_ count: Int) async throws {
        try await log.wait("\(count) requests") { lines in lines.count { Self.request($0) != nil } >= count }
    }

    /// The kamailio processes come up; returns when requests are served.
    public func start() async throws {
        let before = log.lines.count
        let input = try ChildPipe()
        let output = try ChildPipe()
        let process = try ChildProcess(
            ["python3", "-c", Self.script] + arguments, streams: .init(input: input.input, errors: output.output))
        output.closeWriteEnd()
        running.withLock { $0 = Running(process: process, input: input) }
        log.follow(output)
        try await log.wait("the server to come up") { lines in
            lines.dropFirst(before).contains { $0.contains("READY") }
        }
    }

    /// Ends the server and returns when its processes are gone.
    public func stop() async {
        guard
            let running = running.withLock({ running in
                defer { running = nil }
                return running
            })
        else { return }
        running.input.closeWriteEnd()
        _ = await OwnThread.run { running.process.wait() }
    }

    /// Runs the server until its input ends, then ends all its processes.
    ///
    /// Its own standard error is closed, so that the log ends with the server.
    private static let script = """
        import os, signal, subprocess, sys
        os.environ["PATH"] += ":/usr/sbin:/sbin"
        server = subprocess.Popen(
            ["kamailio"] + sys.argv[1:], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, start_new_session=True)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        sys.stdin.buffer.read()
        server.terminate()
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            pass
        try:
            os.killpg(server.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        """

    private var arguments: [String] {
        let path = directory.path
        return ["-f", "\(path)/kamailio.cfg", "-DD", "-E", "-m", "256", "-M", "16", "-Y", path, "-w", path]
    }
}

extension Kamailio {
    private func writeFiles(_ material: KeyMaterial, digest: Digest, mostSeconds: Int) throws {
        let path = directory.path
        try material.pemText.write(toFile: "\(path)/server.pem", atomically: true, encoding: .utf8)
        let tls = """
            [server:default]
            method = TLSv1.2+
            verify_certificate = no
            require_certificate = no
            private_key = \(path)/server.pem
            certificate = \(path)/server.pem

            """
        try tls.write(toFile: "\(path)/tls.cfg", atomically: true, encoding: .utf8)
        try configuration(digest: digest, mostSeconds: mostSeconds).write(
            toFile: "\(path)/kamailio.cfg", atomically: true, encoding: .utf8)
    }

    private func configuration(digest: Digest, mostSeconds: Int) -> String {
        let modules = ["tls", "sl", "pv", "auth", "usrloc", "registrar", "textops", "xlog"]
        return """
            debug=1
            log_stderror=yes
            fork=yes
            children=1
            tcp_children=2
            enable_tls=yes
            auto_aliases=no
            dns=no
            rev_dns=no
            listen=tls:\(address):\(port)
            \(modules.map { "loadmodule \"\($0).so\"" }.joined(separator: "\n"))
            modparam("tls", "config", "\(directory.path)/tls.cfg")
            modparam("usrloc", "db_mode", 0)
            modparam("registrar", "max_expires", \(mostSeconds))
            modparam("auth", "algorithm", "\(digest.rawValue)")
            request_route {
                xlog("L_ALERT", "SEEN $rm $fU expires=$hdr(Expires) user=$au\\n");
                if (!is_method("REGISTER")) { sl_send_reply("405", "Registrations only"); exit; }
                if (!pv_www_authenticate("\(Self.realm)", "\(Self.password)", "0")) {
                    www_challenge("\(Self.realm)", "1");
                    exit;
                }
                save("location");
            }
            event_route[core:worker-one-init] { xlog("L_ALERT", "READY\\n"); }

            """
    }
}
