import Crypto
import DeploymentModel
import Foundation

/// The two keys that come out of the key file: one seals secrets, one recognises accepted ones.
struct SealingKey: Sendable {
    private let sealing: SymmetricKey
    private let recognising: SymmetricKey
    /// Tells whether a key belongs to a database without giving anything of it away.
    let check: Data

    init(master: SymmetricKey) {
        func derive(_ purpose: String) -> SymmetricKey {
            HKDF<SHA256>.deriveKey(
                inputKeyMaterial: master, info: Data("phonefleet/1/\(purpose)".utf8), outputByteCount: 32)
        }
        sealing = derive("seal")
        recognising = derive("accepted")
        check = derive("check").withUnsafeBytes { Data($0) }
    }

    /// Seals a text under a random nonce; the name is authenticated with it, so that no entry passes for another.
    func seal(_ secret: SecretText, name: String) throws -> Data {
        let box = try AES.GCM.seal(Data(secret.reveal().utf8), using: sealing, authenticating: Self.context(name))
        // `combined` is missing only for nonces of another size than the default, which are never used here.
        return box.combined ?? Data()
    }

    /// Opens a sealed text; throws `input.secret` when it was not sealed by this key under this name.
    func open(_ sealed: Data, name: String) throws(Fault) -> SecretText {
        do {
            let bytes = try AES.GCM.open(
                AES.GCM.SealedBox(combined: sealed), using: sealing, authenticating: Self.context(name))
            return SecretText(String(decoding: bytes, as: UTF8.self))
        } catch {
            throw Fault(
                .inputSecret, subject: "sealed:\(name)", detail: "the entry was changed or sealed by another key")
        }
    }

    /// What is kept of a secret that a phone accepted: enough to know the same text again, not to find it out.
    func mark(_ secret: SecretText, device: String, item: String) -> Data {
        var mac = HMAC<SHA256>(key: recognising)
        for part in [device, item, secret.reveal()] {
            withUnsafeBytes(of: UInt64(part.utf8.count).bigEndian) { mac.update(data: $0) }
            mac.update(data: Array(part.utf8))
        }
        return Data(mac.finalize())
    }

    private static func context(_ name: String) -> Data {
        Data("phonefleet/sealed/1/\(name)".utf8)
    }
}
