extension StatusMessage {
    /// Telephony servers, looked at before phones get the certificates by which they authenticate them.
    static let telephony: [StatusMessage] = [
        StatusMessage(
            .telephonyNotTrusted, "the phones would not believe their telephony server",
            meaning:
                "The chain of the telephony server is not good under the new trusted certificates, so the phones would not register any more. Nothing was sent.",
            remedy: "add the CA that the message names to the file, after comparing its fingerprint, and try again"),
        StatusMessage(
            .telephonyNotChecked, "the telephony server could not be asked for its chain",
            meaning:
                "A wrong set of trusted certificates takes the phones off the air, so the server's chain is checked first. Nothing was sent.",
            remedy: "give the chain with --server-chain HOST=FILE, if this machine cannot reach the server"),
        StatusMessage(
            .telephonyNotAsked, "the phone could not be asked for its telephony servers",
            meaning:
                "Each phone is asked at which servers it registers, so that their chains can be checked first. Nothing was sent.",
            remedy: "see what the phone has with 'phonefleet diagnose ADDRESS', or leave it out of the selection"),
    ]
}
