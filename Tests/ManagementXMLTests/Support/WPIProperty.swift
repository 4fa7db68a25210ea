import DeploymentModel
import ManagementXML

/// What must hold for any bytes at all that claim to be a message of the WorkPoint Interface.
enum WPIProperty {
    private static let roomy = DecodingLimits(
        bytes: 1 << 24, depth: 8, items: 1 << 16, attributeBytes: 1 << 16, textBytes: 1 << 24)

    /// Decodes as everything; what decodes must survive re-encoding.
    ///
    /// Returns what was wrong, nil when nothing.
    static func violation(_ bytes: [UInt8]) -> String? {
        phoneViolation(bytes) ?? serverViolation(bytes) ?? strictViolation(bytes) ?? quirkViolation(bytes)
    }

    /// Whether the bytes are a message of either end.
    static func isMessage(_ bytes: [UInt8]) -> Bool {
        (try? WPI.decodePhoneMessage(bytes)) != nil || (try? WPI.decodeServerMessage(bytes)) != nil
    }

    private static func phoneViolation(_ bytes: [UInt8]) -> String? {
        do throws(WireError) {
            let message = try WPI.decodePhoneMessage(bytes)
            let again = WPI.encode(message)
            guard (try? WPI.decodePhoneMessage(again, limits: roomy)) == message else {
                return "a phone's message changed"
            }
            let parts = message.fragments(maxBytes: 600)
            guard parts.flatMap(\.items) == message.items else { return "a phone's parts lose items" }
            _ = WPITranslation.fileResults(in: message)
            _ = WPITranslation.reply(to: .readAllItems, from: message)
            return nil
        } catch {
            return violation(error, bytes)
        }
    }

    private static func serverViolation(_ bytes: [UInt8]) -> String? {
        do throws(WireError) {
            let message = try WPI.decodeServerMessage(bytes)
            let again = WPI.encode(message)
            guard (try? WPI.decodeServerMessage(again, limits: roomy, strict: true)) == message else {
                return "a server's message is not strict or changed"
            }
            let parts = message.parts(maxBytes: 600, maxItems: 3)
            guard parts.flatMap(\.items) == message.items else { return "a server's parts lose items" }
            return orderViolation(WPITranslation.order(message))
        } catch {
            return violation(error, bytes)
        }
    }

    /// What a phone understands can be said again, and is understood the same.
    private static func orderViolation(_ order: WPIOrder) -> String? {
        guard case .perform(let action) = order else { return nil }
        guard let messages = try? WPITranslation.messages(for: action, nonce: "0", room: .init(bytes: 1 << 24)) else {
            return "an order that cannot be said"
        }
        return messages.count == 1 && messages.first.map(WPITranslation.order) == order ? nil : "an order changed"
    }

    private static func strictViolation(_ bytes: [UInt8]) -> String? {
        guard let strict = try? WPI.decodeServerMessage(bytes, strict: true) else { return nil }
        return (try? WPI.decodeServerMessage(bytes)) == strict ? nil : "strict and tolerant reading differ"
    }

    private static func quirkViolation(_ bytes: [UInt8]) -> String? {
        let plain = try? WPI.decodeServerMessage(bytes)
        guard let plain, let old = try? WPI.decodeServerMessage(bytes, quirks: .keepsReferences) else { return nil }
        let canCarry = plain.items.allSatisfy { WPI.canCarry($0.value ?? "", quirks: .keepsReferences) }
        let usesReferences = bytes.contains(UInt8(ascii: "&")) || bytes.contains(0x0D)
        return canCarry && !usesReferences && old != plain ? "an old phone reads something else" : nil
    }

    /// An error must be presentable.
    private static func violation(_ error: WireError, _ bytes: [UInt8]) -> String? {
        let lines = bytes.count { $0 == 0x0A || $0 == 0x0D } + 1
        guard (1...lines).contains(error.line) else { return "line \(error.line) of \(lines)" }
        let isShown =
            (1...200).contains(error.reason.utf8.count) && error.reason.utf8.allSatisfy { (0x20...0x7E).contains($0) }
        return isShown ? nil : "reason cannot be shown"
    }
}
