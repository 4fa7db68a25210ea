public import DeploymentModel
public import ManagementXML
import PhoneTransport

/// Files: server key material and client trusted certificates.
extension ItemDriver {
    public func transfer(_ content: [UInt8], as kind: FileKind, over call: PhoneCall) async throws {
        if kind == .serverKeyMaterial { try Self.requireAuthentication(of: call) }
        _ = try await perform(.transferFile(kind, content: content), over: call, password: call.password)
    }

    public func readFile(_ kind: FileKind, over call: PhoneCall) async throws -> HeldFile {
        if kind == .serverKeyMaterial { try Self.requireAuthentication(of: call) }
        let action = ManagementAction.readFile(kind)
        let reply = try await perform(action, over: call, password: call.password)
        guard let file = reply.files.first(where: { $0.kind == kind }), reply.files.count == 1 else {
            throw Fault(.xmlUnexpected, subject: action.name, detail: "the answer does not hold the file")
        }
        return file
    }

    public func deleteFile(_ kind: FileKind, over call: PhoneCall) async throws {
        _ = try await perform(.deleteFile(kind), over: call, password: call.password)
    }

    public func fetch(_ order: FetchOrder, over call: PhoneCall) async throws {
        _ = try await perform(.fetchFile(order), over: call, password: call.password)
    }

    /// A private key travels only where the peer was authenticated by TLS, whatever anybody orders.
    private static func requireAuthentication(of call: PhoneCall) throws {
        guard call.session.evidence.isAuthenticated else { throw Fault(.materialPlainRefused) }
    }
}
