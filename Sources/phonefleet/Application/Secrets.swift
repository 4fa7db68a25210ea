import DeploymentModel
import DeploymentStore
import Foundation

/// Reads secrets that people type or pipe in.
///
/// A secret never comes from an argument, where other users could see it.
enum SecretInput {
    static func read(_ prompt: String, file: String?) throws(Fault) -> SecretText {
        if let file { return try firstLine(of: file) }
        if let typed = Question.secret(prompt) {
            guard !typed.isEmpty else { throw Fault(.inputSecret, detail: "nothing was typed") }
            return typed
        }
        return try firstLine(of: "-")
    }

    /// The first line of a file without its line break; `-` is standard input.
    static func firstLine(of path: String) throws(Fault) -> SecretText {
        let text = try UserFile.readText(path)
        let line = text.prefix { $0 != "\n" && $0 != "\r\n" && $0 != "\r" }
        guard !line.isEmpty else {
            throw Fault(.inputSecret, subject: path == "-" ? "standard input" : path, detail: "the first line is empty")
        }
        return SecretText(String(line))
    }
}

/// Opens every kind of reference: environment, file, and sealed in the store.
struct ReferenceResolver: SecretSource {
    var store: Store
    /// What this process has sealed just now, and need not open again for each phone.
    var known: [SecretReference: SecretText] = [:]

    func reveal(_ reference: SecretReference) async throws -> SecretText {
        if let secret = known[reference] { return secret }
        switch reference {
        case .sealed: return try await store.reveal(reference)
        case .file(let path): return try SecretInput.firstLine(of: path)
        case .environment(let name):
            guard let value = ProcessInfo.processInfo.environment[name], !value.isEmpty else {
                throw Fault(.inputSecret, subject: "env:\(name)", detail: "the environment variable is not set")
            }
            return SecretText(value)
        }
    }
}
