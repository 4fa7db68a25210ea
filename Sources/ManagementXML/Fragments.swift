extension ManagementReply {
    /// The largest message that a phone of the family sends in one piece, in bytes.
    public static let usualFragmentBytes = 50_000

    /// The parts in which a phone sends this answer, so that no encoded message is longer than `maxBytes`.
    ///
    /// Reason and phone status go with the first part; items and files keep their order over all parts, so whoever
    /// appends the lists of the parts has the whole answer. Every part but the last has ``hasMoreFragments``. An
    /// item or a file that is by itself longer than `maxBytes` is not cut: it gets a part of its own.
    public func fragments(maxBytes: Int = usualFragmentBytes) -> [ManagementReply] {
        var splitter = ReplySplitter(self, maxBytes: maxBytes)
        return splitter.split()
    }
}

/// Hands out the entries of an answer to parts of limited size.
private struct ReplySplitter {
    /// The bytes of the start and end tags of a list.
    private static let listBytes = 21
    /// The longest id that an envelope may carry.
    private static let longestID = String(repeating: "0", count: 64)

    private let reply: ManagementReply
    private let maxBytes: Int
    private var parts: [ManagementReply] = []
    private var part: ManagementReply
    private var partBytes: Int

    init(_ reply: ManagementReply, maxBytes: Int) {
        self.reply = reply
        self.maxBytes = maxBytes
        part = reply
        part.items = []
        part.files = []
        part.hasMoreFragments = true
        partBytes = Self.envelopeBytes(part)
    }

    /// The bytes of a message around its lists.
    private static func envelopeBytes(_ part: ManagementReply) -> Int {
        // `final` is a byte longer than `next`.
        ResponseEncoder.encode(ManagementResponse(id: longestID, reply: part)).count + 2 * listBytes + 1
    }

    mutating func split() -> [ManagementReply] {
        var writer = XMLWriter(capacity: maxBytes)
        for item in reply.items {
            let before = writer.bytes.count
            ItemCodec.encode(item, as: .answer, to: &writer)
            makeRoom(for: writer.bytes.count - before)
            part.items.append(item)
        }
        for file in reply.files {
            let before = writer.bytes.count
            ResponseEncoder.encode(file, to: &writer)
            makeRoom(for: writer.bytes.count - before)
            part.files.append(file)
        }
        part.hasMoreFragments = reply.hasMoreFragments
        return parts + [part]
    }

    /// Counts an entry in, after beginning a new part when it does not fit into this one.
    private mutating func makeRoom(for bytes: Int) {
        if partBytes + bytes > maxBytes, !part.items.isEmpty || !part.files.isEmpty {
            parts.append(part)
            part = ManagementReply(action: reply.action, status: reply.status, hasMoreFragments: true)
            partBytes = Self.envelopeBytes(part)
        }
        partBytes += bytes
    }
}
