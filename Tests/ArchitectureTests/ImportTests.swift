import Foundation
import Testing

/// Which modules of ours a module may import, and why there is a wall where there is one.
private struct Wall {
    var module: String
    var mayImport: Set<String>
    var reason: String
}

private let walls = [
    Wall(
        module: "DeploymentModel", mayImport: [],
        reason: "values and pure rules can be tested and reused without anything else"),
    Wall(
        module: "TLSMaterial", mayImport: [],
        reason: "trust decisions depend on certificates and profiles alone, so that they can be reviewed alone"),
    Wall(
        module: "ManagementXML", mayImport: ["DeploymentModel"],
        reason: "the wire is a leaf without I/O, shared by tool and virtual phone"),
    Wall(
        module: "PhoneTransport", mayImport: ["DeploymentModel", "ManagementXML", "TLSMaterial"],
        reason: "the transport carries actions and knows no plan, no run, no database"),
    Wall(
        module: "DeploymentEngine", mayImport: ["DeploymentModel", "ManagementXML", "PhoneTransport", "TLSMaterial"],
        reason: "the engine reaches the database through the journal it is given, never by itself"),
    Wall(
        module: "DeploymentStore", mayImport: ["DeploymentModel"],
        reason: "the store can be replaced by another database without touching the engine"),
    Wall(
        module: "VirtualPhone", mayImport: ["DeploymentModel", "ManagementXML", "PhoneTransport", "TLSMaterial"],
        reason:
            "a virtual phone shares wire and TLS with the tool, never the engine: a wrong engine must not agree with itself"
    ),
    Wall(
        module: "phonefleet",
        mayImport: [
            "DeploymentModel", "TLSMaterial", "ManagementXML", "PhoneTransport", "DeploymentEngine", "DeploymentStore",
            "VirtualPhone",
        ],
        reason: "the command line is the composition root"),
]

private let sourcesDirectory = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().appending(path: "Sources")

/// Every `import` line of a module's sources, with the file it stands in.
private func imports(of module: String) throws -> [(file: String, imported: String)] {
    let directory = sourcesDirectory.appending(path: module)
    let files =
        FileManager.default.enumerator(at: directory, includingPropertiesForKeys: nil)?
        .compactMap { $0 as? URL }.filter { $0.pathExtension == "swift" } ?? []
    return try files.flatMap { file in
        try String(contentsOf: file, encoding: .utf8).split(separator: "\n").compactMap { line -> (String, String)? in
            guard let match = line.firstMatch(of: importLine) else { return nil }
            return (file.lastPathComponent, String(match.output.1))
        }
    }
}

private nonisolated(unsafe) let importLine =
    /^\s*(?:@\w+\s+)?(?:public |package |internal |private |fileprivate )?import (?:struct |class |enum |protocol |func |typealias |let |var )?(\w+)/

@Suite("The direction of dependencies")
struct ImportTests {
    @Test("every module imports only what its wall allows", arguments: walls.map(\.module))
    func modulesKeepToTheirWalls(module: String) throws {
        let wall = try #require(walls.first { $0.module == module })
        let ours = Set(walls.map(\.module))
        let found = try imports(of: module)
        #expect(!found.isEmpty, "no imports found in \(module): the test looks in the wrong place")
        for (file, imported) in found where ours.contains(imported) && !wall.mayImport.contains(imported) {
            Issue.record("\(module)/\(file) imports \(imported); the wall stands because \(wall.reason)")
        }
    }

    @Test("every folder of sources has a wall")
    func everyModuleIsHeld() throws {
        let folders = try FileManager.default.contentsOfDirectory(atPath: sourcesDirectory.path())
            .filter { !$0.hasPrefix(".") }
        #expect(Set(folders) == Set(walls.map(\.module)))
    }

    @Test("values and wire do no input or output")
    func pureModulesHaveNoIO() throws {
        let forbidden: Set = ["NIOCore", "NIOPosix", "NIOSSL", "NIOHTTP1", "GRDB", "Dispatch", "Glibc"]
        for module in ["DeploymentModel", "ManagementXML", "TLSMaterial"] {
            for (file, imported) in try imports(of: module) where forbidden.contains(imported) {
                Issue.record("\(module)/\(file) imports \(imported)")
            }
        }
    }
}
