/// Makes a plan from a request.
///
/// Pure: it reads no phone, no file and no clock.
public enum Planner {
    /// Plans every selected phone, or throws everything that stands in the way, all at once.
    ///
    /// A phone for which nothing is chosen stays in the plan with nothing wanted; the run skips it and says so.
    ///
    /// - Throws: faults with `plan.*` and `tls.*`; a fault that many phones have for one and the same reason (a value on
    ///   the layer of the site, say) is named once, with their number.
    public static func plan(_ request: PlanRequest) throws(FaultList) -> TransferPlan {
        var work = PlanWork(request)
        let devices = request.devices.compactMap { work.plan($0) }
        work.checkOptions()
        work.checkNumbers()
        work.checkAddresses(devices)
        let faults = work.faults.list
        guard faults.isEmpty else { throw FaultList(faults) }
        let named = Set(devices.flatMap(\.trustWhileChanging))
        return TransferPlan(
            mode: request.mode, createdAt: request.createdAt, devices: devices,
            profiles: request.trust.profiles.filter { named.contains($0.name) }, options: request.options)
    }
}

/// The work of one ``Planner/plan(_:)``.
private struct PlanWork {
    let request: PlanRequest
    var faults = FaultTally()
    private let resolver: TrustResolver
    private let profileNames: Set<String>
    private let groups: [DeviceID: [String]]
    private var common = CommonItems()

    init(_ request: PlanRequest) {
        self.request = request
        resolver = TrustResolver(request.trust.bindings)
        profileNames = Set(request.trust.profiles.map(\.name))
        var groups: [DeviceID: [String]] = [:]
        for group in request.groups {
            for member in group.members { groups[member, default: []].append(group.name) }
        }
        self.groups = groups
    }

    /// The device's plan; nil when something stands in its way, which is then among the faults.
    mutating func plan(_ device: Device) -> DevicePlan? {
        let label = device.label
        if device.status == .conflict { faults.add(Fault(.planDeviceConflict, subject: label)) }
        let memberships = groups[device.id] ?? []
        let known = type(of: device)
        let password = password(of: device, type: known)
        let address = address(of: device, type: known)
        guard let type = known else { return nil }
        let access = access(to: device, type: type)
        let trust = access.tls ? trust(for: device, type: type, groups: memberships) : []
        if !access.tls, device.wasAuthenticated || device.status == .notTrusted {
            let past = device.wasAuthenticated ? "was once authenticated over TLS" : "is not trusted"
            faults.add(
                Fault(
                    .tlsPlainRefused, subject: label,
                    detail: "the phone \(past), and \(type.id) would be reached in plain"))
        }
        let wanted =
            request.takesSettings ? wanted(for: device, type: type, groups: memberships, password: password) : []
        let files = files(of: device, type: type, tls: access.tls)
        checkMarkup(in: wanted, of: device, type: type)
        guard let address, password != nil || type.managementProtocol == .wpi else { return nil }
        let shared = common.share(wanted, of: device)
        return DevicePlan(
            device: device.id, type: type.id, address: address, port: device.port ?? access.port, tls: access.tls,
            mac: device.mac, number: device.number, trust: trust, password: password, wanted: shared.own,
            common: shared.common, files: files)
    }

    /// The administrator password, which is no part of a plan where the phone asks for none, or nobody knows whether it does.
    private mutating func password(of device: Device, type: PhoneType?) -> SecretReference? {
        guard let type, type.managementProtocol != .wpi else { return nil }
        let password = request.secrets.passwords[device.id] ?? request.secrets.defaultPassword
        if password == nil { faults.add(Fault(.planNoPassword, subject: device.label)) }
        return password
    }

    /// Where the phone is; a phone that calls need not be found, but it has to be known when it does.
    private mutating func address(of device: Device, type: PhoneType?) -> String? {
        guard type?.managementProtocol == .wpi else {
            if device.address == nil { faults.add(Fault(.planNoAddress, subject: device.label)) }
            return device.address
        }
        if device.mac == nil { faults.add(Fault(.planNoMAC, subject: device.label)) }
        return device.address ?? device.mac?.description
    }

    /// Over WPI, TLS means that the phone has to show its own certificate: it does so for good once it was seen to.
    private func access(to device: Device, type: PhoneType) -> ManagementAccess {
        var access = type.access(for: device.softwareVersion)
        if type.managementProtocol == .wpi { access.tls = access.tls || device.wasAuthenticated }
        return access
    }

    /// Old software does not decode what stands for these characters in XML.
    private mutating func checkMarkup(in wanted: [WantedItem], of device: Device, type: PhoneType) {
        guard !type.can(.escapedValues, software: device.softwareVersion) else { return }
        for item in wanted {
            guard case .plain(let text) = item.value, text.utf8.contains(where: Self.isMarkup) else { continue }
            let software = device.softwareVersion.map { ", the phone has \($0)" } ?? ""
            let from = type.capabilitiesFrom[.escapedValues].map { "possible from software \($0)" } ?? ""
            faults.add(
                Fault(.planMarkupInValue, subject: item.key.description, detail: from + software), of: device.label)
        }
    }

    private static func isMarkup(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "<") || byte == UInt8(ascii: ">") || byte == UInt8(ascii: "&")
    }

    private mutating func files(of device: Device, type: PhoneType, tls: Bool) -> [WantedFile] {
        guard var files = request.files[device.id] else { return [] }
        for place in files.indices {
            files[place].ownTrust = resolver.ownProfiles(of: device.id)
            for fault in files[place].faults(on: type, tls: tls) { faults.add(fault, of: device.label) }
            for name in files[place].newTrust where !profileNames.contains(name) {
                faults.add(Fault(.tlsNoProfile, subject: name, detail: "there is no such trust profile"))
            }
        }
        if Set(files.map(\.id)).count < files.count {
            faults.add(Fault(.inputDuplicate, subject: device.label, detail: "two changes of one file"))
        }
        return files
    }

    private mutating func type(of device: Device) -> PhoneType? {
        guard let id = device.type else {
            let calls = request.calling.contains(device.id)
            faults.add(
                Fault(
                    .planNoType, subject: device.label,
                    detail: calls ? "it calls (WPI), and the catalogue does not know what it says it is" : nil))
            return nil
        }
        guard let type = request.catalogue[id] else {
            faults.add(Fault(.planNoType, subject: device.label, detail: "the catalogue has no type \(id)"))
            return nil
        }
        guard request.protocols.contains(type.managementProtocol) else {
            faults.add(
                Fault(
                    .planNotSupported, subject: type.id.description,
                    detail: "this tool cannot yet manage phones by \(type.managementProtocol.rawValue)"))
            return nil
        }
        return type
    }

    private mutating func trust(for device: Device, type: PhoneType, groups: [String]) -> [String] {
        let names = resolver.profiles(for: device.id, type: type.id, groups: groups)
        if names.isEmpty {
            faults.add(
                Fault(.tlsNoProfile, subject: device.label, detail: "no trust profile for the type \(type.id)"))
        }
        for name in names where !profileNames.contains(name) {
            faults.add(Fault(.tlsNoProfile, subject: name, detail: "there is no such trust profile"))
        }
        return names
    }

    private mutating func wanted(
        for device: Device, type: PhoneType, groups: [String], password: SecretReference?
    ) -> [WantedItem] {
        let effective = request.settings.resolve(for: device, type: type, groups: groups)
        for fault in effective.faults { faults.add(fault, of: device.label) }
        let accepted = request.secrets.accepted[device.id] ?? [:]
        var wanted: [WantedItem] = []
        wanted.reserveCapacity(effective.settings.count + 1)
        let numberKey = ItemKey(WellKnownItem.terminalNumber)
        for setting in effective.settings where setting.key != numberKey || device.number == nil {
            wanted.append(WantedItem(setting, accepted: accepted[setting.key], password: password))
        }
        if let number = device.number, type.parameter(item: WellKnownItem.terminalNumber) != nil {
            let needsRestart = type.parameter(item: WellKnownItem.terminalNumber)?.needsRestart ?? false
            wanted.append(WantedItem(key: numberKey, value: .plain(number.rawValue), needsRestart: needsRestart))
        }
        return wanted.sorted { $0.key < $1.key }
    }

    /// Two phones with one number would both be called; every phone of the list counts, selected or not.
    mutating func checkNumbers() {
        var holders: [TerminalNumber: [Device]] = [:]
        let selected = Set(request.devices.map(\.id))
        let others = request.deviceList.filter { !selected.contains($0.id) }
        for device in request.devices + others {
            guard let number = device.number else { continue }
            holders[number, default: []].append(device)
        }
        let conflicts = holders.filter { $0.value.count > 1 && $0.value.contains { selected.contains($0.id) } }
        for (number, devices) in conflicts.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            let labels = devices.prefix(5).map(\.label).joined(separator: ", ")
            let more = devices.count > 5 ? " and \(devices.count - 5) more" : ""
            faults.add(Fault(.planNumberConflict, subject: number.rawValue, detail: "given to \(labels)\(more)"))
        }
    }

    /// Two entries for one phone would give it two sessions at a time.
    mutating func checkAddresses(_ plans: [DevicePlan]) {
        var holders: [String: DeviceID] = [:]
        for plan in plans {
            // Phones that call are known by their MAC address; behind one router they share an address.
            let calls = request.catalogue[plan.type]?.managementProtocol == .wpi
            let place = calls ? plan.mac?.description ?? plan.address : "\(plan.address):\(plan.port)"
            if let other = holders.updateValue(plan.device, forKey: place) {
                faults.add(
                    Fault(
                        .planDeviceConflict, subject: place, detail: "is the address of \(other) and of \(plan.device)")
                )
            }
        }
    }

    mutating func checkOptions() {
        for fault in request.options.faults { faults.add(fault) }
    }
}

extension WantedItem {
    /// - Parameters:
    ///   - accepted: the secret that the phone is known to have taken for this item.
    ///   - password: the administrator password in use, which every run proves anyhow.
    fileprivate init(_ setting: EffectiveSetting, accepted: SecretReference?, password: SecretReference?) {
        let value: WantedValue
        var isKnownAccepted = false
        switch setting.value {
        case .plain(let text): value = .plain(text)
        case .secret(let reference):
            value = .secret(reference)
            let isPassword = setting.key == ItemKey(WellKnownItem.administratorPassword)
            isKnownAccepted = reference == accepted || (isPassword && reference == password)
        }
        self.init(
            key: setting.key, value: value, origin: setting.origin, needsRestart: setting.parameter.needsRestart,
            dependentGroup: setting.parameter.dependentGroup, isKnownAccepted: isKnownAccepted)
    }
}

extension Device {
    /// What a person knows the phone by: its address, else its MAC address, else its place in the list.
    public var label: String { address ?? mac?.description ?? id.rawValue }
}
