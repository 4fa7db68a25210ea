import Foundation
import ProcessTesting
import TLSMaterial

/// A throw-away folder in which other programs make and read files.
final class Workshop {
    let directory: URL

    init() throws {
        directory = FileManager.default.temporaryDirectory.appendingPathComponent("workshop-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: directory) }

    /// A command that did not end well, with what it said.
    struct Failure: Error, CustomStringConvertible { var description: String }

    /// Runs shell commands inside the folder and returns what they wrote; the first that fails ends them.
    @discardableResult
    func run(_ script: String, environment: [String: String] = [:]) throws -> String {
        let base = ["PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": directory.path]
        let said = try Tool.runAndWait(
            ["/bin/sh", "-ec", "exec 2>&1\n\(script)"], directory: directory.path,
            environment: base.merging(environment) { $1 })
        guard said.status == 0 else { throw Failure(description: "\(script)\n\(said.text)") }
        return said.text
    }

    func write(_ name: String, _ bytes: [UInt8]) throws {
        try Data(bytes).write(to: directory.appendingPathComponent(name))
    }

    func write(_ name: String, _ text: String) throws { try write(name, Array(text.utf8)) }

    func read(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: directory.appendingPathComponent(name)))
    }

    /// Writes `key.pem`, `leaf.pem` and `chain.pem` (what is above the leaf).
    func write(_ material: KeyMaterial) throws {
        let blocks = material.pemText.components(separatedBy: "-----BEGIN CERTIFICATE-----")
        try write("key.pem", blocks[0])
        try write("leaf.pem", "-----BEGIN CERTIFICATE-----" + blocks[1])
        try write("chain.pem", blocks.dropFirst(2).map { "-----BEGIN CERTIFICATE-----" + $0 }.joined())
    }

    static func isInstalled(_ program: String) -> Bool {
        FileManager.default.isExecutableFile(atPath: "/usr/bin/\(program)")
    }
}
