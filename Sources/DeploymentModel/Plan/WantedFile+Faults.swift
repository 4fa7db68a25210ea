extension WantedFile {
    /// What stands in the way of the change on a phone of this type, whatever the content.
    func faults(on type: PhoneType, tls: Bool) -> [Fault] {
        // Said alone: that the type knows no such file would hide that no option could change it.
        guard tls || kind != .serverKeyMaterial else {
            return [Fault(.materialPlainRefused, subject: type.id.description)]
        }
        var faults: [Fault] = []
        if !type.fileKinds.contains(kind) {
            faults.append(Fault(.materialUnsupported, subject: type.id.description, detail: "\(kind)"))
        }
        guard kind == .serverKeyMaterial else { return faults }
        if change == .delete, newTrust.isEmpty {
            faults.append(Fault(.materialNoTrust, subject: type.id.description))
        }
        return faults
    }
}
