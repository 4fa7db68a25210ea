import Foundation

@testable import TLSMaterial

/// What must hold for any bytes that are given as a file; used by the tests and by the fuzzer.
enum MaterialProperty {
    /// So that an input which asks for much work is refused at once.
    private static let budget = RoundBudget(rounds: 2_000)
    private static let time = Date(timeIntervalSince1970: 1_750_000_000)

    /// Reads the bytes in every way; says what is wrong when something was read and does not hold together.
    static func violation(_ bytes: [UInt8]) -> String? {
        for passPhrase in [nil, "secret"] {
            if let material = try? KeyMaterial(file: bytes, passPhrase: passPhrase, budget: budget),
                let violation = violation(material)
            {
                return violation
            }
            let parts = EncryptedParts(passPhrase, command: "", budget: budget)
            if let certificates = try? CertificateFile.certificates(in: bytes, parts),
                let trusted = try? TrustedCertificates(certificates), let violation = violation(trusted)
            {
                return violation
            }
        }
        return unencryptedViolation(bytes)
    }

    private static func violation(_ material: KeyMaterial) -> String? {
        guard (try? material.keyMatchesLeaf()) == true else { return "a key was read that is not the leaf's" }
        _ = MaterialCheck.findings(of: material, limits: MaterialCheck.Limits(), at: time)
        guard let file = try? PKCS12.encode(material), let contents = try? PKCS12.decodeUnencrypted(file),
            let again = try? KeyMaterial(pkcs12: contents)
        else { return "key material was read that cannot be written and read" }
        guard (try? again.isSame(as: material)) == true else { return "key material changed on the way" }
        return nil
    }

    private static func violation(_ trusted: TrustedCertificates) -> String? {
        _ = MaterialCheck.findings(of: trusted, limits: MaterialCheck.Limits(), at: time)
        // One byte of content can take some more around it, so the largest input may not fit into a file again.
        guard trusted.certificates.count <= SafeContentsReader.bagLimit else { return nil }
        guard let file = try? PKCS12.encode(trusted), file.count <= CertificateFile.sizeLimit else { return nil }
        guard let contents = try? PKCS12.decodeUnencrypted(file) else {
            return "certificates were read that cannot be written and read"
        }
        guard (try? TrustedCertificates(pkcs12: contents)) == trusted else { return "certificates changed on the way" }
        return nil
    }

    /// What a phone takes the tool must take too, unless the check value is of a kind that is not known.
    private static func unencryptedViolation(_ bytes: [UInt8]) -> String? {
        guard let contents = try? PKCS12.decodeUnencrypted(bytes) else { return nil }
        do throws(MaterialError) {
            let whole = try PKCS12.decode(bytes, EncryptedParts(nil, command: "", budget: budget))
            let same = whole.certificates == contents.certificates
            return same && whole.keys.map(\.privateKey) == contents.keys.map(\.privateKey)
                ? nil : "two readers of one file differ"
        } catch {
            let known: Set<MaterialError.Code> = [.unsupportedEncryption, .tooManyRounds, .damaged]
            return known.contains(error.code) && contents.integrity == .unchecked
                ? nil : "a file that phones take was refused: \(error.code)"
        }
    }
}
