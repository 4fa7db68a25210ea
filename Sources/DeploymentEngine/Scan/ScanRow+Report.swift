public import DeploymentModel
public import Foundation
public import PhoneTransport
public import TLSMaterial

extension ScanRow {
    /// Makes the row of an address from what a contact saw.
    ///
    /// The only place where a contact is judged.
    ///
    /// A phone is trusted only when a profile that applies to *its type* accepts its chain: a profile of another type that
    /// happens to accept it does not count. A phone that answers in plain although its type is managed over TLS is not
    /// trusted, whoever it is.
    ///
    /// - Parameter profiles: the profiles that apply to phones of a type.
    public init(
        _ report: ContactReport, catalogue: Catalogue, profiles: (PhoneTypeID?) -> [TrustProfile], at time: Date
    ) {
        self.init(address: report.address, port: report.port, tls: report.tls, chain: report.chain, seenAt: time)
        fault = report.fault
        evidence = report.chain.isEmpty ? nil : report.evidence
        let identity = report.identity.map { PhoneIdentity($0) }
        guard let identity, let deviceType = identity.deviceType else {
            status = Self.statusWithoutIdentity(report)
            if status == .noPhone, fault == nil { fault = Fault(.phoneNotAPhone, subject: report.address) }
            return
        }
        self.deviceType = deviceType
        mac = identity.mac
        number = identity.number
        softwareVersion = identity.softwareVersion
        guard let type = identity.type(in: catalogue) else {
            status = .unknownType
            let software = identity.softwareType.map { ", \($0)" } ?? ""
            fault = Fault(.phoneUnknownType, subject: report.address, detail: deviceType + software)
            return
        }
        self.type = type.id
        if report.tls {
            // Where each phone has a subject of its own, it must be that of the phone which this one says it is.
            let values = PhoneValues(self)
            judge(report, by: profiles(type.id).compactMap { try? $0.resolved(for: values) }, at: time)
        } else if type.access(for: identity.softwareVersion).tls {
            fault = Fault(
                .tlsPlainRefused, subject: report.address, detail: "\(type.id) with this software is managed over TLS")
        }
        status = fault == nil ? .phone : .notTrusted
    }

    private mutating func judge(_ report: ContactReport, by profiles: [TrustProfile], at time: Date) {
        // What broke beside the verdict (a reset, a malformed answer) stands as it is.
        let isVerdict = fault.map { TrustFailure.Reason(rawValue: $0.code.rawValue) != nil || $0.code == .tlsNoProfile }
        guard isVerdict ?? true else { return }
        if let accepted = report.evidence.profile, profiles.contains(where: { $0.name == accepted }) { return }
        evidence?.profile = nil
        guard !profiles.isEmpty else {
            fault = Fault(.tlsNoProfile, subject: report.address)
            return
        }
        // The handshake was made for all profiles together, so it may be older than those of this type allow.
        let spoken = report.evidence.tlsVersion
        let usable = profiles.filter { $0.permits(tlsVersion: spoken) }
        guard !usable.isEmpty else {
            fault = Fault(.tlsProtocolVersion, subject: report.address, detail: spoken.map { "TLS \($0)" })
            return
        }
        do throws(TrustFailure) {
            evidence?.profile = try ChainVerifier().verify(report.chain, againstAnyOf: usable, at: time).profile
            fault = nil
        } catch {
            fault = Fault(StatusCode(error.reason.rawValue), subject: report.address, detail: error.detail)
        }
    }

    private static func statusWithoutIdentity(_ report: ContactReport) -> ScanStatus {
        switch report.fault?.code {
        case StatusCode.netRefused, StatusCode.netReset: return .refused
        case StatusCode.netSilent, StatusCode.tlsSilent, StatusCode.netUnreachable, StatusCode.netLocal,
            StatusCode.netNameNotFound:
            return .silent
        case StatusCode.phoneDidNotCall, StatusCode.phoneAskedRecently: return .noCall
        case StatusCode.tlsPlainHTTP, StatusCode.tlsNotTLS: return .noPhone
        case let code?:
            guard report.connected else { return .silent }
            // The handshake came to an end and the question was answered by something else: that is no phone.
            // A handshake that failed says nothing of who was there.
            return report.tls && report.chain.isEmpty && code.rawValue.hasPrefix("tls.") ? .notTrusted : .noPhone
        case nil: return .noPhone
        }
    }

    /// Of what was seen at the ports of one address the part that tells most; at equal worth the earlier port.
    static func best(of rows: [ScanRow]) -> ScanRow? {
        rows.indices.min { (worth(rows[$0]), $0) < (worth(rows[$1]), $1) }.map { rows[$0] }
    }

    /// 0 for what tells most.
    ///
    /// Whatever answered over TLS goes before what answered in plain.
    private static func worth(_ row: ScanRow) -> Int {
        switch row.status {
        case .phone: row.tls ? 0 : 2
        case .notTrusted: row.tls ? 1 : 3
        case .unknownType, .noCall: 4
        case .noPhone: 5
        // Who takes a connection and then says nothing is there and hangs; a refusal only says that some machine is
        // there; of an address that never answers nothing is known.
        case .silent: row.fault?.code == .tlsSilent ? 6 : 8
        case .refused: 7
        case .waiting: 9
        }
    }
}
