#!/usr/bin/python3
"""Makes the test keys and certificates of this folder: `make.py` beside them.

Keys that are there are kept, and all else follows from them: the authority signs by RSA, serial
numbers and times are fixed.  Nothing here is a secret.  vectors/dca/keys/make.py has more of them.
"""

from __future__ import annotations

import datetime
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

MARK = b"TEST MATERIAL OF MAILASSAY: this key is public and protects nothing.\n"
SINCE = datetime.datetime(2020, 1, 1)
UNTIL = datetime.datetime(2049, 12, 31)
LAST_YEAR = datetime.datetime(2021, 1, 1)
NEXT_CENTURY = datetime.datetime(2048, 1, 1)


class Use(Enum):
    """What a key is for."""

    SIGNING = "signing"
    ENCRYPTION = "encryption"
    AUTHORITY = "authority"


@dataclass(frozen=True)
class Wanted:
    """A certificate; one without an issuer is an authority's own.

    `subject`: the attributes of its name behind the organization, instead of the name alone.
    `international`: a mail address that is not in ASCII (RFC 8398)."""

    name: str
    kind: str  # rsa, p256 or p384
    address: str | tuple[str, ...] = ()
    issuer: str | None = None
    since: datetime.datetime = SINCE
    until: datetime.datetime = UNTIL
    use: Use = Use.SIGNING
    subject: tuple[tuple[x509.ObjectIdentifier, str], ...] | None = None
    international: str = ""

    @property
    def addresses(self) -> tuple[str, ...]:
        return (self.address,) if isinstance(self.address, str) else self.address


WANTED = (
    Wanted("root", "rsa", use=Use.AUTHORITY),
    Wanted("stranger-root", "rsa", use=Use.AUTHORITY),
    Wanted("intermediate", "rsa", issuer="root", use=Use.AUTHORITY),
    Wanted("alice-rsa", "rsa", "alice@example.org", "root"),
    Wanted("alice-p256", "p256", "alice@example.org", "root"),
    Wanted("alice-p384", "p384", "alice@example.org", "root"),
    Wanted("alice-below", "rsa", "alice@example.org", "intermediate"),
    Wanted("alice-expired", "rsa", "alice@example.org", "root", until=LAST_YEAR),
    Wanted("alice-future", "rsa", "alice@example.org", "root", since=NEXT_CENTURY),
    Wanted("alice-stranger", "rsa", "alice@example.org", "stranger-root"),
    Wanted("carol-rsa", "rsa", "carol@example.org", "root"),
    Wanted("nobody-rsa", "rsa", (), "root"),
    Wanted("gateway-rsa", "rsa", "domain-signing-authority@example.org", "root"),
    Wanted("alice-in-subject", "p256", (), "root", subject=(
        (NameOID.COMMON_NAME, "alice-in-subject"), (NameOID.EMAIL_ADDRESS, "alice@example.org"),
    )),
    Wanted("alice-of-many", "p256", ("carol@example.org", "alice@example.org"), "root"),
    Wanted("aelice-international", "p256", (), "root", international="\u00e4lice@example.org"),
    Wanted("bob-envelopes", "rsa", "bob@example.net", "root", use=Use.ENCRYPTION),
)
SMTP_UTF8_MAILBOX = x509.ObjectIdentifier("1.3.6.1.5.5.7.8.9")


def new_key(kind: str):
    if kind == "rsa":
        return rsa.generate_private_key(65537, 2048)
    return ec.generate_private_key(ec.SECP256R1() if kind == "p256" else ec.SECP384R1())


def key_of(folder: Path, wanted: Wanted):
    file = folder / f"{wanted.name}.key.pem"
    if not file.exists():
        file.write_bytes(MARK + new_key(wanted.kind).private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ))
    return serialization.load_pem_private_key(file.read_bytes(), None)


def subject_of(wanted: Wanted) -> x509.Name:
    of_its_own = ((NameOID.COMMON_NAME, wanted.name),)
    given = of_its_own if wanted.subject is None else wanted.subject
    return x509.Name([
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Mailassay test material"),
        *(x509.NameAttribute(kind, value) for kind, value in given),
    ])


def certificate_of(wanted: Wanted, serial: int, keys: dict) -> x509.Certificate:
    issuer = next((w for w in WANTED if w.name == wanted.issuer), wanted)
    public = keys[wanted.name].public_key()
    issuing = keys[issuer.name].public_key()
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject_of(wanted))
        .issuer_name(subject_of(issuer))
        .public_key(public)
        .serial_number(serial)
        .not_valid_before(wanted.since)
        .not_valid_after(wanted.until)
        .add_extension(x509.BasicConstraints(wanted.use is Use.AUTHORITY, None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuing), critical=False
        )
        .add_extension(usage(wanted), critical=True)
    )
    if wanted.use is not Use.AUTHORITY:
        builder = builder.add_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False
        )
    names: list[x509.GeneralName] = [x509.RFC822Name(each) for each in wanted.addresses]
    if wanted.international:
        octets = wanted.international.encode()
        utf8_string = bytes((0x0C, len(octets))) + octets
        names.append(x509.OtherName(SMTP_UTF8_MAILBOX, utf8_string))
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return builder.sign(keys[issuer.name], hashes.SHA256())


def usage(wanted: Wanted) -> x509.KeyUsage:
    encrypts = wanted.use is Use.ENCRYPTION
    return x509.KeyUsage(
        digital_signature=wanted.use is Use.SIGNING, content_commitment=wanted.use is Use.SIGNING,
        key_encipherment=encrypts and wanted.kind == "rsa", data_encipherment=False,
        key_agreement=encrypts and wanted.kind != "rsa",
        key_cert_sign=wanted.use is Use.AUTHORITY, crl_sign=wanted.use is Use.AUTHORITY,
        encipher_only=False, decipher_only=False,
    )


def make(folder: Path, wanted: Sequence[Wanted], issuers: Path, first_serial: int) -> None:
    """Writes the certificates into the folder, and the keys that are not there yet.  The issuers'
    keys are in a folder of that name."""
    keys = {w.name: key_of(folder, w) for w in wanted}
    keys |= {w.name: key_of(issuers, w) for w in WANTED if w.use is Use.AUTHORITY}
    for serial, each in enumerate(wanted, start=first_serial):
        certificate = certificate_of(each, serial, keys)
        pem = certificate.public_bytes(serialization.Encoding.PEM)
        (folder / f"{each.name}.pem").write_bytes(pem)


def main() -> None:
    folder = Path(sys.argv[1]) if sys.argv[1:] else Path(__file__).parent
    make(folder, WANTED, folder, first_serial=1)


if __name__ == "__main__":
    main()
