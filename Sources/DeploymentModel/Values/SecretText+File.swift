import Foundation

extension SecretText {
    /// The content of a file as a text that can be sealed: base64.
    public init(fileContent: [UInt8]) {
        self.init(Data(fileContent).base64EncodedString())
    }

    /// The content of the file; nil when the text is not base64.
    public var fileContent: [UInt8]? {
        Data(base64Encoded: reveal()).map { Array($0) }
    }
}
