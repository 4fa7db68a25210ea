public import DeploymentModel
import Foundation
import ManagementXML
public import TLSMaterial

/// Which private keys may go to a phone that nobody authenticated: the one made for it alone, to enter secure mode.
enum DefaultModeKeys {
    /// - Throws: ``Fault`` `material.plain-refused` for key material of the phone's web server, `material.shared-key` for a
    ///   client certificate that does not name just this phone.
    static func check(_ items: [Item], for mac: MACAddress) throws(Fault) {
        for item in items {
            switch item.key.name {
            case WPIItem.webCertificate: throw Fault(.materialPlainRefused)
            case WPIItem.clientCertificate:
                let file = item.value.flatMap { Data(base64Encoded: $0, options: .ignoreUnknownCharacters) }
                guard let file, let material = try? KeyMaterial(pkcs12: PKCS12.decodeUnencrypted(Array(file))),
                    material.isMade(for: mac)
                else { throw Fault(.materialSharedKey) }
            default: break
            }
        }
    }
}

extension KeyMaterial {
    /// Whether the certificate is for one phone alone: its subject is nothing but the phone's MAC address.
    public func isMade(for mac: MACAddress) -> Bool {
        guard let leaf = chain.first.flatMap({ try? ParsedCertificate(der: $0) }) else { return false }
        return leaf.subject.description.lowercased() == "cn=\(mac)".lowercased()
    }
}
