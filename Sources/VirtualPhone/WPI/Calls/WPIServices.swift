import DeploymentModel
import Synchronization

/// What the phones of one fleet that speak WPI share.
final class WPIServices: Sendable {
    let options: WPIOptions
    let tls = WPITLS()
    private let models = Mutex<[ModelKey: PhoneModel]>([:])
    private let nextStart = Mutex(0.0)
    /// Start-ups in a second, unless all are to call at one moment.
    private static let startsPerSecond = 400.0

    private struct ModelKey: Hashable {
        var type: PhoneTypeID
        var software: String
    }

    init(options: WPIOptions) {
        self.options = options
    }

    /// How long a phone that wants to start now waits with its call, in seconds.
    func pauseBeforeStart(at now: Double) -> Double {
        guard !options.callsAtStart else { return 0 }
        return nextStart.withLock { next in
            let start = max(now, next)
            next = start + 1 / Self.startsPerSecond
            return start - now
        }
    }

    /// The item set of other firmware, one for all phones that have it.
    func model(_ type: PhoneType, _ software: String) -> PhoneModel {
        models.withLock { models in
            let key = ModelKey(type: type.id, software: software)
            if let known = models[key] { return known }
            let made = PhoneModel(type: type, software: SoftwareVersion(software))
            models[key] = made
            return made
        }
    }

    func install(_ software: String, on phone: LivePhone) {
        let model = model(phone.model.type, software)
        phone.with { core in core.behaviour.adopt(model) }
    }

    /// The firmware that a phone had loaded when its state was kept.
    func restoreSoftware(of phone: inout PhoneBehaviour) {
        guard let software = phone.state.wpi?.software else { return }
        phone.adopt(model(phone.model.type, software))
    }
}
