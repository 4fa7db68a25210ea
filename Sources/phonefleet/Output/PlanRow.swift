import DeploymentModel

/// What one phone shall have, as one row of CSV.
struct PlanRow: Encodable {
    var device: DeviceID
    var address: String
    var type: PhoneTypeID
    var item: ItemKey
    var value: String
    var origin: String

    static func listing(_ plan: PlanReport) -> Listing<PlanRow> {
        let rows = plan.devices.flatMap { device in
            device.wanted.map { wanted in
                PlanRow(
                    device: device.id, address: device.address, type: device.type, item: wanted.item,
                    value: wanted.value, origin: wanted.origin)
            }
        }
        return Listing(
            noun: "plan", views: rows,
            columns: [
                .init(title: "DEVICE", text: { $0.device.rawValue }), .init(title: "ADDRESS", text: { $0.address }),
                .init(title: "TYPE", text: { $0.type.rawValue }), .init(title: "ITEM", text: { $0.item.description }),
                .init(title: "VALUE", text: { $0.value }), .init(title: "FROM", text: { $0.origin }),
            ],
            whenEmpty: "nothing to send")
    }
}
