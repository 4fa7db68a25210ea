import DeploymentModel

/// Reads answers.
enum ResponseDecoder {
    /// The parts of an answer in the order in which they stand, each at most once.
    private enum Part: Int { case none, reason, items, files, phoneStatus }

    static func decode(_ parser: inout XMLPullParser) throws(WireError) -> ManagementResponse {
        try parser.root(named: "ManagementResponse")
        var response = try envelope(parser)
        var last = Part.none
        while try parser.nextChild() {
            guard let part = part(parser) else { throw parser.unexpectedElement() }
            guard part.rawValue > last.rawValue else {
                throw parser.unexpected("element \(parser.string(parser.name)) twice or out of order")
            }
            last = part
            switch part {
            case .none: break
            case .reason: response.reply.reason = try parser.shortText()
            case .items: response.reply.items = try ItemCodec.decode(&parser, as: .answer)
            case .files: response.reply.files = try files(&parser)
            case .phoneStatus: response.reply.phoneStatus = try phoneStatus(&parser)
            }
        }
        return response
    }

    private static func part(_ parser: XMLPullParser) -> Part? {
        if parser.isElement("ItemList") { return .items }
        if parser.isElement("Reason") { return .reason }
        if parser.isElement("FileList") { return .files }
        return parser.isElement("PhoneStatus") ? .phoneStatus : nil
    }

    /// What the attribute `fragment` says.
    private enum Fragment: String { case next, final }

    private static func envelope(_ parser: XMLPullParser) throws(WireError) -> ManagementResponse {
        var id: String?
        var action: String?
        var status: ManagementReply.Status?
        var fragment = Fragment.final
        for attribute in parser.attributes {
            if parser.isAttribute(attribute, "id") {
                id = try parser.checked(attribute, Vocabulary.isID)
            } else if parser.isAttribute(attribute, "action") {
                action = parser.string(attribute.value)
                guard let action, ManagementAction.names.contains(action) else {
                    throw parser.badValue(of: attribute)
                }
            } else if parser.isAttribute(attribute, "status") {
                status = try parser.word(of: attribute, ManagementReply.Status.self)
            } else if parser.isAttribute(attribute, "fragment") {
                fragment = try parser.word(of: attribute, Fragment.self)
            } else {
                throw parser.unexpectedAttribute(attribute)
            }
        }
        guard let id else { throw parser.missing("id") }
        guard let action else { throw parser.missing("action") }
        guard let status else { throw parser.missing("status") }
        let reply = ManagementReply(action: action, status: status, hasMoreFragments: fragment == .next)
        return ManagementResponse(id: id, reply: reply)
    }

    private static func files(_ parser: inout XMLPullParser) throws(WireError) -> [HeldFile] {
        try parser.noAttributes()
        var files: [HeldFile] = []
        while try parser.nextChild() {
            guard parser.isElement("File") else { throw parser.unexpectedElement() }
            guard files.count < parser.limits.items else {
                throw parser.fault(.tooLarge, at: parser.tagStart, "more than \(parser.limits.items) files")
            }
            var file = try fileHead(parser)
            if try parser.nextChild() {
                guard parser.isElement("Content") else { throw parser.unexpectedElement() }
                file.content = try parser.content()
                if try parser.nextChild() { throw parser.unexpectedElement() }
            }
            files.append(file)
        }
        return files
    }

    private static func fileHead(_ parser: XMLPullParser) throws(WireError) -> HeldFile {
        var kind: FileKind?
        var fingerprint: String?
        var size: Int?
        var version: String?
        for attribute in parser.attributes {
            if parser.isAttribute(attribute, "kind") {
                kind = try parser.fileKind(of: attribute)
            } else if parser.isAttribute(attribute, "fingerprint") {
                fingerprint = try parser.checked(attribute, Vocabulary.isFingerprint)
            } else if parser.isAttribute(attribute, "size") {
                size = try parser.number(of: attribute)
            } else if parser.isAttribute(attribute, "version") {
                version = parser.string(attribute.value)
                guard let version, version.unicodeScalars.count <= DirectXML.shortTextLength else {
                    throw parser.badValue(of: attribute)
                }
            } else {
                throw parser.unexpectedAttribute(attribute)
            }
        }
        guard let kind else { throw parser.missing("kind") }
        guard let fingerprint else { throw parser.missing("fingerprint") }
        guard let size else { throw parser.missing("size") }
        return HeldFile(kind: kind, fingerprint: fingerprint, size: size, version: version)
    }

    private static func phoneStatus(_ parser: inout XMLPullParser) throws(WireError) -> PhoneStatus {
        var status = try phoneStatusHead(parser)
        var hasResult = false
        while try parser.nextChild() {
            if parser.isElement("RegistrationReason"), status.registrationReason == nil, !hasResult {
                status.registrationReason = try parser.shortText()
            } else if parser.isElement("LastFileResult"), !hasResult {
                status.lastFileResult = try parser.shortText()
                hasResult = true
            } else {
                throw parser.unexpectedElement()
            }
        }
        return status
    }

    private enum Truth: String { case `true`, `false` }

    private static func phoneStatusHead(_ parser: XMLPullParser) throws(WireError) -> PhoneStatus {
        var busy: Truth?
        var registration: PhoneStatus.Registration?
        var uptime: Int?
        var bootCount: Int?
        for attribute in parser.attributes {
            if parser.isAttribute(attribute, "busy") {
                busy = try parser.word(of: attribute, Truth.self)
            } else if parser.isAttribute(attribute, "registration") {
                registration = try parser.word(of: attribute, PhoneStatus.Registration.self)
            } else if parser.isAttribute(attribute, "uptime") {
                uptime = try parser.number(of: attribute)
            } else if parser.isAttribute(attribute, "bootCount") {
                bootCount = try parser.number(of: attribute)
            } else {
                throw parser.unexpectedAttribute(attribute)
            }
        }
        guard let busy else { throw parser.missing("busy") }
        guard let registration else { throw parser.missing("registration") }
        guard let uptime else { throw parser.missing("uptime") }
        guard let bootCount else { throw parser.missing("bootCount") }
        return PhoneStatus(
            isBusy: busy == .true, registration: registration, uptime: uptime, bootCount: bootCount)
    }
}
