import DeploymentModel
import Foundation
import TLSMaterial

/// An authority as the command line shows it.
struct AuthorityView: Encodable {
    var name: String
    var subject: String
    var key: String
    var notAfter: Date
    /// SHA-256 of its own certificate.
    var fingerprint: String
    /// The subject of phones' certificates, with placeholders.
    var phoneSubject: String
    var alternativeNames: [String]
    var phoneKey: String
    /// Validity of phones' certificates in days.
    var phoneDays: Int
    var keepsKeys: Bool
    var trust: String
    /// Certificates that were not yet seen on their phones.
    var issued: Int
    /// Certificates that phones have.
    var held: Int

    init(_ record: AuthorityRecord, issued: [IssuedCertificate]) throws(Fault) {
        guard let pem = record.chain.first else {
            throw Fault(.storeDamaged, subject: record.name, detail: "an authority without a certificate")
        }
        let own: ParsedCertificate?
        do throws(MaterialError) { own = try CertificateFile.certificates(in: Array(pem.utf8)).first } catch {
            throw Fault(error, subject: record.name)
        }
        guard let own else { throw Fault(.storeDamaged, subject: record.name) }
        let ours = issued.filter { $0.authority == record.name }
        name = record.name
        subject = own.subject.description
        key = own.keyDescription
        notAfter = own.notAfter
        fingerprint = own.fingerprint
        phoneSubject = record.policy.subject
        alternativeNames = record.policy.alternativeNames
        phoneKey = record.policy.keyType
        phoneDays = record.policy.days
        keepsKeys = record.policy.keepsKeys
        trust = record.profile
        self.issued = ours.count { $0.state == .issued }
        held = ours.count { $0.state == .held }
    }

    static func listing(_ views: [AuthorityView]) -> Listing<AuthorityView> {
        Listing(
            noun: "authorities", views: views,
            columns: [
                .init(title: "NAME", text: { $0.name }),
                .init(title: "SUBJECT", text: { $0.subject }, wraps: true),
                .init(title: "KEY", text: { $0.key }),
                .init(title: "EXPIRES", text: { Words.day($0.notAfter) }),
                .init(title: "PHONES' SUBJECT", text: { $0.phoneSubject }, wraps: true),
                .init(title: "DAYS", text: { String($0.phoneDays) }, alignsRight: true),
                .init(title: "UNSEEN", text: { String($0.issued) }, alignsRight: true),
                .init(title: "HELD", text: { String($0.held) }, alignsRight: true),
                .init(title: "SHA-256", text: { $0.fingerprint }, onlyCSV: true),
            ],
            whenEmpty: "no authorities; 'phonefleet ca init NAME' makes one")
    }
}

/// A certificate for phones as the command line shows it.
struct IssuedView: Encodable {
    var serial: String
    var authority: String?
    var subject: String
    /// The phone; missing where it is for all or the phone is gone.
    var device: String?
    var forAll: Bool
    /// `server`, or `client` where the phone proves by it who calls.
    var purpose: String
    var notBefore: Date
    var notAfter: Date
    var state: String
    /// SHA-256 of the certificate.
    var fingerprint: String
    var issuedAt: Date
    var keyKept: Bool
    var trust: String

    init(_ certificate: IssuedCertificate) {
        serial = certificate.serial
        authority = certificate.authority
        subject = certificate.subject
        device = certificate.holder.device?.rawValue
        forAll = certificate.holder == .all
        purpose = certificate.purpose.rawValue
        notBefore = certificate.notBefore
        notAfter = certificate.notAfter
        state = certificate.state.rawValue
        fingerprint = certificate.fingerprint
        issuedAt = certificate.issuedAt
        keyKept = certificate.hasKey
        trust = certificate.profile
    }

    static func listing(_ certificates: [IssuedCertificate]) -> Listing<IssuedView> {
        Listing(
            noun: "certificates", views: certificates.map(IssuedView.init),
            columns: [
                .init(title: "DEVICE", text: { $0.device ?? ($0.forAll ? "all" : "gone") }),
                .init(title: "SUBJECT", text: { $0.subject }, wraps: true),
                .init(title: "EXPIRES", text: { Words.day($0.notAfter) }),
                .init(title: "STATE", text: { $0.state }),
                .init(title: "CA", text: { $0.authority ?? "outside" }, wraps: true),
                .init(title: "SERIAL", text: { $0.serial }),
                .init(title: "SHA-256", text: { $0.fingerprint }, onlyCSV: true),
            ],
            whenEmpty: "no certificates; 'phonefleet ca issue' makes some")
    }
}

/// A request to an outside CA as the command line shows it.
struct RequestView: Encodable {
    var device: String
    var subject: String
    var createdAt: Date
    /// SHA-256 of the public key.
    var publicKey: String

    init(_ request: PendingRequest) {
        device = request.device.rawValue
        subject = request.subject
        createdAt = request.createdAt
        publicKey = request.keyFingerprint
    }

    static func listing(_ requests: [PendingRequest]) -> Listing<RequestView> {
        Listing(
            noun: "requests", views: requests.map(RequestView.init),
            columns: [
                .init(title: "DEVICE", text: { $0.device }),
                .init(title: "SUBJECT", text: { $0.subject }, wraps: true),
                .init(title: "MADE", text: { Words.day($0.createdAt) }),
                .init(title: "PUBLIC KEY", text: { $0.publicKey }, onlyCSV: true),
            ],
            whenEmpty: "no requests wait for an answer")
    }
}
