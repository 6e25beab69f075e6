"""The vectors of vectors/release/: what an authorizing user's agent, those on the way of a message
and its recipient are asked, and what may come of it.

`mailassay vectors generate` writes them; here they are read, to be put to a target.  Format:
vectors/schema/release.schema.json, explained in vectors/release/README.md.
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from mailassay import paths, vector_files
from mailassay.verdicts import Edition

FOLDER = paths.ROOT / "vectors" / "release"
ROOT = paths.ROOT / "vectors" / "secure-headers" / "keys" / "root.pem"
OPERATIONS = ("authorize", "check-release")
# When all of them happen: the certificates are of that time.
TIME = "2026-01-01T12:00:00Z"


@dataclass(frozen=True)
class ReleaseVector:
    """One question.  `given` is the request without the message; `outcomes` are all that the text
    allows, the reference's first, as the schema has them; `clauses` are those that they tell of, by
    the ids of the published text where it has them."""

    id: str
    case: str
    operation: str
    edition: Edition
    clauses: tuple[str, ...]
    flags: tuple[str, ...]
    note: str
    message: bytes
    given: Mapping[str, Any]
    outcomes: tuple[Mapping[str, Any], ...]

    @property
    def request(self) -> dict[str, Any]:
        """The request as the shim protocol has it, without the message."""
        asked: dict[str, Any] = {**self.given, "time": TIME, "trust": [ROOT.read_text("ascii")]}
        for who in {"signer", "opener"} & asked.keys():
            asked[who] = signer(str(asked[who]))
        return asked


@cache
def names() -> Mapping[bytes, str]:
    """The names of all signers, by their certificates in DER."""
    return {
        ssl.PEM_cert_to_DER_cert(signer(file.stem)["certificate"]): file.stem
        for file in (FOLDER / "keys").glob("*.pem") if not file.name.endswith(".key.pem")
    }


@cache
def signer(name: str) -> dict[str, str]:
    """Certificate and key of that name."""
    keys = FOLDER / "keys"
    return {
        "certificate": (keys / f"{name}.pem").read_text("ascii"),
        "key": (keys / f"{name}.key.pem").read_text("ascii"),
    }


@cache
def load() -> tuple[ReleaseVector, ...]:
    """Every vector, in the order of the files.  Raises `vector_files.VectorError`."""
    return vector_files.read(FOLDER, OPERATIONS, _vector)


def of_case(case: str, edition: Edition) -> tuple[ReleaseVector, ...]:
    """The vectors that a case asks, in this edition."""
    return vector_files.of_case(load(), case, edition)


def _vector(told: Mapping[str, Any], operation: str) -> ReleaseVector:
    given = dict(told["input"])
    message = (FOLDER / str(given.pop("message"))).read_bytes()
    return ReleaseVector(
        id=told["id"],
        case=told["case"],
        operation=operation,
        edition=Edition(told["edition"]),
        clauses=tuple(told["clauses"]),
        flags=tuple(told["flags"]),
        note=told["note"],
        message=message,
        given=given,
        outcomes=tuple(told["expected"]["outcomes"]),
    )
