"""Files of vectors: a file an operation, a JSON object whose `vectors` are objects with an `id`.

What stands in a vector is the concern of the module of its mechanism; schemas: vectors/schema/.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, TypeVar

from mailassay.verdicts import Edition


class VectorError(Exception):
    """A file of vectors is not what it should be: which file, and why."""


class Asked(Protocol):
    """A vector that a case asks."""

    @property
    def id(self) -> str: ...

    @property
    def case(self) -> str: ...

    @property
    def edition(self) -> Edition: ...


V = TypeVar("V")
A = TypeVar("A", bound=Asked)


def read(
    folder: Path, operations: Sequence[str], make: Callable[[Mapping[str, Any], str], V]
) -> tuple[V, ...]:
    """`make` of each vector in `folder/<operation>.json` and its operation, in the files' order.
    Raises `VectorError`, also when an id stands twice."""
    found: list[V] = []
    ids: set[str] = set()
    for operation in operations:
        file = folder / f"{operation}.json"
        try:
            for told in json.loads(file.read_text(encoding="utf-8"))["vectors"]:
                if told["id"] in ids:
                    raise VectorError(f"{file}: the id {told['id']} stands twice")
                ids.add(told["id"])
                found.append(make(told, operation))
        except (OSError, ValueError, KeyError, TypeError) as problem:
            raise VectorError(f"{file}: {type(problem).__name__}: {problem}") from None
    return tuple(found)


def of_case(vectors: Iterable[A], case: str, edition: Edition) -> tuple[A, ...]:
    """Those that a case asks, in this edition."""
    return tuple(v for v in vectors if v.case == case and v.edition is edition)
