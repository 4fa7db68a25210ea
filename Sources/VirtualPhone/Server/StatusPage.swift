import DeploymentModel
import ManagementXML

/// The pages of the phone's web server.
///
/// They show no secret, and nothing in them is believed to be harmless.
enum StatusPage {
    /// The page that needs no password: who the phone is and how it does.
    static func status(of phone: PhoneBehaviour, isTLS: Bool, date: String, at now: Double) -> [UInt8] {
        let status = phone.phoneStatus(at: now)
        var page = HTMLPage(title: phone.model.type.name)
        page.row("Device type", phone.value(of: ItemKey(WellKnownItem.deviceType)) ?? "")
        page.row("Software version", phone.model.software.text)
        page.row("MAC address", phone.state.mac.description)
        page.row("Terminal number", phone.value(of: ItemKey(WellKnownItem.terminalNumber)) ?? "")
        page.row("Connection", isTLS ? "TLS" : "plain")
        page.row("State", status.isBusy ? "in a call" : "idle")
        let reason = status.registrationReason.map { ": \($0)" } ?? ""
        page.row("Registration", (status.registration?.rawValue ?? "-") + reason)
        page.row("Uptime", status.uptime.map { "\($0) s" } ?? "-")
        page.row("Starts", "\(status.bootCount)")
        page.row("Time", date)
        page.row("Server key material", phone.heldSummary(.serverKeyMaterial))
        page.row("Client trusted certificates", phone.heldSummary(.clientTrustedCertificates))
        page.link("Settings", to: "/settings")
        return page.bytes
    }

    /// The page that needs the administrator password: every value but the secrets.
    ///
    /// - Parameter refused: what was just refused of a form.
    static func settings(of phone: PhoneBehaviour, refused: [Item] = []) -> [UInt8] {
        var page = HTMLPage(title: "\(phone.model.type.name): settings")
        for item in refused { page.row("Refused", "\(item.key): \(item.status?.rawValue ?? "failed")") }
        for slot in phone.model.slots.indices where !phone.model.slots[slot].isSecret {
            page.row(phone.model.slots[slot].key.description, phone.value(in: slot))
        }
        page.link("Status", to: "/")
        if phone.model.type.managementProtocol == .wpi { page.form() }
        return page.bytes
    }
}

/// Writes a page with one table; every text is escaped.
private struct HTMLPage {
    private var text: String

    init(title: String) {
        let title = Self.escaped(title)
        text = """
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8"><title>\(title)</title>
            <meta name="viewport" content="width=device-width"><style>
            body{font-family:sans-serif;margin:2em}td{padding:.2em 1em .2em 0}
            </style></head><body><h1>\(title)</h1><p>Virtual phone</p><table>

            """
    }

    mutating func row(_ name: String, _ value: String) {
        text += "<tr><td>\(Self.escaped(name))</td><td>\(Self.escaped(value))</td></tr>\n"
    }

    mutating func link(_ name: String, to path: StaticString) {
        text += "</table><p><a href=\"\(path)\">\(Self.escaped(name))</a></p>"
    }

    /// A form for the terminal number; any other item is taken by its name as well.
    mutating func form() {
        text += """
            <form method="post" action="/settings"><p><label>Terminal number <input name="e164"></label>
            <button>Save</button></p></form>

            """
    }

    var bytes: [UInt8] { Array((text + "</body></html>\n").utf8) }

    private static func escaped(_ text: String) -> String {
        var safe = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": safe += "&amp;"
            case "<": safe += "&lt;"
            case ">": safe += "&gt;"
            case "\"": safe += "&quot;"
            case "'": safe += "&#39;"
            default: safe.unicodeScalars.append(scalar)
            }
        }
        return safe
    }
}
