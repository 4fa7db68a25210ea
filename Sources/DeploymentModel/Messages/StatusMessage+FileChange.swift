extension StatusMessage {
    /// Changes of server key material and client trusted certificates.
    static let fileChange: [StatusMessage] = [
        StatusMessage(
            .materialPlainRefused, "key material cannot go to a phone that is managed without TLS",
            meaning:
                "A private key is sent only over a connection whose peer was authenticated, and phones of this type are managed in plain. No option changes that.",
            remedy: "leave these phones out of the selection"),
        StatusMessage(
            .materialUnsupported, "phones of this type do not take this kind of file",
            meaning: "The catalogue names the kinds of files that each type can hold, and this one is not among them.",
            remedy: "leave these phones out of the selection"),
        StatusMessage(
            .materialNotTrusted, "the phone would not be trusted with the new key material",
            meaning:
                "The new certificate chain is not good under the trust profile that is to be valid after the change. Nothing was sent.",
            remedy:
                "name the trust profile of the new chain's CA with --trust, or make one with --new-profile NAME"),
        StatusMessage(
            .materialNoTrust, "no trust profile for the key material that the phone returns to",
            meaning:
                "Without its own key material the phone presents the built-in one, and the tool could not authenticate it any more. Nothing was sent.",
            remedy:
                "learn the built-in key material from another phone of the type with 'phonefleet trust learn', or name its trust profile with --trust"
        ),
        StatusMessage(
            .materialNotUsed, "the phone took the key material and presents another chain",
            meaning: "A new connection showed another certificate than the one that was transferred.",
            remedy: "restart the phone and try again; the phone is as it was before if the result says so"),
        StatusMessage(
            .materialRolledBack, "the change was taken back",
            meaning:
                "After the change the phone could not be authenticated or used, so it was brought back to what it had before, and that is proven. The detail tells why.",
            remedy: "remove the cause that the detail names, then run the command again"),
        StatusMessage(
            .materialUncertain, "it is not certain which file the phone has",
            meaning:
                "The phone could not be reached under the old or the new trust profile after the change was sent, or did not take the way back. The tool keeps both trust profiles.",
            remedy: "see with 'phonefleet diagnose ADDRESS' what the phone presents, then 'phonefleet runs resume'"),
        StatusMessage(
            .materialNotRegistered, "the phone does not register at its telephony server any more",
            meaning:
                "The telephony client was registered before the trusted certificates were changed, and is not now. The detail has the phone's own reason.",
            remedy: "transfer a set that has the CA of the telephony server"),
        StatusMessage(
            .materialSharedKey, "a private key that is not this phone's alone cannot go to a phone in default mode",
            meaning:
                "In default mode nobody authenticates the phone. The only key that may go to it is one that was made for it alone, with a certificate whose subject is its MAC address; whoever else got it could pretend to be this one phone and no other. No option changes that.",
            remedy: "use 'phonefleet secure-mode start', which makes a key for each phone"),
    ]
}
