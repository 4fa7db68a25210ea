import ArgumentParser
import DeploymentModel
import TLSMaterial

/// The chain of a telephony server from a file: `pbx.example=chain.pem` or `10.0.0.5:5061=chain.pem`.
struct ServerChainArgument: ExpressibleByArgument, Hashable {
    /// As the phones have it in their settings.
    var address: String
    /// Nil for every port.
    var port: Int?
    var file: String

    init?(argument: String) {
        let parts = argument.split(separator: "=", maxSplits: 1).map(String.init)
        guard parts.count == 2 else { return nil }
        file = parts[1]
        let place = parts[0].split(separator: ":", omittingEmptySubsequences: false)
        if place.count == 2, let number = Int(place[1]) {
            guard (1...65_535).contains(number) else { return nil }
            address = String(place[0])
            port = number
        } else {
            address = parts[0]
        }
        guard !address.isEmpty else { return nil }
    }

    func isMeant(for server: TelephonyServer) -> Bool {
        address.lowercased() == server.address.lowercased() && (port == nil || port == server.port)
    }

    /// The certificates, DER, as the server would present them.
    func chain() throws(Fault) -> [[UInt8]] {
        let bytes = try UserFile.read(file)
        do throws(MaterialError) {
            return try CertificateFile.certificates(in: bytes).map(\.der)
        } catch {
            throw Fault(error, subject: file)
        }
    }
}
