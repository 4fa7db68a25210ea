import DeploymentModel

extension DeviceEnding {
    /// The ending of a phone with a file of which nobody knows what became of it: that matters more than what failed last.
    func withOpenFile(at address: String) -> DeviceEnding {
        guard case .failed(let fault) = self, fault.code != .materialUncertain,
            fault.code != .fileNotSettled
        else { return self }
        let cause = [fault.code.rawValue, fault.detail].compactMap(\.self).joined(separator: ": ")
        return .failed(Fault(.materialUncertain, subject: address, detail: cause))
    }
}
