import ManagementXML
import Testing

@Suite("No bytes at all make the decoders trap or lie")
struct FuzzTests {
    @Test("Mutated messages decode to themselves or are refused", arguments: UInt64(1)...4)
    func mutants(seed: UInt64) throws {
        var seeds = try Documents.examples().map(\.bytes)
        var random = RandomMessages(seed: seed)
        for _ in 0..<20 { seeds += [DirectXML.encode(random.request()), DirectXML.encode(random.response())] }
        Mutator.check(seed: seed, seeds: seeds, violation: WireProperty.violation, isMessage: WireProperty.isMessage)
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
