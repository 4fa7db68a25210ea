/// Something of the original that the catalogue leaves out on purpose, with the reason.
public struct CatalogueGap: Hashable, Sendable {
    public var name: String
    public var reason: String

    public init(name: String, reason: String) {
        self.name = name
        self.reason = reason
    }
}

extension Catalogue {
    /// The catalogue that is part of the program.
    ///
    /// It is read anew at each call (some milliseconds): load it once and pass it on.
    public static func builtIn() throws(FaultList) -> Catalogue {
        try load([])
    }

    /// The built-in catalogue with the user's own files laid over it, in the order given.
    ///
    /// A file adds types, replaces one (an entry with the same id), or changes single fields of one (`"extends"` with
    /// that id). Throws every fault of all files together, each `input.catalogue` with the file as its subject and the
    /// type or parameter, the field and what is allowed in its detail. A file has at most 4 MiB.
    public static func load(_ files: [(name: String, bytes: [UInt8])]) throws(FaultList) -> Catalogue {
        let builtIn = BuiltInCatalogue.files.map { (name: "built-in \($0.name)", bytes: Array($0.text.utf8)) }
        return try make(of: builtIn + files)
    }

    /// A catalogue of these files alone.
    static func make(of files: [(name: String, bytes: [UInt8])]) throws(FaultList) -> Catalogue {
        let faults = CatalogueFaults()
        var library = CatalogueLibrary()
        for file in files { library.add(name: file.name, bytes: file.bytes, faults: faults) }
        try faults.finish()
        let types = CatalogueResolver(library, faults: faults).types()
        try faults.finish()
        return Catalogue(types: types, gaps: library.gaps)
    }

    /// Every distinct port at which phones of the known types are reached, TLS or not, for scans.
    public var accessPoints: [ManagementAccess] {
        var seen: Set<ManagementAccess> = []
        return types.flatMap(\.access).map { ManagementAccess(tls: $0.tls, port: $0.port) }
            .filter { seen.insert($0).inserted }
    }
}
