import Foundation

/// The files of the repository that the tests read.
enum Documents {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    static let schema = root.appending(path: "schema/management-interface-1.xsd")

    /// The examples of the reference, by name without suffix, in alphabetical order.
    static func examples() throws -> [(name: String, bytes: [UInt8])] {
        let folder = root.appending(path: "docs/reference/examples")
        return try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            .filter { $0.pathExtension == "xml" }
            .sorted { $0.lastPathComponent < $1.lastPathComponent }
            .map { ($0.deletingPathExtension().lastPathComponent, [UInt8](try Data(contentsOf: $0))) }
    }
}
