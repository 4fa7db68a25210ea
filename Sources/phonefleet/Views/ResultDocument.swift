import DeploymentModel
import Foundation

/// Writes a run's result as the JSON document of a ``ResultView``, phone by phone.
///
/// A general encoder holds the whole document several times over, which for ten thousand phones is more memory than
/// everything else that a run needs.
struct ResultDocument {
    var result: TransferResult
    var seconds: Double
    /// What was changed at phones themselves, where the document is to tell.
    var localChanges: [DeviceID: [LocalChange]] = [:]

    /// Hands the document out in pieces, byte for byte as ``JSONText`` would write it.
    func write(to output: (String) -> Void) throws {
        var frame = result
        frame.devices = []
        var view = ResultView(frame, seconds: seconds)
        view.totals = ResultView.totals(of: result)
        view.causes = result.causes
        let text = try JSONText.text(view)
        let opening = "\"devices\" : ["
        guard !result.devices.isEmpty, let start = text.firstRange(of: opening),
            let end = text[start.upperBound...].firstIndex(of: "]")
        else { return output(text) }
        output(String(text[..<start.upperBound]))
        let encoder = JSONText.encoder
        for (place, device) in result.devices.enumerated() {
            output(
                (place == 0 ? "\n" : ",\n")
                    + Self.indented(try encoder.encode(ResultView.entry(device, localChanges[device.device]))))
        }
        output("\n  " + text[end...])
    }

    /// Four spaces before each line that is not empty.
    ///
    /// Line breaks of values are escaped, so every one belongs to the form.
    private static func indented(_ json: Data) -> String {
        let lineBreak = UInt8(ascii: "\n")
        var bytes: [UInt8] = []
        bytes.reserveCapacity(json.count * 3 / 2)
        var isAtStart = true
        for byte in json {
            if isAtStart, byte != lineBreak { bytes.append(contentsOf: "    ".utf8) }
            bytes.append(byte)
            isAtStart = byte == lineBreak
        }
        return SafeText.json(bytes)
    }
}
