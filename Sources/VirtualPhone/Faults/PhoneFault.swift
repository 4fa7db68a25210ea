public import DeploymentModel

/// Something that is wrong with a virtual phone, on purpose.
public enum PhoneFault: Hashable, Sendable {
    /// Which wrong certificate a phone presents.
    public enum WrongCertificate: String, Hashable, Sendable, CaseIterable {
        case expired
        case notYetValid = "not-yet-valid"
        /// Right subject, issued by a CA of the same name that is another one.
        case foreign
        /// Issued by the right CA to another subject.
        case wrongSubject = "wrong-dn"
    }

    /// Nothing listens. With one listener for a range, the connection is reset at once instead.
    case refuses
    /// The connection is reset when the first bytes of the handshake came.
    case resetsHandshake
    /// Accepts the connection and never says a word.
    case silent
    /// Answers byte by byte, with this pause between two bytes.
    case slow(seconds: Double)
    /// Closes the connection in the middle of every reply.
    case closesInReply
    /// Replies with XML that ends too early.
    case malformedXML
    /// Replies with four MiB.
    case oversized
    /// Names another device type than its own.
    case wrongType(String)
    case certificate(WrongCertificate)
    /// Speaks TLS 1.0 and nothing newer.
    case onlyTLS1_0
    /// Speaks plain HTTP where TLS is expected.
    case plain
    /// In a call of so many seconds, which begins when the phone is first asked to change something.
    case busy(seconds: Double)
    /// Refuses an item; without a name the first one of every message.
    case rejects(String?)
    /// Says "accepted" and keeps the old value; without a name of every item.
    case keepsNothing(String?)
    /// Takes a write and restarts before it answers; once.
    case restartsOnWrite
    /// Loses power in the middle of a file: the connection is lost, and the phone has the old file or the new one; once.
    case losesPower(keepsNew: Bool)
    /// Does not take a file; without a kind of either kind.
    case refusesFile(FileKind?)
    /// Says "accepted" and keeps the old file; without a kind of either kind.
    case keepsNoFile(FileKind?)
    /// Keeps the server key material and goes on serving the old chain until it is restarted.
    case servesOldChain
    /// Serves nothing on new connections after it was given server key material, until that is deleted or it restarts.
    case breaksTLS
    /// Does what a transfer or a deletion of a file asks and loses the connection before the answer; once.
    case losesFileAnswer
    /// Gives files back in another encoding of the same content.
    case reencodesFiles
    /// The phone's clock is wrong by so many seconds.
    case wrongClock(seconds: Double)
    /// Has another administrator password than the fleet.
    case wrongPassword(String)
    /// Not there for so many seconds after the start.
    case absent(seconds: Double)
    /// Over WPI: does not decode `&lt;`, `&gt;`, `&amp;` and numeric references in values, like firmware of about V1 R5.
    case keepsReferences
    /// Over WPI: takes no answer in chunks, like firmware before V3.
    case refusesChunks
    /// Over WPI: opens a connection for each message.
    case closesConnections
    /// Over WPI: connects, completes the handshake and says nothing.
    case callsSilently
    /// Over WPI: its nonces are none.
    case badNonce
    /// Over WPI: says every message with one and the same nonce.
    case repeatsNonce
    /// Over WPI: calls under the MAC address of another phone.
    case sameMAC(MACAddress)
    /// Over WPI: names another MAC address in the middle of a conversation.
    case changesIdentity
}

extension PhoneFault {
    var busySeconds: Double? {
        if case .busy(let seconds) = self { seconds } else { nil }
    }

    var absentSeconds: Double? {
        if case .absent(let seconds) = self { seconds } else { nil }
    }

    var callsAs: MACAddress? {
        if case .sameMAC(let mac) = self { mac } else { nil }
    }

    var clockError: Double? {
        if case .wrongClock(let seconds) = self { seconds } else { nil }
    }

    var pause: Double? {
        if case .slow(let seconds) = self { seconds } else { nil }
    }

    var deviceType: String? {
        if case .wrongType(let name) = self { name } else { nil }
    }

    var password: String? {
        if case .wrongPassword(let password) = self { password } else { nil }
    }

    /// Of a loss of power, whether the new file is there afterwards.
    var keepsNewFile: Bool? {
        if case .losesPower(let keepsNew) = self { keepsNew } else { nil }
    }

    var wrongCertificate: WrongCertificate? {
        if case .certificate(let kind) = self { kind } else { nil }
    }

    /// Whether the fault makes the phone refuse an item.
    func rejects(_ key: ItemKey, isFirst: Bool) -> Bool {
        guard case .rejects(let name) = self else { return false }
        return name.map { $0 == key.name } ?? isFirst
    }

    /// Whether the fault makes the phone drop a value that it accepted.
    func forgets(_ key: ItemKey) -> Bool {
        guard case .keepsNothing(let name) = self else { return false }
        return name.map { $0 == key.name } ?? true
    }
    /// Whether the fault makes the phone refuse a file.
    func refuses(_ kind: FileKind) -> Bool {
        guard case .refusesFile(let only) = self else { return false }
        return only.map { $0 == kind } ?? true
    }

    /// Whether the fault makes the phone drop a file that it accepted.
    func forgets(_ kind: FileKind) -> Bool {
        guard case .keepsNoFile(let only) = self else { return false }
        return only.map { $0 == kind } ?? true
    }
}
