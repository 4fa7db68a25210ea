import DeploymentModel
import Foundation
import Testing

@testable import phonefleet

@Suite("What phones and other users may put in the way of the command line")
struct HostileTextTests {
    @Test(
        "invisible characters and changes of the direction of writing do not reach a terminal",
        arguments: ["\u{1B}[2J", "\u{9B}31m", "a\u{202E}b", "a\u{200B}b", "a\u{FEFF}b", "a\u{E0041}b", "a\u{2066}b"])
    func terminalIsSafe(text: String) {
        let safe = SafeText.line(text)
        #expect(safe.contains("?"))
        #expect(!safe.unicodeScalars.contains { [.control, .format].contains($0.properties.generalCategory) })
    }

    @Test(
        "nor in a JSON document, which says the same in characters that are harmless",
        arguments: ["\u{1B}[2J\n", "\u{9B}31m", "\u{7F}", "a\u{202E}b", "a\u{2028}b", "a\u{E0041}b", "ä\u{2066}\"\\u"])
    func jsonIsSafe(text: String) throws {
        let pretty = try JSONText.text([text])
        for document in [pretty, try JSONText.line([text])] {
            let seen = document.unicodeScalars.filter { $0 != "\n" }
            #expect(!seen.contains { [.control, .format, .lineSeparator].contains($0.properties.generalCategory) })
            #expect(try JSONDecoder().decode([String].self, from: Data(document.utf8)) == [text])
        }
    }

    private static func logged(_ text: String) -> String {
        var log = RunLogText()
        log.append(
            RunLogLine(
                TransferEvent(
                    at: Date(timeIntervalSince1970: 0), run: RunID("r1"), device: DeviceID("d1"),
                    kind: .deviceWaiting(Fault(.phoneBusy, detail: text), seconds: 1))))
        return String(decoding: log.take(), as: UTF8.self)
    }

    @Test(
        "nor in a run's log file, of which the same holds",
        arguments: [
            "\u{1B}[2J\n", "\u{9B}31m", "\u{80}\u{9F}\u{7F}", "a\u{202A}\u{202E}b", "\u{2066}\u{2069}\u{200F}",
            "a\u{2028}\u{2029}b", "a\u{E0041}b", "ä\u{2066}\"\\u\t", "Grüße 日本 \u{1F4DE}",
        ])
    func logIsSafe(text: String) throws {
        let line = Self.logged(text)
        let seen = line.unicodeScalars.dropLast()
        #expect(!seen.contains(where: Self.steers))
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        #expect(try decoder.decode(RunLogLine.self, from: Data(line.utf8)).detail == text)
    }

    private static func steers(_ scalar: Unicode.Scalar) -> Bool {
        [.control, .format, .lineSeparator, .paragraphSeparator].contains(scalar.properties.generalCategory)
    }

    @Test("nor in CSV that a terminal shows; in a file it says the same")
    func csvIsSafe() {
        let text = "\u{1B}[2J\u{9B}31m\u{202E}b\r\nc"
        let listing = Listing(
            noun: "texts", views: [text], columns: [.init(title: "TEXT", text: { $0 })], whenEmpty: "")
        let shown = listing.csv(isForTerminal: true).replacing("\r\n", with: "")
        #expect(!shown.unicodeScalars.contains(where: Self.steers))
        #expect(listing.csv(isForTerminal: false).contains(text))
    }

    @Test("a line break in a phone's text makes no second line")
    func noForgedLine() {
        #expect(SafeText.line("x\n127.0.0.9  phone\r\n") == "x 127.0.0.9  phone  ")
    }

    @Test(
        "a cell that begins like a formula is marked as text",
        arguments: ["=1+1", "@SUM(A1)", " =1", "+1+cmd|'/c calc'!A0", "-2+3", "=cmd|'/c calc'!A0,x"])
    func formulasAreText(text: String) {
        #expect(CSVText.cell(text).drop { $0 == "\"" }.hasPrefix("'"))
    }

    @Test("plain words and numbers with a sign stand as they are", arguments: ["V2.3", "-60", "+4989722", "", "a,b"])
    func wordsStay(text: String) {
        #expect(CSVText.cell(text) == CSVText.field(text))
    }
}

@Suite("Files that the command line writes")
struct UserFileTests {
    private func inFolder(_ body: (String) throws -> Void) throws {
        let folder = try PrivateDirectory.make()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try body(folder)
    }

    private func mode(_ path: String) -> mode_t {
        var status = stat()
        return lstat(path, &status) == 0 ? status.st_mode : 0
    }

    @Test("what is no regular file is written into and stays what it is")
    func devicesStay() throws {
        try inFolder { folder in
            let pipe = "\(folder)/pipe"
            #expect(mkfifo(pipe, 0o600) == 0)
            let reader = open(pipe, O_RDWR)
            defer { close(reader) }
            try UserFile.write("text", to: pipe)
            #expect(mode(pipe) & S_IFMT == S_IFIFO)
            var bytes = [UInt8](repeating: 0, count: 8)
            #expect(read(reader, &bytes, 8) == 4)
        }
    }

    @Test("a link is followed and stays, and the file behind it keeps its mode")
    func linksAndModesStay() throws {
        try inFolder { folder in
            try UserFile.write("old", to: "\(folder)/file")
            chmod("\(folder)/file", 0o600)
            #expect(symlink("\(folder)/file", "\(folder)/link") == 0)
            try UserFile.write("new", to: "\(folder)/link")
            #expect(mode("\(folder)/link") & S_IFMT == S_IFLNK)
            #expect(mode("\(folder)/file") & 0o777 == 0o600)
            #expect(try UserFile.readText("\(folder)/file") == "new")
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == ["file", "link"])
        }
    }

    @Test("a link laid under the name of the unfinished file leads nowhere")
    func guessedNames() throws {
        try inFolder { folder in
            try UserFile.write("precious", to: "\(folder)/victim")
            #expect(symlink("\(folder)/victim", "\(folder)/out.\(getpid()).part") == 0)
            try UserFile.write("new", to: "\(folder)/out")
            #expect(try UserFile.readText("\(folder)/victim") == "precious")
        }
    }

    @Test("the demo's folder is new, and nobody else's")
    func demoFolder() throws {
        let (one, other) = (try PrivateDirectory.make(), try PrivateDirectory.make())
        defer { for folder in [one, other] { try? FileManager.default.removeItem(atPath: folder) } }
        #expect(one != other)
        #expect(mode(one) & 0o777 == 0o700)
    }
}
