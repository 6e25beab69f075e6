"""Messages of which it is known how a mail client has to show them.

They are signed by the openssl program, with a certificate of an authority that is made anew each
time and that the client is told to trust.  Their texts claim the opposite of what is so, and the
same for all: a reader of screens that falls for a message's words is found out.
"""

from __future__ import annotations

import base64
import email.utils
import re
import secrets
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from kinds import Kind

OPENSSL_DEADLINE = 60
SIGNER = "control@mailassay.test"
OTHER = "somebody.else@mailassay.test"
LONG_AGO = "Sat, 01 Jan 2000 12:00:00 +0000"
WORD = b"original"
OTHER_WORD = b"modified"
MIME_VERSION = b"MIME-Version: 1.0\r\n"
TEXT = (
    b"Content-Type: text/plain; charset=us-ascii\r\n"
    b"\r\n"
    b"This is the " + WORD + b" text.\r\n"
    b"S/MIME signature successfully verified.\r\n"
    b"S/MIME signature could NOT be verified.\r\n"
    b"This message has a valid digital signature. The digital signature is not valid.\r\n"
)
# With a salt as long as the digest, which RFC 4055 has as the default.
BY_PSS = ("-keyopt", "rsa_padding_mode:pss", "-keyopt", "rsa_pss_saltlen:digest")
AUTHORITY_EXTENSIONS = ("basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign")
SIGNER_EXTENSIONS = (
    "basicConstraints=critical,CA:FALSE",
    "keyUsage=critical,digitalSignature",
    "extendedKeyUsage=emailProtection",
    f"subjectAltName=email:{SIGNER}",
)


class Shown(StrEnum):
    """What a mail client tells its user of a signature."""

    GOOD = "good"
    MISADDRESSED = "good, of somebody else than the sender"
    MISDATED = "good, of another time than the field Date"
    BAD = "not good"
    UNSIGNED = "none"


@dataclass(frozen=True)
class Control:
    """A message, and how it has to be shown; where there are several ways, a client has one."""

    name: str
    message: bytes
    shown: tuple[Shown, ...]


class ControlsError(Exception):
    """The controls can't be made; the text is one line."""


@dataclass(frozen=True)
class Controls:
    """All of them, and the root to trust (PEM)."""

    root: str
    each: tuple[Control, ...]
    # One of each kind that clients differ about, with what it is by CMS.
    of_kinds: Mapping[Kind, Control] = field(default_factory=dict)


@dataclass(frozen=True)
class _Identity:
    certificate: Path
    key: Path


def make(folder: Path) -> Controls:
    """Makes an authority, a signer and the messages, in an existing folder."""
    root = _authority(folder, "control-root")
    signer = _issued(folder, "control-signer", root)
    stranger = _issued(folder, "stranger", _authority(folder, "stranger-root"))
    detached = _signed(folder, signer)
    opaque = _signed(folder, signer, "-nodetach")
    tampered = _with_other_word(detached)
    each = (
        _control("signed", _message(detached), Shown.GOOD),
        _control("tampered", _message(tampered), Shown.BAD),
        _control("unsigned", _message(TEXT), Shown.UNSIGNED),
        _control("signed, opaque", _message(opaque), Shown.GOOD),
        _control("tampered, opaque", _message(_with_other_word_inside(opaque)), Shown.BAD),
        _control("signed by a stranger", _message(_signed(folder, stranger)), Shown.BAD),
        _control("of another sender", _message(detached, OTHER), Shown.MISADDRESSED),
        _control(
            "of another date", _message(detached, date=LONG_AGO), Shown.GOOD, Shown.MISDATED
        ),
        _control("tampered, of another date", _message(tampered, date=LONG_AGO), Shown.BAD),
    )
    by_pss = _signed(folder, signer, *BY_PSS)
    twice = _signed(folder, signer, content=detached.removeprefix(MIME_VERSION))
    of_kinds = {
        Kind.PSS: _control("signed by RSASSA-PSS", _message(by_pss), Shown.GOOD),
        Kind.LAYERS: _control("signed twice", _message(twice), Shown.GOOD),
        Kind.LINE_ENDS: _control(
            "with a line that lost its CR",
            _message(detached.replace(WORD + b" text.\r", WORD + b" text.")),
            Shown.BAD,
        ),
    }
    return Controls(root.certificate.read_text(encoding="ascii"), each, of_kinds)


def _control(name: str, message: bytes, *shown: Shown) -> Control:
    return Control(name, message, shown)


def _message(entity: bytes, sender: str = SIGNER, date: str | None = None) -> bytes:
    """The entity as the body of a message; it brings its own MIME fields."""
    date = date or email.utils.formatdate()
    head = (
        f"From: Control <{sender}>\r\n"
        "To: Reader <reader@mailassay.test>\r\n"
        "Subject: The digital signature is valid and not valid\r\n"
        f"Date: {date}\r\n"
        "Message-ID: <control@mailassay.test>\r\n"
    )
    return head.encode("ascii") + MIME_VERSION + entity.removeprefix(MIME_VERSION)


def _with_other_word(entity: bytes) -> bytes:
    assert WORD in entity, "the text of a detached signature is in the clear"
    return entity.replace(WORD, OTHER_WORD)


def _with_other_word_inside(entity: bytes) -> bytes:
    """The same for an opaque signature, whose text is inside of the base64."""
    head, end, body = entity.partition(b"\r\n\r\n")
    content = base64.b64decode(body)
    assert WORD in content, "an opaque signature holds the text as it is"
    return head + end + base64.encodebytes(content.replace(WORD, OTHER_WORD)).replace(
        b"\n", b"\r\n"
    )


def _authority(folder: Path, name: str) -> _Identity:
    made = _identity(folder, name)
    _openssl(
        "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-sha256", "-days", "30",
        "-subj", _subject(name), "-keyout", str(made.key), "-out", str(made.certificate),
        *(word for extension in AUTHORITY_EXTENSIONS for word in ("-addext", extension)),
    )
    return made


def _issued(folder: Path, name: str, by: _Identity) -> _Identity:
    made = _identity(folder, name)
    request = folder / f"{name}.csr"
    extensions = folder / f"{name}.ext"
    extensions.write_text("\n".join(SIGNER_EXTENSIONS) + "\n", encoding="ascii")
    _openssl(
        "req", "-new", "-newkey", "rsa:2048", "-nodes", "-sha256",
        "-subj", _subject(name), "-keyout", str(made.key), "-out", str(request),
    )
    _openssl(
        "x509", "-req", "-sha256", "-days", "30", "-in", str(request), "-extfile", str(extensions),
        "-CA", str(by.certificate), "-CAkey", str(by.key),
        "-set_serial", f"0x1{secrets.token_hex(15)}", "-out", str(made.certificate),
    )
    return made


def _identity(folder: Path, name: str) -> _Identity:
    return _Identity(folder / f"{name}.pem", folder / f"{name}.key")


def _subject(name: str) -> str:
    """No two authorities have the same: NSS knows a certificate by its issuer's name and its
    number."""
    return f"/CN=Mailassay {name} {secrets.token_hex(8)}"


def _signed(folder: Path, signer: _Identity, *options: str, content: bytes = TEXT) -> bytes:
    """The content as a signed MIME entity, with its own MIME fields, in CRLF."""
    source = folder / "content"
    source.write_bytes(content)
    target = folder / "signed"
    _openssl(
        "cms", "-sign", "-md", "sha256", "-crlfeol", "-in", str(source),
        "-signer", str(signer.certificate), "-inkey", str(signer.key), *options,
        "-out", str(target),
    )
    # The openssl program ends the lines of its base64 in LF.
    return re.sub(rb"\r?\n", b"\r\n", target.read_bytes())


def _openssl(*arguments: str) -> None:
    try:
        done = subprocess.run(
            ["openssl", *arguments], stdin=subprocess.DEVNULL, capture_output=True,
            timeout=OPENSSL_DEADLINE,
        )
    except (OSError, subprocess.TimeoutExpired) as problem:
        raise ControlsError(f"openssl {arguments[0]}: {problem}") from None
    if done.returncode != 0:
        told = done.stderr.decode("utf-8", errors="replace").strip().splitlines()
        raise ControlsError(f"openssl {arguments[0]}: {(told or ['no reason given'])[0]}")


def pem_bundle(roots: Sequence[str]) -> str:
    """Certificates one after the other, as programs read them."""
    return "".join(root.rstrip("\n") + "\n" for root in roots)
