import Yams

/// Deployment files: the whole work as YAML, for people and version control.
///
/// The format is described in `docs/reference/deployment-file.md` and by `schema/deployment-file.schema.json`. Secrets
/// stand as references. What is written reads back as ``DeploymentDocument/ordered``, points of time to the millisecond.
public enum DeploymentFile {
    /// Longest name of a device, group, type or trust profile in characters.
    public static let maximumNameLength = 100

    /// Writes a document.
    ///
    /// - Parameters:
    ///   - isSecret: whether an item's value is a secret; see the catalogue.
    ///   - allowsPlainSecrets: writes a secret that is stored in plain as `{plain: ...}` instead of refusing.
    /// - Throws: ``FaultList`` with `input.secret` for each secret in plain, or `input.deployment-file` for a name that
    ///   is empty or too long.
    public static func text(
        of document: DeploymentDocument, isSecret: @escaping (ItemKey) -> Bool, allowsPlainSecrets: Bool = false
    ) throws(FaultList) -> String {
        var writer = DeploymentFileWriter(document, isSecret: isSecret, allowsPlainSecrets: allowsPlainSecrets)
        return try writer.text()
    }

    /// Reads a document.
    ///
    /// Nothing outside the text is looked at: references may lead nowhere, types may be unknown.
    ///
    /// - Throws: ``FaultList`` with every fault found, 100 at most: code `input.deployment-file` or `input.secret`,
    ///   subject `line N` or `line N, PLACE` such as `line 12, devices[3].mac`. No value of a secret is in it.
    public static func document(
        from bytes: [UInt8], isSecret: @escaping (ItemKey) -> Bool, allowsPlainSecrets: Bool = false
    ) throws(FaultList) -> DeploymentDocument {
        guard bytes.count <= YAMLGuard.maximumBytes else {
            throw FaultList([Fault(.inputDeploymentFile, detail: "larger than \(YAMLGuard.maximumBytes >> 20) MiB")])
        }
        if let line = UTF8Check.firstBadLine(in: bytes) { throw refusal(line: line, "the text is not UTF-8") }
        do {
            try YAMLGuard.check(bytes)
        } catch {
            throw refusal(line: error.line, error.detail)
        }
        let root: Node?
        do {
            // The parser keeps a pointer into the text, which a text of less than 16 bytes does not outlive.
            let padding = bytes.count < 64 ? "\n#" + String(repeating: " ", count: 64) : ""
            root = try Yams.compose(yaml: String(decoding: bytes, as: UTF8.self) + padding)
        } catch {
            throw FaultList([YAMLProblem.fault(error, bytes)])
        }
        guard let root else { throw refusal(line: 1, "the file is empty") }
        var reader = DeploymentFileReader(isSecret: isSecret, allowsPlainSecrets: allowsPlainSecrets)
        return try reader.document(root)
    }

    private static func refusal(line: Int, _ detail: String) -> FaultList {
        FaultList([Fault(.inputDeploymentFile, subject: "line \(line)", detail: detail)])
    }
}

/// Says what the YAML parser found wrong, without the text around it, which may hold a secret.
enum YAMLProblem {
    static func fault(_ error: any Error, _ bytes: [UInt8]) -> Fault {
        guard let error = error as? YamlError else {
            return Fault(.inputDeploymentFile, detail: "no YAML")
        }
        switch error {
        case .reader(let problem, let offset, _, _):
            let line = offset.map { offset in bytes.prefix(max(0, offset)).count { $0 == 10 } + 1 }
            return fault(line: line, problem)
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            // The end of the file may be seen below its last line.
            return fault(line: min(mark.line, bytes.count { $0 == 10 } + 1), problem)
        case .duplicatedKeysInMapping(let duplicates, let context):
            let names = duplicates.prefix(3).map { ASCIIText.quoted($0) }.joined(separator: ", ")
            return fault(line: context.mark.line, "stands twice in one mapping: \(names)")
        default: return Fault(.inputDeploymentFile, detail: "no YAML")
        }
    }

    private static func fault(line: Int?, _ detail: String) -> Fault {
        Fault(.inputDeploymentFile, subject: line.map { "line \($0)" }, detail: "no YAML: \(detail)")
    }
}
