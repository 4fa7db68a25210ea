/// A stable name for one thing that can go wrong or be said of a phone, for example `tls.unknown-issuer`.
///
/// The code is a fact; ``StatusMessage`` turns it into meaning and remedy, and nothing else in the product writes such words.
public struct StatusCode: RawRepresentable, Hashable, Sendable, Codable, CustomStringConvertible {
    public let rawValue: String

    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    public init(_ rawValue: String) {
        self.rawValue = rawValue
    }

    public var description: String { rawValue }
}

extension StatusCode {
    // Network
    public static let netRefused = StatusCode("net.refused")
    public static let netSilent = StatusCode("net.silent")
    public static let netReset = StatusCode("net.reset")
    public static let netClosed = StatusCode("net.closed")
    public static let netUnreachable = StatusCode("net.unreachable")
    public static let netNameNotFound = StatusCode("net.name-not-found")
    public static let netLocal = StatusCode("net.local")

    // TLS: the handshake itself. The verdicts on a chain (`tls.unknown-issuer`, `tls.wrong-subject`, ...) are named by
    // the chain verifier with the same spelling.
    public static let tlsPlainHTTP = StatusCode("tls.plain-http")
    public static let tlsNotTLS = StatusCode("tls.not-tls")
    public static let tlsSilent = StatusCode("tls.silent")
    public static let tlsProtocolVersion = StatusCode("tls.protocol-version")
    public static let tlsNoCommonCipher = StatusCode("tls.no-common-cipher")
    public static let tlsAlert = StatusCode("tls.alert")
    public static let tlsNoCertificate = StatusCode("tls.no-certificate")
    public static let tlsNoProfile = StatusCode("tls.no-profile")
    public static let tlsFailed = StatusCode("tls.failed")
    public static let tlsPlainRefused = StatusCode("tls.plain-refused")
    public static let tlsClientCertificate = StatusCode("tls.client-certificate")
    public static let tlsWrongType = StatusCode("tls.wrong-type")

    // HTTP and XML
    public static let httpMalformed = StatusCode("http.malformed")
    public static let httpTooLarge = StatusCode("http.too-large")
    public static let httpStatus = StatusCode("http.status")
    public static let xmlMalformed = StatusCode("xml.malformed")
    public static let xmlTooLarge = StatusCode("xml.too-large")
    public static let xmlUnexpected = StatusCode("xml.unexpected")
    public static let xmlNewerVersion = StatusCode("xml.newer-version")

    // Phone
    public static let phoneBusy = StatusCode("phone.busy")
    public static let phoneAbsent = StatusCode("phone.absent")
    public static let phoneWrongPassword = StatusCode("phone.wrong-password")
    public static let phoneBackOff = StatusCode("phone.back-off")
    public static let phoneWrongType = StatusCode("phone.wrong-type")
    public static let phoneWrongMAC = StatusCode("phone.wrong-mac")
    public static let phoneUnknownType = StatusCode("phone.unknown-type")
    public static let phoneNotAPhone = StatusCode("phone.not-a-phone")
    public static let phoneItemRejected = StatusCode("phone.item-rejected")
    public static let phoneActionFailed = StatusCode("phone.action-failed")
    public static let phoneDidNotReturn = StatusCode("phone.did-not-return")
    public static let phoneFactoryPassword = StatusCode("phone.factory-password")
    public static let verifyMismatch = StatusCode("verify.mismatch")
    public static let phoneRestartPending = StatusCode("phone.restart-pending")
    public static let phonePasswordUncertain = StatusCode("phone.password-uncertain")
    public static let phoneDidNotCall = StatusCode("phone.did-not-call")
    public static let phoneAskedRecently = StatusCode("phone.asked-recently")
    public static let phoneNotAsked = StatusCode("phone.not-asked")

    // Key material and trusted certificates
    public static let materialPlainRefused = StatusCode("material.plain-refused")
    public static let materialUnsupported = StatusCode("material.unsupported")
    public static let materialNotTrusted = StatusCode("material.not-trusted")
    public static let materialNoTrust = StatusCode("material.no-trust")
    public static let materialNotUsed = StatusCode("material.not-used")
    public static let materialRolledBack = StatusCode("material.rolled-back")
    public static let materialUncertain = StatusCode("material.uncertain")
    public static let materialNotRegistered = StatusCode("material.not-registered")
    public static let materialSharedKey = StatusCode("material.shared-key")

    // Telephony server
    public static let telephonyNotTrusted = StatusCode("telephony.not-trusted")
    public static let telephonyNotChecked = StatusCode("telephony.not-checked")
    public static let telephonyNotAsked = StatusCode("telephony.not-asked")

    // Phones that call
    public static let callRefused = StatusCode("call.refused")
    public static let callListFull = StatusCode("call.list-full")
    public static let callPortTaken = StatusCode("call.port-taken")
    public static let phoneNotAuthenticated = StatusCode("phone.not-authenticated")
    public static let phoneUnknownItem = StatusCode("phone.unknown-item")
    /// A warning.
    public static let phoneResetUnseen = StatusCode("phone.reset-unseen")
    public static let fileNotDeployed = StatusCode("file.not-deployed")
    public static let fileNotSettled = StatusCode("file.not-settled")
    public static let callWrongTAN = StatusCode("call.wrong-tan")
    public static let callNotSecure = StatusCode("call.not-secure")
    public static let callServerNotBelieved = StatusCode("call.server-not-believed")
    public static let callAnotherPhone = StatusCode("call.another-phone")
    /// A warning of a run, and what 'serve' tells.
    public static let callSecondPhone = StatusCode("call.second-phone")

    // Plan, run, lease
    public static let planNoPassword = StatusCode("plan.no-password")
    public static let planNoType = StatusCode("plan.no-type")
    public static let planNoAddress = StatusCode("plan.no-address")
    public static let planNothingToDo = StatusCode("plan.nothing-to-do")
    public static let planNumberConflict = StatusCode("plan.number-conflict")
    public static let planInvalidValue = StatusCode("plan.invalid-value")
    public static let planDeviceConflict = StatusCode("plan.device-conflict")
    public static let planNotSupported = StatusCode("plan.not-supported")
    public static let planSettingConflict = StatusCode("plan.setting-conflict")
    public static let planNoMAC = StatusCode("plan.no-mac")
    public static let planMarkupInValue = StatusCode("plan.markup-in-value")
    public static let deviceLeased = StatusCode("device.leased")
    public static let deviceConflict = StatusCode("device.conflict")
    public static let runStopped = StatusCode("run.stopped")
    public static let runCanaryFailed = StatusCode("run.canary-failed")
    public static let runMaxFailures = StatusCode("run.max-failures")
    public static let runNotFound = StatusCode("run.not-found")
    public static let runActive = StatusCode("run.active")
    public static let runNothingOpen = StatusCode("run.nothing-open")
    public static let runSuperseded = StatusCode("run.superseded")

    // Input
    public static let inputRange = StatusCode("input.range")
    public static let inputCSV = StatusCode("input.csv")
    public static let inputDeploymentFile = StatusCode("input.deployment-file")
    public static let inputCatalogue = StatusCode("input.catalogue")
    public static let inputCertificate = StatusCode("input.certificate")
    public static let inputSelection = StatusCode("input.selection")
    public static let inputValue = StatusCode("input.value")
    public static let inputNotFound = StatusCode("input.not-found")
    public static let inputDuplicate = StatusCode("input.duplicate")
    public static let inputSecret = StatusCode("input.secret")
    public static let inputFile = StatusCode("input.file")
    public static let inputUnconfirmed = StatusCode("input.unconfirmed")

    // Store
    public static let storeNewerVersion = StatusCode("store.newer-version")
    public static let storeReadOnly = StatusCode("store.read-only")
    public static let storeFull = StatusCode("store.full")
    public static let storeDamaged = StatusCode("store.damaged")
    public static let storeLocked = StatusCode("store.locked")
    public static let storeKeyFile = StatusCode("store.key-file")
    public static let storePermission = StatusCode("store.permission")

    public static let internalDefect = StatusCode("internal.defect")
}
