"""TLS contexts for the peers."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from pathlib import Path

VERSIONS = {
    "TLSv1": ssl.TLSVersion.TLSv1,
    "TLSv1.1": ssl.TLSVersion.TLSv1_1,
    "TLSv1.2": ssl.TLSVersion.TLSv1_2,
    "TLSv1.3": ssl.TLSVersion.TLSv1_3,
}


@dataclass(frozen=True)
class TlsFacts:
    """What was negotiated.  `server_name` is the SNI that the client sent, if it sent any."""

    version: str
    cipher: str
    server_name: str | None

    def __str__(self) -> str:
        sni = f", SNI {self.server_name}" if self.server_name else ", no SNI"
        return f"{self.version}, {self.cipher}{sni}"


def server_context(
    chain_file: Path, key_file: Path, maximum_version: str | None = None
) -> ssl.SSLContext:
    """A server's context; with a maximum version, one that old clients would meet."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    # Weak keys and old versions are what some cases are about.
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    context.load_cert_chain(chain_file, key_file)
    context.sni_callback = _note_requested_name
    if maximum_version is not None:
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = VERSIONS[maximum_version]
    return context


def client_context() -> ssl.SSLContext:
    """The submitting client's context: it takes whatever the target presents."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _note_requested_name(
    session: ssl.SSLObject | ssl.SSLSocket, name: str | None, context: ssl.SSLContext
) -> None:
    setattr(session, "mailassay_requested_name", name)


def requested_name(session: ssl.SSLObject) -> str | None:
    """The SNI that the client sent in the session's handshake, if any."""
    name = getattr(session, "mailassay_requested_name", None)
    return name if isinstance(name, str) else None
