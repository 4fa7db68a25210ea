import DeploymentModel
import Testing

@Suite struct VerificationTests {
    private let identity = ReadBack.Identity(type: PhoneTypeID("t"), mac: MACAddress(value: 1))

    private func judge(
        _ wanted: [WantedItem], _ read: [Item], refused: [ItemKey: ItemStatus] = [:], accepted: Set<ItemKey> = [],
        seen: ReadBack.Identity? = nil
    ) -> Verdict {
        Verification.standard.judge(
            ReadBack(
                wanted: wanted, read: read, refused: refused, acceptedSecrets: accepted, planned: identity,
                seen: seen ?? identity, kinds: ValueKinds(["b": .boolean])))
    }

    private func codes(_ verdict: Verdict) -> [StatusCode] {
        if case .refuted(let findings) = verdict { findings.map(\.fault.code) } else { [] }
    }

    private let a = WantedItem(key: ItemKey("a"), value: .plain("1"))
    private let secret = WantedItem(key: ItemKey("s"), value: .secret(.sealed("s")))

    @Test func whatWasReadAsWantedIsProven() throws {
        let verdict = judge([a], [Item(a.key, value: "1")])
        guard case .proven(let proof) = verdict else { throw Fault(.internalDefect) }
        #expect(proof.items == 1)
        #expect(DeviceEnding.proven(proof, written: true).outcome == .verified)
        #expect(DeviceEnding.proven(proof, written: false).outcome == .unchanged)
    }

    @Test func booleansCountByMeaning() {
        let wanted = WantedItem(key: ItemKey("b"), value: .plain("true"))
        #expect(codes(judge([wanted], [Item(wanted.key, value: "1")])).isEmpty)
        #expect(codes(judge([wanted], [Item(wanted.key, value: "0")])) == [.verifyMismatch])
        #expect(codes(judge([wanted], [Item(wanted.key, value: "maybe")])) == [.verifyMismatch])
    }

    @Test func aValueThatIsOtherOrMissingIsRefuted() {
        #expect(codes(judge([a], [Item(a.key, value: "2")])) == [.verifyMismatch])
        #expect(codes(judge([a], [])) == [.verifyMismatch])
        #expect(codes(judge([a], [Item(a.key, status: .unknownItem)])) == [.verifyMismatch])
    }

    @Test func aRefusalIsNamedBeforeTheMismatchItCauses() {
        let verdict = judge([a], [Item(a.key, value: "2")], refused: [a.key: .invalidData])
        #expect(codes(verdict) == [.phoneItemRejected])
        guard case .refuted(let findings) = verdict else { return }
        #expect(DeviceEnding.refuted(findings).outcome == .failed)
    }

    @Test func aSecretIsProvenOnlyByAcceptance() {
        #expect(codes(judge([secret], [Item(secret.key, value: "s")])) == [.verifyMismatch])
        #expect(codes(judge([secret], [], accepted: [secret.key])).isEmpty)
        var known = secret
        known.isKnownAccepted = true
        #expect(codes(judge([known], [])).isEmpty)
    }

    @Test func anotherPhoneProvesNothing() {
        let read = [Item(a.key, value: "1")]
        #expect(codes(judge([a], read, seen: .init(type: PhoneTypeID("u"), mac: identity.mac))) == [.phoneWrongType])
        #expect(codes(judge([a], read, seen: .init(type: identity.type, mac: nil))) == [.phoneWrongMAC])
    }

    @Test func severalFindingsAreSummedUp() {
        let verdict = judge([a, secret], [])
        guard case .refuted(let findings) = verdict else { return }
        #expect(DeviceEnding.refuted(findings).outcome == .differs)
        #expect(DeviceEnding.refuted(findings).fault?.detail == "the phone gives no value, and 1 more")
    }
}
