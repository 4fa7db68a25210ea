import DeploymentModel
import Foundation

/// A folder that has a file for each phone, found by a pattern such as `{mac}.p12`.
struct MaterialFolder {
    var path: String
    var pattern: String

    /// The device's file; throws when there is none, or more than one by the spellings of its MAC address.
    func file(of device: Device) throws(Fault) -> String {
        let names = try Self.names(pattern, of: device)
        let found = names.map { "\(path)/\($0)" }.filter { FileManager.default.fileExists(atPath: $0) }
        guard let first = found.first else {
            // The same words for every phone, so that many without a file are one message.
            throw Fault(.inputFile, subject: device.label, detail: "\(path) has no file \(pattern) of the phone")
        }
        guard found.count == 1 else {
            throw Fault(.inputFile, subject: device.label, detail: "\(found.joined(separator: " and ")) are both there")
        }
        return first
    }

    /// The names that the pattern can mean: a MAC address is written in many ways.
    private static func names(_ pattern: String, of device: Device) throws(Fault) -> [String] {
        guard pattern.contains("{mac}") else { return [try name(pattern, of: device)] }
        guard let mac = device.mac?.description else {
            throw Fault(.inputValue, subject: device.label, detail: "the phone has no MAC address for \(pattern)")
        }
        var names: [String] = []
        for separator in [":", "-", ""] {
            let text = mac.replacing(":", with: separator)
            for spelling in [text, text.lowercased()] {
                names.append(try name(pattern.replacing("{mac}", with: spelling), of: device))
            }
        }
        return names
    }

    private static func name(_ pattern: String, of device: Device) throws(Fault) -> String {
        var name = pattern
        for (placeholder, value) in [("{number}", device.number?.rawValue), ("{ip}", device.address)]
        where name.contains(placeholder) {
            guard let value else {
                throw Fault(.inputValue, subject: device.label, detail: "the phone has nothing for \(placeholder)")
            }
            name = name.replacing(placeholder, with: value)
        }
        guard !name.contains("/"), !name.contains("{") else {
            throw Fault(
                .inputValue, subject: pattern, detail: "a pattern is a file name with {mac}, {number} or {ip}")
        }
        return name
    }
}
