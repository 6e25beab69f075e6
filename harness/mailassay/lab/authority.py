"""Certificates for the lab: its authority, one nobody trusts, and a leaf for every host.

All keys are made for one run, in memory and in its scratch space, and are marked as test material.
"""

from __future__ import annotations

import datetime
import hashlib
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from mailassay.world import Certificate

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
DAY = datetime.timedelta(days=1)
MARK = "Mailassay TEST MATERIAL"


@dataclass(frozen=True)
class Issued:
    """A certificate with its chain and its key, as PEM files."""

    certificate: x509.Certificate
    chain_file: Path
    key_file: Path

    def public_key_digest(self) -> str:
        """SHA-256 over the SubjectPublicKeyInfo, in hex: the data of a TLSA 3 1 1 record."""
        return _public_key_digest(self.certificate)


def _public_key_digest(certificate: x509.Certificate) -> str:
    info = certificate.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return hashlib.sha256(info).hexdigest()


class Authority:
    """A certificate authority that signs what it is asked to."""

    def __init__(self, name: str, now: datetime.datetime) -> None:
        self._now = now
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name(
            [
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, MARK),
                x509.NameAttribute(NameOID.COMMON_NAME, name),
            ]
        )
        self.certificate = self._self_signed()

    def _self_signed(self) -> x509.Certificate:
        public = self._key.public_key()
        usage = dict.fromkeys(
            (
                "content_commitment",
                "key_encipherment",
                "data_encipherment",
                "key_agreement",
                "encipher_only",
                "decipher_only",
            ),
            False,
        )
        return (
            x509.CertificateBuilder()
            .subject_name(self._name)
            .issuer_name(self._name)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(self._now - 30 * DAY)
            .not_valid_after(self._now + 30 * DAY)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(
                x509.KeyUsage(
                    digital_signature=True, key_cert_sign=True, crl_sign=True, **usage
                ),
                critical=True,
            )
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
            .sign(self._key, hashes.SHA256())
        )

    def issue(
        self,
        key: PrivateKey,
        names: tuple[str, ...],
        *,
        common_name: str,
        begins: datetime.timedelta = -2 * DAY,
        ends: datetime.timedelta = 20 * DAY,
    ) -> x509.Certificate:
        """A server certificate for these DNS names, valid from now + begins to now + ends."""
        builder = (
            x509.CertificateBuilder()
            .subject_name(_subject(common_name))
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(self._now + begins)
            .not_valid_after(self._now + ends)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(
                x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False
            )
            .add_extension(
                x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False
            )
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()),
                critical=False,
            )
        )
        if names:
            alternatives = x509.SubjectAlternativeName([x509.DNSName(n) for n in names])
            builder = builder.add_extension(alternatives, critical=False)
        return builder.sign(self._key, hashes.SHA256())

    def revocation_list(self, revoked: tuple[int, ...]) -> bytes:
        """The authority's CRL, PEM."""
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self._name)
            .last_update(self._now - DAY)
            .next_update(self._now + 20 * DAY)
        )
        for serial in revoked:
            builder = builder.add_revoked_certificate(
                x509.RevokedCertificateBuilder()
                .serial_number(serial)
                .revocation_date(self._now - DAY)
                .build()
            )
        return builder.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def _subject(common_name: str) -> x509.Name:
    # A common name holds 64 characters at most; longer host names stand in the SAN alone.
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, MARK),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name[-64:]),
        ]
    )


class CertificateStore:
    """Makes and files every certificate of a run under one directory."""

    def __init__(self, folder: Path, now: datetime.datetime | None = None) -> None:
        self._folder = folder
        self._folder.mkdir(parents=True, exist_ok=True)
        self._now = now or datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None)
        self.trusted = Authority("Mailassay test authority", self._now)
        self._unknown = Authority("Mailassay test authority that nobody trusts", self._now)
        self._shared_key = ec.generate_private_key(ec.SECP256R1())
        self._revoked: list[int] = []
        self.ca_file = folder / "ca.pem"
        self.ca_file.write_bytes(self.trusted.certificate.public_bytes(serialization.Encoding.PEM))

    def issue(self, name: str, kind: Certificate) -> Issued:
        """The certificate of that kind for the host of that name."""
        key: PrivateKey = self._shared_key
        if kind is Certificate.WEAK:
            key = rsa.generate_private_key(public_exponent=65537, key_size=1024)
        certificate, issuer = self._make(name, kind, key)
        return self._file(f"{name}.{kind}", certificate, issuer, key)

    def issue_for_all(self, label: str, names: tuple[str, ...]) -> Issued:
        """One trusted certificate for several names."""
        certificate = self.trusted.issue(self._shared_key, names, common_name=names[0])
        return self._file(label, certificate, self.trusted, self._shared_key)

    def _make(
        self, name: str, kind: Certificate, key: PrivateKey
    ) -> tuple[x509.Certificate, Authority]:
        authority = self._unknown if kind is Certificate.UNKNOWN_AUTHORITY else self.trusted
        match kind:
            case Certificate.EXPIRED:
                made = authority.issue(
                    key, (name,), common_name=name, begins=-20 * DAY, ends=-2 * DAY
                )
            case Certificate.NOT_YET_VALID:
                made = authority.issue(key, (name,), common_name=name, begins=5 * DAY)
            case Certificate.MISNAMED:
                other = "another-host.elsewhere.example"
                made = authority.issue(key, (other,), common_name=other)
            case Certificate.COMMON_NAME_ONLY:
                made = authority.issue(key, (), common_name=name)
            case Certificate.WILDCARD:
                wide = "*." + name.split(".", 1)[1]
                made = authority.issue(key, (wide,), common_name=wide)
            case Certificate.SELF_SIGNED:
                made = self._self_signed(name, key)
            case _:
                made = authority.issue(key, (name,), common_name=name)
        if kind is Certificate.REVOKED:
            self._revoked.append(made.serial_number)
        return made, authority

    def _self_signed(self, name: str, key: PrivateKey) -> x509.Certificate:
        return (
            x509.CertificateBuilder()
            .subject_name(_subject(name))
            .issuer_name(_subject(name))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(self._now - 2 * DAY)
            .not_valid_after(self._now + 20 * DAY)
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
            .sign(key, hashes.SHA256())
        )

    def _file(
        self, label: str, certificate: x509.Certificate, issuer: Authority, key: PrivateKey
    ) -> Issued:
        chain_file = self._folder / f"{label}.chain.pem"
        key_file = self._folder / f"{label}.key.pem"
        leaf = certificate.public_bytes(serialization.Encoding.PEM)
        above = issuer.certificate.public_bytes(serialization.Encoding.PEM)
        chain_file.write_bytes(leaf + above)
        key_file.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        return Issued(certificate, chain_file, key_file)

    def write_revocation_list(self) -> Path:
        """The CRL of the trusted authority over all that was issued as revoked."""
        file = self._folder / "ca.crl.pem"
        file.write_bytes(self.trusted.revocation_list(tuple(self._revoked)))
        return file

    def anchor_digest(self) -> str:
        """SHA-256 over the trusted authority's certificate: the data of a TLSA 2 0 1 record."""
        der = self.trusted.certificate.public_bytes(serialization.Encoding.DER)
        return hashlib.sha256(der).hexdigest()
