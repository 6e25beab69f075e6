"""TLS contexts for the peers, and the facts of a session as values."""

from __future__ import annotations

import hashlib
import ssl
import warnings
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509

from mailassay.peers.transcript import printable, printable_text

VERSIONS = {
    "TLSv1": ssl.TLSVersion.TLSv1,
    "TLSv1.1": ssl.TLSVersion.TLSv1_1,
    "TLSv1.2": ssl.TLSVersion.TLSv1_2,
    "TLSv1.3": ssl.TLSVersion.TLSv1_3,
}
# Weak keys and old versions are what some cases are about; OpenSSL's own levels refuse them.
EVERYTHING = "DEFAULT:@SECLEVEL=0"
MAX_NAME = 300


@dataclass(frozen=True)
class PeerCertificate:
    """The certificate that a server showed, not verified.  `subject` is printable and bounded;
    `digest` is SHA-256 over the DER octets, in hex."""

    subject: str
    digest: str

    def __str__(self) -> str:
        return f"certificate of {self.subject or 'an empty subject'}, SHA-256 {self.digest}"


@dataclass(frozen=True)
class TlsFacts:
    """What was negotiated.

    `server_name` is the SNI that the client sent, if it sent any; `certificate` is what the server
    showed, where we are the client."""

    version: str
    cipher: str
    server_name: str | None
    certificate: PeerCertificate | None = None

    def __str__(self) -> str:
        told = [self.version, self.cipher]
        if self.certificate is not None:
            told.append(str(self.certificate))
        elif self.server_name is not None:
            told.append(f"SNI {printable(self.server_name.encode(), MAX_NAME)}")
        else:
            told.append("no SNI")
        return ", ".join(told)


def server_context(
    chain_file: Path, key_file: Path, maximum_version: str | None = None
) -> ssl.SSLContext:
    """A server's context; with a maximum version (a key of `VERSIONS`), one of the old days."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers(EVERYTHING)
    context.load_cert_chain(chain_file, key_file)
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.sni_callback = _note_requested_name
    if maximum_version is not None:
        with warnings.catch_warnings():  # old versions are deprecated, which is why we want them
            warnings.simplefilter("ignore", DeprecationWarning)
            context.maximum_version = VERSIONS[maximum_version]
    return context


def client_context() -> ssl.SSLContext:
    """The submitting client's context: it takes whatever the target presents, and records it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_ciphers(EVERYTHING)
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    return context


def facts_of(session: ssl.SSLObject) -> TlsFacts:
    """The facts of a session whose handshake is over."""
    cipher = session.cipher()
    return TlsFacts(
        version=session.version() or "unknown",
        cipher=cipher[0] if cipher else "unknown",
        server_name=_requested_name(session),
        certificate=None if session.server_side else _shown_certificate(session),
    )


def _shown_certificate(session: ssl.SSLObject) -> PeerCertificate | None:
    der = session.getpeercert(binary_form=True)
    if der is None:
        return None
    try:
        subject = x509.load_der_x509_certificate(der).subject.rfc4514_string()
    except Exception:  # OpenSSL takes some certificates that the stricter parser does not
        subject = "a subject that cannot be read"
    return PeerCertificate(printable_text(subject[:MAX_NAME]), hashlib.sha256(der).hexdigest())


def _note_requested_name(
    session: ssl.SSLObject | ssl.SSLSocket, name: str | None, context: ssl.SSLContext
) -> None:
    setattr(session, "mailassay_requested_name", name)


def _requested_name(session: ssl.SSLObject) -> str | None:
    name = getattr(session, "mailassay_requested_name", None)
    return name if isinstance(name, str) else None
