"""A part of the kill matrix that proves as much as the whole: for each deviant a few cases that
catch it, so chosen that every case is among them.

The whole matrix asks every case about every deviant.  That each deviant is caught, and that each
case can fail, takes far fewer runs; `interop/deviants/cover.toml` lists them.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from mailassay.verdicts import Edition

HEADER = """\
# Which cases show, for each deviant, that it is caught: `mailassay deviants --cover` runs these.
# Written by `mailassay deviants --write-cover`, from the whole matrix of both editions.
"""

# By edition and deviant the cases, and the same shape for what a whole matrix found.
Caught = Mapping[Edition, Mapping[str, tuple[str, ...]]]


class CoverError(Exception):
    """The file can't be used; one line."""


@dataclass(frozen=True)
class Cover:
    """By edition and deviant: the cases to run, at least one."""

    cases: Caught

    def only(self, deviants: Collection[str]) -> Cover:
        """What it has on these."""
        return Cover({
            e: {d: c for d, c in of.items() if d in deviants} for e, of in self.cases.items()
        })

    def joined(self, other: Cover) -> Cover:
        """Both; they have no deviant in common."""
        return Cover({
            e: {**self.cases.get(e, {}), **other.cases.get(e, {})}
            for e in (*self.cases, *(e for e in other.cases if e not in self.cases))
        })

    def text(self) -> str:
        """As the file has it."""
        parts = [HEADER]
        for edition, deviants in self.cases.items():
            parts.append(f"\n[{edition}]\n")
            for name, cases in sorted(deviants.items()):
                listed = "".join(f"    {json.dumps(c)},\n" for c in sorted(cases))
                parts.append(f"{name} = [\n{listed}]\n")
        return "".join(parts)


def choose(found: Caught) -> Cover:
    """The cover of a whole matrix: in each edition what no edition before it has shown."""
    shown_deviants: set[str] = set()
    shown_cases: set[str] = set()
    chosen: dict[Edition, dict[str, tuple[str, ...]]] = {}
    for edition, catches in found.items():
        picked: dict[str, list[str]] = {}
        # The case that fewest deviants fall to goes first: it has the smallest choice.
        deviants_of: dict[str, list[str]] = {}
        for deviant, cases in catches.items():
            for case in cases:
                deviants_of.setdefault(case, []).append(deviant)
        for case in sorted(deviants_of, key=lambda c: (len(deviants_of[c]), c)):
            if case in shown_cases:
                continue
            by_need = sorted(deviants_of[case], key=lambda d: (len(picked.get(d, ())), d))
            picked.setdefault(by_need[0], []).append(case)
        for deviant, cases in catches.items():
            if cases and deviant not in picked and deviant not in shown_deviants:
                picked[deviant] = [min(cases, key=lambda c: (len(deviants_of[c]), c))]
        chosen[edition] = {d: tuple(cases) for d, cases in picked.items()}
        shown_deviants.update(chosen[edition])
        shown_cases.update(c for cases in chosen[edition].values() for c in cases)
    return Cover(chosen)


def load(file: Path) -> Cover:
    """Raises `CoverError`."""
    try:
        told = tomllib.loads(file.read_text(encoding="utf-8"))
        cases = {
            Edition(edition): {d: _names(listed) for d, listed in deviants.items()}
            for edition, deviants in told.items()
        }
    except (OSError, ValueError, AttributeError) as problem:
        raise CoverError(f"{file}: {problem}") from None
    return Cover(cases)


def _names(listed: object) -> tuple[str, ...]:
    if not isinstance(listed, list) or not all(isinstance(c, str) for c in listed) or not listed:
        raise ValueError(f"a list of cases is wanted, not {listed!r}")
    return tuple(listed)


def gaps(
    cover: Cover,
    deviants: Mapping[str, Collection[Edition]],
    applicable: Mapping[Edition, Collection[str]],
) -> tuple[str, ...]:
    """What the cover leaves open, a line each: deviants without a case, cases without a deviant,
    and names that nothing has.  `applicable` are the cases that the reference is judged by."""
    known = {case for cases in applicable.values() for case in cases}
    covered = {c for of in cover.cases.values() for cases in of.values() for c in cases}
    listed = {d for of in cover.cases.values() for d in of}
    lines = [f"no case for the deviant {d}" for d in sorted(set(deviants) - listed)]
    lines += [f"no deviant for the case {c}" for c in sorted(known - covered)]
    lines += [f"there is no case {c}" for c in sorted(covered - known)]
    for edition, of in cover.cases.items():
        lines += _unknown(edition, of, deviants)
    return tuple(lines)


def _unknown(
    edition: Edition, listed: Iterable[str], deviants: Mapping[str, Collection[Edition]]
) -> list[str]:
    return [
        f"there is no deviant {d} of the edition {edition}"
        for d in sorted(listed)
        if edition not in deviants.get(d, ())
    ]
