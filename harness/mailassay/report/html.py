"""`index.html`: the whole report in one file that works offline, without scripts too.

Everything a target said is escaped by the template engine; the page carries a policy that lets
nothing run but its own inline script, which is named by its hash.
"""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import jinja2

from mailassay.catalogue import Catalogue, Requirement
from mailassay.report.files import write_whole
from mailassay.report.json_report import evidence_path
from mailassay.verdicts import (
    CaseResult,
    Conversation,
    Entry,
    Finding,
    Kind,
    Party,
    RunResult,
    TargetResult,
)

TEMPLATES = Path(__file__).parent / "templates"
MAX_ENTRIES_SHOWN = 400


@dataclass(frozen=True)
class Column:
    """A target under an edition: a column of the matrix."""

    key: str
    target: TargetResult
    findings: Mapping[str, Finding]


@dataclass(frozen=True)
class Row:
    """A requirement: a row of the matrix, with a finding for each column that has one."""

    requirement: Requirement
    cells: tuple[Finding | None, ...]


@dataclass(frozen=True)
class Step:
    """An entry of a conversation as it stands in the sequence.  `side` is the column it is in:
    left of the target, or right of it."""

    entry: Entry
    conversation: Conversation
    number: int
    side: str
    toward_target: bool


def write(
    run: RunResult, catalogue: Catalogue, notes: Mapping[str, Mapping[str, str]], out: Path
) -> None:
    """`notes` are the targets' explanations: by target, then by case or requirement."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        steps=steps, evidence_path=evidence_path, slug=slug, Kind=Kind, counted=counted
    )
    script = (TEMPLATES / "report.js").read_text(encoding="utf-8")
    columns = [_column(t) for t in run.targets]
    text = environment.get_template("index.html.j2").render(
        run=run,
        columns=columns,
        sections=_sections(columns, catalogue),
        notes=notes,
        style=(TEMPLATES / "report.css").read_text(encoding="utf-8"),
        script=script,
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
    )
    write_whole(out / "index.html", text)


def _column(target: TargetResult) -> Column:
    return Column(
        f"{target.target}-{target.edition}", target, {f.requirement: f for f in target.findings}
    )


def _sections(columns: list[Column], catalogue: Catalogue) -> list[tuple[str, list[Row]]]:
    """A table for each text that any column was judged by."""
    editions = dict.fromkeys(c.target.edition for c in columns)
    return [
        (
            specification.name,
            [
                Row(r, tuple(c.findings.get(r.id) for c in columns))
                for r in specification.requirements
            ],
        )
        for specification in catalogue.specifications
        if specification.edition in editions
    ]


def steps(case: CaseResult) -> list[Step]:
    """Every entry of every conversation of the case, in the order of time."""
    found = []
    for number, conversation in enumerate(case.conversations, start=1):
        side = "left" if conversation.hop == "submission" else "right"
        for entry in conversation.entries[:MAX_ENTRIES_SHOWN]:
            toward = entry.party is not Party.TARGET
            found.append(Step(entry, conversation, number, side, toward))
    return sorted(found, key=lambda s: s.entry.at)


def slug(text: str) -> str:
    """The text as a fragment identifier."""
    return "".join(c if c.isalnum() else "-" for c in text)


def counted(target: TargetResult) -> list[tuple[str, int]]:
    """How many findings of each status there are, the most frequent first."""
    return Counter(str(f.status) for f in target.findings).most_common()
