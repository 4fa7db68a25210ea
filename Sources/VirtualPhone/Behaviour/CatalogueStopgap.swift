import DeploymentModel
extension Parameter {
    func check(_ value: String) -> Fault? { nil }
    var instances: [Int?] { indices.map { $0.map(Optional.init) } ?? [nil] }
    func isSupported(by software: SoftwareVersion?) -> Bool { true }
}
