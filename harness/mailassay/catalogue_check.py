"""Holds the catalogue against the texts of the specifications.

The texts are not part of the project.  Where they are at hand, beside a tool that lists the
normative sentences of a text with a digest each, `check` proves that no sentence is missing, that
each is cited at its own level and in its own section, and that no statement is copied.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from mailassay.catalogue import Catalogue, Requirement, Specification
from mailassay.verdicts import Level

# A run of this many words that also stands in the text counts as copied from it.
COPIED_WORDS = 8

LEVEL_OF = {
    "MUST": Level.MUST,
    "MUST NOT": Level.MUST,
    "SHALL": Level.MUST,
    "SHALL NOT": Level.MUST,
    "REQUIRED": Level.MUST,
    "SHOULD": Level.SHOULD,
    "SHOULD NOT": Level.SHOULD,
    "RECOMMENDED": Level.SHOULD,
    "NOT RECOMMENDED": Level.SHOULD,
    "MAY": Level.MAY,
    "OPTIONAL": Level.MAY,
}
# "4.2.1.  Sending ...", and as the draft's rendering has it "[4.2.1](#). Sending ...".
HEADING = re.compile(r"^\[?(\d+(?:\.\d+)*)\.?\]?(?:\(#[^)]*\))?\.?\s+[A-Z]", re.MULTILINE)


class Checked(StrEnum):
    """What `check` found.  UNCHECKED is not a success: a text is not at hand."""

    COMPLETE = "complete"
    UNCHECKED = "unchecked"
    PROBLEMS = "problems"


@dataclass(frozen=True)
class CheckReport:
    """The result of `check`, with a line for each thing worth saying."""

    result: Checked
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Sentence:
    """A normative sentence as the tool lists it."""

    digest: str
    section: str
    levels: frozenset[Level]


def texts_folder(root: Path) -> Path:
    """Where the specifications lie: where MAILASSAY_SPECS says, or beside the checkout."""
    return Path(os.environ.get("MAILASSAY_SPECS") or root.parent / "shared" / "specs")


def tool_beside(specs: Path) -> Path:
    """The tool that lists normative sentences."""
    return specs.parent / "tools" / "normative"


def check(catalogue: Catalogue, specs: Path, tool: Path) -> CheckReport:
    """Proves every catalogue file against its text."""
    if not specs.is_dir() or not tool.is_file():
        return CheckReport(Checked.UNCHECKED, ("the texts, or the tool beside them, are absent",))
    problems: list[str] = []
    lines: list[str] = []
    absent: list[str] = []
    for specification in catalogue.specifications:
        if specification.unwritten is not None:
            count = len(specification.requirements)
            lines.append(f"{specification.name}: {count} requirements; {specification.unwritten}")
            continue
        text = specs / f"{specification.name}.txt"
        if not text.is_file():
            absent.append(f"{specification.name}: its text is absent")
            continue
        try:
            sentences = _sentences(tool, text)
        except (OSError, ValueError, subprocess.SubprocessError) as problem:
            problems.append(f"{specification.name}: the tool failed: {problem}")
            continue
        problems += problems_of(specification, sentences, text.read_text("utf-8", "replace"))
        extent = f"over {len({s.digest for s in sentences})} normative sentences"
        if specification.partial:
            extent = "and not the rest"
        count = len(specification.requirements)
        lines.append(f"{specification.name}: {count} requirements {extent}")
    if problems:
        return CheckReport(Checked.PROBLEMS, tuple(problems))
    if absent:
        return CheckReport(Checked.UNCHECKED, (*lines, *absent))
    return CheckReport(Checked.COMPLETE, tuple(lines))


def _sentences(tool: Path, text: Path) -> tuple[Sentence, ...]:
    told = subprocess.run(
        [sys.executable, tool, text], check=True, capture_output=True, text=True, timeout=60
    )
    rows = [line.split("\t", 4) for line in told.stdout.splitlines()]
    return tuple(
        Sentence(digest, section, frozenset(LEVEL_OF[k] for k in keywords.split(",")))
        for _, section, keywords, digest, _ in rows
    )


def problems_of(
    specification: Specification, sentences: Iterable[Sentence], text: str
) -> list[str]:
    """Everything that is wrong between one catalogue file and its text."""
    listed = tuple(sentences)
    found = [
        *([] if specification.partial else _whole(specification, listed)),
        *_without_ground(specification, set(HEADING.findall(text))),
        *_copied(specification, text),
    ]
    return [f"{specification.name}: {problem}" for problem in found]


def _whole(specification: Specification, listed: tuple[Sentence, ...]) -> Iterator[str]:
    """What a catalogue that claims to hold all of its text lacks or contradicts."""
    yield from _missing_and_unknown(specification, {s.digest for s in listed})
    yield from _contradictions(specification, listed)


def _missing_and_unknown(specification: Specification, digests: set[str]) -> Iterator[str]:
    cited = {d for r in specification.requirements for d in r.sources}
    excluded = set(specification.excluded)
    for digest in sorted(digests - cited - excluded):
        yield f"the sentence {digest} is neither cited nor excluded"
    for digest in sorted((cited | excluded) - digests):
        yield f"{digest} is the digest of no normative sentence"
    for digest in sorted(cited & excluded):
        yield f"{digest} is both cited and excluded"


def _contradictions(
    specification: Specification, sentences: tuple[Sentence, ...]
) -> Iterator[str]:
    """A sentence is cited in its own section, at each of its levels, and at no other."""
    for digest in dict.fromkeys(s.digest for s in sentences):
        alike = [s for s in sentences if s.digest == digest]
        sections = {s.section for s in alike}
        levels = frozenset[Level]().union(*(s.levels for s in alike))
        citing = [r for r in specification.requirements if digest in r.sources]
        for r in citing:
            if r.section not in sections:
                yield f"{r.id} cites {digest}, which stands in section {min(sections)}"
            if r.level not in levels:
                yield f"{r.id} is a {r.level}, but {digest} says {' and '.join(sorted(levels))}"
        for level in sorted(levels - {r.level for r in citing}):
            if citing:
                yield f"no entry for the {level} in {digest}"


def _without_ground(specification: Specification, sections: set[str]) -> Iterator[str]:
    for r in specification.requirements:
        if r.section not in sections:
            yield f"{r.id}: the text has no section {r.section}"
        if r.level is Level.STEP and r.sources:
            yield f"{r.id} is a STEP, so it has no keyword and no source"
        if r.level is not Level.STEP and not r.sources:
            yield f"{r.id} is a {r.level} without a source"


def _words(text: str) -> list[str]:
    return re.sub(r"[^a-z0-9]+", " ", text.lower()).split()


def _runs(words: list[str]) -> Iterator[tuple[str, ...]]:
    return (tuple(words[i:i + COPIED_WORDS]) for i in range(len(words) - COPIED_WORDS + 1))


def _own_words(requirement: Requirement) -> Iterator[str]:
    yield requirement.statement
    yield from (reading.statement for reading in requirement.readings)
    yield from (why for why in (requirement.untestable, requirement.uncovered) if why)


def _copied(specification: Specification, text: str) -> Iterator[str]:
    theirs = set(_runs(_words(text)))
    for r in specification.requirements:
        for ours in _own_words(r):
            copied = next((run for run in _runs(_words(ours)) if run in theirs), None)
            if copied is not None:
                yield f"{r.id} repeats the text's own words: {' '.join(copied)}"
