"""The vectors of vectors/mixer/: what a gateway to X.400 is asked, and what may come of it.

`mailassay vectors generate` writes them; here they are read, to be put to a target.  Format:
vectors/schema/mixer.schema.json, explained in vectors/mixer/README.md.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from mailassay import paths, vector_files
from mailassay.verdicts import Edition

FOLDER = paths.ROOT / "vectors" / "mixer"
TO_X400, FROM_X400 = "to-x400", "from-x400"
OPERATIONS = (TO_X400, FROM_X400)


@dataclass(frozen=True)
class MixerVector:
    """One question.  `octets` are the message or the interpersonal message, `given` is the rest of
    the request; `outcomes` are all that the text allows, the reference's first, as the schema has
    them; `clauses` are those that they tell of, the one that the vector is about first."""

    id: str
    case: str
    operation: str
    edition: Edition
    clauses: tuple[str, ...]
    flags: tuple[str, ...]
    note: str
    octets: bytes
    given: Mapping[str, Any]
    outcomes: tuple[Mapping[str, Any], ...]


@cache
def load() -> tuple[MixerVector, ...]:
    """Every vector, in the order of the files.  Raises `vector_files.VectorError`."""
    return vector_files.read(FOLDER, OPERATIONS, _vector)


def of_case(case: str, edition: Edition) -> tuple[MixerVector, ...]:
    """The vectors that a case asks, in this edition."""
    return vector_files.of_case(load(), case, edition)


def _vector(told: Mapping[str, Any], operation: str) -> MixerVector:
    given = dict(told["input"])
    octets = (
        str(given.pop("message")).encode("utf-8") if operation == TO_X400
        else base64.b64decode(given.pop("ipm"), validate=True)
    )
    return MixerVector(
        id=told["id"],
        case=told["case"],
        operation=operation,
        edition=Edition(told["edition"]),
        clauses=(told["requirement"], *told.get("also", ())),
        flags=tuple(told["flags"]),
        note=told["note"],
        octets=octets,
        given=given,
        outcomes=tuple(told["expected"]["outcomes"]),
    )
