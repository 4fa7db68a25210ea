import Glibc

/// A place that is taken and at which nobody listens: no other test gets it meanwhile.
final class BoundSocket: Sendable {
    struct Failed: Error {}

    let port: Int
    let descriptor: CInt

    init() throws {
        descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) { [descriptor] pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                bind(descriptor, pointer, length) == 0 && getsockname(descriptor, pointer, &length) == 0
            }
        }
        port = Int(UInt16(bigEndian: address.sin_port))
        guard bound else {
            close(descriptor)
            throw Failed()
        }
    }

    deinit { close(descriptor) }

    /// Connects to it without waiting.
    func approach() -> CInt {
        let visitor = socket(AF_INET, CInt(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                _ = connect(visitor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        return visitor
    }
}

/// A listener whose queue is full, so that the kernel drops every further SYN.
final class FullListener: Sendable {
    var port: Int { place.port }
    private let place: BoundSocket
    private let visitors: [CInt]

    init() throws {
        place = try BoundSocket()
        guard listen(place.descriptor, 0) == 0 else { throw BoundSocket.Failed() }
        visitors = (0..<4).map { [place] _ in place.approach() }
    }

    deinit {
        for visitor in visitors { close(visitor) }
    }
}
