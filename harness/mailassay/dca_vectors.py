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
class Signature:
    """A signature that is asked for around the envelope: whose, as what it is marked ("domain",
    "review", "user"), and in which form ("detached", "opaque")."""

    signer: Holder
    marked: str
    encapsulation: str


@dataclass(frozen=True)
class Around:
    """A signature that is found around an envelope: what it is worth, as which agents' it is
    marked, and what is wrong with its mark and its signer's names."""

    signer: Holder
    standing: str
    agents: tuple[str, ...]
    faults: tuple[str, ...]


@dataclass(frozen=True)
class Encrypt:
    """A message to be encrypted.  `outer` are the fields that cross the wire, `hidden` is what must
    not be seen there; `wrapped` is what becomes of the signature that is asked for."""

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
    signature: Signature | None = None
    wrapped: str | None = None


@dataclass(frozen=True)
class Decrypt:
    """A message to be decrypted.  `restored` is what comes out, None where nothing does; it is so
    octet for octet where the text determines it.  `around` are the signatures around the envelope,
    the outermost first."""

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
    around: tuple[Around, ...] = ()


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


@cache
def _signer(name: str) -> Holder:
    """Some signers are those of the vectors of Secure Headers."""
    there = (FOLDER / "keys" / f"{name}.pem").is_file()
    return _holder(f"keys/{name}.pem" if there else f"../secure-headers/keys/{name}.pem")


def _signature(told: Mapping[str, Any]) -> Signature:
    return Signature(_signer(told["signer"]), told["as"], told["encapsulation"])


def _around(told: Mapping[str, Any]) -> Around:
    return Around(
        _signer(told["signer"]), told["standing"], tuple(told["as"]), tuple(told["faults"])
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
        signature=_signature(given["signature"]) if "signature" in given else None,
        wrapped=expected.get("wrapped"),
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
        around=tuple(_around(each) for each in expected.get("around", ())),
    )
