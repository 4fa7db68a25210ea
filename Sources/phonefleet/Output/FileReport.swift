import DeploymentModel
import Foundation

/// What phones hold after a run about files: the proof, phone by phone, or in a sentence for each file where all hold the same.
struct FileReport {
    /// Rows after which the rest is only counted.
    static let limit = 10

    var result: TransferResult
    var palette: Palette

    /// Empty for a run that was not about files.
    func text(limit: Int = Self.limit) -> String {
        let rows = HeldFileRow.all(result)
        guard !rows.isEmpty else { return "" }
        if let sentences = sentences(rows) { return "\n" + sentences.joined() }
        var text = "\n" + HeldFileRow.listing(Array(rows.prefix(limit))).table()
        if rows.count > limit {
            text += "and \(rows.count - limit) more; 'phonefleet runs show \(result.run) --devices' lists them all\n"
        }
        return text
    }

    /// One for each file, if of each several phones hold the same; nil otherwise.
    private func sentences(_ rows: [HeldFileRow]) -> [String]? {
        var sentences: [String] = []
        var files = Dictionary(grouping: rows, by: \.file)
        for row in rows {
            guard let same = files.removeValue(forKey: row.file) else { continue }
            guard same.count > 1, same.allSatisfy({ $0.holding == row.holding }) else { return nil }
            sentences.append("\(palette.strong(Words.count(same.count, "phone"))) \(Self.sentence(row))")
        }
        return sentences
    }

    private static func sentence(_ row: HeldFileRow) -> String {
        switch row.holding {
        case .unknown: ""
        case .none: "have \(row.wordsForNone)\n"
        case .named(let name): "hold \(SafeText.line(name))\n"
        case .unreadable(let sha256):
            "hold \(row.kind.words) of which only the SHA-256 of the file is known: \(sha256)\n"
        case .holds(let facts):
            "hold \(SafeText.line(facts.title))"
                + (facts.notAfter.map { ", \(facts.whichExpires) expires on \(Words.day($0))" } ?? "")
                + "\n  SHA-256 \(Words.fingerprint(facts.fingerprint))\n"
        }
    }
}

/// What one phone holds of one file, as a row.
struct HeldFileRow: Encodable {
    var id: DeviceID
    var mac: MACAddress?
    var address: String
    var kind: FileKind
    var name: String?
    var holding: FileHolding

    /// A row for every phone of which it is known what it holds.
    static func all(_ result: TransferResult) -> [HeldFileRow] {
        result.devices.flatMap { device in
            device.files.filter { $0.now != .unknown }.map { file in
                HeldFileRow(
                    id: device.device, mac: device.mac, address: device.address, kind: file.kind, name: file.name,
                    holding: file.now)
            }
        }
    }

    static func listing(_ rows: [HeldFileRow]) -> Listing<HeldFileRow> {
        Listing(
            noun: "files", views: rows,
            columns: [
                .init(title: "ID", text: { $0.id.rawValue }),
                .init(title: "MAC", text: { $0.mac?.description }, onlyCSV: true),
                .init(title: "ADDRESS", text: { $0.address }),
                .init(title: "KIND", text: { $0.kind.rawValue }, onlyCSV: true),
                .init(title: "NAME", text: { $0.name }, onlyCSV: true),
                .init(title: "HOLDS", text: { $0.title }, wraps: true),
                .init(title: "EXPIRES", text: { $0.holding.facts?.notAfter.map(Words.day) }),
                .init(title: "SHA-256", text: { $0.fingerprint }),
            ],
            whenEmpty: "no phones")
    }

    var file: FileID { FileID(kind, name: name) }

    /// What a phone has that does not hold the file.
    var wordsForNone: String {
        name.map { "no \(kind.words) named \(SafeText.line($0))" } ?? kind.wordsForNone
    }

    private var title: String? {
        switch holding {
        case .unknown: nil
        case .none: wordsForNone
        case .named(let name): name
        case .unreadable: "a file known by its SHA-256 only"
        case .holds(let facts): facts.title
        }
    }

    private var fingerprint: String? {
        switch holding {
        case .unknown, .none, .named: nil
        case .unreadable(let sha256): sha256
        case .holds(let facts): facts.fingerprint
        }
    }
}

extension FileFacts {
    /// The subject of key material, or how many certificates a set has.
    var title: String { subject ?? Words.count(certificates, "certificate") }

    /// What ``notAfter`` is about.
    var whichExpires: String { subject == nil && certificates > 1 ? "the first of which" : "which" }
}

extension FileKind {
    /// What a phone has that holds no file of the kind.
    var wordsForNone: String {
        switch self {
        case .serverKeyMaterial: "the built-in key material"
        case .clientTrustedCertificates: "no trusted certificates"
        default: "no such \(words)"
        }
    }
}
