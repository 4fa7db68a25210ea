import ManagementXML
import Testing

@Suite("No bytes at all make the decoders trap or lie")
struct FuzzTests {
    @Test("Mutated messages decode to themselves or are refused", arguments: UInt64(1)...4)
    func mutants(seed: UInt64) throws {
        var seeds = try Documents.examples().map(\.bytes)
        var random = RandomMessages(seed: seed)
        for _ in 0..<20 { seeds += [DirectXML.encode(random.request()), DirectXML.encode(random.response())] }
        var mutator = Mutator(seed: seed, seeds: seeds)
        var messages = 0
        for round in 0..<1500 {
            let bytes = mutator.next()
            if let violation = WireProperty.violation(bytes) {
                Issue.record("seed \(seed) round \(round): \(violation)")
                return
            }
            if WireProperty.isMessage(bytes) { messages += 1 }
        }
        // A mutator so rough that nothing gets past the parser would test nothing behind it.
        #expect(messages > 60)
    }

    @Test("Random bytes are refused")
    func noise() {
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<1000 {
            let bytes = (0..<generator.number(0...80)).map { _ in UInt8(generator.number(0...255)) }
            #expect(WireProperty.violation(bytes) == nil)
            #expect(!WireProperty.isMessage(bytes))
        }
    }
}
