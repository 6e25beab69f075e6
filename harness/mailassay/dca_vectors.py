"""The vectors of vectors/dca/: messages that an authority encrypts, and envelopes that it opens.

`mailassay vectors generate` writes them; here they are read, to be put to a target or an engine.
Format: vectors/schema/dca.schema.json, explained in vectors/dca/README.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from mailassay import paths, vector_files
from mailassay.verdicts import Edition

FOLDER = paths.ROOT / "vectors" / "dca"


@dataclass(frozen=True)
class Holder:
    """A certificate and, of those who decrypt, its key; PEM."""

    name: str
    certificate: str
    key: str


@dataclass(frozen=True)
class Expected:
    """What must come of a vector.  `outcomes` are all that the text allows, the reference's first;
    `header` is what becomes of the header, None where there is no message."""

    outcomes: tuple[str, ...]
    header: str | None
    verifies: str | None
    faults: tuple[str, ...]  # of the names of authorities, in order


@dataclass(frozen=True)
class Encrypt:
    """A message to be encrypted.  `outer` are the fields that cross the wire, `hidden` is what must
    not be seen there."""

    id: str
    edition: Edition
    requirement: str
    flags: tuple[str, ...]
    note: str
    message: bytes
    addresses: tuple[str, ...]
    recipients: tuple[Holder, ...]
    replacements: Mapping[str, str]
    cipher: str
    expected: Expected
    outer: tuple[str, ...]
    hidden: tuple[str, ...]


@dataclass(frozen=True)
class Decrypt:
    """A message to be decrypted.  `restored` is what comes out, None where nothing does; it is so
    octet for octet where the text determines it."""

    id: str
    edition: Edition
    requirement: str
    flags: tuple[str, ...]
    note: str
    message: bytes
    addresses: tuple[str, ...]
    holder: Holder
    expected: Expected
    restored: bytes | None
    is_determined: bool


@cache
def to_encrypt() -> tuple[Encrypt, ...]:
    """Raises `vector_files.VectorError`."""
    return vector_files.read(FOLDER, ("encrypt",), lambda told, _: _encrypt(told))


@cache
def to_decrypt() -> tuple[Decrypt, ...]:
    """Raises `vector_files.VectorError`."""
    return vector_files.read(FOLDER, ("decrypt",), lambda told, _: _decrypt(told))


@cache
def _holder(file: str) -> Holder:
    certificate = FOLDER / file
    key = certificate.with_suffix(".key.pem")
    return Holder(
        certificate.stem, certificate.read_text(encoding="ascii"), key.read_text(encoding="ascii")
    )


def _expected(told: Mapping[str, Any]) -> Expected:
    flags = told.get("flags", ())
    # Of several recipients each has its own; of a holder there are no others.
    faults = tuple(
        f for flag in flags for f in ([flag] if isinstance(flag, str) else flag["faults"])
    )
    return Expected(tuple(told["outcomes"]), told.get("header"), told.get("verifies"), faults)


def group_of(identity: str) -> str:
    """What a vector is about: dca/encrypt/rfc/<group>/<name>."""
    return identity.split("/")[3]


def _octets(file: str) -> bytes:
    path: Path = FOLDER / file
    return path.read_bytes()


def _encrypt(told: Mapping[str, Any]) -> Encrypt:
    given, expected = told["input"], told["expected"]
    return Encrypt(
        id=told["id"],
        edition=Edition(told["edition"]),
        requirement=told["requirement"],
        flags=tuple(told["flags"]),
        note=told["note"],
        message=_octets(given["message"]),
        addresses=tuple(given["addresses"]),
        recipients=tuple(_holder(file) for file in given["recipients"]),
        replacements=dict(given["replacements"]),
        cipher=given["cipher"],
        expected=_expected(expected),
        outer=tuple(expected.get("outer", ())),
        hidden=tuple(expected.get("hidden", ())),
    )


def _decrypt(told: Mapping[str, Any]) -> Decrypt:
    given, expected = told["input"], told["expected"]
    return Decrypt(
        id=told["id"],
        edition=Edition(told["edition"]),
        requirement=told["requirement"],
        flags=tuple(told["flags"]),
        note=told["note"],
        message=_octets(given["message"]),
        addresses=tuple(given["addresses"]),
        holder=_holder(given["certificate"]),
        expected=_expected(expected),
        restored=_octets(expected["message"]) if "message" in expected else None,
        is_determined=expected.get("determined", False),
    )
