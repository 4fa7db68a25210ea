import DeploymentModel
import Foundation

/// What failed phones have in common: one cause, what it means, and the one thing that mends it.
struct CauseView: Encodable {
    /// A phone that failed by the cause.
    struct Example: Encodable {
        var id: DeviceID?
        var mac: MACAddress?
        var address: String
        var reason: String?
    }

    /// A failed phone before it is grouped.
    struct Member {
        var code: StatusCode
        /// What tells causes of one code apart, such as the CA that would be needed.
        var about: String?
        var example: Example
    }

    /// Phones that are named before the rest is only counted.
    static let named = 10
    /// A code with more kinds than this is one cause: what differs from phone to phone tells nothing in common.
    static let kinds = 8

    var code: StatusCode
    var about: String?
    var count: Int
    var summary: String
    var meaning: String?
    var remedy: String?
    var examples: [Example]

    /// The causes, the most frequent first.
    static func group(_ members: [Member]) -> [CauseView] {
        let byCode = Dictionary(grouping: members, by: \.code)
        return byCode.flatMap { code, members in
            let byKind = Dictionary(grouping: members, by: \.about)
            guard byKind.count <= kinds else { return [CauseView(code, about: nil, members)] }
            return byKind.map { CauseView(code, about: $0.key, $0.value) }
        }.sorted { ($1.count, $0.code.rawValue, $0.about ?? "") < ($0.count, $1.code.rawValue, $1.about ?? "") }
    }

    private init(_ code: StatusCode, about: String?, _ members: [Member]) {
        let words = StatusMessage.of(code)
        self.code = code
        self.about = about
        count = members.count
        summary = words?.summary ?? code.rawValue
        meaning = words?.meaning
        // A command that can be run as it stands is worth more than one with a gap.
        remedy = words?.remedy.replacing("ADDRESS", with: members.first?.example.address ?? "ADDRESS")
        examples = members.prefix(Self.named).map(\.example)
    }

    /// `12 phones: a certificate has expired (tls.expired)`, and what it is about.
    var heading: String {
        let text = "\(Words.count(count, "phone")): \(summary) (\(code))"
        return SafeText.line(about.map { "\(text): \($0)" } ?? text)
    }
}

extension TransferResult {
    /// Why phones failed, without those that were only stopped.
    var causes: [CauseView] {
        CauseView.group(
            devices.compactMap { device in
                guard !device.outcome.isProven, device.outcome != .stopped, let fault = device.fault else { return nil }
                let about = fault.sharedDetail
                return CauseView.Member(
                    code: fault.code, about: about,
                    example: CauseView.Example(
                        id: device.device, mac: device.mac, address: device.address,
                        reason: about == nil ? device.reason : nil))
            })
    }
}

extension Fault {
    /// The detail, for codes where phones of one cause have it in common: which CA, which version, which alert.
    fileprivate var sharedDetail: String? { Self.codesOfKinds.contains(code) ? detail : nil }

    private static let codesOfKinds: Set<StatusCode> = [
        StatusCode("tls.unknown-issuer"), StatusCode("tls.chain-incomplete"), StatusCode("tls.wrong-subject"),
        .tlsProtocolVersion, .tlsNoCommonCipher, .tlsAlert,
    ]
}
