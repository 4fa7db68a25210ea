import DeploymentModel
import ManagementXML

// What a phone of old firmware cannot do: as the catalogue knows it of its software, or as a fault has it.
extension PhoneBehaviour {
    /// Calls after a call when a clean-up asked for it.
    var remembersSolicited: Bool { model.software >= SoftwareVersion("V3 R3") }

    /// Names what was changed in the message that says that something was.
    var namesLocalChanges: Bool { model.software >= SoftwareVersion("V2 R2") }

    /// Takes answers in chunks.
    var takesChunks: Bool { !faults.contains(.refusesChunks) }

    /// How the phone reads values.
    var quirks: WPIQuirks { faults.contains(.keepsReferences) ? .keepsReferences : [] }
}
