"""The checks of a case for people to read: what is broken in full, and what held told once.

A case that asks hundreds of vectors makes hundreds of checks of the same clause.  One of them shows
what was asked; the others say nothing new unless they are broken.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from mailassay.verdicts import Check, Outcome


def folded(checks: Iterable[Check]) -> list[Check]:
    """The first check of each clause, outcome and reading, with how many more there were behind
    what was expected; every broken one; in the order of the checks.

    Verdicts and findings over these are those over all."""
    listed = list(checks)
    first: dict[object, int] = {}
    more: dict[int, int] = {}
    kept: list[int] = []
    for index, check in enumerate(listed):
        kind = (check.requirements, check.outcome, check.reading)
        if check.outcome is Outcome.BROKEN or kind not in first:
            first.setdefault(kind, index)
            kept.append(index)
        else:
            more[first[kind]] = more.get(first[kind], 0) + 1
    return [_with(listed[index], more.get(index, 0)) for index in kept]


def _with(check: Check, more: int) -> Check:
    if not more:
        return check
    return replace(check, expected=f"{check.expected} (and {more} more like it)")
