import ArgumentParser
import DeploymentEngine
import DeploymentModel
import DeploymentStore
import Foundation
import TLSMaterial

/// The command `phonefleet ca csr`.
struct CARequest: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "csr", abstract: "Write a certificate request of each phone, for an outside CA.",
        discussion:
            "The keys are made here and stay sealed in the database. 'phonefleet ca import' takes the certificates that come back."
    )
    @OptionGroup var selection: SelectionOptions
    @Option(
        help: ArgumentHelp("The directory for the requests, a file for each phone.", valueName: "directory"),
        completion: .directory)
    var out: String
    @Option(
        help: ArgumentHelp(
            "The subject DN of a phone; {mac}, {number}, {type} and {ip} stand for its own.", valueName: "dn"))
    var pattern = "CN={mac}"
    @OptionGroup var certificates: CertificateOptions
    @Option(help: "The kind of the keys: p256 or rsa2048.") var key = CertificateIssuer.KeyType.p256
    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let workspace = try Workspace.open(global)
        let devices = try await workspace.someDevices(try selection.selection())
        let policy = AuthorityPolicy(
            subject: try CertificateOptions.pattern(pattern), alternativeNames: try certificates.patterns(),
            keyType: key)
        var faults: [Fault] = []
        var made: [(device: Device, request: CertificateRequest)] = []
        for device in devices {
            do throws(MaterialError) {
                made.append((device, try CertificateRequest(for: PhoneValues(device), policy: policy)))
            } catch {
                faults.append(Fault(error, subject: device.label))
            }
        }
        guard faults.isEmpty else { throw FaultList(faults) }
        let now = Date()
        let pending = made.map { device, request in
            PendingRequest(
                keyFingerprint: request.publicKeyFingerprint, device: device.id, subject: request.subject.description,
                pattern: policy.subject.description, createdAt: now)
        }
        try SecretFile.makeFolder(out)
        // The keys first: a request without its key would bring back a certificate that is of no use.
        try await workspace.store.saveRequests(
            zip(pending, made).map { ($0, SecretText(fileContent: $1.request.privateKey)) })
        for (device, request) in made {
            try UserFile.write(request.pem, to: "\(out)/\(SecretFile.name(of: device, "csr"))")
        }
        global.say("wrote \(Words.count(made.count, "request")) to \(out)")
        if global.format != .table { try RequestView.listing(pending).write(as: global.format) }
    }
}

/// The command `phonefleet ca import FILE...`.
struct CAImport: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Take the certificates that came back from an outside CA.",
        discussion: """
            Each certificate is matched with the request of its key, and checked with its chain as before a transfer. \
            Then 'phonefleet key-material rotate --issued' brings them to the phones.
            """)
    @Argument(
        help: "The certificates and the CA certificates above them, PEM, DER or PKCS#12, in any order.",
        completion: .file())
    var files: [String]
    @Option(
        help: ArgumentHelp(
            "The trust profile for these phones; made of the requests' subject and the topmost CA where there is none.",
            valueName: "name"))
    var profile = "outside-ca"
    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let workspace = try Workspace.open(global)
        let returned = try ReturnedCertificates(readAll())
        let intake = CertificateIntake(workspace: workspace, profile: profile)
        let summary = try await intake.take(returned)
        let left = try await workspace.store.pendingRequests().count
        global.say(
            "took \(Words.count(summary.certificates.count, "certificate")); "
                + "\(Words.count(left, "request")) still \(left == 1 ? "waits" : "wait")")
        if summary.hasOwnProfiles {
            global.say("each phone is authenticated by a trust profile of the subject in its certificate")
        } else {
            global.say("phones with them are authenticated by trust profile \(profile)")
        }
        try IssuedView.listing(summary.certificates).write(as: global.format)
    }

    private func readAll() throws(FaultList) -> [ParsedCertificate] {
        var found: [ParsedCertificate] = []
        var faults: [Fault] = []
        for path in files {
            do throws(Fault) {
                let bytes = try UserFile.read(path)
                do throws(MaterialError) { found += try CertificateFile.certificates(in: bytes) } catch {
                    throw Fault(error, subject: path)
                }
            } catch {
                faults.append(error)
            }
        }
        guard faults.isEmpty else { throw FaultList(faults) }
        return found
    }
}
