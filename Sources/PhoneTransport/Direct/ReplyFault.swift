public import DeploymentModel
import ManagementXML

extension HTTPReply {
    /// What an answer other than 200 means.
    func asFault(of subject: String) -> Fault {
        switch status {
        case 401: Fault(.phoneWrongPassword, subject: subject)
        case 429: Fault.backOff(seconds: retryAfter ?? 1, subject: subject)
        case 400..<500:
            if let refusal = DirectXML.decodeRefusal(body) {
                Fault(
                    StatusCode(refusal.code.rawValue), subject: subject,
                    detail: "phone refused our message: line \(refusal.line): \(refusal.reason)")
            } else {
                Fault(.httpStatus, subject: subject, detail: String(status))
            }
        default: Fault(.httpStatus, subject: subject, detail: String(status))
        }
    }
}

extension Fault {
    static func backOff(seconds: Int, subject: String) -> Fault {
        Fault(.phoneBackOff, subject: subject, detail: "\(seconds) s")
    }

    /// For `phone.back-off`: how many seconds the phone wants to be left alone; nil for every other fault.
    public var backOffSeconds: Int? {
        guard code == .phoneBackOff, let detail, detail.hasSuffix(" s") else { return nil }
        return Int(detail.dropLast(2))
    }
}
