public import DeploymentModel

/// Brings sessions about by the dialler of each phone's protocol, so that nothing above has to know which it is.
public struct DialerByProtocol: PhoneDialer {
    private let dialers: [ManagementProtocol: any PhoneDialer]

    public init(_ dialers: [ManagementProtocol: any PhoneDialer]) {
        self.dialers = dialers
    }

    /// - Throws: also `plan.not-supported` when there is no dialler for the phone's protocol.
    public func session(with target: PhoneTarget) async throws -> any PhoneSession {
        guard let dialer = dialers[target.managementProtocol] else {
            throw Fault(.planNotSupported, subject: target.address, detail: target.managementProtocol.rawValue)
        }
        return try await dialer.session(with: target)
    }
}
