"""Holds the catalogue against the code and the cases: who cites which clause.

A line that meets a clause cites it, `// [rfc8689/4.2.1/9]`.  `problems` finds citations of clauses
that do not exist, MUSTs that no code or no case answers for, and excuses that are out of date.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from mailassay.catalogue import Catalogue, Requirement
from mailassay.cases.registry import Case
from mailassay.verdicts import Edition, Level, Role

FOLDERS = ("reference", "interop", "harness", "fuzz")
SUFFIXES = frozenset({".cc", ".h", ".py", ".toml", ".md", ".j2", ".txt"})
# The roles that the reference plays; a MUST that binds one of them is cited by its code.
PLAYED = frozenset(
    {
        Role.RELAY_SERVER,
        Role.RELAY_CLIENT,
        Role.BOUNCE_MAKER,
        Role.SUBMITTING_CLIENT,
        Role.SUBMISSION_SERVER,
        Role.LMTP_SERVER,
        Role.LMTP_CLIENT,
        Role.MEDIATOR,
        Role.SIGNER,
        Role.VERIFIER,
        Role.ENCRYPTING_DCA,
        Role.DECRYPTING_DCA,
        Role.PROCESSOR,
        Role.REPORT_MAKER,
    }
)


@dataclass(frozen=True)
class Mention:
    """An id as it stands in a file; `cites` when it is code of the reference, in brackets."""

    requirement: str
    file: Path
    line: int
    cites: bool


def mentions(root: Path, prefixes: Iterable[str]) -> tuple[Mention, ...]:
    """Every id of the catalogue's prefixes in the project's files."""
    names = "|".join(re.escape(p) for p in prefixes)
    pattern = re.compile(rf"(?<![\w./-])(?:{names})/\d+(?:\.\d+)*/\d+(?![\w/])")
    return tuple(
        mention
        for folder in FOLDERS
        for file in _files(root / folder)
        for mention in _in_file(file, root, pattern)
    )


def _files(folder: Path) -> Iterator[Path]:
    for entry in sorted(folder.iterdir()) if folder.is_dir() else ():
        if entry.name.startswith((".", "__")) or entry.is_symlink():
            continue
        if entry.is_dir():
            yield from _files(entry)
        elif entry.suffix in SUFFIXES:
            yield entry


def _in_file(file: Path, root: Path, pattern: re.Pattern[str]) -> Iterator[Mention]:
    relative = file.relative_to(root)
    is_code = (
        relative.parts[0] == "reference"
        and file.suffix in (".cc", ".h")
        and not file.stem.endswith("_test")
    )
    text = file.read_text(encoding="utf-8", errors="replace")
    for number, line in enumerate(text.splitlines(), start=1):
        for match in pattern.finditer(line):
            bracketed = "[" in line[:match.start()] and "]" in line[match.end():]
            yield Mention(match[0], relative, number, is_code and bracketed)


def problems(
    catalogue: Catalogue, cases: Iterable[Case], found: Iterable[Mention]
) -> tuple[str, ...]:
    """One line for each thing that is wrong."""
    listed = tuple(found)
    tested = cases_by_requirement(catalogue, cases)
    return (
        *_unknown(catalogue, listed),
        *_not_in_code(catalogue, {m.requirement for m in listed if m.cites}),
        *_without_case(catalogue, tested),
        *_stale_excuses(catalogue, tested),
    )


def cases_by_requirement(
    catalogue: Catalogue, cases: Iterable[Case]
) -> Mapping[str, tuple[str, ...]]:
    """The names of the cases that answer for each id, in the editions that they are for."""
    citing: dict[str, list[str]] = {}
    for case in cases:
        for edition in case.editions:
            for cited in case.requirements:
                translated = catalogue.translate(cited, edition) if cited in catalogue else cited
                if translated is not None:
                    citing.setdefault(translated, []).append(case.name)
    return {requirement: tuple(dict.fromkeys(names)) for requirement, names in citing.items()}


def _unknown(catalogue: Catalogue, found: Iterable[Mention]) -> Iterator[str]:
    for mention in found:
        if mention.requirement not in catalogue:
            where = f"{mention.file}:{mention.line}"
            yield f"{where}: no requirement is called {mention.requirement}"


def _not_in_code(catalogue: Catalogue, cited: set[str]) -> Iterator[str]:
    for r in _binding(catalogue):
        if r.untestable is None and PLAYED & set(r.roles) and not cited & {r.id, r.same_as}:
            yield f"{r.id} (MUST): no line of the reference cites it"


def _without_case(catalogue: Catalogue, tested: Mapping[str, object]) -> Iterator[str]:
    for r in _binding(catalogue):
        if r.id not in tested and r.untestable is None and r.uncovered is None:
            yield f"{r.id} (MUST): no case cites it, and no reason is given"


def _stale_excuses(catalogue: Catalogue, tested: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    for requirement in sorted(set(tested)):
        if requirement not in catalogue:
            case = tested[requirement][0]
            yield f"{case} cites {requirement}, which does not exist"
            continue
        r = catalogue[requirement]
        if r.untestable is not None or r.uncovered is not None:
            yield f"{r.id}: has an excuse, but {tested[r.id][0]} cites it"


def _binding(catalogue: Catalogue) -> Iterator[Requirement]:
    listed = dict.fromkeys(r for e in Edition for r in catalogue.of_edition(e))
    yield from (r for r in listed if r.level is Level.MUST)
