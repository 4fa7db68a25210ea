import Foundation
import Testing

@testable import TLSMaterial

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

    @Test("mutated files of key material neither trap nor give key material that does not hold together")
    func mutatedFilesAreSurvived() throws {
        var generator = SeededGenerator(seed: 7292)
        let seeds = try Self.files()
        for seed in seeds { #expect(MaterialProperty.violation(seed) == nil) }
        let told = ProcessInfo.processInfo.environment["PHONEFLEET_FUZZ_INPUTS"].flatMap { Int($0) }
        for _ in 0..<(told ?? 2_000) {
            let seed = seeds[Int.random(in: seeds.indices, using: &generator)]
            let input = generator.mutate(seed)
            if let violation = MaterialProperty.violation(input) {
                Issue.record("\(violation): \(Data(input).base64EncodedString())")
                return
            }
        }
    }

    /// One chain as every kind of file, also in BER.
    private static func files() throws -> [[UInt8]] {
        let pki = try TestPKI()
        let material = try pki.middle.issue(.make("CN=phone,O=Example"))
        let workshop = try Workshop()
        try workshop.write(material)
        try workshop.run(
            """
            export="openssl pkcs12 -export -inkey key.pem -in leaf.pem -certfile chain.pem -passout pass:secret -iter 1"
            $export -nomac -out aes.p12
            $export -nomaciter -out mac.p12
            $export -keypbe PBE-SHA1-3DES -certpbe PBE-SHA1-3DES -nomac -out des.p12
            openssl pkcs8 -topk8 -in key.pem -iter 1 -passout pass:secret -out enc.pem
            cat leaf.pem enc.pem chain.pem >encrypted.pem
            """)
        let plain = try PKCS12.encode(material)
        var files = try ["aes.p12", "mac.p12", "des.p12", "encrypted.pem"].map { try workshop.read($0) }
        files += [plain, Array(material.pemText.utf8), material.chain[0]]
        files.append(try PKCS12.encode(try TrustedCertificates([pki.root.certificate, pki.stranger.certificate])))
        for seed in 0..<3 as Range<UInt64> {
            var writer = BERWriter(seed: seed)
            files.append(try writer.file(seed == 2 ? files[0] : plain))
        }
        return files
    }
}
