import DeploymentModel

/// Why an order is refused as a whole: the item at which it failed.
struct ItemRefusal: Error, Hashable {
    var key: ItemKey
    var status: ItemStatus

    init(_ key: ItemKey, _ status: ItemStatus) {
        self.key = key
        self.status = status
    }
}
