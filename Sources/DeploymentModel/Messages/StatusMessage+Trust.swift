extension StatusMessage {
    /// The verdicts of the chain verifier; the codes are spelled there too, and a test holds the two lists together.
    static let authentication: [StatusMessage] = [
        StatusMessage(
            .tlsNoCertificate, "the phone presented no certificate",
            meaning: "Without a certificate the phone cannot be authenticated.",
            remedy: "transfer server key material to the phone, or restore its built-in one"),
        trust(
            "bad-certificate", "a certificate of the phone cannot be read",
            meaning: "The certificate breaks the rules of X.509, or is over a size limit.",
            remedy: "replace the phone's server key material"),
        trust(
            "unknown-issuer", "the phone's certificate was issued by a CA that is not trusted",
            meaning:
                "No trusted CA of the trust profile signed the chain. The detail names the CA that would be needed.",
            remedy:
                "if the phone is yours, compare the fingerprint and trust its CA with 'phonefleet trust learn ADDRESS'"),
        trust(
            "chain-incomplete", "a certificate is missing between the phone's and the trusted CA",
            meaning: "The phone did not send the intermediate certificate that its own was issued by.",
            remedy: "transfer key material with the complete chain, leaf first"),
        trust(
            "wrong-subject", "the certificate belongs to another subject",
            meaning: "The chain is good, but the subject DN is not the one that the trust profile expects.",
            remedy: "correct the subject of the trust profile, or give the phone its own key material"),
        trust(
            "expired", "a certificate has expired",
            meaning: "The validity of the phone's certificate or of an intermediate one has ended.",
            remedy: "renew the phone's server key material"),
        trust(
            "not-yet-valid", "a certificate is not yet valid",
            meaning:
                "The validity begins in the future: a certificate made too early, or a wrong clock on either side.",
            remedy: "check this machine's clock, then the clock of the phone or machine that made the certificate"),
        trust(
            "anchor-expired", "the trusted CA certificate has expired",
            meaning: "The trust profile's own CA certificate is past its validity.",
            remedy: "renew the CA, or accept it with 'phonefleet trust add ... --allow-expired-ca' for old built-in CAs"
        ),
        trust(
            "bad-signature", "a signature in the chain is wrong",
            meaning: "A certificate was altered, or was signed by another key of the same name.",
            remedy: "treat the phone as false until its key material was replaced on the spot"),
        trust(
            "issuer-not-ca", "a certificate in the chain was issued by one that is no CA",
            meaning: "The issuer lacks the right to issue certificates (basicConstraints).",
            remedy: "issue the phone's certificate by a proper CA"),
        trust(
            "path-too-long", "the chain is longer than a CA in it allows",
            meaning: "A CA limits the number of CAs below it (pathLenConstraint).",
            remedy: "issue the phone's certificate from a CA nearer to the root"),
        trust(
            "key-usage", "a key is used for what its certificate does not allow",
            meaning: "The certificate's keyUsage does not fit: signing certificates, or serving TLS.",
            remedy: "issue the certificate with the right keyUsage"),
        trust(
            "extended-key-usage", "the certificate is not for a TLS server",
            meaning: "The certificate names its purposes, and serving TLS is not among them.",
            remedy: "issue the phone's certificate with the purpose serverAuth"),
        trust(
            "name-constraints", "the name is outside what a CA in the chain may issue",
            meaning: "A CA limits the names below it, or in a way that the tool does not know.",
            remedy: "issue the phone's certificate by a CA that may issue its name"),
        trust(
            "unknown-critical-extension", "a certificate has a critical extension that the tool does not know",
            meaning: "Whoever does not understand a critical extension must refuse the certificate.",
            remedy: "issue the certificate without that extension"),
        trust(
            "weak-key", "a key is too short",
            meaning: "RSA below 2048 bits, or a kind of key that is not accepted.",
            remedy:
                "replace the key material; for old built-in keys allow it with 'phonefleet trust learn ADDRESS --legacy'"
        ),
        trust(
            "weak-digest", "a signature uses a weak digest",
            meaning: "SHA-1 is accepted only by a profile with the legacy switch, MD5 never.",
            remedy:
                "replace the key material; for old built-in SHA-1 ones allow it with 'phonefleet trust learn ADDRESS --legacy'"
        ),
        trust(
            "pin-mismatch", "the phone has another key than the pinned one",
            meaning: "The trust profile names the one key that the phone may have, and this is not it.",
            remedy: "if the key was changed on purpose, change the pin of the trust profile"),
    ]

    private static func trust(_ name: String, _ summary: String, meaning: String, remedy: String) -> StatusMessage {
        StatusMessage(StatusCode("tls.\(name)"), summary, meaning: meaning, remedy: remedy)
    }
}
