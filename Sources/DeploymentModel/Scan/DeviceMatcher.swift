/// The one step by which scan results, and phones that call unasked, enter the device list.
///
/// 1. A phone is known by its MAC address, whatever its address is now; an entry without a MAC address (added by hand)
///    is known by its address and learns its MAC.
/// 2. What a person entered stays: the terminal number of the list is the wanted one and is only filled in when empty.
/// 3. A phone that is known as a TLS phone and now answers in plain, and a phone that was authenticated once and now
///    is not, is a conflict. An answer that is not authenticated never overwrites type or software of a TLS phone,
///    because these decide whether a password may be sent in plain; nor does it teach such an entry a MAC address, a
///    number or a port, because by these the entry would follow another phone.
/// 4. An address that now answers with another MAC address is a conflict, unless the former phone was seen elsewhere in
///    the same scan.
/// 5. Two rows with one MAC address are a conflict, unless just one of the phones proved who it is; and so is one
///    terminal number on two entries.
///
/// Pure; the same input gives the same decisions: one for each row that needs one, in the order of the rows, then the
/// conflicts of numbers. The time grows with the number of devices and rows together.
public struct DeviceMatcher: Sendable {
    let catalogue: Catalogue

    public init(catalogue: Catalogue) {
        self.catalogue = catalogue
    }

    public func match(_ rows: [ScanRow], against devices: [Device]) -> [MatchDecision] {
        var pass = MatchPass(catalogue: catalogue, devices: devices, rows: rows)
        return pass.run()
    }
}

/// One matching, with its indices.
struct MatchPass {
    let catalogue: Catalogue
    /// Updated while the rows are gone through.
    private(set) var devices: [Device]
    private let rows: [ScanRow]
    private(set) var deviceByMAC: [MACAddress: Int] = [:]
    private(set) var devicesByAddress: [String: [Int]] = [:]
    private var rowsByMAC: [MACAddress: [Int]] = [:]
    private(set) var decisions: [MatchDecision] = []
    /// What the decisions of known and new phones are about: for the conflicts of numbers.
    private var touched: Set<Int> = []
    private var reportedMACs: Set<MACAddress> = []
    private var visitedAddresses: Set<String> = []

    init(catalogue: Catalogue, devices: [Device], rows: [ScanRow]) {
        self.catalogue = catalogue
        self.devices = devices
        self.rows = rows
        for (index, device) in devices.enumerated() {
            if let mac = device.mac, deviceByMAC[mac] == nil { deviceByMAC[mac] = index }
            if let address = device.address { devicesByAddress[address.lowercased(), default: []].append(index) }
        }
        for (index, row) in rows.enumerated() {
            if let mac = row.mac, Self.isPhone(row) { rowsByMAC[mac, default: []].append(index) }
        }
    }

    mutating func run() -> [MatchDecision] {
        for row in rows where Self.isPhone(row) { visit(row) }
        addNumberConflicts()
        return decisions
    }

    static func isPhone(_ row: ScanRow) -> Bool {
        row.status == .phone || row.status == .notTrusted || row.status == .unknownType
    }

    /// Whether the phone proved who it is.
    static func isAuthenticated(_ row: ScanRow) -> Bool {
        row.tls && row.status != .notTrusted && row.evidence?.isAuthenticated == true
    }

    // MARK: One row

    private mutating func visit(_ row: ScanRow) {
        if let mac = row.mac, let twins = rowsByMAC[mac], addresses(of: twins).count > 1 {
            let proven = twins.filter { Self.isAuthenticated(rows[$0]) }
            guard addresses(of: proven).count == 1 else { return reportTwins(mac, twins) }
            guard Self.isAuthenticated(row) else { return reportImpostor(row, of: mac) }
        }
        // One phone that was seen twice at one address counts once.
        if let mac = row.mac, !visitedAddresses.insert("\(mac) \(row.address)").inserted { return }
        if let mac = row.mac, let known = deviceByMAC[mac] {
            reportFormerTenants(of: row, now: known)
            return update(known, by: row)
        }
        let tenants = devicesByAddress[row.address.lowercased()] ?? []
        if let nameless = tenants.first(where: { devices[$0].mac == nil }) { return update(nameless, by: row) }
        if row.mac == nil {
            if let tenant = tenants.first { update(tenant, by: row) } else { addNew(row) }
        } else if let former = tenants.first(where: { !wasSeenElsewhere(devices[$0], than: row.address) }) {
            reportReplaced(former, by: row)
        } else {
            addNew(row)
        }
    }

    private func addresses(of indices: [Int]) -> [String] {
        var seen: Set<String> = []
        return indices.map { rows[$0].address }.filter { seen.insert($0.lowercased()).inserted }
    }

    private func wasSeenElsewhere(_ device: Device, than address: String) -> Bool {
        guard let mac = device.mac, let places = rowsByMAC[mac] else { return false }
        return places.contains { rows[$0].address.lowercased() != address.lowercased() }
    }

    mutating func addNew(_ row: ScanRow) {
        // Something with a foreign certificate that said nothing of itself may be any server.
        guard row.mac != nil || row.type != nil || row.deviceType != nil else { return }
        var fields = fields(of: row)
        fields.number = row.number
        touched.insert(devices.count)
        decisions.append(.new(fields))
        devices.append(fields.device(id: DeviceID("")))
    }

    private func fields(of row: ScanRow) -> DeviceFields {
        var row = row
        // Over TLS, and without proof, a phone says that it is managed in plain: to believe that would be a way down.
        if row.tls, !Self.isAuthenticated(row), let type = row.type.flatMap({ catalogue[$0] }) {
            if !type.access(for: row.softwareVersion).tls { row.softwareVersion = nil }
            if !type.access(for: nil).tls { row.type = nil }
        }
        return DeviceFields(
            type: row.type, address: row.address, port: unusualPort(of: row, type: row.type), mac: row.mac,
            number: row.number, softwareVersion: row.softwareVersion,
            status: row.status == .notTrusted ? .notTrusted : .new,
            certificateFingerprint: row.evidence?.certificateFingerprint, wasAuthenticated: Self.isAuthenticated(row),
            lastSeen: row.seenAt)
    }

    /// The row's port where it is not the catalogue's for this phone.
    private func unusualPort(of row: ScanRow, type: PhoneTypeID?) -> Int? {
        guard let port = row.port else { return nil }
        guard let type = type.flatMap({ catalogue[$0] }) else { return port }
        return type.access(for: row.softwareVersion).port == port ? nil : port
    }

    // MARK: A known phone

    private func expectsTLS(_ device: Device) -> Bool {
        device.wasAuthenticated
            || device.type.flatMap { catalogue[$0] }?.access(for: device.softwareVersion).tls == true
    }

    mutating func update(_ index: Int, by row: ScanRow) {
        let device = devices[index]
        let isAuthenticated = Self.isAuthenticated(row)
        if device.wasAuthenticated, !isAuthenticated { return reportUntrusted(index, row) }
        if expectsTLS(device), !row.tls, row.status != .notTrusted { return reportUntrusted(index, row) }

        var updated = device
        updated.address = row.address
        updated.lastSeen = row.seenAt ?? device.lastSeen
        if isAuthenticated || !expectsTLS(device) {
            let seen = fields(of: row)
            updated.type = seen.type ?? device.type
            updated.softwareVersion = seen.softwareVersion ?? device.softwareVersion
        }
        if isAuthenticated || (!expectsTLS(device) && row.status != .notTrusted) {
            updated.mac = device.mac ?? row.mac
            updated.number = device.number ?? row.number
            if row.port != nil { updated.port = unusualPort(of: row, type: updated.type) }
        }
        updated.certificateFingerprint = row.evidence?.certificateFingerprint ?? device.certificateFingerprint
        updated.wasAuthenticated = device.wasAuthenticated || isAuthenticated
        if row.status == .notTrusted {
            updated.status = .notTrusted
        } else if device.status == .notTrusted || device.status == .conflict {
            updated.status = .new
        }
        devices[index] = updated
        touched.insert(index)
        if let mac = updated.mac { deviceByMAC[mac] = index }
        decisions.append(
            .known(updated, changes: DeviceChange.changes(from: DeviceFields(device), to: DeviceFields(updated))))
    }

    // MARK: Conflicts

    private mutating func report(
        _ detail: String, subject: String, devices: [DeviceID], addresses: [String], found: DeviceFields? = nil
    ) {
        let fault = Fault(.deviceConflict, subject: subject, detail: detail)
        decisions.append(
            .conflict(MatchConflict(fault: fault, devices: devices.sorted(), addresses: addresses, found: found)))
    }

    private mutating func reportTwins(_ mac: MACAddress, _ twins: [Int]) {
        guard reportedMACs.insert(mac).inserted else { return }
        let places = addresses(of: twins)
        let known = deviceByMAC[mac].map { devices[$0].id }
        report(
            "answers at \(places.joined(separator: " and ")), only one of them can be the phone",
            subject: "MAC \(mac)", devices: known.map { [$0] } ?? [], addresses: places)
    }

    /// The phone itself proved who it is, so its entry is not in doubt.
    private mutating func reportImpostor(_ row: ScanRow, of mac: MACAddress) {
        report(
            "claims MAC \(mac) without proof, the phone with this MAC answers elsewhere",
            subject: row.address, devices: [], addresses: [row.address], found: fields(of: row))
    }

    private mutating func reportReplaced(_ former: Int, by row: ScanRow) {
        let device = devices[former]
        report(
            "answers with MAC \(row.mac?.description ?? "unknown"), \(device.id) has MAC \(device.mac?.description ?? "unknown")",
            subject: row.address, devices: [device.id], addresses: [row.address], found: fields(of: row))
    }

    /// Entries that still claim the address at which another known phone was found.
    private mutating func reportFormerTenants(of row: ScanRow, now known: Int) {
        for tenant in devicesByAddress[row.address.lowercased()] ?? [] where tenant != known {
            let device = devices[tenant]
            guard device.address?.lowercased() == row.address.lowercased(), device.mac != nil,
                !wasSeenElsewhere(device, than: row.address)
            else { continue }
            report(
                "is now the address of \(devices[known].id), \(device.id) was not seen elsewhere",
                subject: row.address, devices: [device.id], addresses: [row.address])
        }
    }

    private mutating func reportUntrusted(_ index: Int, _ row: ScanRow) {
        let device = devices[index]
        let what =
            if let fault = row.fault {
                [fault.code.rawValue, fault.detail].compactMap(\.self).joined(separator: ": ")
            } else if row.tls {
                "its certificate is not trusted"
            } else {
                "it answers without TLS"
            }
        let past = device.wasAuthenticated ? "was authenticated before" : "is of a type with TLS"
        report(
            "\(device.id) \(past), now \(what)", subject: row.address, devices: [device.id],
            addresses: [row.address], found: fields(of: row))
    }

    /// One terminal number on several entries, where this scan touched one of them.
    private mutating func addNumberConflicts() {
        var holders: [TerminalNumber: [Int]] = [:]
        for (index, device) in devices.enumerated() {
            if let number = device.number { holders[number, default: []].append(index) }
        }
        let shared = holders.filter { $0.value.count > 1 && $0.value.contains(where: touched.contains) }
        for (number, indices) in shared.sorted(by: { ($0.value[0], $0.key.rawValue) < ($1.value[0], $1.key.rawValue) })
        {
            let known = indices.map { devices[$0].id }.filter { !$0.rawValue.isEmpty }
            let places = indices.filter(touched.contains).compactMap { devices[$0].address }
            let names = indices.map { index -> String in
                let device = devices[index]
                return device.id.rawValue.isEmpty ? device.address ?? "" : device.id.rawValue
            }
            let more = names.count > 5 ? " and \(names.count - 5) more" : ""
            let fault = Fault(
                .planNumberConflict, subject: number.rawValue,
                detail: "is the number of \(names.prefix(5).joined(separator: ", "))\(more)")
            decisions.append(.conflict(MatchConflict(fault: fault, devices: known.sorted(), addresses: places)))
        }
    }
}
