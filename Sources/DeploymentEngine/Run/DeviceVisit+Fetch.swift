import DeploymentModel
import ManagementXML
import PhoneTransport

import struct Foundation.Date

/// Files that a phone over WPI fetches by itself: ordered once, and proven by what the phone says and has afterwards.
///
/// Of several files each is ordered when it is settled what came of the one before: of files that are ordered together the
/// phone need not say a word, and one that it had already could then not be proven.
extension DeviceVisit {
    /// Time in which the same software is not ordered twice, in seconds: a phone that loads, restarts and still says the old
    /// version would else be kept at it for ever.
    private static let loopGuard = 15.0 * 60

    /// How long a phone is given to say what came of an order, in seconds.
    private func patience(for wish: FileFetch) -> Double {
        wish.version == nil ? 300 : max(Self.loopGuard, restartDeadline)
    }

    mutating func fetch(_ file: WantedFile, _ wish: FileFetch) async throws -> FileReadBack {
        let isThere = try await has(file.kind, wish)
        state.files[file.id]?.now = isThere ? .named(wish.label) : .none
        if state.files[file.id]?.isSent != true {
            state.files[file.id]?.before = isThere ? .named(wish.label) : .none
            // Of any other file only the name is known, so the phone may have an older one.
            if wish.isDeletion ? !isThere : isThere && wish.version != nil { return settled(file, wish) }
            // Of an order that was given a short while ago the phone may have said already what came of it.
            guard try await !order(file, wish), try await isProven(file, wish, isThere: isThere) else {
                throw try waitForFile(file, wish)
            }
            return settled(file, wish)
        } else if try await isProven(file, wish, isThere: isThere) {
            return settled(file, wish)
        }
        throw try waitForFile(file, wish)
    }

    /// What a phone has of a file now, without any order.
    mutating func compare(_ file: WantedFile, _ wish: FileFetch) async throws -> FileReadBack {
        let isThere = try await has(file.kind, wish)
        let holding = isThere ? FileHolding.named(wish.label) : .none
        state.files[file.id]?.before = holding
        state.files[file.id]?.now = holding
        return FileReadBack(wanted: file, holding: holding, isAsWanted: isThere != wish.isDeletion)
    }

    private mutating func settled(_ file: WantedFile, _ wish: FileFetch) -> FileReadBack {
        let holding = wish.isDeletion ? FileHolding.none : .named(wish.label)
        let proof = FileReadBack(wanted: file, holding: holding, isAsWanted: true)
        state.files[file.id]?.now = holding
        state.files[file.id]?.proof = proof
        return proof
    }

    /// Whether the phone has the file by its own words: its software, or its list of stored files.
    private func has(_ kind: FileKind, _ wish: FileFetch) async throws -> Bool {
        if let version = wish.version { return state.softwareVersion == version }
        guard let session else { throw Fault(.netClosed, subject: plan.address) }
        let items = try await rules.driver.readAll(over: call(session, password: currentPassword))
        let names = items.filter { $0.key.name == "file-name" && $0.value == wish.name }
        return names.contains { name in
            let type = items.first { $0.key == ItemKey("file-type", index: name.key.index) }?.value
            return type.flatMap(WPITranslation.fileKind) == kind
        }
    }

    /// Whether an order came to its end; throws when the phone says that it failed.
    private mutating func isProven(_ file: WantedFile, _ wish: FileFetch, isThere: Bool) async throws -> Bool {
        switch try await report(on: file.kind, wish)?.isDone {
        case false?: throw giveUp(file, wish, "the phone says that it failed")
        // Of software the phone's new version is the proof, of a deletion its list.
        case true?: return wish.isDeletion ? !isThere : wish.version == nil || isThere
        case nil: break
        }
        // No word: what changed in the phone's own list is as good.
        let before = state.files[file.id]?.before
        return wish.isDeletion ? !isThere : isThere && before == FileHolding.none
    }

    private func report(on kind: FileKind, _ wish: FileFetch) async throws -> FileOrderRecord? {
        guard let book = context.services.calls?.book else { return nil }
        do {
            let orders = try await book.fileOrders(of: plan.device)
            return orders.first { $0.type == kind.rawValue && $0.name == wish.name }
        } catch {
            throw Interruption(ofJournal: error)
        }
    }

    /// The phone itself did not take the file: it is as it was, and nothing is open.
    private mutating func giveUp(_ file: WantedFile, _ wish: FileFetch, _ detail: String) -> Fault {
        let fault = Fault(.fileNotDeployed, subject: plan.address, detail: "\(file.kind) \(wish.name): \(detail)")
        state.files[file.id]?.wayBack = .done(fault)
        return fault
    }

    /// Gives the order, unless the same one was given a short while ago, by whomever; tells whether it did.
    private mutating func order(_ file: WantedFile, _ wish: FileFetch) async throws -> Bool {
        guard let session, let book = context.services.calls?.book else {
            throw Fault(.planNotSupported, subject: plan.address, detail: "no phones that call are heard")
        }
        try checkStop()
        let record = FileOrderRecord(type: file.kind.rawValue, name: wish.name, version: wish.version)
        let earliest = wish.version == nil ? context.date : context.date.addingTimeInterval(-Self.loopGuard)
        do {
            if try await book.orderFile(record, of: plan.device, unlessSince: earliest) != nil {
                state.files[file.id]?.intend()
                return false
            }
        } catch {
            throw Interruption(ofJournal: error)
        }
        let order = try await order(for: file.kind, wish)
        state.files[file.id]?.intend()
        state.hasWritten = true
        context.expectCall(ofDeviceAt: place)
        context.emit(.stepStarted(.fetchFile), of: plan.device)
        try await self.record(entry(.fetchFile, .intent, file, nil))
        do {
            try await rules.driver.fetch(order, over: call(session, password: currentPassword))
            try await self.record(entry(.fetchFile, .outcome, file, nil))
            context.emit(.stepFinished(.fetchFile), of: plan.device)
        } catch let fault as Fault where fault.code == .phoneBusy || fault.code == .phoneActionFailed {
            state.files[file.id]?.takeBackIntent()
            if fault.code == .phoneActionFailed { state.files[file.id]?.wayBack = .done(fault) }
            do { try await book.withdrawFileOrder(record, of: plan.device) } catch {
                throw Interruption(ofJournal: error)
            }
            try await self.record(entry(.fetchFile, .outcome, file, nil, fault: fault))
            throw fault
        } catch let fault as Fault where FaultNature(fault.code) == .passing {
            // The phone may be on its way to the file server, or not: what it says and has will tell.
        }
        return true
    }

    private func order(for kind: FileKind, _ wish: FileFetch) async throws -> FetchOrder {
        var login: WorkPointOrder.Login?
        if let user = wish.user {
            let password =
                if let reference = wish.password { try await context.reveal(reference) } else { SecretText("") }
            login = WorkPointOrder.Login(user: user, password: password)
        }
        let software = wish.version.map { WorkPointOrder.Software(type: wish.softwareType, version: $0) }
        return FetchOrder(
            kind: kind, url: wish.url,
            workPoint: WorkPointOrder(
                name: wish.name, login: login, priority: wish.isImmediate ? .immediate : .normal, software: software,
                isDeletion: wish.isDeletion))
    }

    /// Leaves the phone alone for a while; the fault when its time is over.
    private mutating func waitForFile(_ file: WantedFile, _ wish: FileFetch) throws -> any Error {
        let now = context.clock.seconds
        let since = state.files[file.id]?.settlingSince ?? now
        state.files[file.id]?.settlingSince = since
        let left = since + patience(for: wish) - now
        guard left > 0 else {
            guard wish.version == nil || state.softwareVersion == nil else {
                let has = state.softwareVersion?.text ?? "no version"
                return giveUp(file, wish, "wanted \(wish.label), the phone has \(has)")
            }
            return Fault(.fileNotSettled, subject: plan.address, detail: wish.name)
        }
        return Interruption.fetching(seconds: min(left, 60))
    }

    /// Leaves a phone alone that was ordered to fetch a file, until it has said something; asking it to call before would
    /// tell nothing, but for a deletion, of which it says nothing by itself.
    mutating func awaitFile() async throws {
        guard context.isCalled(deviceAt: place) else { return }
        for file in plan.files {
            guard case .fetch(let wish) = file.change, !wish.isDeletion, let known = state.files[file.id],
                known.isOpen, let since = known.settlingSince
            else { continue }
            let left = since + patience(for: wish) - context.clock.seconds
            guard left > 0 else { continue }
            guard try await report(on: file.kind, wish)?.isDone == nil else { return }
            throw Interruption.fetching(seconds: min(left, 60))
        }
    }
}

extension Fault {
    /// Whether it is about one file that a phone was to fetch, and says nothing of the others.
    var isAboutOneFile: Bool { [.fileNotDeployed, .fileNotSettled, .phoneActionFailed].contains(code) }

    /// What is said of a phone with several files of which some failed; nil when none did.
    ///
    /// One of which nobody knows what came of it matters most.
    init?(ofFiles faults: [Fault]) {
        guard var whole = faults.first(where: { $0.code == .fileNotSettled }) ?? faults.first else { return nil }
        if faults.count > 1 { whole.detail = faults.compactMap(\.detail).joined(separator: "; ") }
        self = whole
    }
}
