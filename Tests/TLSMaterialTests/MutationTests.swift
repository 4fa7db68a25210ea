import Testing

@Suite("Mutated input")
struct MutationTests {
    @Test("twenty thousand mutated certificates, chains and files neither trap nor are believed")
    func mutationsAreSurvived() throws {
        var campaign = try MutationCampaign(seed: 20_051)
        // Each round makes two mutated inputs. The optimised build does millions; a debug run must stay short.
        let rounds = 10_000
        for _ in 0..<rounds { campaign.round() }
        #expect(campaign.believed == 0)
        #expect(campaign.parsed > rounds / 50)
    }
}
