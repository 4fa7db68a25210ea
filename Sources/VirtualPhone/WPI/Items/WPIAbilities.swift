import DeploymentModel
import ManagementXML

// What a phone of old firmware cannot do: as the catalogue knows it of its software, or as a fault has it.
extension PhoneBehaviour {
    /// Calls after a call when a clean-up asked for it.
    var remembersSolicited: Bool { model.type.can(.sendSolicited, software: model.software) }

    /// Names what was changed in the message that says that something was.
    var namesLocalChanges: Bool { model.type.can(.changedValues, software: model.software) }

    /// Takes answers in chunks.
    var takesChunks: Bool {
        !faults.contains(.refusesChunks) && model.type.can(.chunkedBodies, software: model.software)
    }

    /// How the phone reads values.
    var quirks: WPIQuirks {
        let decodes = model.type.can(.escapedValues, software: model.software)
        return faults.contains(.keepsReferences) || !decodes ? .keepsReferences : []
    }
}
