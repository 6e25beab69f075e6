"""The catalogue of requirements: loading, indexing, translation between the editions, checking.

A file of `vectors/requirements/` holds one specification: an entry a clause, in our own words, with
the digests of the sentences that it rests on.  The digests come from a tool that lists a text's
normative sentences; where the texts are at hand, `check` proves that none is missing.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from mailassay.verdicts import Edition, Level, Role

ENTRY_KEYS = {
    "id",
    "section",
    "level",
    "roles",
    "sources",
    "statement",
    "readings",
    "same_as",
    "untestable",
    "uncovered",
}
# A run of this many words that also stands in the text counts as copied from it.
COPIED_WORDS = 8


class CatalogueError(Exception):
    """A catalogue file is not what it should be; the text names file, entry and key."""


@dataclass(frozen=True)
class Reading:
    """One way to read an ambiguous clause; a target that follows any of them conforms."""

    name: str
    statement: str


@dataclass(frozen=True)
class Requirement:
    """One clause.  `sources` are digests; `untestable` and `uncovered` say why no case cites it."""

    id: str
    section: str
    level: Level
    roles: tuple[Role, ...]
    sources: tuple[str, ...]
    statement: str
    edition: Edition
    readings: tuple[Reading, ...] = ()
    same_as: str | None = None
    untestable: str | None = None
    uncovered: str | None = None

    def described(self) -> dict[str, Any]:
        """As a JSON object."""
        return asdict(self)


@dataclass(frozen=True)
class Specification:
    """One catalogue file."""

    name: str
    edition: Edition
    prefix: str
    requirements: tuple[Requirement, ...]
    excluded: Mapping[str, str]


@dataclass(frozen=True)
class Catalogue:
    """All specifications of all mechanisms."""

    specifications: tuple[Specification, ...]
    _by_id: dict[str, Requirement] = field(default_factory=dict)
    _draft_of: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for specification in self.specifications:
            for r in specification.requirements:
                if r.id in self._by_id:
                    raise CatalogueError(f"{specification.name}: {r.id} stands twice")
                self._by_id[r.id] = r
                if r.same_as is not None:
                    self._draft_of[r.same_as] = r.id

    def __contains__(self, requirement: str) -> bool:
        return requirement in self._by_id

    def __getitem__(self, requirement: str) -> Requirement:
        return self._by_id[requirement]

    def of_edition(self, edition: Edition) -> tuple[Requirement, ...]:
        """Every requirement of the edition's texts, in the order of the text."""
        return tuple(
            r for s in self.specifications if s.edition is edition for r in s.requirements
        )

    def translate(self, requirement: str, edition: Edition) -> str | None:
        """The id under which the edition makes the same demand; None when it makes none."""
        known = self._by_id.get(requirement)
        if known is None:
            raise CatalogueError(f"no requirement is called {requirement}")
        if known.edition is edition:
            return requirement
        if edition is Edition.DRAFT:
            return self._draft_of.get(requirement)
        return known.same_as


def load(folder: Path) -> Catalogue:
    """Reads every file of the folder."""
    files = sorted(folder.glob("*.toml"))
    if not files:
        raise CatalogueError(f"{folder}: holds no catalogue file")
    catalogue = Catalogue(tuple(_load_file(f) for f in files))
    for specification in catalogue.specifications:
        for r in specification.requirements:
            if r.same_as is not None and r.same_as not in catalogue:
                raise CatalogueError(f"{r.id}: same_as names {r.same_as}, which does not exist")
    return catalogue


def _load_file(file: Path) -> Specification:
    try:
        told = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        raise CatalogueError(f"{file.name}: {problem}") from None
    try:
        edition = Edition(told["edition"])
        entries = tuple(_entry(e, edition, told["prefix"]) for e in told["requirement"])
        return Specification(
            name=str(told["specification"]),
            edition=edition,
            prefix=str(told["prefix"]),
            requirements=entries,
            excluded={e["digest"]: e["reason"] for e in told.get("excluded", [])},
        )
    except (KeyError, TypeError, ValueError) as problem:
        raise CatalogueError(f"{file.name}: {problem}") from None


def _entry(told: Mapping[str, Any], edition: Edition, prefix: str) -> Requirement:
    name = str(told.get("id", "an entry without id"))
    unknown = set(told) - ENTRY_KEYS
    if unknown:
        raise ValueError(f"{name}: unknown key '{sorted(unknown)[0]}'")
    if not re.fullmatch(rf"{re.escape(prefix)}/{re.escape(told['section'])}/[1-9][0-9]*", name):
        raise ValueError(f"{name}: an id is {prefix}/<section>/<number>")
    if not told["statement"].strip() or not told["roles"]:
        raise ValueError(f"{name}: needs a statement and roles")
    return Requirement(
        id=name,
        section=told["section"],
        level=Level(told["level"]),
        roles=tuple(Role(r) for r in told["roles"]),
        sources=tuple(told["sources"]),
        statement=told["statement"],
        edition=edition,
        readings=tuple(Reading(r["name"], r["statement"]) for r in told.get("readings", [])),
        same_as=told.get("same_as"),
        untestable=told.get("untestable"),
        uncovered=told.get("uncovered"),
    )


class Checked(StrEnum):
    """What `check` found."""

    COMPLETE = "complete"
    UNCHECKED = "unchecked"
    PROBLEMS = "problems"


@dataclass(frozen=True)
class CheckReport:
    """The result of `check`, with a line for each thing worth saying."""

    result: Checked
    lines: tuple[str, ...]


def texts_folder(root: Path) -> Path:
    """Where the specifications lie: beside the checkout, or where MAILASSAY_SPECS says."""
    return Path(os.environ.get("MAILASSAY_SPECS") or root.parent / "shared" / "specs")


def check(catalogue: Catalogue, specs: Path, tool: Path) -> CheckReport:
    """Proves every catalogue file against its text: no digest missing, none unknown, no statement
    that repeats the text's own words."""
    if not specs.is_dir() or not tool.is_file():
        return CheckReport(Checked.UNCHECKED, (f"the texts are not at {specs}",))
    problems: list[str] = []
    lines: list[str] = []
    for specification in catalogue.specifications:
        text = specs / f"{specification.name}.txt"
        if not text.is_file():
            return CheckReport(Checked.UNCHECKED, (f"{text.name} is not at {specs}",))
        digests = _digests(tool, text)
        problems += _compare(specification, digests)
        problems += _copied(specification, text.read_text(encoding="utf-8", errors="replace"))
        lines.append(
            f"{specification.name}: {len(specification.requirements)} requirements "
            f"over {len(digests)} normative sentences"
        )
    if problems:
        return CheckReport(Checked.PROBLEMS, tuple(problems))
    return CheckReport(Checked.COMPLETE, tuple(lines))


def _digests(tool: Path, text: Path) -> set[str]:
    told = subprocess.run(
        [sys.executable, tool, "--digests", text],
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    return set(told.stdout.split())


def _compare(specification: Specification, digests: set[str]) -> Iterable[str]:
    cited = {d for r in specification.requirements for d in r.sources}
    for digest in sorted(digests - cited - set(specification.excluded)):
        yield f"{specification.name}: the sentence {digest} is neither cited nor excluded"
    for digest in sorted((cited | set(specification.excluded)) - digests):
        yield f"{specification.name}: {digest} is the digest of no normative sentence"
    for digest in sorted(cited & set(specification.excluded)):
        yield f"{specification.name}: {digest} is both cited and excluded"


def _words(text: str) -> list[str]:
    return re.sub(r"[^a-z0-9]+", " ", text.lower()).split()


def _copied(specification: Specification, text: str) -> Iterable[str]:
    words = _words(text)
    runs = {tuple(words[i:i + COPIED_WORDS]) for i in range(len(words) - COPIED_WORDS + 1)}
    for r in specification.requirements:
        for statement in (r.statement, *(reading.statement for reading in r.readings)):
            own = _words(statement)
            for i in range(len(own) - COPIED_WORDS + 1):
                if tuple(own[i:i + COPIED_WORDS]) in runs:
                    copied = " ".join(own[i:i + COPIED_WORDS])
                    yield f"{r.id}: repeats the text's own words: {copied}"
                    break
