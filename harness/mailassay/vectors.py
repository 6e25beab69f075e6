"""The vectors of vectors/secure-headers/: what is given, what must come of it, and why.

`mailassay vectors generate` writes them; here they are read, to be put to a target.  Format:
vectors/schema/secure-headers.schema.json, explained in vectors/secure-headers/README.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from mailassay import paths, vector_files
from mailassay.verdicts import Edition

FOLDER = paths.ROOT / "vectors" / "secure-headers"
FILES = ("verify", "sign")


@dataclass(frozen=True)
class Field:
    """A secured field, canonicalized."""

    name: str
    value: str
    status: str
    match: str = "same"


@dataclass(frozen=True)
class Expected:
    """What must come of a vector.  `outcomes` are all that the text allows, the reference's first;
    `readings` says which reading of `requirement` an outcome follows, where there are several.
    `warnings` are those that must be given, kind and name; `silent` are kinds that must not be."""

    outcomes: tuple[str, ...]
    readings: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[tuple[str, str], ...] = ()
    silent: tuple[str, ...] = ()
    algorithm: str | None = None
    fields: tuple[Field, ...] | None = None
    # How the signer's certificate stands to From and Sender, as must be shown.
    address: str | None = None
    # What a client that does not know the attribute makes of it; None: nothing certain.
    unaware: str | None = None


@dataclass(frozen=True)
class Vector:
    """One question to a target.  `request` is what the shim is asked, message included."""

    id: str
    case: str
    operation: str
    edition: Edition
    flags: tuple[str, ...]
    requirement: str
    message: bytes
    request: Mapping[str, Any]
    expected: Expected
    reason: str
    note: str


@cache
def load(folder: Path = FOLDER) -> tuple[Vector, ...]:
    """Every vector, in the order of the files.  Raises `vector_files.VectorError`."""
    return vector_files.read(folder, FILES, lambda told, name: _vector(told, name, folder))


def vectors_of(edition: Edition, operation: str = "verify") -> tuple[Vector, ...]:
    """All vectors of an operation, in this edition."""
    return tuple(v for v in load() if v.operation == operation and v.edition is edition)


def of_case(case: str, edition: Edition) -> tuple[Vector, ...]:
    """The vectors that a case asks, in this edition."""
    return vector_files.of_case(load(), case, edition)


def _vector(told: Mapping[str, Any], operation: str, folder: Path) -> Vector:
    given = dict(told["input"])
    message = (folder / given.pop("message")).read_bytes()
    for key in ("trust", "chain"):
        if key in given:
            given[key] = [(folder / f).read_text(encoding="ascii") for f in given[key]]
    for key in ("certificate", "key"):
        if key in given:
            given[key] = (folder / given[key]).read_text(encoding="ascii")
    if "signers" in given:
        given["signers"] = [
            {
                k: (folder / v).read_text(encoding="ascii") if k in ("certificate", "key") else v
                for k, v in s.items()
            }
            for s in given["signers"]
        ]
    return Vector(
        id=told["id"],
        case=told["case"],
        operation=operation,
        edition=Edition(told["edition"]),
        flags=tuple(told["flags"]),
        requirement=told["requirement"],
        message=message,
        request=given,
        expected=_expected(told["expected"]),
        reason=told["reason"],
        note=told["note"],
    )


def _expected(told: Mapping[str, Any]) -> Expected:
    fields = told.get("fields")
    return Expected(
        outcomes=tuple(told["outcomes"]),
        readings=dict(told.get("readings", {})),
        warnings=tuple((w["warning"], w["name"]) for w in told.get("warnings", ())),
        silent=tuple(told.get("silent", ())),
        algorithm=told.get("algorithm"),
        address=told.get("address"),
        unaware=told.get("unaware"),
        fields=None if fields is None else tuple(Field(**f) for f in fields),
    )
