public import DeploymentModel

/// The names of the items to which the protocol itself gives a meaning.
///
/// All from `docs/reference/wpi.md`; what a phone can be set to is the catalogue's matter.
public enum WPIItem {
    // What a phone says of itself in its first message.
    public static let macAddress = "mac-addr"
    public static let terminalNumber = "e164"
    public static let contactMeURI = "contact-me-uri"
    public static let deviceType = "device-type"
    public static let softwareType = "software-type"
    public static let softwareVersion = "software-version"
    public static let configurationChanged = "configuration-changed-flag"

    // The end of a conversation.
    public static let cleanUpReason = "cleanup-reason"
    public static let sendSolicited = "send-solicited"

    // Restart.
    public static let restartType = "restart-type"
    public static let restartPassword = "restart-password"
    /// The value of ``restartType`` that makes a factory reset of a restart.
    public static let factoryReset = "FactoryReset"
    /// The value of ``restartPassword``, which is the same for all phones and no secret.
    public static let factoryResetPassword = "124816"

    // Files and software.
    public static let fileServer = "file-server"
    public static let filePort = "file-port"
    public static let filePath = "file-path"
    public static let fileUser = "file-username"
    public static let filePassword = "file-pwd"
    public static let fileURL = "file-https-base-url"
    public static let fileName = "file-name"
    public static let fileType = "file-type"
    public static let fileAction = "file-action"
    /// The two values of ``fileAction``.
    public static let deploy = "deploy"
    public static let delete = "delete"
    public static let filePriority = "file-priority"
    public static let fileSoftwareType = "file-sw-type"
    public static let fileSoftwareVersion = "file-sw-version"
    public static let fileDate = "file-deployment-date"
    public static let fileTime = "file-deployment-time"
    public static let deployedName = "file-deployment-name"
    public static let deployedType = "file-deployment-type"
    public static let deploymentStatus = "file-deployment-status"

    // Security.
    public static let webCertificate = "wbm-server-certificate"
    public static let webCertificateInfo = "wbm-server-certificate-info"
    public static let goToSecureMode = "goto-secure-mode"
    public static let secureModeData = "secure-mode-data"
    public static let maxPINRetries = "max-pin-retries"
    public static let secureMode = "dls-mode-secure"
    public static let securePort = "dls-secure-port"
    public static let serverCA = "dls-server-ca"
    public static let clientCertificate = "dls-client-certificate"
    public static let bootstrappingTAN = "bootstrapping-tan"

    /// The items that bring a phone into secure mode and have to come in one message.
    static let bootstrap: Set<String> = [
        goToSecureMode, secureModeData, maxPINRetries, securePort, serverCA, clientCertificate,
    ]
}

extension [Item] {
    /// The value of the first item with this name and index.
    public func value(of name: String, index: Int? = nil) -> String? {
        first { $0.key.name == name && $0.key.index == index }?.value
    }
}
