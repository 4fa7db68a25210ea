import Foundation

/// Phones and servers in the folder `Peers`, which nobody built with this package's code.
public enum PeerProgram {
    /// Where the program lies.
    public static func path(_ name: String) -> String {
        URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Peers/\(name)").path()
    }
}
