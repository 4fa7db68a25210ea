import DeploymentEngine
import DeploymentModel
import Foundation
import PhoneTransport
import TLSMaterial

/// A close look at one phone as programs read it.
struct DiagnosisView: Encodable {
    struct CertificateView: Encodable {
        var subject: String
        var issuer: String
        var notBefore: Date
        var notAfter: Date
        var key: String
        var fingerprint: String
    }

    /// What a trust profile says of the phone.
    struct ProfileView: Encodable {
        var name: String
        /// Why it does not accept the phone; nil when it does.
        var code: StatusCode?
        var reason: String?
    }

    /// How a phone of the type is managed.
    struct NeedsView: Encodable {
        var type: PhoneTypeID
        var tls: Bool
        var port: Int
    }

    struct OtherPortView: Encodable {
        var port: Int
        var fingerprint: String
        var same: Bool
    }

    var id: DeviceID?
    var address: String
    var port: Int
    var tls: Bool
    var code: StatusCode?
    var reason: String?
    var meaning: String?
    var remedy: String?
    var tlsVersion: String?
    var cipher: String?
    var deviceType: String?
    var needs: NeedsView?
    var presentedSubject: String?
    var expectedSubjects: [String]
    var missingIssuer: String?
    /// The profiles that apply to the phone, in the order in which they are tried.
    var profiles: [ProfileView]
    /// The profiles that do not apply to the phone and would accept it.
    var otherProfiles: [String]
    /// `built-in` or `own`, by the phone's word.
    var keyMaterial: String?
    /// Other devices of the list with the same certificate.
    var sameCertificate: Int
    var otherPort: OtherPortView?
    /// Seconds by which the phone's clock is ahead.
    var clockOffset: Int?
    var certificates: [CertificateView]
    /// Only of a phone that calls.
    var call: CallLookView?

    init(_ finding: PhoneFinding) {
        switch finding {
        case .dialled(let examination): self.init(examination)
        case .called(let examination): self.init(examination)
        }
    }

    private init(_ found: CallExamination) {
        let words = found.fault.flatMap { StatusMessage.of($0.code) }
        id = found.patient.device?.id
        (address, port, tls) = (found.patient.address, found.contactPort, found.patient.tls)
        code = found.fault?.code
        reason = found.fault?.summary
        meaning = words?.meaning
        remedy = words?.remedy.replacing("ADDRESS", with: found.patient.address)
        deviceType = found.call?.row.deviceType
        (expectedSubjects, profiles, otherProfiles, certificates) = ([], [], [], [])
        sameCertificate = 0
        call = CallLookView(found)
    }

    private init(_ examination: Examination) {
        let (patient, diagnosis) = (examination.patient, examination.diagnosis)
        let words = examination.fault.flatMap { StatusMessage.of($0.code) }
        id = patient.device?.id
        (address, port, tls) = (patient.address, patient.port, patient.tls)
        code = examination.fault?.code
        reason = examination.fault?.summary
        meaning = words?.meaning
        remedy = words?.remedy.replacing("ADDRESS", with: patient.address)
        tlsVersion = diagnosis.tlsVersion
        cipher = diagnosis.cipherSuite
        deviceType = examination.identity?.deviceType
        if let type = examination.type, let access = examination.access {
            needs = NeedsView(type: type.id, tls: access.tls, port: access.port)
        }
        presentedSubject = diagnosis.presentedSubject?.description
        expectedSubjects = diagnosis.expectedSubjects.map(\.description)
        missingIssuer = examination.neededCA?.description
        profiles = diagnosis.verdicts.map {
            ProfileView(name: $0.profile, code: $0.fault?.code, reason: $0.fault?.summary)
        }
        otherProfiles = diagnosis.alternatives
        keyMaterial = examination.hasOwnKeyMaterial.map { $0 ? "own" : "built-in" }
        sameCertificate = examination.twins
        otherPort = examination.otherPort.map {
            OtherPortView(port: $0.port, fingerprint: $0.fingerprint, same: $0.isSame)
        }
        clockOffset = diagnosis.clockOffset
        certificates = diagnosis.certificates.map {
            CertificateView(
                subject: $0.subject.description, issuer: $0.issuer.description, notBefore: $0.notBefore,
                notAfter: $0.notAfter, key: $0.keyDescription, fingerprint: $0.fingerprint)
        }
    }
}

extension Examination {
    /// The CA that a trust profile would need to hold; nil where the failure is about something else.
    var neededCA: DistinguishedName? {
        switch fault?.code.rawValue {
        case TrustFailure.Reason.unknownIssuer.rawValue, TrustFailure.Reason.chainIncomplete.rawValue,
            StatusCode.tlsNoProfile.rawValue:
            diagnosis.missingIssuer
        default: nil
        }
    }

    /// For grouping; nil when all is well.
    var causeMember: CauseView.Member? {
        guard let fault else { return nil }
        let about: String? =
            switch fault.code.rawValue {
            case TrustFailure.Reason.unknownIssuer.rawValue, TrustFailure.Reason.chainIncomplete.rawValue:
                diagnosis.missingIssuer?.description
            case TrustFailure.Reason.wrongSubject.rawValue: diagnosis.presentedSubject?.description
            case StatusCode.tlsWrongType.rawValue, StatusCode.tlsProtocolVersion.rawValue,
                StatusCode.tlsNoCommonCipher.rawValue, StatusCode.tlsAlert.rawValue:
                fault.detail
            default: nil
            }
        return CauseView.Member(
            code: fault.code, about: about,
            example: CauseView.Example(
                id: patient.device?.id, mac: patient.device?.mac, address: patient.address,
                reason: about == nil ? fault.summary : nil))
    }
}
