import ArgumentParser
import DeploymentModel
import TLSMaterial

/// The key material for one phone, and where it comes from.
struct ChosenMaterial {
    var material: KeyMaterial
    /// For messages: a file's name.
    var origin: String
}

/// Which key material the phones shall get: one file for all, or a file for each.
struct MaterialSourceOptions: ParsableArguments {
    @Argument(
        help: "A PKCS#12 or PEM file with one private key and its chain, for all phones; '-' for standard input.",
        completion: .file())
    var file: String?
    @Option(
        help: ArgumentHelp("A directory with a file for each phone, instead of FILE.", valueName: "directory"),
        completion: .directory)
    var directory: String?
    @Option(
        help: ArgumentHelp(
            "Name of a phone's file in the directory, with {mac}, {number} or {ip}; a MAC address is found with and without separators.",
            valueName: "name"))
    var pattern = "{mac}.p12"
    @OptionGroup var passPhrase: PassPhraseOptions

    func validate() throws {
        guard (file == nil) != (directory == nil) else {
            throw ValidationError("give a file for all phones, or --directory with a file for each")
        }
    }

    /// The material of each device.
    ///
    /// Throws a ``FaultList`` with every file that is missing or cannot be used.
    func materials(for devices: [Device]) throws -> [DeviceID: ChosenMaterial] {
        var reader = MaterialReader(passPhrase: try passPhrase.given())
        if let file {
            let chosen = ChosenMaterial(material: try reader.keyMaterial(file), origin: file)
            return Dictionary(uniqueKeysWithValues: devices.map { ($0.id, chosen) })
        }
        let folder = MaterialFolder(path: directory ?? ".", pattern: pattern)
        var found: [DeviceID: ChosenMaterial] = [:]
        var faults: [Fault] = []
        for device in devices {
            do throws(Fault) {
                let path = try folder.file(of: device)
                found[device.id] = ChosenMaterial(material: try reader.keyMaterial(path), origin: path)
            } catch {
                faults.append(error)
            }
        }
        guard faults.isEmpty else { throw FaultList(faults) }
        return found
    }
}
