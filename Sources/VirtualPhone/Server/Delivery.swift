import NIOCore

/// How a phone's replies reach the peer: soundly, or by one of its faults.
enum Delivery: Equatable {
    case sound
    case half
    case malformed
    case oversized
    case slow(TimeAmount)

    init(_ faults: [PhoneFault]) {
        self = .sound
        for fault in faults {
            switch fault {
            case .closesInReply: self = .half
            case .malformedXML: self = .malformed
            case .oversized: self = .oversized
            case .slow(let seconds): self = .slow(.phone(seconds))
            default: break
            }
        }
    }

    private static let oversize = 4 << 20

    /// The answer as the fault spoils it; lengths stay true, so that the XML and not the HTTP is wrong.
    func distorted(_ answer: HTTPAnswer) -> HTTPAnswer {
        var answer = answer
        switch self {
        case .malformed: answer.body.removeLast(min(12, answer.body.count))
        case .oversized:
            answer.body += Array(repeating: UInt8(ascii: "\n"), count: max(0, Self.oversize - answer.body.count))
        case .sound, .half, .slow: break
        }
        return answer
    }
}
