import DeploymentModel
import Foundation

/// Loads the built-in catalogue with the user's own files merged over it.
enum CatalogueFiles {
    /// Reads the site's files first, by name, then those of the command, so that these win.
    static func load(_ paths: [String]) throws -> Catalogue {
        let paths = try ofSite() + paths
        guard !paths.isEmpty else { return try Catalogue.builtIn() }
        return try Catalogue.load(paths.map { path throws(Fault) in (name: path, bytes: try UserFile.read(path)) })
    }

    /// The folder of a site's own phone types: PHONEFLEET_CATALOGUE, else `phonefleet/catalogue` in the user's
    /// configuration directory by XDG.
    static var siteFolder: String {
        let environment = ProcessInfo.processInfo.environment
        if let folder = environment["PHONEFLEET_CATALOGUE"], !folder.isEmpty { return folder }
        let configuration =
            environment["XDG_CONFIG_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil }
            ?? "\(environment["HOME"] ?? "/root")/.config"
        return "\(configuration)/phonefleet/catalogue"
    }

    /// The JSON files of the site's folder; none where there is no folder, unless it was named.
    private static func ofSite() throws(Fault) -> [String] {
        let folder = siteFolder
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
            let isNamed = ProcessInfo.processInfo.environment["PHONEFLEET_CATALOGUE"] == folder
            guard isNamed || FileManager.default.fileExists(atPath: folder) else { return [] }
            throw Fault(.inputFile, subject: folder, detail: "the folder of phone types cannot be read")
        }
        return names.filter { $0.hasSuffix(".json") && !$0.hasPrefix(".") }.sorted().map { "\(folder)/\($0)" }
    }
}
