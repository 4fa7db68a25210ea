import Foundation
import TLSMaterial

/// The moment at which the tests judge; nothing here depends on the real time.
let noon = Date(timeIntervalSince1970: 1_750_000_000)

let day: TimeInterval = 86_400

extension DistinguishedName {
    static func make(_ text: String) throws -> DistinguishedName { try DistinguishedName(rfc4514: text) }
}

extension CertificateIssuer.Template {
    /// Valid for a year around noon; the closure changes what the case is about.
    static func make(
        _ subject: String, _ change: (inout CertificateIssuer.Template) throws -> Void = { _ in }
    ) throws -> CertificateIssuer.Template {
        var template = CertificateIssuer.Template(
            subject: try .make(subject), notBefore: noon - 180 * day, notAfter: noon + 180 * day)
        try change(&template)
        return template
    }
}

extension TrustProfile {
    static func make(
        _ subject: String = "CN=phone,O=Example", anchors: [ParsedCertificate], allowsLegacy: Bool = false,
        pin: String? = nil, allowsExpiredAnchor: Bool = false
    ) throws -> TrustProfile {
        TrustProfile(
            name: "test", subject: try .make(subject), anchors: anchors, allowsLegacy: allowsLegacy, pin: pin,
            allowsExpiredAnchor: allowsExpiredAnchor)
    }
}
