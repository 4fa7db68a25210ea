import DeploymentModel

/// What was found of one phone, in the way in which phones of its kind are met.
enum PhoneFinding: Sendable {
    /// The tool dialled it.
    case dialled(Examination)
    /// It was asked to call.
    case called(CallExamination)

    var patient: Patient {
        switch self {
        case .dialled(let examination): examination.patient
        case .called(let examination): examination.patient
        }
    }

    /// The cause; nil when all is well.
    var fault: Fault? {
        switch self {
        case .dialled(let examination): examination.fault
        case .called(let examination): examination.fault
        }
    }

    /// For grouping; nil when all is well.
    var causeMember: CauseView.Member? {
        switch self {
        case .dialled(let examination): examination.causeMember
        case .called(let examination): examination.causeMember
        }
    }
}
