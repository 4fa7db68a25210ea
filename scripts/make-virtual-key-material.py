#!/usr/bin/env python3
"""Makes the built-in key material of the virtual phones (Sources/VirtualPhone/Material/Data).

NOT SECRET: the private keys land in the repository on purpose. They are for virtual phones only.

For each phone type and key type one file with one PEM text, in this order: private key, leaf, CA, and for phones
with faults: expired leaf, leaf that is not yet valid, leaf with a foreign subject (all three from the same CA and
key), leaf of a foreign CA, that foreign CA. Needs the Python package `cryptography`.

usage: make-virtual-key-material.py OUTPUT-DIRECTORY [TYPE-ID=NAME ...]
"""

import datetime
import pathlib
import sys

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

TYPES = {
    "generic": "IP phone",
    "optipoint-400-economy-hfa": "optiPoint 400 economy HFA",
    "optipoint-400-standard": "optiPoint 400 standard",
    "optipoint-400-standard-hfa": "optiPoint 400 standard HFA",
    "optipoint-400-standard-sip": "optiPoint 400 standard SIP",
    "optipoint-410-advance-hfa": "optiPoint 410 advance HFA",
    "optipoint-410-economy-hfa": "optiPoint 410 economy HFA",
    "optipoint-410-entry-hfa": "optiPoint 410 entry HFA",
    "optipoint-410-standard-hfa": "optiPoint 410 standard HFA",
    "optipoint-600-office-hfa": "optiPoint 600 office HFA",
    "optipoint-600-office-sip-v2-3": "optiPoint 600 office SIP V2.3",
    "optipoint-600-office-sip-v2-4": "optiPoint 600 office SIP V2.4",
    "optipoint-600-office-up0e": "optiPoint 600 office UP0/E",
}
ORGANIZATION = "Phonefleet virtual phones"
# Clients that insist on a host name (curl among them) find one in the leaf; phonefleet itself goes by the subject.
DOMAIN = "phone.example"
SERIAL = iter(range(0x1000, 0x100000))


def day(year):
    return datetime.datetime(year, 1, 1, tzinfo=datetime.timezone.utc)


def name(common_name):
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, ORGANIZATION),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


def key(kind):
    if kind == "p256":
        return ec.generate_private_key(ec.SECP256R1())
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def certificate(subject, public_key, issuer, signer, start, end, is_ca):
    """A CA, or a leaf whose DNS name is that of all virtual phones."""
    usage = dict.fromkeys(
        (
            "content_commitment data_encipherment key_agreement encipher_only decipher_only "
            "digital_signature key_encipherment key_cert_sign crl_sign"
        ).split(),
        False,
    )
    rsa_leaf = not is_ca and isinstance(public_key, rsa.RSAPublicKey)
    usage.update(digital_signature=not is_ca, key_encipherment=rsa_leaf, key_cert_sign=is_ca, crl_sign=is_ca)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(next(SERIAL))
        .not_valid_before(start)
        .not_valid_after(end)
        .add_extension(x509.BasicConstraints(ca=is_ca, path_length=0 if is_ca else None), critical=True)
        .add_extension(x509.KeyUsage(**usage), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False
        )
    )
    if not is_ca:
        builder = builder.add_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False
        ).add_extension(x509.SubjectAlternativeName([x509.DNSName(DOMAIN)]), critical=False)
    return builder.sign(signer, hashes.SHA256())


def authority(type_name, kind):
    signer = key(kind)
    subject = name(type_name + " CA")
    return signer, certificate(subject, signer.public_key(), subject, signer, day(2020), day(2046), True)


def material(type_name, kind):
    signer, ca = authority(type_name, kind)
    foreign_signer, foreign_ca = authority(type_name + " foreign", kind)
    leaf_key = key(kind)
    subject = name(type_name)

    def leaf(subject=subject, start=2020, end=2046, signer=signer, ca=ca):
        return certificate(subject, leaf_key.public_key(), ca.subject, signer, day(start), day(end), False)

    private = leaf_key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    parts = [
        leaf(),
        ca,
        leaf(end=2025),
        leaf(start=2045),
        leaf(subject=name("Somebody else")),
        leaf(signer=foreign_signer, ca=foreign_ca),
        foreign_ca,
    ]
    pem = private + b"".join(part.public_bytes(serialization.Encoding.PEM) for part in parts)
    return pem.decode()


def swift_file(entries, kind):
    lines = [
        "// Made by scripts/make-virtual-key-material.py; do not edit.",
        "//",
        "// NOT SECRET: key material of virtual phones, the same in every copy of this program. It protects nothing.",
        "",
        "// swift-format-ignore-file",
        f"let builtIn{kind.capitalize()}: [String: String] = [",
    ]
    for identifier, type_name in entries.items():
        lines.append(f'"{identifier}": """')
        lines.append(material(type_name, kind).rstrip("\n"))
        lines.append('""",')
    lines.append("]")
    if kind == "p256":
        lines.append("")
        lines.append("/// The common names of the leaves.")
        lines.append("let builtInNames: [String: String] = [")
        lines += [f'"{identifier}": "{type_name}",' for identifier, type_name in entries.items()]
        lines.append("]")
    return "\n".join(lines) + "\n"


def main():
    output = pathlib.Path(sys.argv[1])
    entries = dict(pair.split("=", 1) for pair in sys.argv[2:]) or TYPES
    for kind in ("p256", "rsa2048"):
        (output / f"BuiltIn{kind.capitalize()}.swift").write_text(swift_file(entries, kind))


if __name__ == "__main__":
    main()
