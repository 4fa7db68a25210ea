extension FileKind {
    /// What stands in the way of a file of this kind on a phone of a type, whatever the content.
    ///
    /// - Parameter tls: whether the phone is managed over TLS.
    public func faults(on type: PhoneType, tls: Bool) -> [Fault] {
        // Said alone: that the type knows no such file would hide that no option could change it.
        guard tls || self != .serverKeyMaterial else {
            return [Fault(.materialPlainRefused, subject: type.id.description)]
        }
        guard type.fileKinds.contains(self) else {
            return [Fault(.materialUnsupported, subject: type.id.description, detail: "\(self)")]
        }
        return []
    }
}

extension WantedFile {
    /// What stands in the way of the change on a phone of this type, whatever the content.
    func faults(on type: PhoneType, tls: Bool) -> [Fault] {
        var faults = kind.faults(on: type, tls: tls)
        if case .fetch(let fetch) = change {
            if type.managementProtocol != .wpi || !kind.isFetched {
                faults.append(
                    Fault(.materialUnsupported, subject: type.id.description, detail: "\(kind) is not fetched"))
            }
            faults += fetch.faults(of: kind)
        }
        guard kind == .serverKeyMaterial, tls else { return faults }
        if change == .delete, type.managementProtocol == .wpi {
            return faults + [
                Fault(
                    .materialUnsupported, subject: type.id.description,
                    detail: "the protocol has no word for returning to the built-in key material")
            ]
        }
        if change == .delete, newTrust.isEmpty {
            faults.append(Fault(.materialNoTrust, subject: type.id.description))
        }
        return faults
    }
}

extension FileKind {
    /// Whether phones fetch such files by themselves; what holds keys is never left on a file server.
    fileprivate var isFetched: Bool { self != .serverKeyMaterial && self != .clientTrustedCertificates }
}
