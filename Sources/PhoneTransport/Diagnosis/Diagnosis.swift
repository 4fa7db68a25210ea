public import DeploymentModel
import Foundation
public import TLSMaterial

/// What a close look at one phone showed: the facts that a person needs to mend a failing handshake.
///
/// Holds facts only; meaning and remedy belong to the fault's code.
public struct Diagnosis: Sendable {
    /// What one trust profile says of the phone.
    public struct Verdict: Hashable, Sendable {
        /// The profile's name.
        public var profile: String
        /// Why it does not accept the phone; nil when it does.
        public var fault: Fault?
    }

    /// What an ordinary contact saw, with the chain of the second look when only that one came to see it.
    public internal(set) var contact: ContactReport
    /// The cause, named as closely as the second look allows; nil when all is well.
    public internal(set) var fault: Fault?
    /// `1.0` to `1.3` or `SSL 3.0`, as the phone chose it.
    public internal(set) var tlsVersion: String?
    /// The cipher suite that the phone chose.
    public internal(set) var cipherSuite: String?
    /// The certificates that the phone presented and that could be read, leaf first.
    public internal(set) var certificates: [ParsedCertificate] = []
    /// For `tls.unknown-issuer` and `tls.chain-incomplete`: the CA that a trust profile would need to hold.
    public internal(set) var missingIssuer: DistinguishedName?
    /// That CA's certificate, if the phone itself presented it; to be trusted only after its fingerprint was confirmed.
    public internal(set) var presentedAnchor: ParsedCertificate?
    /// For `tls.wrong-subject`: the subject that the phone has.
    public internal(set) var presentedSubject: DistinguishedName?
    /// The subjects that the profiles expect, in their order.
    public private(set) var expectedSubjects: [DistinguishedName]
    /// What each profile that applies says of the phone, in their order; empty when the phone presented no chain.
    public private(set) var verdicts: [Verdict] = []
    /// The profiles that do not apply to the phone and would accept it.
    public private(set) var alternatives: [String] = []
    /// How far the phone's clock is ahead of this machine's, in seconds; nil when the phone did not name its time.
    public let clockOffset: Int?

    let time: Date
    /// Of the look that saw most.
    var sight: PeerSight

    init(contact: ContactReport, sight: PeerSight, profiles: [TrustProfile], time: Date) {
        self.contact = contact
        self.sight = sight
        self.time = time
        fault = contact.fault
        tlsVersion = sight.tlsVersion
        cipherSuite = sight.suite?.description
        expectedSubjects = profiles.compactMap(\.subject.fixedSubject)
        clockOffset = contact.phoneTime.map { $0 - Int(time.timeIntervalSince1970) }
        readChain()
    }

    /// Draws out of the chain what a person wants to see of it.
    mutating func readChain() {
        certificates = contact.chain.compactMap { try? ParsedCertificate(der: $0) }
        presentedSubject = certificates.first?.subject
        guard let top = PresentedPath.top(of: certificates) else { return }
        missingIssuer = top.issuer
        presentedAnchor = top.isSelfSigned ? top : nil
    }
}

extension Diagnosis {
    /// Judges the phone by the profiles that apply to it, now that it is known who it says it is.
    ///
    /// Sends nothing. A failure that is none of trust, such as a missing common version, stays the cause; the
    /// ``verdicts`` and ``alternatives`` then tell what a profile would say of the chain that the second look saw.
    ///
    /// - Parameters:
    ///   - applying: in the order in which they are tried.
    ///   - others: all others that are known; one that would accept the phone says that the phone has key material which
    ///     is not for its type.
    public mutating func judge(by applying: [TrustProfile], others: [TrustProfile]) {
        expectedSubjects = applying.compactMap(\.subject.fixedSubject)
        guard !sight.chain.isEmpty else { return }
        verdicts = applying.map { Verdict(profile: $0.name, fault: verdict(of: [$0])) }
        alternatives = others.filter { verdict(of: [$0]) == nil }.map(\.name)
        guard fault.map(Self.isOfTrust) ?? true else { return }
        contact.evidence.profile = verdicts.first { $0.fault == nil }?.profile
        guard let refusal = verdict(of: applying) else {
            fault = contact.answerFault
            return
        }
        fault = refusal
        if let other = alternatives.first, Self.isOfIdentity(refusal) {
            fault = Fault(
                .tlsWrongType, subject: contact.address,
                detail: "trust profile '\(other)' accepts it, which is for other phones (\(refusal.code))")
        }
    }

    private func verdict(of profiles: [TrustProfile]) -> Fault? {
        do throws(Fault) {
            _ = try sight.verify(by: profiles, at: time)
            return nil
        } catch {
            return Fault(error.code, subject: contact.address, detail: error.detail)
        }
    }

    private static func isOfTrust(_ fault: Fault) -> Bool {
        fault.code == .tlsNoProfile || TrustFailure.Reason(rawValue: fault.code.rawValue) != nil
    }

    /// Whether the refusal says that the phone is another than expected, not that its certificates are bad.
    private static func isOfIdentity(_ fault: Fault) -> Bool {
        switch TrustFailure.Reason(rawValue: fault.code.rawValue) {
        case .unknownIssuer?, .chainIncomplete?, .wrongSubject?, .badSignature?: true
        default: false
        }
    }
}
