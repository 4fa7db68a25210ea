import Crypto
import CryptoExtras
import Foundation
import SwiftASN1

/// What a phone needs to enter secure mode, encrypted under a part of its PIN (WPI item `secure-mode-data`).
///
/// How the vendor packs this item is not public. This is a form of our own, for virtual phones; real phones do not
/// understand it. Layout, in bytes: `PFSM`, version 1, log2 of scrypt's N, r, p (1 each), salt (16), nonce (12), then
/// AES-256-GCM of the content with its tag (16); everything before the ciphertext is authenticated with it. The key is
/// scrypt(password, salt); the content a DER SEQUENCE of the PKCS#12 file, a SEQUENCE of the CAs and the port.
public struct SecureModeContainer: Hashable, Sendable {
    /// Certificate and private key of the phone, unencrypted PKCS#12.
    public var clientCertificate: [UInt8]
    /// The CAs by which the phone believes its server, DER; one or two.
    public var authorities: [[UInt8]]
    /// Where the phone calls from then on, 1...65535.
    public var port: Int

    /// Takes the parts as they are.
    public init(clientCertificate: [UInt8], authorities: [[UInt8]], port: Int) {
        self.clientCertificate = clientCertificate
        self.authorities = authorities
        self.port = port
    }

    private static let mark = Array("PFSM".utf8)
    private static let version: UInt8 = 1
    private static let saltLength = 16
    private static let nonceLength = 12
    private static let tagLength = 16
    private static let headerLength = mark.count + 4 + saltLength + nonceLength
    /// Larger ones are not looked at.
    private static let mostBytes = 65_536
    /// What opening may cost: 64 MB of memory, and no more than is usual in time.
    private static let mostLogRounds = 16
    private static let usualCost = Cost(logRounds: 14, blockSize: 8, parallelism: 1)

    private struct Cost {
        var logRounds: UInt8
        var blockSize: UInt8
        var parallelism: UInt8

        var isBearable: Bool {
            (10...UInt8(mostLogRounds)).contains(logRounds) && blockSize == 8 && (1...4).contains(parallelism)
        }
    }

    /// Encrypts it under a password.
    ///
    /// - Throws: ``MaterialError`` `.passPhraseNeeded` for an empty password, `.tooLarge`.
    public func sealed(by password: String) throws(MaterialError) -> [UInt8] {
        guard !password.isEmpty else { throw MaterialError(.passPhraseNeeded, detail: "the PIN is too short") }
        var generator = SystemRandomNumberGenerator()
        let salt = (0..<Self.saltLength).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        let nonce = (0..<Self.nonceLength).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        let cost = Self.usualCost
        let header =
            Self.mark + [Self.version, cost.logRounds, cost.blockSize, cost.parallelism] + salt + nonce
        let content = DEREncoding.sequence([
            DEREncoding.octetString(clientCertificate),
            DEREncoding.sequence(authorities.map { DEREncoding.octetString($0) }), DEREncoding.integer(port),
        ])
        guard header.count + content.count + Self.tagLength <= Self.mostBytes else {
            throw MaterialError(.tooLarge, detail: "\(content.count) bytes for secure mode")
        }
        do {
            let key = try Self.key(of: password, salt, cost)
            let box = try AES.GCM.seal(
                content, using: key, nonce: try AES.GCM.Nonce(data: nonce), authenticating: header)
            return header + box.ciphertext + box.tag
        } catch {
            throw MaterialError(.unsupportedEncryption, detail: "the container could not be sealed")
        }
    }

    /// Opens a container.
    ///
    /// - Throws: ``MaterialError`` `.wrongPassPhrase` for a wrong password and for changed bytes alike, `.damaged`,
    ///   `.tooLarge`, `.unsupportedEncryption` for another version, `.tooManyRounds` for what would cost too much.
    public init(opening bytes: [UInt8], password: String) throws(MaterialError) {
        guard bytes.count <= Self.mostBytes else {
            throw MaterialError(.tooLarge, detail: "\(bytes.count) bytes for secure mode")
        }
        guard bytes.count > Self.headerLength + Self.tagLength, bytes.starts(with: Self.mark) else {
            throw MaterialError(.damaged, detail: "no container for secure mode")
        }
        guard bytes[4] == Self.version else {
            throw MaterialError(.unsupportedEncryption, detail: "version \(bytes[4]) of the container")
        }
        let cost = Cost(logRounds: bytes[5], blockSize: bytes[6], parallelism: bytes[7])
        guard cost.isBearable else {
            throw MaterialError(
                .tooManyRounds, detail: "scrypt with N = 2^\(bytes[5]), r = \(bytes[6]), p = \(bytes[7])")
        }
        let content = try Self.content(of: bytes, cost, password)
        try self.init(content: content)
    }

    private static func content(
        of bytes: [UInt8], _ cost: Cost, _ password: String
    ) throws(MaterialError) -> [UInt8] {
        let header = bytes[..<headerLength]
        let end = bytes.count - tagLength
        do {
            let key = try key(of: password, Array(bytes[8..<8 + saltLength]), cost)
            let box = try AES.GCM.SealedBox(
                nonce: try AES.GCM.Nonce(data: header.suffix(nonceLength)), ciphertext: bytes[headerLength..<end],
                tag: bytes[end...])
            return Array(try AES.GCM.open(box, using: key, authenticating: header))
        } catch {
            throw MaterialError(.wrongPassPhrase, detail: "the PIN does not open the container, or it was changed")
        }
    }

    private init(content: [UInt8]) throws(MaterialError) {
        let what = "the content of the container"
        var sequence = try DERSequence(try ASN1Node.der(content[...], what), what)
        clientCertificate = Array(try sequence.next().primitive(what, tagged: .octetString))
        var members = try DERSequence(try sequence.next(), what)
        authorities = []
        while let member = members.nextIfAny() {
            authorities.append(Array(try member.primitive(what, tagged: .octetString)))
        }
        port = try sequence.next().smallInteger(what)
        try sequence.finish()
        guard (1...65_535).contains(port), (1...2).contains(authorities.count) else {
            throw MaterialError(.damaged, detail: "\(what) is not what it should be")
        }
    }

    private static func key(of password: String, _ salt: [UInt8], _ cost: Cost) throws -> SymmetricKey {
        try KDF.Scrypt.deriveKey(
            from: Array(password.utf8), salt: salt, outputByteCount: 32, rounds: 1 << Int(cost.logRounds),
            blockSize: Int(cost.blockSize), parallelism: Int(cost.parallelism))
    }
}
