public import DeploymentModel
import Foundation
import NIOSSL
public import TLSMaterial

/// The key material with which phones leave the factory: a leaf and the self-signed CA that issued it, one pair for
/// all phones of a type.
///
/// It is no secret: every copy of this program holds the same private keys. It is for virtual phones only.
public enum BuiltInMaterial {
    /// The certificates that the phones of a type present, leaf first, PEM.
    public static func chainPEM(
        of type: PhoneTypeID, keyType: CertificateIssuer.KeyType = .p256
    ) -> [String] {
        Array(blocks(of: type, keyType: keyType)[1...2])
    }

    /// The self-signed CA of a type, PEM: what a tool has to trust.
    public static func authorityPEM(of type: PhoneTypeID, keyType: CertificateIssuer.KeyType = .p256) -> String {
        blocks(of: type, keyType: keyType)[2]
    }

    /// The subject that the phones of a type present, RFC 4514.
    public static func subject(of type: PhoneTypeID) -> String {
        "CN=\(builtInNames[type.rawValue] ?? builtInNames["generic"] ?? ""),O=Phonefleet virtual phones"
    }

    /// The private key and the chain for a TLS server, PEM.
    static func files(
        of type: PhoneTypeID, keyType: CertificateIssuer.KeyType, fault: PhoneFault.WrongCertificate?
    ) -> (key: String, chain: [String]) {
        let blocks = blocks(of: type, keyType: keyType)
        let chain =
            switch fault {
            case nil: [blocks[1], blocks[2]]
            case .expired: [blocks[3], blocks[2]]
            case .notYetValid: [blocks[4], blocks[2]]
            case .wrongSubject: [blocks[5], blocks[2]]
            case .foreign: [blocks[6], blocks[7]]
            }
        return (blocks[0], chain)
    }

    /// The eight PEM blocks in the order in which the script wrote them.
    private static func blocks(of type: PhoneTypeID, keyType: CertificateIssuer.KeyType) -> [String] {
        let all = keyType == .p256 ? builtInP256 : builtInRsa2048
        let text = all[type.rawValue] ?? all["generic"] ?? ""
        var blocks: [String] = []
        var lines: [Substring] = []
        for line in text.split(separator: "\n") {
            lines.append(line)
            guard line.hasPrefix("-----END") else { continue }
            blocks.append(lines.joined(separator: "\n") + "\n")
            lines = []
        }
        return blocks + Array(repeating: "", count: max(0, 8 - blocks.count))
    }
}
