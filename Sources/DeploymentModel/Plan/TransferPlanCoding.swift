import struct Foundation.Date

/// A plan for thousands of phones is kept small: each list of common items is written once and named by its place.
extension TransferPlan: Codable {
    private enum CodingKeys: String, CodingKey {
        case mode, createdAt, lists, devices, profiles, options
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let lists = try container.decodeIfPresent([[WantedItem]].self, forKey: .lists) ?? []
        var places = try container.nestedUnkeyedContainer(forKey: .devices)
        var devices: [DevicePlan] = []
        devices.reserveCapacity(places.count ?? 0)
        while !places.isAtEnd {
            devices.append(try DevicePlan(from: try places.superDecoder(), sharing: lists))
        }
        self.init(
            mode: try container.decode(RunMode.self, forKey: .mode),
            createdAt: try container.decode(Date.self, forKey: .createdAt), devices: devices,
            profiles: try container.decode([TrustRecord].self, forKey: .profiles),
            options: try container.decode(TransferOptions.self, forKey: .options))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(mode, forKey: .mode)
        try container.encode(createdAt, forKey: .createdAt)
        try container.encode(profiles, forKey: .profiles)
        try container.encode(options, forKey: .options)
        var places: [[WantedItem]: Int] = [:]
        var lists: [[WantedItem]] = []
        for device in devices where !device.common.isEmpty && places[device.common] == nil {
            places[device.common] = lists.count
            lists.append(device.common)
        }
        try container.encode(lists, forKey: .lists)
        var sequence = container.nestedUnkeyedContainer(forKey: .devices)
        for device in devices {
            try device.encode(to: sequence.superEncoder(), commonPlace: places[device.common])
        }
    }
}
