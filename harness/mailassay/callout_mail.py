"""The messages that callout services are asked about, and whether what they leave is whole.

Each message is a value, the same in every run but for what openssl encrypts."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from mailassay import dkim, paths, smime
from mailassay.milter.message import Field, Mail, mail

SENDER = b"<ann@from.example>"
RECIPIENT = b"<bob@to.example>"
OWN_HOST = b"mx.mailassay.invalid"
SMIME = paths.ROOT / "vectors" / "secure-headers"
SMIME_MESSAGES = SMIME / "messages" / "verify" / "rfc" / "as-it-was-signed"
# The key that milters sign mail of signed.example with, and that the harness signs with.
KEY_FILE = SMIME / "keys" / "alice-rsa.key.pem"
DKIM_FIELDS = (b"From", b"To", b"Subject", b"Date", b"Message-ID", b"MIME-Version", b"Content-Type")

SYSTEM = b"http://opes.from.example/system?session=ac79a749f56"
VIA = b"http://scanner.from.example/?version=3;action=scanned"


@cache
def key() -> RSAPrivateKey:
    loaded = load_pem_private_key(KEY_FILE.read_bytes(), None)
    assert isinstance(loaded, RSAPrivateKey)
    return loaded


def letter(
    body: bytes = b"Hello.\r\n", *, fields: tuple[bytes, ...] = (), author: bytes = b"from.example",
    above: tuple[bytes, ...] = (), number: int = 1,
) -> Mail:
    """An ordinary message with fields of its own above or below the usual ones."""
    lines = (
        *above,
        b"From: Ann <ann@" + author + b">",
        b"To: Bob <bob@to.example>",
        b"Subject: a message of the lab",
        b"Date: Thu, 01 Jan 2026 12:00:00 +0000",
        b"Message-ID: <%d.lab@from.example>" % number,
        *fields,
    )
    return mail(b"\r\n".join(lines) + b"\r\n\r\n" + body, SENDER, (RECIPIENT,))


RECEIVED = (
    b"Received: from relay.from.example (relay.from.example [192.0.2.7])\r\n"
    b"\tby mx2.mailassay.invalid with ESMTPS id 4711;\r\n\tThu, 01 Jan 2026 12:00:02 +0000",
    b"Received: from client.from.example by relay.from.example with ESMTPSA id 815;"
    b" Thu, 01 Jan 2026 12:00:01 +0000",
)


def traced() -> Mail:
    """With the trace of an OPES system and of one of its services, among Received fields."""
    return letter(
        above=(
            b"OPES-Via: " + VIA,
            b"OPES-System: " + SYSTEM,
            *RECEIVED,
            b"OPES-System: http://opes.edge.example/",
        )
    )


def asking_for_bypass() -> Mail:
    return letter(above=(b"OPES-Bypass: *",), fields=(b"X-After: 1",))


def with_huge_trace() -> Mail:
    """A trace of a thousand systems in five fields; some more are no entries at all.  In all less
    than 64 KiB, beyond which filters bound a header."""
    entries = b",\r\n ".join(b"http://opes%d.forged.example/" % n for n in range(200))
    broken = (b"OPES-System: , ,;;=", b"OPES-Via:", b"OPES-System: " + b"x" * 900)
    return letter(above=(*broken, *([b"OPES-System: " + entries] * 5)))


def multipart() -> Mail:
    """A text, and an attachment in base64 whose lines have their own length."""
    body = (
        b"--lab\r\nContent-Type: text/plain; charset=utf-8\r\n"
        b"Content-Transfer-Encoding: quoted-printable\r\n\r\nZur Pr=C3=BCfung, \r\n=20\r\n"
        b"--lab\r\nContent-Type: application/octet-stream; name=\"a.bin\"\r\n"
        b"Content-Transfer-Encoding: base64\r\n"
        b"Content-Disposition: attachment; filename=\"a.bin\"\r\n\r\n"
        b"AAECAwQFBgcICQ==\r\n\r\n--lab--\r\nan epilogue  \r\n"
    )
    return letter(
        body,
        fields=(b"MIME-Version: 1.0", b"Content-Type: multipart/mixed;\r\n\tboundary=\"lab\""),
    )


def smime_signed(kind: str) -> Mail:
    """An S/MIME message of the vectors: `detached` or `opaque`."""
    file = SMIME_MESSAGES / f"alice-rsa-relaxed-{kind}.eml"
    return mail(file.read_bytes(), SENDER, (RECIPIENT,))


def smime_fault(held: Mail) -> str | None:
    """Why openssl does not take the signature of the message; None when it does."""
    try:
        split = smime.split(held.octets)
    except smime.SmimeError as problem:
        return str(problem)
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "cms").write_bytes(split.cms)
        command = [
            "openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", str(folder / "cms"),
            "-CAfile", str(SMIME / "keys" / "root.pem"), "-attime", "1767225600",
            "-out", "/dev/null",
        ]
        if split.content is not None:
            (folder / "content").write_bytes(split.content)
            command += ["-content", str(folder / "content")]
        done = subprocess.run(command, capture_output=True, text=True, timeout=30)
    lines = done.stderr.strip().splitlines()
    return None if done.returncode == 0 else f"openssl: {lines[-1] if lines else 'no word'}"


@cache
def encrypted() -> Mail:
    """S/MIME's enveloped data, for the test key."""
    command = [
        "openssl", "cms", "-encrypt", "-aes256", "-outform", "PEM",
        str(SMIME / "keys" / "alice-rsa.pem"),
    ]
    secret = b"Content-Type: text/plain\r\n\r\nNobody on the way reads this.\r\n"
    done = subprocess.run(command, input=secret, capture_output=True, check=True, timeout=30)
    lines = [line for line in done.stdout.splitlines() if not line.startswith(b"-----")]
    fields = (
        b"MIME-Version: 1.0",
        b"Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name=\"smime.p7m\"",
        b"Content-Transfer-Encoding: base64",
    )
    return letter(b"\r\n".join(lines) + b"\r\n", fields=fields)


@cache
def dkim_signed(author: bytes = b"signed.example") -> Mail:
    """Signed with the key that DNS names for the author's domain."""
    plain = multipart()
    fields = tuple(
        replace(f, value=b" Ann <ann@" + author + b">") if f.is_called(b"From") else f
        for f in plain.fields
    )
    return dkim.signed(replace(plain, fields=fields), key(), author, DKIM_FIELDS)


def dkim_fault(before: Mail, after: Mail) -> str | None:
    """Why the signature of `dkim_signed` does not hold any more; None when it does."""
    return dkim.fault_of(after, before.fields[0], key().public_key())


def values(held: Mail, *names: bytes) -> tuple[bytes, ...]:
    """The fields of these names, from above, unfolded."""
    return tuple(
        f.name + b": " + b" ".join(f.value.split())
        for f in held.fields
        if any(f.is_called(n) for n in names)
    )


def added(before: Mail, after: Mail) -> tuple[Field, ...]:
    """The fields of the later message that the earlier one did not have."""
    left = [(f.name.lower(), f.value) for f in before.fields]
    new = []
    for f in after.fields:
        own = (f.name.lower(), f.value)
        if own in left:
            left.remove(own)
        else:
            new.append(f)
    return tuple(new)


def lost(before: Mail, after: Mail) -> tuple[Field, ...]:
    """The fields that the later message does not have, as they were."""
    return added(after, before)
