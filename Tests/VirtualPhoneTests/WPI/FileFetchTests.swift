import DeploymentModel
import DeploymentTesting
import Foundation
import ProcessTesting
import TLSMaterial
import Testing
import VirtualPhone

/// Files that phones fetch from servers that nobody here wrote.
@Suite struct FileFetchTests {
    private struct Servers {
        var directory: URL
        var https: String
        var ftp: String
        var process: ChildProcess
    }

    private static func servers(knowsEPSV: Bool = true) async throws -> Servers {
        let directory = FileManager.default.temporaryDirectory.appending(path: "files-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory.appending(path: "sub"), withIntermediateDirectories: true)
        let picture = Data([0x89, 0x50, 0x4E, 0x47]) + Data(repeating: 7, count: 100_000)
        try picture.write(to: directory.appending(path: "sub/logo.png"))
        let image = Data(repeating: 1, count: 32) + Data("OpenStage 60\0V3 R6.1.0\0".utf8)
        try (image + Data(repeating: 9, count: 300_000)).write(to: directory.appending(path: "app.img"))
        let file = directory.appending(path: "material.pem").path()
        try ThrowawayCA().issue("CN=files").pemText.write(toFile: file, atomically: true, encoding: .utf8)
        let script = PeerProgram.path("file_servers.py")
        let output = try ChildPipe()
        let process = try ChildProcess(
            ["python3", script, "127.0.0.1", directory.path(), file, file] + (knowsEPSV ? [] : ["--no-epsv"]),
            streams: .init(output: output.output))
        output.closeWriteEnd()
        let line = try #require(await OwnThread.run { output.line() })
        let ports = line.split(separator: " ")
        return Servers(directory: directory, https: String(ports[0]), ftp: String(ports[1]), process: process)
    }

    private func with(
        knowsEPSV: Bool = true, options: (inout WPIOptions) -> Void = { _ in },
        _ body: (ToldServer, VirtualFleet, Servers) async throws -> Void
    ) async throws {
        let files = try await Self.servers(knowsEPSV: knowsEPSV)
        defer {
            files.process.end()
            try? FileManager.default.removeItem(at: files.directory)
        }
        let server = try await ToldServer.start()
        try await CallingPhones.with(server, options: options) { fleet in
            _ = try await server.hear()
            try await body(server, fleet, files)
        }
    }

    private func ftp(_ files: Servers, _ name: String, password: String = "secret") -> String {
        [
            ("file-server", "127.0.0.1"), ("file-port", files.ftp), ("file-path", "sub"), ("file-name", name),
            ("file-username", "phone"), ("file-pwd", password), ("file-type", "LOGO"),
        ].map { "<Item name='\($0.0)'>\($0.1)</Item>" }.joined()
    }

    private func https(_ files: Servers, _ path: String, type: String) -> String {
        "<Item name='file-https-base-url'>https://127.0.0.1:\(files.https)/\(path)</Item>"
            + "<Item name='file-type'>\(type)</Item>"
    }

    @Test("a file comes by FTP, also from a server without EPSV, and by HTTPS", arguments: ["ftp", "pasv", "https"])
    func filesCome(means: String) async throws {
        try await with(knowsEPSV: means != "pasv") { server, fleet, files in
            let order = means == "https" ? https(files, "sub/logo.png", type: "LOGO") : ftp(files, "logo.png")
            let told = try await server.order("FileDeployment", order)
            #expect(told.reason == "status" && told.items?["file-deployment-status"] == "ok")
            #expect(told.items?["file-deployment-name"] == "logo.png")
            try await server.cleanUp()
            let held = fleet.state(of: fleet.phones[0].address)?.fetchedFiles
            let content = try Data(contentsOf: files.directory.appending(path: "sub/logo.png"))
            #expect(held?.first?.fingerprint == Fingerprint(of: Array(content)).text)
            #expect(held?.first?.size == content.count)
        }
    }

    @Test(arguments: ["missing", "password", "large", "missing over https"])
    func aFileThatDoesNotCome_isToldAsFailed(cause: String) async throws {
        try await with(options: { if cause == "large" { $0.mostFileBytes = 50_000 } }) { server, fleet, files in
            let order =
                switch cause {
                case "missing": ftp(files, "nothing.png")
                case "password": ftp(files, "logo.png", password: "wrong")
                case "large": ftp(files, "logo.png")
                default: https(files, "nothing.png", type: "LOGO")
                }
            let told = try await server.order("FileDeployment", order)
            #expect(told.reason == "status" && told.items?["file-deployment-status"] == "failed")
            try await server.cleanUp()
            #expect(fleet.state(of: fleet.phones[0].address)?.fetchedFiles.isEmpty == true)
        }
    }

    @Test func firmware_isLoaded_andToldInTheStartUp() async throws {
        try await with { server, fleet, files in
            let told = try await server.order("SoftwareDeployment", https(files, "app.img", type: "APP"))
            #expect(told.reason == "start-up" && told.items?["software-version"] == "V3 R6.1.0")
            try await server.cleanUp()
            #expect(fleet.state(of: fleet.phones[0].address)?.software == SoftwareVersion("V3 R6.1.0"))
        }
    }
}
