import Foundation

@testable import TLSMaterial

/// Certificates of kinds that our issuer does not make, made by OpenSSL into a directory.
struct StrengthLab {
    private let directory: URL

    init(in directory: URL) throws {
        self.directory = directory
        let script = directory.appendingPathComponent("lab.sh")
        try Data(Self.script.utf8).write(to: script)
        let output = try OpenSSL.run([script.path, directory.path], executable: "/bin/sh")
        guard FileManager.default.fileExists(atPath: directory.appendingPathComponent("done").path) else {
            throw MaterialError(.damaged, detail: "the lab failed: \(output)")
        }
    }

    func certificate(_ name: String) throws -> ParsedCertificate {
        let bytes = Array(try Data(contentsOf: directory.appendingPathComponent("\(name).pem")))
        guard let first = try CertificateFile.certificates(in: bytes).first else {
            throw MaterialError(.empty, detail: name)
        }
        return first
    }

    /// root NAME KEYTYPE OPTIONS makes a CA, leaf NAME CA KEYTYPE OPTIONS a certificate below it.
    private static let script = """
        set -e
        cd "$1"
        printf '%s\\n' basicConstraints=critical,CA:TRUE keyUsage=critical,keyCertSign subjectKeyIdentifier=hash > ca.ext
        printf '%s\\n' keyUsage=digitalSignature extendedKeyUsage=serverAuth authorityKeyIdentifier=keyid > leaf.ext
        key() { case "$1" in
          rsa*) [ -f "$1.key" ] || openssl genrsa -out "$1.key" "${1#rsa}" ;;
          pss) openssl genpkey -algorithm RSA-PSS -pkeyopt rsa_keygen_bits:2048 -out pss.key ;;
          ed25519) openssl genpkey -algorithm ed25519 -out ed25519.key ;;
          *) [ -f "$1.key" ] || openssl ecparam -name "$1" -genkey -noout -out "$1.key" ;;
        esac; }
        for k in rsa512 rsa1024 rsa2048 pss ed25519 secp384r1 secp521r1 secp256k1 prime256v1; do key $k; done
        request() { openssl req -new -key "$1.key" -subj "$2" -out r.csr; }
        root() { n=$1; k=$2; shift 2; request $k "/O=Example/CN=$n"
          openssl x509 -req -in r.csr -signkey $k.key -extfile ca.ext -days 36500 "$@" -out $n.pem; cp $k.key $n.key; }
        sign() { c=$1; shift
          openssl x509 -req -in r.csr -CA $c.pem -CAkey $c.key -CAcreateserial -days 36500 "$@"; }
        middle() { n=$1; c=$2; k=$3; shift 3; request $k "/O=Example/CN=$n"
          sign $c -extfile ca.ext "$@" -out $n.pem
          cp $k.key $n.key; }
        leaf() { n=$1; c=$2; k=$3; shift 3; request $k "/O=Example/CN=phone"
          sign $c -extfile leaf.ext "$@" -out $n.pem; }
        root big rsa2048 -sha256
        root small rsa1024 -sha256
        root tiny rsa512 -sha256
        root oldroot rsa2048 -sha1
        root p384 secp384r1 -sha384
        root p521 secp521r1 -sha512
        root ed ed25519
        root pssroot pss -sha256
        middle sha1middle big secp384r1 -sha1
        leaf small-leaf big rsa1024 -sha256
        leaf tiny-leaf big rsa512 -sha256
        leaf k1-leaf big secp256k1 -sha256
        leaf sha1-leaf big prime256v1 -sha1
        leaf md5-leaf big prime256v1 -md5
        leaf sha384-leaf big prime256v1 -sha384
        leaf sha512-leaf big prime256v1 -sha512
        leaf pss-leaf big prime256v1 -sha256 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:digest
        leaf pss-odd-leaf big prime256v1 -sha256 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:20
        leaf under-small small prime256v1 -sha256
        leaf under-small-sha1 small rsa1024 -sha1
        leaf under-tiny tiny prime256v1 -sha256
        leaf under-oldroot oldroot prime256v1 -sha256
        leaf under-p384 p384 secp384r1 -sha384
        leaf under-p521 p521 secp521r1 -sha512
        leaf under-ed ed ed25519
        leaf under-pssroot pssroot prime256v1 -sha256 -sigopt rsa_pss_saltlen:digest
        leaf under-sha1middle sha1middle prime256v1 -sha256
        leaf p384-sha1 p384 prime256v1 -sha1
        touch done
        """
}

extension ChainCase {
    /// Key sizes, digests and algorithms.
    static func strengthCases(_ lab: StrengthLab) throws -> [ChainCase] {
        try weakCases(lab) + brokenCases(lab) + modernCases(lab)
    }

    /// The lab's certificates begin to be valid when they are made.
    private static let later = Date(timeIntervalSinceNow: 86_400)

    private static func place(_ lab: StrengthLab, _ root: String, legacy: Bool) throws -> TrustProfile {
        try .make(anchors: [try lab.certificate(root)], allowsLegacy: legacy)
    }

    private static func weakCases(_ lab: StrengthLab) throws -> [ChainCase] {
        let rows: [(name: String, chain: [String], root: String, reason: TrustFailure.Reason, error: Int)] = [
            ("RSA 1024 leaf", ["small-leaf"], "big", .weakKey, 66),
            ("RSA 1024 CA", ["under-small"], "small", .weakKey, 67),
            ("SHA-1 leaf", ["sha1-leaf"], "big", .weakDigest, 68),
            ("SHA-1 with ECDSA", ["p384-sha1"], "p384", .weakDigest, 68),
            ("SHA-1 intermediate", ["under-sha1middle", "sha1middle"], "big", .weakDigest, 68),
            ("RSA 1024 with SHA-1 throughout", ["under-small-sha1"], "small", .weakKey, 66),
        ]
        return try rows.flatMap { row in
            let chain = try row.chain.map { try lab.certificate($0).der }
            return [
                ChainCase.bad(
                    row.name, chain, try place(lab, row.root, legacy: false), at: later, row.reason, row.error),
                .good("\(row.name), legacy", chain, try place(lab, row.root, legacy: true), at: later),
            ]
        }
    }

    private static func brokenCases(_ lab: StrengthLab) throws -> [ChainCase] {
        func chain(_ name: String) throws -> [[UInt8]] { [try lab.certificate(name).der] }
        let never = "MD5 and RSA below 1024 are broken; no switch allows them"
        let strict = try place(lab, "big", legacy: false)
        let legacy = try place(lab, "big", legacy: true)
        return [
            .bad("MD5 leaf", try chain("md5-leaf"), strict, at: later, .weakDigest, 68),
            .stricter("MD5 leaf, legacy", try chain("md5-leaf"), legacy, at: later, .weakDigest, because: never),
            .bad("RSA 512 leaf", try chain("tiny-leaf"), strict, at: later, .weakKey, 66),
            .stricter("RSA 512 leaf, legacy", try chain("tiny-leaf"), legacy, at: later, .weakKey, because: never),
            .bad("RSA 512 CA", try chain("under-tiny"), try place(lab, "tiny", legacy: false), at: later, .weakKey, 67),
            .stricter(
                "RSA 512 CA, legacy", try chain("under-tiny"), try place(lab, "tiny", legacy: true), at: later,
                .weakKey,
                because: never),
            .stricter(
                "leaf on an unusual curve", try chain("k1-leaf"), strict, at: later, .weakKey,
                because: "TLS stacks of phones and ours have no secp256k1"),
            .stricter(
                "RSA-PSS with a short salt", try chain("pss-odd-leaf"), strict, at: later, .badSignature,
                because: "only the forms of RFC 8446, salt as long as the digest, can be checked"),
        ]
    }

    private static func modernCases(_ lab: StrengthLab) throws -> [ChainCase] {
        let rows = [
            ("SHA-1 on the anchor alone", "under-oldroot", "oldroot"), ("P-384", "under-p384", "p384"),
            ("P-521", "under-p521", "p521"), ("Ed25519", "under-ed", "ed"), ("RSA-PSS key", "under-pssroot", "pssroot"),
            ("RSA-PSS signature", "pss-leaf", "big"), ("RSA with SHA-384", "sha384-leaf", "big"),
            ("RSA with SHA-512", "sha512-leaf", "big"),
        ]
        return try rows.map { name, leaf, root in
            .good(name, [try lab.certificate(leaf).der], try place(lab, root, legacy: false), at: later)
        }
    }
}
