/// Holds the values that a CSV gives to devices against the rules of the catalogue.
struct CSVValueCheck {
    let catalogue: Catalogue

    /// What is wrong with the new values of a row, by item.
    ///
    /// A value is held against the device's type; where the type is not known, it must be right for one type at least.
    /// Values that stay as they are were not written by this CSV and are not judged.
    func faults(in row: DeviceImport.Row) -> [(key: ItemKey, fault: Fault)] {
        row.changes.compactMap { change in
            guard let key = change.item, let value = row.values[key] else { return nil }
            let type = row.fields.type.flatMap { catalogue[$0] }
            let layer = type.map { SettingLayer.type($0.id) } ?? .site
            let book = SettingsBook([Setting(layer: layer, key: key, value: value)])
            return book.check(against: catalogue).first.map { (key, $0) }
        }
    }
}
