"""Baselines: the known faults of a product, so that CI is green with them and red on all else.

A baseline is a TOML file with an entry for each clause that a case is known to find broken:

    [[known]]
    target = "postfix"
    edition = "rfc"
    case = "requiretls/bounce/relayed-from-the-null-path"
    requirement = "rfc8689/5/6"
    finding = "deviates"                       # or "violates"
    observed = "neither delivered nor bounced" # stands in what the case observed
    reason = "why that is so, and why it is lived with"
    link = "https://..."                       # where it is followed up
    version = "mail_version = 3.11.7"          # of the target, as its version command says
    expires = 2027-03-31                       # then somebody looks at it again

It works both ways.  What is broken and has no entry, or is observed otherwise, is a *regression*,
be it a MUST or a SHOULD.  An entry is *stale* when it has expired, was written for another version,
names what is not there (a target, a case, a clause), or what it says is not so any more.  For what
a run leaves out (another target, a filter), only an entry that has expired or names what is not
there is.
"""

from __future__ import annotations

import datetime
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mailassay.catalogue import Catalogue
from mailassay.verdicts import (
    Broken,
    CaseResult,
    Comparison,
    Edition,
    Known,
    Level,
    Outcome,
    Stale,
    Staleness,
    Status,
    TargetResult,
    Verdict,
)

UNDECIDED = (Verdict.INCONCLUSIVE, Verdict.ERROR)
LEAST_PART = 12  # characters of an observation by which it is known again
KEYS = ("target", "edition", "case", "requirement", "finding", "observed", "reason", "link",
        "version", "expires")


class BaselineError(Exception):
    """A baseline that can't be read; the text says where and what was expected."""


@dataclass(frozen=True)
class Names:
    """All that an entry can be about, whether or not it was run."""

    targets: frozenset[str]
    cases: frozenset[str]


@dataclass(frozen=True)
class Baseline:
    """All entries of a file; no two are about the same."""

    name: str
    entries: tuple[Known, ...]


# -- reading --------------------------------------------------------------------------------------


def load(file: Path) -> Baseline:
    """Reads a baseline.  Raises `BaselineError`, in one line."""
    try:
        told = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise BaselineError(f"{file}: there is no such file") from None
    except RecursionError:
        raise BaselineError(f"{file.name}: its values are nested too deeply") from None
    except (OSError, ValueError) as problem:  # bad UTF-8, bad TOML, a number of 5000 digits
        raise BaselineError(f"{file.name}: {problem}") from None
    listed = told.pop("known", [])
    if told:
        raise BaselineError(f"{file.name}: {sorted(told)[0]} is not a known key")
    if not isinstance(listed, list):
        raise BaselineError(f"{file.name}: known should be a list of tables")
    entries = tuple(_read(file.name, n, e) for n, e in enumerate(listed, 1))
    for n, entry in enumerate(entries, 1):
        told_before = [(e.key, e.observed) for e in entries[: n - 1]]
        if (entry.key, entry.observed) in told_before:
            raise BaselineError(f"{file.name}: entry {n}: an entry before is about the same")
    return Baseline(file.name, entries)


def _read(file: str, number: int, told: Any) -> Known:
    where = f"{file}: entry {number}"
    if not isinstance(told, dict):
        raise BaselineError(f"{where} should be a table")
    for key in KEYS:
        if key not in told:
            raise BaselineError(f"{where}: {key} is missing")
    for key, value in told.items():
        if key not in KEYS:
            raise BaselineError(f"{where}: {key} is not a known key")
        if key == "expires":
            if not isinstance(value, datetime.date) or isinstance(value, datetime.datetime):
                raise BaselineError(f"{where}: expires should be a date, as in 2027-03-31")
        elif not isinstance(value, str) or not value.strip():
            raise BaselineError(f"{where}: {key} should be a string that says something")
    try:
        edition = Edition(told["edition"])
    except ValueError:
        raise BaselineError(f"{where}: edition should be rfc or draft") from None
    if told["finding"] not in (Status.VIOLATES, Status.DEVIATES):
        raise BaselineError(f"{where}: finding should be violates or deviates")
    texts = {k: str(v) for k, v in told.items() if k not in ("edition", "finding", "expires")}
    return Known(
        **texts, edition=edition, finding=Status(told["finding"]), expires=told["expires"]
    )


# -- comparing ------------------------------------------------------------------------------------


def broken_in(targets: Iterable[TargetResult], catalogue: Catalogue) -> list[Broken]:
    """All that is broken in a run: each clause of each case, once for each observation."""
    found = (b for t in targets for c in t.cases for b in _broken_in_case(t, c, catalogue))
    return list(dict.fromkeys(found))


def _broken_in_case(
    target: TargetResult, case: CaseResult, catalogue: Catalogue
) -> Iterator[Broken]:
    for check in case.checks:
        if check.outcome is not Outcome.BROKEN:
            continue
        for requirement in check.requirements:
            level = catalogue[requirement].level
            if level is not Level.MAY:
                yield Broken(
                    target=target.target,
                    edition=target.edition,
                    version=target.version,
                    case=case.name,
                    requirement=requirement,
                    finding=Status.VIOLATES if level is Level.MUST else Status.DEVIATES,
                    observed=check.observed,
                )


def compare(
    targets: Iterable[TargetResult],
    baseline: Baseline,
    catalogue: Catalogue,
    names: Names,
    today: datetime.date,
) -> Comparison:
    """Holds a run against a baseline."""
    listed = list(targets)
    found = broken_in(listed, catalogue)
    known = [(e, b) for e in baseline.entries for b in found if _agrees(e, b)]
    explained = {b for _, b in known}
    regressions = tuple(b for b in found if b not in explained)
    stale = []
    for entry in baseline.entries:
        why = _why_impossible(entry, names, catalogue) or _why_stale(
            entry, listed, any(_agrees(entry, b) for b in found), today
        )
        if why is not None:
            stale.append(Stale(entry, *why))
    return Comparison(baseline.name, tuple(known), regressions, tuple(stale))


def _agrees(entry: Known, broken: Broken) -> bool:
    same = entry.key == broken.key and entry.finding is broken.finding
    return same and entry.observed in broken.observed


Why = tuple[Staleness, str]


def _why_impossible(entry: Known, names: Names, catalogue: Catalogue) -> Why | None:
    """Why no run can ever find what the entry says."""
    if entry.target not in names.targets:
        return Staleness.UNKNOWN, "there is no such target"
    if entry.case not in names.cases:
        return Staleness.UNKNOWN, "there is no such case"
    if entry.requirement not in catalogue:
        return Staleness.UNKNOWN, "there is no such requirement"
    clause = catalogue[entry.requirement]
    if clause.edition is not entry.edition:
        return Staleness.UNKNOWN, f"the requirement is not of the edition {entry.edition}"
    if clause.level is Level.MAY:
        return Staleness.UNKNOWN, "the requirement is a MAY, which is never broken"
    return None


def _why_stale(
    entry: Known, targets: list[TargetResult], seen: bool, today: datetime.date
) -> Why | None:
    """Why the entry is stale; None when it holds, or when the run does not tell."""
    if today > entry.expires:
        return Staleness.EXPIRED, f"it expired on {entry.expires}"
    result = next(
        (t for t in targets if (t.target, t.edition) == (entry.target, entry.edition)), None
    )
    case = next((c for c in result.cases if c.name == entry.case), None) if result else None
    if result is None or case is None:
        return None
    if result.version != entry.version:
        return Staleness.VERSION, f"it was written for {entry.version}, this is {result.version}"
    if case.verdict is Verdict.NOT_APPLICABLE:
        return Staleness.NOT_APPLICABLE, f"the case does not apply: {case.reason}"
    if not seen and case.verdict not in UNDECIDED:
        return Staleness.FIXED, "the clause is not broken any more, or not in that way"
    return None


# -- writing --------------------------------------------------------------------------------------


def update(
    old: Baseline | None,
    targets: Iterable[TargetResult],
    catalogue: Catalogue,
    new: Mapping[str, str],
    expires: datetime.date,
) -> tuple[Known, ...]:
    """The entries that a run calls for.

    What an entry of `old` explains keeps its reason, its link and, unless the version changed, its
    expiry; entries of cases that did not run, or came to no verdict, are kept as they are.  `new`
    holds the `reason` and the `link` of all others (see `unexplained`)."""
    entries = old.entries if old is not None else ()
    listed = list(targets)
    decided = {
        (t.target, t.edition, c.name)
        for t in listed
        for c in t.cases
        if c.verdict not in UNDECIDED
    }
    kept = [e for e in entries if (e.target, e.edition, e.case) not in decided]
    made = {
        (entry.key, entry.observed): entry
        for b in broken_in(listed, catalogue)
        if (b.target, b.edition, b.case) in decided
        for entry in [_entry(b, explaining(entries, b), new, expires)]
    }
    return tuple(sorted((*kept, *made.values()), key=lambda e: (e.key, e.observed)))


def explaining(entries: Iterable[Known], broken: Broken) -> Known | None:
    """The entry that explains it, if any does."""
    return next((e for e in entries if _agrees(e, broken)), None)


def _entry(
    broken: Broken, before: Known | None, new: Mapping[str, str], expires: datetime.date
) -> Known:
    unchanged = before is not None and before.version == broken.version
    return Known(
        target=broken.target,
        edition=broken.edition,
        case=broken.case,
        requirement=broken.requirement,
        finding=broken.finding,
        observed=before.observed if before else steady_part(broken.observed),
        reason=before.reason if before else new["reason"],
        link=before.link if before else new["link"],
        version=broken.version,
        expires=before.expires if before and unchanged else expires,
    )


def steady_part(observed: str) -> str:
    """The longest part of an observation without a number, which may differ from run to run; all
    of it when that part is too short to tell anything."""
    parts = [p.strip(" ,;") for p in re.split(r"\S*\d\S*", observed)]
    longest = max(parts, key=len)
    return longest if len(longest) >= LEAST_PART else observed


def as_toml(entries: Iterable[Known]) -> str:
    """The file; what stands in it is quoted so that any text survives."""
    blocks = []
    for e in entries:
        told = {key: str(getattr(e, key)) for key in KEYS if key != "expires"}
        lines = ["[[known]]", *(f"{key} = {_quoted(value)}" for key, value in told.items())]
        blocks.append("\n".join([*lines, f"expires = {e.expires.isoformat()}"]))
    head = "# Known faults, for `mailassay run --baseline`; see harness/mailassay/baseline.py.\n"
    return head + "".join(f"\n{b}\n" for b in blocks)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    plain = "".join(c if c.isprintable() else _escape(c) for c in escaped)
    return f'"{plain}"'


def _escape(character: str) -> str:
    """As TOML writes it; half a surrogate pair has no place there."""
    if 0xD800 <= ord(character) <= 0xDFFF:
        return "\ufffd"
    return f"\\U{ord(character):08x}"
