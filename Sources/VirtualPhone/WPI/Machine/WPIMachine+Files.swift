import DeploymentModel
import ManagementXML

// Files and firmware.
extension WPIMachine {
    /// Why a file was not loaded.
    enum FetchFailure: Error, Hashable, Sendable {
        case unreachable, refused, tooLarge, broken
    }

    mutating func deploy(
        _ message: WPIServerMessage, _ phone: inout PhoneBehaviour, at now: Double
    ) -> [CallOrder] {
        var new: [FileOrder]
        do throws(ItemRefusal) { new = try FileOrderReader(message).orders() } catch {
            return reply(
                message.action, status: .failed, with: [Item(error.key, status: error.status)], phone, at: now)
        }
        if let type = message.items.first(where: { $0.key.name == "file-sw-type" }),
            type.value != phone.ownWords("software-type", contactURI: contactURI)
        {
            return reply(message.action, status: .failed, with: [Item(type.key, status: .invalidData)], phone, at: now)
        }
        guard !phone.isInCall(at: now) || message.action == .softwareDeployment && new.allSatisfy(\.isImmediate)
        else { return reply(message.action, status: .busy, phone, at: now) }
        guard orders.count + new.count <= Self.mostOrders else {
            return reply(message.action, status: .failed, phone, at: now)
        }
        let isSingle = new.count == 1 && message.items.allSatisfy { $0.key.index == nil }
        for position in new.indices {
            new[position].isReported = options.reportsEveryFile || isSingle && new[position].kind != .delete
            new[position].server = conversation?.call.server
        }
        let isIdle = orders.isEmpty
        orders += new
        // The HTTP exchange of the order ends without a reply.
        let ending = finish(&phone, at: now)
        return ending + (isIdle ? nextOrder(&phone, at: now) : [])
    }

    private static let mostOrders = 200

    /// Begins with the next file; deletions are done at once.
    private mutating func nextOrder(_ phone: inout PhoneBehaviour, at now: Double) -> [CallOrder] {
        var done: [CallOrder] = []
        while let order = orders.first {
            guard order.kind == .delete else { return done + [.fetch(order)] + proceed(&phone, at: now) }
            orders.removeFirst()
            let known = phone.state.wpi?.files.count ?? 0
            phone.state.wpi?.files.removeAll { $0.name == order.name && $0.type == order.type }
            let isDone = phone.state.wpi?.files.count ?? 0 < known
            done.append(.save)
            report(order, isDone: isDone, at: now)
        }
        return done + proceed(&phone, at: now)
    }

    /// The file that was to be fetched came, or did not.
    mutating func fetched(
        _ result: Result<LoadedFile, FetchFailure>, _ phone: inout PhoneBehaviour, at now: Double
    ) -> [CallOrder] {
        guard !orders.isEmpty else { return [] }
        let order = orders.removeFirst()
        var software: String?
        var isDone = false
        if case .success(let file) = result {
            if case .software(let version) = order.kind {
                software = newSoftware(file, version: version, phone)
                isDone = software != nil
            } else if FileRules.suits(order.type, head: file.head) {
                isDone = true
                let kept = FetchedFile(
                    name: order.name, type: order.type, size: file.size, fingerprint: file.fingerprint)
                keep(kept, &phone)
            }
        }
        phone.state.lastFileResult = isDone ? "accepted" : "failed"
        if let software {
            guard order.isImmediate || !phone.isInCall(at: now) else {
                readySoftware = software
                return [.save]
            }
            return install(software, &phone, at: now)
        }
        report(order, isDone: isDone, at: now)
        return [.save] + (orders.isEmpty ? proceed(&phone, at: now) : nextOrder(&phone, at: now))
    }

    private mutating func report(_ order: FileOrder, isDone: Bool, at now: Double) {
        guard order.isReported else { return }
        let report = FileReport(
            name: order.name, type: order.type, isDone: isDone, clock: wallClockAtZero + Int(now))
        want(WPICall(wish: .status(report), server: order.server))
    }

    private func keep(_ file: FetchedFile, _ phone: inout PhoneBehaviour) {
        phone.state.keptWPI.files.removeAll { $0.name == file.name && $0.type == file.type }
        phone.state.keptWPI.files.append(file)
    }

    /// The version that the phone will have; nil for an image that is none or not for this phone.
    private func newSoftware(_ file: LoadedFile, version: String?, _ phone: PhoneBehaviour) -> String? {
        let image = FirmwareImage(head: file.head)
        if let product = image.product, product.hasPrefix("OpenS"), !isFor(phone, product) { return nil }
        return (version ?? image.version).flatMap(FirmwareImage.shown)
    }

    /// Whether the product of an image is this phone, or the family of which it is one.
    private func isFor(_ phone: PhoneBehaviour, _ product: String) -> Bool {
        let own = phone.model.type.deviceType.lowercased()
        let named = product.lowercased()
        return own.hasPrefix(named) || named.hasPrefix(own)
    }

    mutating func install(_ software: String, _ phone: inout PhoneBehaviour, at now: Double) -> [CallOrder] {
        readySoftware = nil
        phone.state.keptWPI.software = software
        phone.restart(at: now)
        return [.save, .hangUp, .install(software), .restart]
    }
}
