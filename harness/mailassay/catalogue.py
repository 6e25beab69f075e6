"""The catalogue of requirements: loading, indexing, translation between the editions.

A file of `vectors/requirements/` holds one specification: an entry a clause, in our own words, with
the digests of the sentences that it rests on.  `catalogue_check` holds it against the texts,
`citations` against the code and the cases.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from mailassay.verdicts import Edition, Level, Mechanism, Role

FILE_KEYS = frozenset(
    {
        "mechanism",
        "edition",
        "specification",
        "prefix",
        "partial",
        "both",
        "unwritten",
        "requirement",
        "excluded",
    }
)
ENTRY_KEYS = frozenset(
    {
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
)
EXCLUDED_KEYS = frozenset({"digest", "reason"})
READING_KEYS = frozenset({"name", "statement"})
DIGEST = re.compile(r"[0-9a-f]{10}")
SECTION = re.compile(r"[1-9][0-9]*(\.[1-9][0-9]*)*")


class CatalogueError(Exception):
    """A catalogue file is not what it should be; the text names file, entry and key."""


@dataclass(frozen=True)
class Reading:
    """One way to read an ambiguous clause; a target that follows any of them conforms."""

    name: str
    statement: str


@dataclass(frozen=True)
class Requirement:
    """One clause.  `sources` are digests; `untestable` and `uncovered` say why no case cites it.
    `both`: it is of a text that both editions of the mechanism build on."""

    id: str
    section: str
    level: Level
    roles: tuple[Role, ...]
    sources: tuple[str, ...]
    statement: str
    edition: Edition
    mechanism: Mechanism
    readings: tuple[Reading, ...] = ()
    same_as: str | None = None
    untestable: str | None = None
    uncovered: str | None = None
    both: bool = False

    def is_of(self, edition: Edition) -> bool:
        """The edition makes the demand under this id."""
        return self.both or self.edition is edition

    def described(self) -> dict[str, Any]:
        """As a JSON object."""
        return asdict(self)


@dataclass(frozen=True)
class Specification:
    """One catalogue file.  `excluded` maps the digest of a sentence that asks nothing of an
    implementation to the reason.  A `partial` one takes a few clauses of a text that others build
    on, and does not claim to hold them all.  `unwritten` says why there is no text at all."""

    name: str
    edition: Edition
    mechanism: Mechanism
    prefix: str
    requirements: tuple[Requirement, ...]
    excluded: Mapping[str, str]
    partial: bool = False
    unwritten: str | None = None

    def is_of(self, edition: Edition) -> bool:
        """A target is judged by it under this edition."""
        return any(r.is_of(edition) for r in self.requirements)


@dataclass(frozen=True)
class Catalogue:
    """All specifications of all mechanisms."""

    specifications: tuple[Specification, ...]
    _by_id: dict[str, Requirement] = field(default_factory=dict)
    _draft_of: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for r in (r for s in self.specifications for r in s.requirements):
            if r.id in self._by_id:
                raise CatalogueError(f"{r.id} stands twice")
            self._by_id[r.id] = r
        for r in self._by_id.values():
            if r.same_as is not None:
                self._link(r, r.same_as)

    def _link(self, draft: Requirement, published: str) -> None:
        if published not in self._by_id:
            raise CatalogueError(f"{draft.id}: same_as names {published}, which does not exist")
        if draft.edition is not Edition.DRAFT or self._by_id[published].edition is not Edition.RFC:
            raise CatalogueError(f"{draft.id}: same_as leads from a draft to a published text")
        if published in self._draft_of:
            other = self._draft_of[published]
            raise CatalogueError(f"{draft.id} and {other} are both the same as {published}")
        self._draft_of[published] = draft.id

    def __contains__(self, requirement: str) -> bool:
        return requirement in self._by_id

    def __getitem__(self, requirement: str) -> Requirement:
        return self._by_id[requirement]

    def of_edition(
        self, edition: Edition, mechanisms: Collection[Mechanism] = tuple(Mechanism)
    ) -> tuple[Requirement, ...]:
        """Every requirement of the mechanisms' texts in the edition, in the order of the text."""
        return tuple(
            r
            for s in self.specifications
            if s.mechanism in mechanisms
            for r in s.requirements
            if r.is_of(edition)
        )

    def translate(self, requirement: str, edition: Edition) -> str | None:
        """The id under which the edition makes the same demand; None when it makes none."""
        known = self._by_id.get(requirement)
        if known is None:
            raise CatalogueError(f"no requirement is called {requirement}")
        if known.is_of(edition):
            return requirement
        if edition is Edition.DRAFT:
            return self._draft_of.get(requirement)
        return known.same_as


def load(folder: Path) -> Catalogue:
    """Reads every file of the folder."""
    files = sorted(folder.glob("*.toml"))
    if not files:
        raise CatalogueError(f"{folder}: holds no catalogue file")
    return Catalogue(tuple(_load_file(f) for f in files))


def _load_file(file: Path) -> Specification:
    try:
        told = tomllib.loads(file.read_text(encoding="utf-8"))
        _only(told, FILE_KEYS, "the file")
        mechanism = Mechanism(_text(told, "mechanism", "the file"))
        edition = Edition(_text(told, "edition", "the file"))
        prefix = _text(told, "prefix", "the file")
        both = _flag(told, "both")
        tables = _tables(told, "requirement", "the file")
        entries = tuple(
            replace(_entry(e, mechanism, edition, prefix), both=both) for e in tables
        )
        if not entries:
            raise ValueError("the file has no requirement")
        return Specification(
            name=_text(told, "specification", "the file"),
            edition=edition,
            mechanism=mechanism,
            prefix=prefix,
            requirements=entries,
            excluded=_excluded(told),
            partial=_flag(told, "partial"),
            unwritten=_text_if_any(told, "unwritten", "the file"),
        )
    except (OSError, ValueError) as problem:  # a TOML error and bad UTF-8 are ValueErrors, too
        raise CatalogueError(f"{file.name}: {problem}") from None


def _entry(
    told: Mapping[str, Any], mechanism: Mechanism, edition: Edition, prefix: str
) -> Requirement:
    name = _text(told, "id", "an entry")
    _only(told, ENTRY_KEYS, name)
    section = _text(told, "section", name)
    if not SECTION.fullmatch(section):
        raise ValueError(f"{name}: '{section}' is no section number")
    if not re.fullmatch(rf"{re.escape(prefix)}/{re.escape(section)}/[1-9][0-9]*", name):
        raise ValueError(f"{name}: an id is {prefix}/<section>/<number>")
    roles = tuple(Role(r) for r in _texts(told, "roles", name))
    if not roles:
        raise ValueError(f"{name}: binds no role")
    odd = next((r for r in roles if r.mechanism is not mechanism), None)
    if odd is not None:
        raise ValueError(f"{name}: {odd} is a role of {odd.mechanism}, not of {mechanism}")
    return Requirement(
        id=name,
        section=section,
        level=Level(_text(told, "level", name)),
        roles=roles,
        sources=tuple(_digest(d, name) for d in _texts(told, "sources", name)),
        statement=_text(told, "statement", name),
        edition=edition,
        mechanism=mechanism,
        readings=_readings(told, name),
        same_as=_text_if_any(told, "same_as", name),
        untestable=_text_if_any(told, "untestable", name),
        uncovered=_text_if_any(told, "uncovered", name),
    )


def _readings(told: Mapping[str, Any], name: str) -> tuple[Reading, ...]:
    found = []
    for reading in _tables(told, "readings", name):
        _only(reading, READING_KEYS, name)
        found.append(Reading(_text(reading, "name", name), _text(reading, "statement", name)))
    if len({r.name for r in found}) != len(found):
        raise ValueError(f"{name}: two readings have one name")
    return tuple(found)


def _excluded(told: Mapping[str, Any]) -> dict[str, str]:
    found: dict[str, str] = {}
    for entry in _tables(told, "excluded", "the file"):
        _only(entry, EXCLUDED_KEYS, "excluded")
        digest = _digest(_text(entry, "digest", "excluded"), "excluded")
        if digest in found:
            raise ValueError(f"excluded: {digest} stands twice")
        found[digest] = _text(entry, "reason", f"excluded {digest}")
    return found


def _flag(told: Mapping[str, Any], key: str) -> bool:
    value = told.get(key, False)
    if not isinstance(value, bool):
        raise ValueError(f"{key} should be true or false")
    return value


def _only(told: Mapping[str, Any], known: frozenset[str], where: str) -> None:
    unknown = sorted(set(told) - known)
    if unknown:
        raise ValueError(f"{where}: unknown key '{unknown[0]}'")


def _text(told: Mapping[str, Any], key: str, where: str) -> str:
    value = told.get(key)
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{where}: '{key}' is missing or not a text")
    return value


def _text_if_any(told: Mapping[str, Any], key: str, where: str) -> str | None:
    return _text(told, key, where) if key in told else None


def _texts(told: Mapping[str, Any], key: str, where: str) -> list[str]:
    value = told.get(key)
    if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
        raise ValueError(f"{where}: '{key}' is missing or not a list of texts")
    return value


def _tables(told: Mapping[str, Any], key: str, where: str) -> list[Mapping[str, Any]]:
    value = told.get(key, [])
    if not isinstance(value, list) or not all(isinstance(v, dict) for v in value):
        raise ValueError(f"{where}: '{key}' is not a list of tables")
    return value


def _digest(text: str, where: str) -> str:
    if not DIGEST.fullmatch(text):
        raise ValueError(f"{where}: '{text}' is no digest")
    return text
