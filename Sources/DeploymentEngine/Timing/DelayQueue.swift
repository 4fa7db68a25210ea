/// Things that are due later, the earliest first (a binary heap).
struct DelayQueue<Element> {
    private var heap: [(due: Double, element: Element)] = []

    var isEmpty: Bool { heap.isEmpty }
    var count: Int { heap.count }
    /// When the first one is due.
    var nextDue: Double? { heap.first?.due }

    mutating func insert(_ element: Element, due: Double) {
        heap.append((due, element))
        lift(heap.count - 1)
    }

    /// Takes out the first one if it is due.
    mutating func popDue(at now: Double) -> Element? {
        guard let first = heap.first, first.due <= now else { return nil }
        return removeFirst()
    }

    /// Makes the first that matches due at another time; goes through all of them.
    mutating func hasten(_ matches: (Element) -> Bool, due: Double) {
        guard let place = heap.firstIndex(where: { matches($0.element) }), heap[place].due > due else { return }
        heap[place].due = due
        lift(place)
    }

    /// Takes out everything, due or not.
    mutating func removeAll() -> [Element] {
        defer { heap = [] }
        return heap.map(\.element)
    }

    /// Moves the one at a place up until the one above it is not due later.
    private mutating func lift(_ place: Int) {
        var child = place
        while child > 0, heap[child].due < heap[(child - 1) / 2].due {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    private mutating func removeFirst() -> Element {
        heap.swapAt(0, heap.count - 1)
        let (_, element) = heap.removeLast()
        var parent = 0
        while true {
            let left = 2 * parent + 1
            guard left < heap.count else { break }
            let right = left + 1
            let child = right < heap.count && heap[right].due < heap[left].due ? right : left
            guard heap[child].due < heap[parent].due else { break }
            heap.swapAt(child, parent)
            parent = child
        }
        return element
    }
}
