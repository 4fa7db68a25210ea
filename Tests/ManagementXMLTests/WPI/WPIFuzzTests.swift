import ManagementXML
import Testing

@Suite("No bytes at all make the readers of the WorkPoint Interface trap or lie")
struct WPIFuzzTests {
    @Test("Mutated messages decode to themselves or are refused", arguments: UInt64(1)...4)
    func mutants(seed: UInt64) throws {
        var seeds = try WPIFixtures.names().map(WPIFixtures.bytes)
        var random = RandomWPIMessages(seed: seed)
        for _ in 0..<20 { seeds += [WPI.encode(random.phoneMessage()), WPI.encode(random.serverMessage())] }
        Mutator.check(seed: seed, seeds: seeds, violation: WPIProperty.violation, isMessage: WPIProperty.isMessage)
    }

    @Test("Random messages come back as they left", arguments: UInt64(1)...4)
    func roundTrip(seed: UInt64) throws {
        var random = RandomWPIMessages(seed: seed)
        for _ in 0..<100 {
            let phone = random.phoneMessage()
            #expect(try WPI.decodePhoneMessage(WPI.encode(phone)) == phone)
            let server = random.serverMessage()
            #expect(try WPI.decodeServerMessage(WPI.encode(server), strict: true) == server)
        }
    }
}
