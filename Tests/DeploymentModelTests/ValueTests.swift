import DeploymentModel
import Foundation
import Testing

/// Addresses, numbers, versions and secrets as values.
struct ValueTests {
    @Test(arguments: ["00:01:E3:12:34:0A", "00-01-e3-12-34-0a", "0001.e312.340a", "0001E312340A"])
    func `a MAC address is read in the usual spellings and printed in one`(text: String) {
        #expect(MACAddress(text)?.description == "00:01:E3:12:34:0A")
    }

    @Test(arguments: [
        "", "00:01:E3:12:34", "00:01:E3:12:34:56:78", "00:01:E3:12:34:5G", "00:00:00:00:00:00", "FF:FF:FF:FF:FF:FF",
        "00:01:E3:12:34:56:", ":00:01:E3:12:34:56", "00::01:E3:12:34:56", "0:001:E3:12:34:56", "00 01 E3 12 34 56",
    ])
    func `what is no MAC address is none`(text: String) {
        #expect(MACAddress(text) == nil)
    }

    @Test func `a MAC address survives text and number`() {
        var random = SplitMix(state: 1)
        for _ in 0..<500 {
            let address = MACAddress(value: UInt64.random(in: 1..<0xFFFF_FFFF_FFFF, using: &random))
            #expect(MACAddress(address.description) == address)
        }
    }

    @Test(arguments: [
        ("3201", true), ("+4989722", true), ("*31#1", true), ("", false), ("+", false), ("12a", false), ("1 2", false),
        ("1+2", false), (String(repeating: "1", count: 24), true), (String(repeating: "1", count: 25), false),
    ])
    func `a terminal number can be dialled`(text: String, isNumber: Bool) {
        #expect((TerminalNumber(text) != nil) == isNumber)
    }

    @Test(arguments: [
        ("V2.4", "V3.0"), ("V3.0", "V3.0.12"), ("V2 R1.3", "V2 R2"), ("V2.9", "V2.10"), ("beta", "V0.1"),
        ("V3 R5.12.0", "V3 R5.13.0"), ("V2 R2.47.0", "3.5.12.0"), ("V1 R5.6.0", "V1 R6"),
    ])
    func `software versions are ordered by their numbers`(older: String, newer: String) {
        #expect(SoftwareVersion(older) < SoftwareVersion(newer))
        #expect(!(SoftwareVersion(newer) < SoftwareVersion(older)))
    }

    @Test func `versions that differ only in trailing zeros are the same`() {
        #expect(SoftwareVersion("V3") == SoftwareVersion("V3.0"))
        // The same software by the phone's own words and by those of its file.
        #expect(SoftwareVersion("V3 R5.12.0") == SoftwareVersion("3.5.12.0"))
        #expect(SoftwareVersion("V3").hashValue == SoftwareVersion("V3.0").hashValue)
        #expect(SoftwareVersion(String(repeating: "9", count: 5000)).description.count == 5000)
    }

    @Test func `a secret shows itself to nobody`() {
        let secret = SecretText("hunter2")
        var dumped = ""
        dump(secret, to: &dumped)
        for text in ["\(secret)", String(reflecting: secret), "\([secret])", dumped] {
            #expect(!text.contains("hunter2"))
        }
        #expect(secret.reveal() == "hunter2")
    }

    @Test(arguments: ["env:PHONE_PASSWORD", "file:/etc/pw", "sealed:site/admin-pwd", "file:a:b"])
    func `a reference to a secret survives its text form`(text: String) throws {
        let reference = try #require(SecretReference(text))
        #expect(reference.description == text)
        let coded = try JSONEncoder().encode([reference])
        #expect(try JSONDecoder().decode([SecretReference].self, from: coded) == [reference])
    }

    @Test(arguments: ["", "hunter2", "env:", "vault:x", ":x", "file:\n", "ENV:x"])
    func `a secret itself is no reference`(text: String) {
        #expect(SecretReference(text) == nil)
    }
}
