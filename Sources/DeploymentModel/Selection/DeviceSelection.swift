/// Which devices of the list somebody means, as written on the command line or in the API.
///
/// Several values of one kind add up (these devices *or* those); different kinds narrow each other (of this group *and*
/// of this type *and* with this condition).
public struct DeviceSelection: Hashable, Sendable {
    /// Each one an ID, a MAC address, an address or a terminal number.
    public var devices: [String]
    public var groups: [String]
    /// Each one a type's ID, name or device type.
    public var types: [String]
    public var filter: DeviceFilter?
    public var all: Bool

    public init(
        devices: [String] = [], groups: [String] = [], types: [String] = [], filter: DeviceFilter? = nil,
        all: Bool = false
    ) {
        self.devices = devices
        self.groups = groups
        self.types = types
        self.filter = filter
        self.all = all
    }

    /// Whether nothing at all was chosen (which is not the same as choosing all).
    public var isEmpty: Bool { devices.isEmpty && groups.isEmpty && types.isEmpty && filter == nil && !all }

    /// The chosen devices in the order of the list; none when no device fits.
    ///
    /// - Throws: ``FaultList`` with `input.selection` when nothing was chosen or `all` stands beside something else, and
    ///   `input.not-found` for each device, group or type that does not exist, with the nearest name that does.
    public func resolve(
        devices list: [Device], groups known: [DeviceGroup], catalogue: Catalogue
    ) throws(FaultList) -> [Device] {
        try checkShape()
        var faults: [Fault] = []
        let byReference = self.devices.isEmpty ? nil : resolvedDevices(in: list, faults: &faults)
        let byGroup = groups.isEmpty ? nil : resolvedGroups(in: known, faults: &faults)
        let byType = types.isEmpty ? nil : resolvedTypes(in: catalogue, list: list, faults: &faults)
        guard faults.isEmpty else { throw FaultList(faults) }
        let context = FilterContext(groups: known, catalogue: catalogue)
        return list.filter { device in
            byReference?.contains(device.id) != false
                && byGroup?.contains(device.id) != false
                && (byType.map { wanted in device.type.map(wanted.contains) ?? false } ?? true)
                && filter?.matches(device, in: context) != false
        }
    }

    private func checkShape() throws(FaultList) {
        if isEmpty {
            throw FaultList([Fault(.inputSelection, detail: "no device is selected")])
        }
        if all, !(devices.isEmpty && groups.isEmpty && types.isEmpty && filter == nil) {
            throw FaultList([
                Fault(.inputSelection, subject: "all", detail: "stands beside a narrower selection, leave one out")
            ])
        }
    }

    private func resolvedDevices(in list: [Device], faults: inout [Fault]) -> Set<DeviceID> {
        let index = DeviceIndex(list)
        var result: Set<DeviceID> = []
        for reference in devices {
            do {
                result.insert(try index.device(reference).id)
            } catch {
                faults.append(error)
            }
        }
        return result
    }

    private func resolvedGroups(in known: [DeviceGroup], faults: inout [Fault]) -> Set<DeviceID> {
        var result: Set<DeviceID> = []
        for name in groups {
            let found = known.filter { $0.name == name }
            let near = found.isEmpty ? known.filter { $0.name.lowercased() == name.lowercased() } : found
            guard near.count == 1, let group = near.first else {
                let hint = NearestName.hint(name, among: known.map(\.name))
                faults.append(
                    Fault(.inputNotFound, subject: ASCIIText.quoted(name), detail: "no group has this name\(hint)"))
                continue
            }
            result.formUnion(group.members)
        }
        return result
    }

    private func resolvedTypes(in catalogue: Catalogue, list: [Device], faults: inout [Fault]) -> Set<PhoneTypeID> {
        var result: Set<PhoneTypeID> = []
        for name in types {
            if let type = catalogue.type(named: name) {
                result.insert(type.id)
            } else if list.contains(where: { $0.type?.rawValue == name }) {
                result.insert(PhoneTypeID(name))
            } else {
                let hint = NearestName.hint(name, among: catalogue.types.flatMap { [$0.id.rawValue, $0.name] })
                faults.append(
                    Fault(.inputNotFound, subject: ASCIIText.quoted(name), detail: "no phone type has this name\(hint)")
                )
            }
        }
        return result
    }
}

/// Finds devices by what people call them.
public struct DeviceIndex: Sendable {
    private var byID: [DeviceID: Device] = [:]
    private var byMAC: [MACAddress: [Device]] = [:]
    private var byAddress: [String: [Device]] = [:]
    private var byNumber: [String: [Device]] = [:]

    public init(_ devices: [Device]) {
        for device in devices {
            byID[device.id] = device
            if let mac = device.mac { byMAC[mac, default: []].append(device) }
            if let address = device.address { byAddress[address.lowercased(), default: []].append(device) }
            if let number = device.number { byNumber[number.rawValue, default: []].append(device) }
        }
    }

    /// The device with this ID, MAC address, address or terminal number, tried in this order.
    ///
    /// - Throws: ``Fault`` with `input.not-found` (with the nearest name), or `input.selection` when several devices fit.
    public func device(_ reference: String) throws(Fault) -> Device {
        if let device = byID[DeviceID(reference)] { return device }
        let candidates =
            MACAddress(reference).flatMap { byMAC[$0] } ?? byAddress[reference.lowercased()] ?? byNumber[reference]
            ?? []
        guard let device = candidates.first else {
            let names = byID.count <= 20_000 ? byID.keys.map(\.rawValue) + byAddress.keys + byNumber.keys : []
            throw Fault(
                .inputNotFound, subject: ASCIIText.quoted(reference),
                detail:
                    "no device has this ID, MAC address, address or number\(NearestName.hint(reference, among: names))")
        }
        guard candidates.count == 1 else {
            let ids = candidates.prefix(5).map(\.id.rawValue).joined(separator: ", ")
            throw Fault(
                .inputSelection, subject: ASCIIText.quoted(reference),
                detail: "several devices fit: \(ids), name one by its ID")
        }
        return device
    }
}
