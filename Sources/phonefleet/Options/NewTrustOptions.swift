import ArgumentParser

/// By which trust profile phones are authenticated once they have their new key material.
struct NewTrustOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The trust profile by which the phones are authenticated from then on; theirs by default.",
            valueName: "profile"))
    var trust: String?
    @Option(
        help: ArgumentHelp(
            "Make a trust profile of the new chain's subject and topmost certificate, and authenticate the phones by it from then on.",
            valueName: "name"))
    var newProfile: String?

    func validate() throws {
        guard trust == nil || newProfile == nil else {
            throw ValidationError("choose one of --trust and --new-profile")
        }
    }

    var choice: NewTrust.Choice {
        if let trust { return .named(trust) }
        if let newProfile { return .made(newProfile) }
        return .present
    }
}

/// By which trust profile phones are authenticated that go back to their built-in key material.
struct BuiltInTrustOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The trust profile by which the built-in key material is authenticated.", valueName: "profile"))
    var trust: String?
}
