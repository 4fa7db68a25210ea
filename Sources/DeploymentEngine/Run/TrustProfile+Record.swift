public import DeploymentModel
public import TLSMaterial

extension TrustProfile {
    /// Makes a stored trust profile ready for use.
    ///
    /// - Throws: ``Fault`` with `input.certificate` or `input.value`, naming the profile and what is wrong with it.
    public init(_ record: TrustRecord) throws(Fault) {
        guard let minimumTLS = MinimumTLS(rawValue: record.minimumTLS) else {
            throw Fault(.inputValue, subject: record.name, detail: "unknown TLS version \(record.minimumTLS)")
        }
        do throws(MaterialError) {
            let subject = try SubjectPattern(record.subject)
            var anchors: [ParsedCertificate] = []
            for pem in record.anchors { anchors += try CertificateFile.certificates(in: Array(pem.utf8)) }
            self.init(
                name: record.name, subject: subject, anchors: anchors, minimumTLS: minimumTLS,
                allowsLegacy: record.allowsLegacy, pin: record.pin, allowsExpiredAnchor: record.allowsExpiredAnchor)
        } catch {
            throw Fault(.inputCertificate, subject: record.name, detail: error.detail)
        }
    }
}

extension PhoneValues {
    /// What the device list knows of a phone.
    public init(_ device: Device) {
        self.init(
            mac: device.mac?.description, number: device.number?.rawValue, type: device.type?.rawValue,
            ip: device.address)
    }

    /// What a plan knows of a phone.
    public init(_ plan: DevicePlan) {
        self.init(
            mac: plan.mac?.description, number: plan.number?.rawValue, type: plan.type.rawValue, ip: plan.address)
    }

    /// What a phone said of itself in a scan.
    public init(_ row: ScanRow) {
        self.init(
            mac: row.mac?.description, number: row.number?.rawValue, type: row.type?.rawValue, ip: row.address)
    }
}
