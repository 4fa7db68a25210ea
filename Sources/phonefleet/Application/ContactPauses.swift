import DeploymentModel
import DeploymentStore
import PhoneTransport

/// How long phones in secure mode are waited for that were given something and are to call anew.
struct ContactPauses {
    /// Seconds, of phones of which that is known.
    private let gaps: [DeviceID: Int]
    private let isUsual: Bool
    private let least: Double

    /// - Parameters:
    ///   - settings: who says that phones may be asked more often than is usual knows that they react.
    ///   - least: seconds for which each phone is waited for in any case.
    init(in workspace: Workspace, _ settings: CallSettings, least: Double) async throws {
        gaps = try await workspace.store.calls().reduce(into: [:]) { $0[$1.device] = $1.contactGap }
        isUsual = settings.contactGap >= ContactRule.minimumGap
        self.least = least
    }

    /// Seconds within which a phone that has just called reacts to being asked again.
    ///
    /// It ignores whoever asks it within its contact gap, and is asked twice before that is waited for.
    func patience(with device: DeviceID) -> Double {
        guard isUsual else { return least }
        let gap = gaps[device].map(Double.init) ?? ContactRule.usualGap
        let pause = min(max(gap, ContactRule.minimumGap), ContactRule.maximumGap) + 2 * ContactRule.minimumGap
        return max(least, pause)
    }
}
