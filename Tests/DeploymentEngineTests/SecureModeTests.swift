import DeploymentEngine
import DeploymentModel
import DeploymentStore
import Foundation
import PhoneTransport
import TLSMaterial
import Testing

@Suite("Phones that are brought into secure mode, live", .timeLimit(.minutes(5)))
struct SecureModeTests {
    @Test("A phone counts as secure when it has called with its certificate, and is refused in default mode afterwards")
    func wholeWay() async throws {
        try await SecureBench.with { bench in
            #expect(try await bench.refusalInDefaultMode() == nil)
            let order = try bench.order(try bench.material())
            try await bench.visit(order).carryOut()
            #expect(bench.isSecure)
            #expect(try await bench.mode() == .active)
            let device = try await bench.store.device(bench.device.id)
            #expect(device.wasAuthenticated)
            #expect(device.certificateFingerprint == order.fingerprint)
            #expect(try await bench.refusalInDefaultMode() == .callRefused)
        }
    }

    @Test("After the end of the program the work goes on from where the phone is, with the same certificate only")
    func goesOn() async throws {
        try await SecureBench.with { bench in
            let order = try bench.order(try bench.material())
            try await bench.visit(order, forgets: true).carryOut()
            #expect(try await bench.mode() == .begun)
            #expect(try await bench.refusalInDefaultMode() == nil)
            let other = try bench.order(try bench.material())
            #expect(await fault { try await bench.carryOutWhileItCalls(other) } == .materialNotUsed)
            #expect(try await bench.mode() == .begun)
            #expect(try await bench.store.device(bench.device.id).wasAuthenticated == false)
            try await bench.carryOutWhileItCalls(order)
            #expect(try await bench.mode() == .active)
        }
    }

    @Test(
        "After the end of the program before anything was sent, and after a phone lost what it was given, it is sent again"
    )
    func sentAgain() async throws {
        try await SecureBench.with { bench in
            try await bench.store.beginSecureMode(of: bench.device.id, tan: SecretText("623"))
            let order = try bench.order(try bench.material())
            try await bench.visit(order, forgets: true).carryOut()
            #expect(try await bench.mode() == .begun)
            try await bench.visit(order).carryOut()
            #expect(try await bench.mode() == .active)
        }
    }

    @Test(
        "A phone that follows an earlier order and declines a new one on the default port is proven on the secure port")
    func declinesBecauseItFollowedAnEarlierOrder() async throws {
        try await SecureBench.with(pin: "48151623") { bench in
            let order = try bench.order(try bench.material(), pin: "48151623")
            try await bench.visit(order, forgets: true).carryOut()
            #expect(bench.isSecure)
            #expect(try await bench.mode() == .begun)
            var visit = try await bench.visit(order)
            visit.place.dialer = DecliningDialer(inner: visit.place.dialer)
            try await visit.carryOut()
            #expect(try await bench.mode() == .active)
        }
    }

    @Test(
        "A phone that declines its first order is in default mode as before; on the way by an earlier one it stays there"
    )
    func declines() async throws {
        try await SecureBench.with { bench in
            let order = try bench.order(try bench.material(), port: 1)
            var first = try await bench.visit(order)
            first.place.dialer = DecliningDialer(inner: first.place.dialer)
            #expect(await fault { try await first.carryOut() } == .phoneActionFailed)
            #expect(try await bench.mode() == nil)
            try await bench.store.beginSecureMode(of: bench.device.id, tan: SecretText("623"))
            var next = try await bench.visit(order, hurries: true)
            next.place.dialer = DecliningDialer(inner: next.place.dialer)
            #expect(await fault { try await next.carryOut() } == .phoneActionFailed)
            #expect(try await bench.mode() == .begun)
            #expect(try await bench.store.secureModeTAN(of: bench.device.id)?.reveal() == "623")
        }
    }

    @Test("A phone in secure mode gets another certificate where it proved itself, and is known by it once it calls so")
    func renewal() async throws {
        try await SecureBench.with { bench in
            try await bench.visit(try bench.order(try bench.material())).carryOut()
            let next = try SecureModeOrder(renewing: try bench.material(), for: bench.mac)
            try await bench.visit(next).renew()
            #expect(try await bench.store.device(bench.device.id).certificateFingerprint == next.fingerprint)
            #expect(try await bench.mode() == .active)
            // The program ended before it kept the proof: the same order again finds it followed.
            let last = try SecureModeOrder(renewing: try bench.material(), for: bench.mac)
            try await bench.visit(last, forgets: true).renew()
            try await bench.visit(last).renew()
            #expect(try await bench.store.device(bench.device.id).certificateFingerprint == last.fingerprint)
            #expect(try await bench.refusalInDefaultMode() == .callRefused)
            let other = try bench.material(for: MACAddress(value: bench.mac.value ^ 1))
            #expect(await fault { _ = try SecureModeOrder(renewing: other, for: bench.mac) } == .materialSharedKey)
        }
    }

    @Test("A phone that does not come to the secure port is served in default mode as before")
    func doesNotCome() async throws {
        try await SecureBench.with { bench in
            var visit = try await bench.visit(try bench.order(try bench.material(), port: 1))
            visit.proof = CallPlace(dialer: SilentDialer(), desk: bench.desk)
            #expect(await fault { try await visit.carryOut() } == .callNotSecure)
            #expect(try await bench.mode() == .begun)
            #expect(try await bench.store.device(bench.device.id).wasAuthenticated == false)
            #expect(try await bench.refusalInDefaultMode() == nil)
        }
    }

    @Test("A key that is not this phone's alone is never put into an order")
    func sharedKey() async throws {
        try await SecureBench.with { bench in
            let other = try bench.material(for: MACAddress(value: bench.mac.value ^ 1))
            #expect(await fault { _ = try bench.order(other) } == .materialSharedKey)
            let shared = try bench.authority.issue(
                subject: DistinguishedName(rfc4514: "CN=all phones"), for: .client, at: Date())
            #expect(await fault { _ = try bench.order(shared) } == .materialSharedKey)
            #expect(await fault { _ = try bench.order(try bench.material(), pin: "1234567") } == .inputSecret)
        }
    }

    @Test("With the right PIN a phone is asked for its end, and is secure")
    func rightPIN() async throws {
        try await SecureBench.with(pin: "48151623") { bench in
            try await bench.visit(try bench.order(try bench.material(), pin: "48151623")).carryOut()
            #expect(try await bench.mode() == .active)
            #expect(try await bench.store.secureModeTAN(of: bench.device.id) == nil)
        }
    }

    @Test("With a wrong PIN a phone stays in default mode, and is served there")
    func wrongPIN() async throws {
        try await SecureBench.with(pin: "99999623") { bench in
            let order = try bench.order(try bench.material(), pin: "48151623")
            #expect(await fault { try await bench.visit(order, hurries: true).carryOut() } == .callNotSecure)
            #expect(!bench.isSecure)
            #expect(try await bench.refusalInDefaultMode() == nil)
        }
    }

    @Test("A phone that does not know the end of the PIN does not count as secure, also not later")
    func wrongTAN() async throws {
        try await SecureBench.with(pin: "48151999") { bench in
            let order = try bench.order(try bench.material(), pin: "48151623")
            #expect(await fault { try await bench.visit(order).carryOut() } == .callWrongTAN)
            #expect(bench.isSecure)
            #expect(try await bench.mode() == .begun)
            #expect(try await bench.store.device(bench.device.id).wasAuthenticated == false)
            #expect(await fault { try await bench.visit(order).carryOut() } == .callWrongTAN)
        }
    }
}
