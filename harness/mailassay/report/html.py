"""`index.html`: the whole report in one file that works offline, without scripts too.

Everything a target said is escaped by the template engine, and stripped of control characters; the
page carries a policy that lets nothing load and nothing run but its own inline style and script,
which it names by their hashes.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import jinja2
from markupsafe import Markup, escape

from mailassay.catalogue import Catalogue, Requirement
from mailassay.report.files import write_whole
from mailassay.report.folding import folded
from mailassay.report.json_report import evidence_path, log_path
from mailassay.report.sequence import lookups, steps
from mailassay.report.summary import standing
from mailassay.verdicts import (
    Broken,
    CaseResult,
    Finding,
    Known,
    Outcome,
    RunResult,
    Staleness,
    Status,
    TargetResult,
    Unavailable,
    Verdict,
)

TEMPLATES = Path(__file__).parent / "templates"
# Words that the eye looks for in a conversation.
KEYWORDS = re.compile(r"(REQUIRETLS|STARTTLS|TLS-Required|RequireTLS)", re.IGNORECASE)
OUTSTANDING = (Status.VIOLATES, Status.DEVIATES)
STALE = {Staleness.EXPIRED: "expired", Staleness.FIXED: "fixed"}
UNDECIDED = (Verdict.INCONCLUSIVE, Verdict.ERROR)


@dataclass(frozen=True)
class Column:
    """A target under an edition: a column of the matrix."""

    key: str
    target: TargetResult
    findings: Mapping[str, Finding]

    @property
    def statuses(self) -> list[tuple[Status, int]]:
        """How many findings of each status there are, the worst first."""
        counts = Counter(f.status for f in self.target.findings)
        order = (Status.VIOLATES, Status.DEVIATES, Status.CONFORMS, Status.OBSERVED)
        rest = [s for s in Status if s not in order]
        return [(s, counts[s]) for s in (*order, *rest) if counts[s]]

    @property
    def verdicts(self) -> list[tuple[Verdict, int]]:
        """How many cases of each verdict there are."""
        counts = Counter(c.verdict for c in self.target.cases)
        return [(v, counts[v]) for v in Verdict if counts[v]]

    @property
    def outstanding(self) -> list[Finding]:
        """Findings that somebody has to look at, the worst first."""
        return [f for s in OUTSTANDING for f in self.target.findings if f.status is s]

    @property
    def undecided(self) -> list[CaseResult]:
        """Cases that came to no verdict."""
        return [c for c in self.target.cases if c.verdict in UNDECIDED]


@dataclass(frozen=True)
class Row:
    """A requirement: a row of the matrix, with a finding for each column that has one."""

    requirement: Requirement
    cells: tuple[Finding | None, ...]

    @property
    def statuses(self) -> str:
        """Every status of the row, for the filter."""
        return "|".join(dict.fromkeys(str(f.status) for f in self.cells if f is not None))


@dataclass(frozen=True)
class Text:
    """A text, the columns that were judged by it, the targets that were to be and could not be
    had, and its rows by section."""

    name: str
    judged: list[Column]
    absent: list[Unavailable]
    by_section: list[tuple[str, list[Row]]]


def write(
    run: RunResult, catalogue: Catalogue, notes: Mapping[str, Mapping[str, str]], out: Path
) -> None:
    """`notes` are the targets' explanations: by target, then by case or requirement."""
    style = (TEMPLATES / "report.css").read_text(encoding="utf-8")
    script = (TEMPLATES / "report.js").read_text(encoding="utf-8")
    columns = [_column(t) for t in run.targets]
    text = _environment().get_template("index.html.j2").render(
        run=run,
        columns=columns,
        texts=_texts(run, columns, catalogue),
        levels={r.id: r.level for s in catalogue.specifications for r in s.requirements},
        statuses=[s for s in Status if any(s in dict(c.statuses) for c in columns)],
        verdicts=[v for v in Verdict if any(v in dict(c.verdicts) for c in columns)],
        notes=notes,
        standing=standing(run),
        style=Markup(style),
        script=Markup(script),
        policy=Markup(_policy(style, script)),
    )
    write_whole(out / "index.html", text)


def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=visible,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        evidence_path=evidence_path,
        folded=folded,
        log_path=log_path,
        lookups=lookups,
        steps=steps,
        anchor=anchor,
        is_broken=is_broken,
        marks=marks,
    )
    environment.filters.update(word=word, marked=marked)
    return environment


def _policy(style: str, script: str) -> str:
    """The content security policy.  The icon is empty, so that no browser asks for one."""
    return (
        f"default-src 'none'; img-src data:; style-src '{_hash(style)}'; "
        f"script-src '{_hash(script)}'; base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _column(target: TargetResult) -> Column:
    return Column(
        f"{target.target}-{target.edition}", target, {f.requirement: f for f in target.findings}
    )


def _texts(run: RunResult, columns: list[Column], catalogue: Catalogue) -> list[Text]:
    """Each text that a column was judged by, in the order of the columns.  A requirement without
    a finding has no row."""
    editions = list(dict.fromkeys(c.target.edition for c in columns))
    judging = (s for e in editions for s in catalogue.specifications if s.is_of(e))
    found = []
    for specification in {id(s): s for s in judging}.values():
        judged = [c for c in columns if any(r.id in c.findings for r in specification.requirements)]
        rows = [
            Row(r, tuple(c.findings.get(r.id) for c in judged))
            for r in specification.requirements
            if any(r.id in c.findings for c in judged)
        ]
        if rows:
            by_section = groupby(rows, key=lambda row: row.requirement.section)
            absent = [u for u in run.unavailable if specification.mechanism in u.mechanisms]
            sections = [(s, list(rs)) for s, rs in by_section]
            found.append(Text(specification.name, judged, absent, sections))
    return found


def marks(run: RunResult, target: TargetResult, case: str = "", clause: str = "") -> list[str]:
    """What the baseline makes of a case of the target, or of a clause, a word each."""
    if run.baseline is None:
        return []

    def about(told: Broken | Known) -> bool:
        return (told.target, told.edition) == (target.target, target.edition) and (
            case == told.case or clause == told.requirement
        )

    found = ["regression"] if any(about(b) for b in run.baseline.regressions) else []
    found += ["known"] if any(about(b) for _, b in run.baseline.known) else []
    stale = [STALE.get(s.kind, "stale") for s in run.baseline.stale if about(s.entry)]
    return found + list(dict.fromkeys(stale))


def visible(value: object) -> object:
    """What the template prints: control and format characters are shown as replaced."""
    if not isinstance(value, str) or isinstance(value, Markup):
        return value
    return "".join(c if c.isprintable() or c in "\n\t" else "\ufffd" for c in value)


def marked(text: str) -> Markup:
    """The text, escaped, with the words that the eye looks for marked."""
    parts = KEYWORDS.split(str(visible(text)))
    return Markup("").join(
        Markup("<mark>{}</mark>").format(part) if index % 2 else escape(part)
        for index, part in enumerate(parts)
    )


def word(value: str) -> str:
    """A status, verdict or outcome as a class name."""
    return str(value).replace(" ", "-")


def anchor(*parts: str) -> str:
    """A fragment identifier."""
    return re.sub(r"[^A-Za-z0-9.-]", "-", "--".join(parts))


def is_broken(case: CaseResult) -> bool:
    """Whether any check of the case is."""
    return any(k.outcome is Outcome.BROKEN for k in case.checks)
