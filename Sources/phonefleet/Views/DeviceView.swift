import DeploymentModel
import Foundation

/// A device as the command line shows it.
struct DeviceView: Encodable {
    var id: DeviceID
    var type: PhoneTypeID?
    var address: String?
    var port: Int?
    var mac: MACAddress?
    var number: TerminalNumber?
    var software: SoftwareVersion?
    var status: DeviceStatus
    var groups: [String]
    var authenticated: Bool
    var fingerprint: String?
    var lastSeen: Date?
    var note: String
    /// What is known of a phone that calls (WPI); nil for one that never did.
    var calls: CallsView?

    /// - Parameter calls: what is known of the phone by its calls.
    init(_ device: Device, groups: [String], calls: PhoneCalls? = nil, localChanges: [LocalChange]? = nil) {
        id = device.id
        type = device.type
        address = device.address
        port = device.port
        mac = device.mac
        number = device.number
        software = device.softwareVersion
        status = device.status
        self.groups = groups
        authenticated = device.wasAuthenticated
        fingerprint = device.certificateFingerprint
        lastSeen = device.lastSeen
        note = device.note
        self.calls = calls.map { CallsView($0, device, localChanges) }
    }

    /// Everything that can be shown in a column, by the name with which `--columns` asks for it.
    static var columns: [(name: String, column: Listing<DeviceView>.Column)] {
        [
            ("id", .init(title: "ID", text: { $0.id.rawValue })),
            ("mac", .init(title: "MAC", text: { $0.mac?.description })),
            ("address", .init(title: "ADDRESS", text: { $0.address })),
            ("port", .init(title: "PORT", text: { $0.port.map(String.init) })),
            ("number", .init(title: "NUMBER", text: { $0.number?.rawValue })),
            ("type", .init(title: "TYPE", text: { $0.type?.rawValue }, wraps: true)),
            ("software", .init(title: "SOFTWARE", text: { $0.software?.text })),
            ("status", .init(title: "STATUS", text: { $0.status.rawValue })),
            (
                "groups",
                .init(
                    title: "GROUPS", text: { $0.groups.isEmpty ? nil : $0.groups.joined(separator: ", ") }, wraps: true)
            ),
            ("authenticated", .init(title: "AUTHENTICATED", text: { $0.authenticated ? "yes" : "no" })),
            ("fingerprint", .init(title: "FINGERPRINT", text: { $0.fingerprint })),
            ("mode", .init(title: "MODE", text: { $0.calls?.modeInWords })),
            ("last-call", .init(title: "LAST CALL", text: { $0.calls?.lastCallInWords })),
            ("contact", .init(title: "CONTACT", text: { $0.calls?.contact })),
            ("last-seen", .init(title: "LAST SEEN", text: { $0.lastSeen.map(Words.time) })),
            ("note", .init(title: "NOTE", text: { $0.note.isEmpty ? nil : $0.note }, wraps: true)),
        ]
    }

    static let usualColumns = ["id", "mac", "address", "number", "type", "status"]
}

/// A row of a scan as the command line shows it.
struct ScanView: Encodable {
    var address: String
    var port: Int?
    var status: ScanStatus
    var type: PhoneTypeID?
    var deviceType: String?
    var mac: MACAddress?
    var number: TerminalNumber?
    var software: SoftwareVersion?
    var tls: Bool
    var fingerprint: String?
    var profile: String?
    var code: StatusCode?
    var reason: String?

    init(_ row: ScanRow) {
        address = row.address
        port = row.port
        status = row.status
        type = row.type
        deviceType = row.deviceType
        mac = row.mac
        number = row.number
        software = row.softwareVersion
        tls = row.tls
        fingerprint = row.evidence?.certificateFingerprint
        profile = row.evidence?.profile
        code = row.fault?.code
        reason = row.fault?.summary
    }

    static func listing(_ rows: [ScanRow]) -> Listing<ScanView> {
        Listing(
            noun: "scan", views: rows.map(ScanView.init),
            columns: [
                .init(title: "ADDRESS", text: { $0.address }),
                .init(title: "STATUS", text: { $0.status.rawValue }),
                .init(title: "TYPE", text: { $0.type?.rawValue ?? $0.deviceType }, wraps: true),
                .init(title: "MAC", text: { $0.mac?.description }),
                .init(title: "NUMBER", text: { $0.number?.rawValue }),
                .init(title: "SOFTWARE", text: { $0.software?.text }),
                .init(title: "FINGERPRINT", text: { $0.fingerprint }, onlyCSV: true),
                .init(title: "CODE", text: { $0.code?.rawValue }, wraps: true),
                .init(title: "REASON", text: { $0.reason }, onlyCSV: true),
            ],
            whenEmpty: "no address answered")
    }
}
