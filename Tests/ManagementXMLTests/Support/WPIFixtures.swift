import DeploymentModel
import Foundation
import ManagementXML

/// Messages written by hand after the description of the protocol, and what they mean.
enum WPIFixtures {
    static func bytes(_ name: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: folder.appending(path: name + ".xml")))
    }

    /// The names of all files, with and without a meaning here.
    static func names() throws -> [String] {
        try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            .filter { $0.pathExtension == "xml" }.map { $0.deletingPathExtension().lastPathComponent }.sorted()
    }

    private static let folder = Documents.root.appending(path: "docs/reference/examples/wpi")
    static let nonce = "0F1E2D3C4B5A69788796A5B4C3D2E1F0"

    /// `name=value`, `name[3]=value`, `name!status`, or `name` alone for one without value.
    static func item(_ text: String) -> Item {
        if let bang = text.firstIndex(of: "!") {
            return Item(key(text[..<bang]), status: ItemStatus(rawValue: String(text[text.index(after: bang)...])))
        }
        guard let equals = text.firstIndex(of: "=") else { return Item(key(Substring(text))) }
        return Item(key(text[..<equals]), value: String(text[text.index(after: equals)...]))
    }

    private static func key(_ text: Substring) -> ItemKey { ItemKey(parsing: text) ?? ItemKey("") }

    private static func phone(
        _ digit: Character, _ reason: WPIReason, maxItems: Int? = nil, more: Bool = false, _ items: [String]
    ) -> WPIPhoneMessage {
        WPIPhoneMessage(
            nonce: String(repeating: digit, count: 32), maxItems: maxItems, reason: reason, hasMoreFragments: more,
            items: items.map(item))
    }

    private static func reply(
        _ digit: Character, _ action: String, _ status: ManagementReply.Status, more: Bool = false,
        _ items: [String] = []
    ) -> WPIPhoneMessage {
        phone(digit, .replyTo(action: action, status: status), more: more, items)
    }

    private static let basic = [
        "contact-me-uri=http://192.0.2.60:8085/contact_dls.html/ContactDLS", "mac-addr=00:1a:e8:12:34:56", "e164=4242",
    ]

    static let phone: [String: WPIPhoneMessage] = [
        "start-up": WPIPhoneMessage(
            nonce: nonce, reason: .startUp,
            items: (basic + [
                "device-type=OpenStage 60", "software-type=Siemens SIP", "software-version=V3 R5.12.0",
                "configuration-changed-flag=false",
            ]).map(item)),
        "solicited": WPIPhoneMessage(
            nonce: "1A2B3C4D5E6F708192A3B4C5D6E7F809", maxItems: 40, reason: .solicited, items: basic.map(item)),
        "local-changes": phone(
            "2", .localChanges,
            basic + ["configuration-changed-flag=true", "ringer-melody=5", "key-label-unicode[3]=Büro & Lager"]),
        "inventory-changes": phone("3", .inventoryChanges, basic[1...] + ["key-modules=1"]),
        "status": phone(
            "4", .status,
            basic[1...] + [
                "file-deployment-date=24:11:2026", "file-deployment-time=12:30:05", "file-deployment-name=Harp.mp3",
                "file-deployment-type=RINGTONE", "file-deployment-status=ok",
            ]),
        "clean-up": phone("5", .cleanUp, ["cleanup-reason=password retries exceeded"]),
        "reply-read": reply(
            "6", "ReadItems", .accepted,
            [
                "sntp-addr=ntp.example.org", "sntp-addr-backup=", "function-key-def[1]=59", "no-such-item!unknown item",
            ]),
        "reply-read-all-next": reply(
            "7", "ReadAllItems", .accepted, more: true,
            ["mac-addr=00:1A:E8:12:34:56", "file-name[1]=Harp.mp3", "file-type[1]=RINGTONE"]),
        "reply-fragment-final": reply(
            "8", "GetNextFragment", .accepted, ["user-pwd=", "display-id-unicode=Empfang"]),
        "reply-write": reply("9", "WriteItems", .accepted),
        "reply-write-faults": reply(
            "A", "WriteItems", .accepted,
            [
                "user-pwd-unicode!failed", "default-locked-function-keys!unknown item", "mac-addr!read only",
                "Canonical-lookup-local-code[6]!invalid index", "restart-type!unexpected item",
                "socketed-headset-mode!not supported", "vlan-id!invalid data", "blf-code!undefined status",
            ]),
        "reply-busy": reply("B", "WriteItems", .busy),
        "reply-failed": reply("C", "SoftwareDeployment", .failed),
    ]

    private static func server(_ action: WPIAction, nonce: String = nonce, _ items: [String] = []) -> WPIServerMessage {
        WPIServerMessage(nonce: nonce, action: action, items: items.map(item))
    }

    static let server: [String: WPIServerMessage] = [
        "read-all-items": server(.readAllItems),
        "read-items": server(.readItems, ["sntp-addr", "function-key-def[1]"]),
        "write-items": server(
            .writeItems,
            [
                "sntp-addr=ntp.example.org", "sntp-addr-backup=", "function-key-def[1]=1",
                "key-label-unicode[1]=R&D <Labor>", "select-dial[1]=*800003",
            ]),
        "restart": server(.restart),
        "factory-reset": server(.restart, ["restart-type=FactoryReset", "restart-password=124816"]),
        "file-deployment-https": server(
            .fileDeployment,
            [
                "file-https-base-url=https://files.example.org/phones/logo60.png", "file-name=logo60.png",
                "file-type=LOGO",
            ]),
        "file-deployment-ftp": server(
            .fileDeployment,
            [
                "file-server=192.0.2.9", "file-port=2121", "file-path=phones/tones", "file-username=phone",
                "file-pwd=not-a-secret", "file-name=Harp.mp3", "file-type=RINGTONE",
            ]),
        "file-deployment-several": server(
            .fileDeployment,
            [
                "file-https-base-url[1]=https://files.example.org/wait.wav", "file-name[1]=wait.wav",
                "file-type[1]=MOH", "file-action[1]=deploy", "file-name[2]=old.jpg", "file-type[2]=PICTURE",
                "file-action[2]=delete",
            ]),
        "software-deployment": server(
            .softwareDeployment,
            [
                "file-https-base-url=https://files.example.org/os60/opera_bind.img", "file-name=opera_bind.img",
                "file-type=APP", "file-sw-type=Siemens SIP", "file-sw-version=V3 R5.12.0", "file-priority=normal",
            ]),
        "get-next-fragment": server(.getNextFragment, nonce: String(repeating: "7", count: 32)),
        "clean-up": server(.cleanUp),
        "clean-up-send-solicited": server(
            .cleanUp, nonce: String(repeating: "B", count: 32), ["send-solicited=true"]),
        "clean-up-overload": server(.cleanUp, ["cleanup-reason=overload"]),
        "web-certificate": server(.writeItems, ["wbm-server-certificate=AAECAwQFBgcICQ=="]),
        "web-certificate-info": server(.readItems, ["wbm-server-certificate-info"]),
        "secure-bootstrap": server(
            .writeItems,
            [
                "goto-secure-mode=nopin", "dls-client-certificate=AAECAwQFBgcICQ==",
                "dls-server-ca[0]=-----BEGIN CERTIFICATE-----\nAAEC\n-----END CERTIFICATE-----\n", "dls-server-ca[1]=",
                "dls-secure-port=18444",
            ]),
    ]
}
