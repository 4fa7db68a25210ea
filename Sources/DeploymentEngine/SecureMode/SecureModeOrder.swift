public import DeploymentModel
import Foundation
import ManagementXML
import PhoneTransport
public import TLSMaterial

/// What one phone is given to enter secure mode: its own certificate with its key, and by what it believes the server.
public struct SecureModeOrder: Sendable {
    /// SHA-256 of the phone's certificate, by which it is known when it calls; nil when it keeps the one that it has.
    public let fingerprint: String?
    /// The end of the PIN, which the phone is asked for; nil without a PIN.
    public let tan: SecretText?
    let items: [Item]

    /// How many wrong PINs a phone bears.
    private static let mostTries = 3
    /// The end of a PIN that is no part of the password.
    private static let tanLength = 3
    /// Shortest PIN; what is left without its end is all that protects the key.
    public static let shortestPIN = 8

    /// - Parameters:
    ///   - material: made for this phone alone.
    ///   - authorities: what the phone is to believe the server by; one or two.
    ///   - port: where the phone calls from then on.
    ///   - pin: has to be entered at the phone; nil = the key travels as it is.
    /// - Throws: ``Fault`` `material.shared-key` unless the certificate names just this phone, `input.secret` for a PIN that
    ///   is too short, or what is wrong with the material.
    public init(
        _ material: KeyMaterial, for mac: MACAddress, authorities: [ParsedCertificate], port: Int,
        pin: SecretText? = nil
    ) throws(Fault) {
        guard material.isMade(for: mac) else { throw Fault(.materialSharedKey, subject: mac.description) }
        do throws(MaterialError) {
            fingerprint = try FileFacts(material).fingerprint
            let content = SecureModeContainer(
                clientCertificate: try PKCS12.encode(material), authorities: authorities.map(\.der), port: port)
            guard let pin else {
                tan = nil
                items = Self.items(content, authorities.map(\.pem))
                return
            }
            let text = pin.reveal()
            guard text.count >= Self.shortestPIN else {
                throw MaterialError(.passPhraseNeeded, detail: "a PIN has at least \(Self.shortestPIN) characters")
            }
            tan = SecretText(String(text.suffix(Self.tanLength)))
            let sealed = try content.sealed(by: String(text.dropLast(Self.tanLength)))
            items = [
                Item(ItemKey(WPIItem.goToSecureMode), value: "pin"),
                Item(ItemKey(WPIItem.secureModeData), value: Data(sealed).base64EncodedString()),
                Item(ItemKey(WPIItem.maxPINRetries), value: "\(Self.mostTries)"),
            ]
        } catch {
            throw Fault(
                error.code == .passPhraseNeeded ? .inputSecret : StatusCode(error.code.rawValue),
                subject: mac.description, detail: error.detail)
        }
    }

    /// Another certificate for a phone that is in secure mode: goes only over a connection on which it proved itself.
    ///
    /// - Throws: ``Fault`` `material.shared-key` unless the certificate names just this phone, or what is wrong with it.
    public init(renewing material: KeyMaterial, for mac: MACAddress) throws(Fault) {
        guard material.isMade(for: mac) else { throw Fault(.materialSharedKey, subject: mac.description) }
        do throws(MaterialError) {
            fingerprint = try FileFacts(material).fingerprint
            tan = nil
            items = [Self.certificate(try PKCS12.encode(material))]
        } catch {
            throw Fault(StatusCode(error.code.rawValue), subject: mac.description, detail: error.detail)
        }
    }

    /// Other authorities by which a phone in secure mode is to believe the server.
    ///
    /// - Parameter authorities: one or two; the one that the phone believes already comes first, so that it is never
    ///   without it.
    public init(trusting authorities: [ParsedCertificate]) {
        fingerprint = nil
        tan = nil
        items = Self.authorities(authorities.map(\.pem))
    }

    private static func certificate(_ content: [UInt8]) -> Item {
        Item(ItemKey(WPIItem.clientCertificate), value: Data(content).base64EncodedString())
    }

    private static func items(_ content: SecureModeContainer, _ authorities: [String]) -> [Item] {
        [
            Item(ItemKey(WPIItem.goToSecureMode), value: "nopin"),
            certificate(content.clientCertificate),
        ] + Self.authorities(authorities) + [Item(ItemKey(WPIItem.securePort), value: "\(content.port)")]
    }

    private static func authorities(_ texts: [String]) -> [Item] {
        (0...1).map { Item(ItemKey(WPIItem.serverCA, index: $0), value: texts.dropFirst($0).first ?? "") }
    }
}
