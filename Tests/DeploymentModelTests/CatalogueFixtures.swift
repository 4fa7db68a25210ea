import DeploymentModel
import Foundation

/// Files of the repository, found from this source file.
enum Repository {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    static func names(in folder: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: root.appending(path: folder).path)
    }

    static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }
}

/// The built-in catalogue, loaded once for all tests.
enum BuiltIn {
    static let catalogue = try? Catalogue.builtIn()

    static func type(_ id: String) throws -> PhoneType {
        guard let type = catalogue?[PhoneTypeID(id)] else { throw Fault(.inputNotFound, subject: id) }
        return type
    }

    static func parameter(_ item: String, of id: String = "optipoint-400-standard-sip") throws -> Parameter {
        guard let parameter = try type(id).parameter(item: item) else { throw Fault(.inputNotFound, subject: item) }
        return parameter
    }
}

/// A user's catalogue file of this content, beside the opening that every file has.
func userFile(_ content: String, name: String = "own.json") -> (name: String, bytes: [UInt8]) {
    (name, Array("{\"schema\": \"phonefleet.phone-type-catalogue/1\", \(content)}".utf8))
}

/// The details of the faults that loading reports; empty when the files are right.
func faults(loading files: (name: String, bytes: [UInt8])...) -> [String] {
    do throws(FaultList) {
        _ = try Catalogue.load(files)
        return []
    } catch {
        return error.faults.map { "\($0.subject ?? "-"): \($0.detail ?? "-")" }
    }
}
