import DeploymentModel

/// Writes answers.
enum ResponseEncoder {
    static func encode(_ response: ManagementResponse) -> [UInt8] {
        let reply = response.reply
        var writer = XMLWriter(capacity: estimatedBytes(reply))
        writer.beginDocument("<ManagementResponse")
        writer.attribute(" id=", response.id)
        writer.attribute(" action=", reply.action)
        writer.attribute(" status=", reply.status.rawValue)
        writer.markup(reply.hasMoreFragments ? " fragment=\"next\">" : " fragment=\"final\">")
        if let reason = reply.reason {
            writer.markup("<Reason>")
            writer.shortText(reason)
            writer.markup("</Reason>")
        }
        if !reply.items.isEmpty { ItemCodec.encode(reply.items, as: .answer, to: &writer) }
        if !reply.files.isEmpty {
            writer.markup("<FileList>")
            for file in reply.files { encode(file, to: &writer) }
            writer.markup("</FileList>")
        }
        if let status = reply.phoneStatus { encode(status, to: &writer) }
        writer.markup("</ManagementResponse>\n")
        return writer.bytes
    }

    static func encode(_ file: HeldFile, to writer: inout XMLWriter) {
        writer.attribute("<File kind=", file.kind.rawValue)
        writer.attribute(" fingerprint=", file.fingerprint)
        writer.attribute(" size=", file.size)
        if let version = file.version { writer.attribute(" version=", XMLWriter.shortened(version)) }
        guard let content = file.content else { return writer.markup("/>") }
        writer.markup("><Content>")
        writer.base64(content)
        writer.markup("</Content></File>")
    }

    private static func encode(_ status: PhoneStatus, to writer: inout XMLWriter) {
        writer.attribute("<PhoneStatus busy=", status.isBusy ? "true" : "false")
        // The direct interface has no word for "not known": its phones know both.
        writer.attribute(" registration=", (status.registration ?? .notConfigured).rawValue)
        writer.attribute(" uptime=", status.uptime ?? 0)
        writer.attribute(" bootCount=", status.bootCount)
        writer.markup(">")
        if let reason = status.registrationReason {
            writer.markup("<RegistrationReason>")
            writer.shortText(reason)
            writer.markup("</RegistrationReason>")
        }
        if let result = status.lastFileResult {
            writer.markup("<LastFileResult>")
            writer.shortText(result)
            writer.markup("</LastFileResult>")
        }
        writer.markup("</PhoneStatus>")
    }

    private static func estimatedBytes(_ reply: ManagementReply) -> Int {
        var count = 640 + ItemCodec.estimatedBytes(reply.items)
        for file in reply.files { count += 256 + Base64.length(of: file.content?.count ?? 0) }
        return count
    }
}
