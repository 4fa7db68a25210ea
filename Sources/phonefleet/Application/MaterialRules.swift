import DeploymentModel
import Foundation
import TLSMaterial

/// What stands against sending a file to phones of given types, each finding once.
struct MaterialRules {
    private let date: Date

    init(at date: Date = Date()) { self.date = date }

    /// - Parameter types: empty for what holds for phones of any type.
    func faults(of material: KeyMaterial, named origin: String, for types: [PhoneType]) -> [Fault] {
        collect(origin, types) { MaterialCheck.findings(of: material, limits: $0, at: date) }
    }

    /// - Parameter types: empty for what holds for phones of any type.
    func faults(of trusted: TrustedCertificates, named origin: String, for types: [PhoneType]) -> [Fault] {
        collect(origin, types) { MaterialCheck.findings(of: trusted, limits: $0, at: date) }
    }

    private func collect(
        _ origin: String, _ types: [PhoneType], _ findings: (MaterialCheck.Limits) -> [MaterialFinding]
    ) -> [Fault] {
        let limits = types.isEmpty ? [MaterialCheck.Limits()] : types.map(MaterialCheck.Limits.init)
        var seen: Set<MaterialFinding> = []
        return limits.flatMap(findings).filter { seen.insert($0).inserted }.map {
            Fault(StatusCode($0.code.rawValue), subject: origin, detail: $0.detail)
        }
    }
}

extension MaterialCheck.Limits {
    /// What phones of a type can take, by the catalogue.
    init(_ type: PhoneType) { self.init(maximumBytes: type.limits.fileBytes) }
}
