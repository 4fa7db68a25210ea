/// The entry point of libFuzzer: any bytes, and a trap for whatever breaks the property of the tests.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: data, count: count))
    if let violation = WPIProperty.violation(bytes) { fatalError(violation) }
    return 0
}
