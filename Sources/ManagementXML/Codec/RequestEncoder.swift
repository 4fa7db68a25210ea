import DeploymentModel

/// Writes requests.
enum RequestEncoder {
    static func encode(_ request: ManagementRequest) -> [UInt8] {
        var writer = XMLWriter(capacity: estimatedBytes(request.action))
        writer.beginDocument("<ManagementRequest")
        writer.attribute(" id=", request.id)
        writer.markup(">")
        encode(request.action, to: &writer)
        writer.markup("</ManagementRequest>\n")
        return writer.bytes
    }

    private static func encode(_ action: ManagementAction, to writer: inout XMLWriter) {
        switch action {
        case .identify: writer.markup("<Identify/>")
        case .readAllItems: writer.markup("<ReadAllItems/>")
        case .nextFragment: writer.markup("<GetNextFragment/>")
        case .restart: writer.markup("<Restart/>")
        case .factoryReset: writer.markup("<FactoryReset/>")
        case .status: writer.markup("<Status/>")
        case .readItems(let keys):
            writer.markup("<ReadItems>")
            ItemCodec.encodeKeys(keys, to: &writer)
            writer.markup("</ReadItems>")
        case .writeItems(let items):
            writer.markup("<WriteItems>")
            ItemCodec.encode(items, as: .value, to: &writer)
            writer.markup("</WriteItems>")
        case .transferFile(let kind, let content):
            writer.attribute("<TransferFile kind=", kind.rawValue)
            writer.markup("><Content>")
            writer.base64(content)
            writer.markup("</Content></TransferFile>")
        case .readFile(let kind):
            writer.attribute("<ReadFile kind=", kind.rawValue)
            writer.markup("/>")
        case .deleteFile(let kind):
            writer.attribute("<DeleteFile kind=", kind.rawValue)
            writer.markup("/>")
        case .fetchFile(let order):
            writer.attribute("<FetchFile kind=", order.kind.rawValue)
            writer.attribute(" url=", order.url)
            if let sha256 = order.sha256 { writer.attribute(" sha256=", sha256) }
            writer.markup("/>")
        }
    }

    private static func estimatedBytes(_ action: ManagementAction) -> Int {
        switch action {
        case .readItems(let keys): 320 + keys.count * 64
        case .writeItems(let items): 320 + ItemCodec.estimatedBytes(items)
        case .transferFile(_, let content): 320 + Base64.length(of: content.count)
        default: 320
        }
    }
}
