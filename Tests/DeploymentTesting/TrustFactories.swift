public import DeploymentModel
public import TLSMaterial
import VirtualPhone

extension TrustRecord {
    /// What believes the virtual phones of a type with their built-in key material.
    public static func make(
        name: String = "built-in", type: PhoneTypeID = .testTLS, keyType: CertificateIssuer.KeyType = .p256
    ) -> TrustRecord {
        TrustRecord(
            name: name, subject: BuiltInMaterial.subject(of: type),
            anchors: [BuiltInMaterial.authorityPEM(of: type, keyType: keyType)])
    }
}

extension TrustProfile {
    /// What believes the virtual phones of a type with their built-in key material.
    public static func make(
        name: String = "built-in", type: PhoneTypeID = .testTLS, keyType: CertificateIssuer.KeyType = .p256
    ) throws -> TrustProfile {
        TrustProfile(
            name: name, subject: try DistinguishedName(rfc4514: BuiltInMaterial.subject(of: type)),
            anchors: try CertificateFile.certificates(
                in: Array(BuiltInMaterial.authorityPEM(of: type, keyType: keyType).utf8)))
    }
}
