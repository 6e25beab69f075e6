"""The vectors of vectors/opes/: what a processor of OPES is asked, and what must come of it.

`mailassay vectors generate` writes them; here they are read, to be put to a target.  Format:
vectors/schema/opes.schema.json, explained in vectors/opes/README.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from mailassay import paths, vector_files
from mailassay.verdicts import Edition

FOLDER = paths.ROOT / "vectors" / "opes"
OPERATIONS = ("trace", "bypass", "report", "statement")


@dataclass(frozen=True)
class OpesVector:
    """One question.  `given` is the request without the message, `expected` what must come of it;
    both as the schema has them.  A question for a statement has an empty message."""

    id: str
    case: str
    operation: str
    edition: Edition
    requirement: str
    flags: tuple[str, ...]
    note: str
    message: bytes
    given: Mapping[str, Any]
    expected: Mapping[str, Any]

    @property
    def system(self) -> str:
        return str(self.given["system"]["uri"])

    @property
    def services(self) -> list[Mapping[str, Any]]:
        return list(self.given.get("services", ()))


@cache
def load() -> tuple[OpesVector, ...]:
    """Every vector, in the order of the files.  Raises `vector_files.VectorError`."""
    return vector_files.read(FOLDER, OPERATIONS, _vector)


def of_case(case: str, edition: Edition) -> tuple[OpesVector, ...]:
    """The vectors that a case asks, in this edition."""
    return vector_files.of_case(load(), case, edition)


def _vector(told: Mapping[str, Any], operation: str) -> OpesVector:
    given = dict(told["input"])
    message = str(given.pop("message", "")).encode("utf-8")
    return OpesVector(
        id=told["id"],
        case=told["case"],
        operation=operation,
        edition=Edition(told["edition"]),
        requirement=told["requirement"],
        flags=tuple(told["flags"]),
        note=told["note"],
        message=message,
        given=given,
        expected=told["expected"],
    )
