import DeploymentModel

/// Address ranges as they are typed: CIDR, first-last, an address, a name, or `@FILE`.
enum AddressArguments {
    /// Throws a ``FaultList`` with every range that cannot be read.
    static func parse(_ texts: [String]) throws -> AddressSet {
        var ranges: [AddressRange] = []
        var faults: [Fault] = []
        for text in texts {
            do {
                if text.hasPrefix("@") {
                    let path = String(text.dropFirst())
                    ranges += try AddressRange.ranges(inFile: try UserFile.readText(path), name: path)
                } else {
                    ranges.append(try AddressRange(text))
                }
            } catch let list as FaultList {
                faults += list.faults
            } catch let fault as Fault {
                faults.append(fault)
            }
        }
        guard faults.isEmpty else { throw FaultList(faults) }
        return try AddressSet(ranges)
    }
}
