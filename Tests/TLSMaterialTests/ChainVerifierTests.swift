import Foundation
import Testing

@testable import TLSMaterial

@Suite("Chain verifier")
struct ChainVerifierTests {
    @Test("every case gets the stated verdict from us and from OpenSSL, and every difference has its reason")
    func verdictsAreAsStated() throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("chains-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let cases = try ChainCase.all(in: directory)
        #expect(cases.count >= 75)
        #expect(Set(cases.map(\.name)).count == cases.count)
        for test in cases {
            let ours = verdict(on: test)
            #expect(ours?.reason == test.ours, "\(test.name): \(ours?.detail ?? "accepted")")
            #expect((ours?.detail.count ?? 0) <= TrustFailure.detailLimit, "\(test.name)")
            guard let stated = test.openSSL else { continue }
            let theirs = try OpenSSL.verify(test, in: directory)
            #expect(theirs == stated, "OpenSSL on \(test.name)")
            let differs = (test.ours == nil) != (stated == .accepts)
            #expect(differs == (test.differsBecause != nil), "\(test.name): a difference and its reason go together")
        }
    }

    private func verdict(on test: ChainCase) -> TrustFailure? {
        do throws(TrustFailure) {
            _ = try ChainVerifier(memory: SignatureMemory()).verify(test.chain, against: test.profile, at: test.time)
            return nil
        } catch { return error }
    }
}
