import DeploymentModel

/// Loads the built-in catalogue with the user's own files merged over it.
enum CatalogueFiles {
    static func load(_ paths: [String]) throws -> Catalogue {
        guard !paths.isEmpty else { return try Catalogue.builtIn() }
        return try Catalogue.load(paths.map { path throws(Fault) in (name: path, bytes: try UserFile.read(path)) })
    }
}
