extension StatusMessage {
    /// Files with keys and certificates; the codes are spelled in `TLSMaterial` too, and a test holds the lists together.
    static let material: [StatusMessage] =
        [
            material(
                "not-a-certificate", "not a certificate file",
                meaning: "The file is neither PEM nor DER nor PKCS#12, or holds something else than certificates.",
                remedy: "give certificates as PEM, DER or PKCS#12"),
            material(
                "damaged", "the file is damaged",
                meaning: "The file begins like one that is known, and then breaks the rules of its format.",
                remedy: "get the file anew from where it was made, and mind binary mode if it was transferred by FTP"),
            material(
                "bad-pem", "the PEM text is damaged",
                meaning: "A block of the text does not end, or what stands inside is not base64.",
                remedy: "copy the whole file, including the BEGIN and END lines"),
            material(
                "empty", "something is missing in the file",
                meaning: "The file is empty, or lacks the private key or the certificates that are needed.",
                remedy: "give a file that holds everything; several PEM texts can simply be put one after the other"),
            material(
                "bad-name", "a subject name cannot be read",
                meaning: "The name is not in the form of RFC 4514, or breaks the rules of X.501.",
                remedy: "write it like 'CN=phone,O=Example,C=DE'"),
            material(
                "too-large", "the file is too large",
                meaning: "The file is larger than the phone type takes, or than this tool reads.",
                remedy: "leave out certificates that are not needed"),
            material(
                "key-inside", "there is a private key among trusted certificates",
                meaning:
                    "Trusted certificates are sent to phones and shown to people; a private key has no business there.",
                remedy: "give the certificates alone, and treat the key as exposed if the file was passed on"),
            material(
                "several-keys", "more than one private key",
                meaning: "The file holds several private keys, and it cannot be told which one is meant.",
                remedy: "give a file with one private key and its chain"),
            material(
                "pass-phrase-needed", "the file is encrypted",
                meaning: "The file can be read only with its pass phrase.",
                remedy: "give it with --passphrase-file or PHONEFLEET_PASSPHRASE; at a terminal it is asked for"),
            material(
                "wrong-pass-phrase", "the pass phrase is wrong",
                meaning: "The file does not open with this pass phrase.",
                remedy: "give the pass phrase that the file was made with; mind the keyboard layout and upper case"),
            material(
                "unsupported-encryption", "the file is encrypted in a way that is not supported",
                meaning: "The detail names the method, and the command that converts the file where there is one.",
                remedy: "convert the file with the command in the message"),
            material(
                "too-many-rounds", "opening the file would take too much computing",
                meaning:
                    "The file asks for so many rounds of key derivation that it looks like an attempt to tie up the tool.",
                remedy: "write the file anew with fewer rounds, for example with 'openssl pkcs12 -export -iter 100000'"),
            material(
                "no-value", "the phone lacks what its certificate is to name",
                meaning: "The pattern asks for something of each phone, and nothing is known of it for this phone.",
                remedy: "complete the device list ('phonefleet devices edit', 'devices number'), or use another pattern"
            ),
            material(
                "authority", "the authority cannot issue certificates",
                meaning:
                    "Its own certificate has expired, or is not one of a CA, or can be renewed by its issuer only.",
                remedy: "renew it with 'phonefleet ca renew'"),
        ] + materialFindings

    private static let materialFindings: [StatusMessage] = [
        material(
            "key-mismatch", "private key and certificate do not belong together",
            meaning: "A phone with this file could not complete a TLS handshake.",
            remedy: "take key and certificate from the same request"),
        material(
            "chain-incomplete", "a certificate of the chain is missing",
            meaning: "The certificates do not lead from the phone's own up to a self-signed CA.",
            remedy: "add the CA certificate that the message names"),
        material(
            "chain-order", "the chain is not in order",
            meaning: "Each certificate must be followed by the one that signed it, and nothing else may be there.",
            remedy: "put the certificates in order, the phone's own first"),
        material(
            "chain-invalid", "the chain breaks a rule for certificates",
            meaning: "The chain would be refused in every handshake. The detail names the rule.",
            remedy: "issue the certificate anew without the fault"),
        material(
            "duplicate", "a certificate is there twice",
            meaning: "The file holds the same certificate more than once.",
            remedy: "remove the second one"),
        material(
            "expired", "a certificate has expired",
            meaning: "The validity of a certificate in the file has ended.",
            remedy: "renew the certificate"),
        material(
            "not-yet-valid", "a certificate is not yet valid",
            meaning: "The validity begins in the future: made too early, or by a machine with a wrong clock.",
            remedy: "check this machine's clock, then the clock of the machine that made the certificate"),
        material(
            "weak-key", "a key is too short",
            meaning: "The key offers too little protection.",
            remedy: "make a new key: P-256, or RSA with 2048 bits or more"),
        material(
            "unsupported-key", "the kind of key cannot be used",
            meaning: "Phones know P-256, P-384 and RSA; other curves and kinds of key are of no use to them.",
            remedy: "make a new key: P-256, or RSA with 2048 to 4096 bits"),
        material(
            "digest", "a signature uses a digest that cannot be used",
            meaning: "A certificate is signed with a digest that is too weak, or that the phone does not know.",
            remedy: "issue the certificate anew with SHA-256"),
        material(
            "leaf-is-ca", "the certificate for the phone is that of a CA",
            meaning: "With a CA's key in a phone, whoever opens the phone could issue certificates for all others.",
            remedy: "issue a certificate for the phone from the CA, and send that"),
        material(
            "purpose", "the certificate is not for a TLS server",
            meaning: "The certificate names its purposes, and serving TLS is not among them.",
            remedy: "issue the certificate with the purpose serverAuth and the key usage digitalSignature"),
    ]

    private static func material(_ name: String, _ summary: String, meaning: String, remedy: String) -> StatusMessage {
        StatusMessage(StatusCode("material.\(name)"), summary, meaning: meaning, remedy: remedy)
    }
}
