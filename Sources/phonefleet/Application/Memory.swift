import Foundation

/// How this process gets its memory from the system.
enum Memory {
    /// Takes memory in larger steps and gives it back less eagerly.
    ///
    /// A run takes and frees some kilobytes a phone; with the C library's defaults each time changes the address space.
    /// A library that has no such settings is left alone.
    static func prepare() {
        guard let symbol = dlsym(nil, "mallopt") else { return }
        let mallopt = unsafeBitCast(symbol, to: (@convention(c) (CInt, CInt) -> CInt).self)
        let (trimThreshold, topPad): (CInt, CInt) = (-1, -2)
        _ = mallopt(trimThreshold, 16 << 20)
        _ = mallopt(topPad, 1 << 20)
    }
}
