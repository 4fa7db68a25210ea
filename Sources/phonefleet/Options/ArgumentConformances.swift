public import ArgumentParser
public import DeploymentModel
public import TLSMaterial
public import VirtualPhone

// Values of other modules that are typed on the command line under their raw values.

extension NumberSeries.Order: ExpressibleByArgument {}
extension CertificateIssuer.KeyType: ExpressibleByArgument {}
extension FleetConfiguration.Layout: ExpressibleByArgument {}
extension TelephonyScope: ExpressibleByArgument {}
