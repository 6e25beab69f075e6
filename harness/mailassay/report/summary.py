"""The summary of a run: on the terminal, and as Markdown."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from mailassay.report.files import one_line, write_whole
from mailassay.verdicts import (
    FAILED,
    Broken,
    CaseResult,
    Finding,
    Known,
    Outcome,
    RunResult,
    Status,
    TargetResult,
    Verdict,
)

BAD = (*FAILED, Verdict.INCONCLUSIVE, Verdict.ERROR)
WRONG = (Status.VIOLATES, Status.DEVIATES)
STYLES = {
    Verdict.PASS: "green",
    **{v: "bold red" for v in FAILED},
    Verdict.INCONCLUSIVE: "yellow",
    Verdict.ERROR: "bold yellow",
    Status.CONFORMS: "green",
    Status.VIOLATES: "bold red",
    Status.DEVIATES: "yellow",
    Status.OBSERVED: "cyan",
}
MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~])")


def print_summary(run: RunResult, out: Path, console: Console | None = None) -> None:
    """What a person reads at the end of a run: a table on a terminal, plain lines elsewhere."""
    console = console or Console(highlight=False)
    if console.is_terminal:
        _print_table(run, console)
    else:
        for t in run.targets:
            cases, found = _counted(_verdicts(t)).plain, _counted(_statuses(t)).plain
            print(f"{t.target} ({t.edition}): cases: {cases}; findings: {found}", file=console.file)
    for target in run.targets:
        for case in _worth_telling(target.cases):
            _say(console, _verdict(case), f"  {target.target} ({target.edition})  {case.name}")
            _say(console, Text("    "), one_line(case.reason))
    for line in standing(run):
        _say(console, Text(""), one_line(line))
    last = (
        f": {run.seconds:.1f} s, {run.peak_memory_kib / 1024:.0f} MiB at most, "
        f"report in {out / 'index.html'}"
    )
    _say(console, Text(run.outcome, "green" if run.exit_code == 0 else "bold red"), last)


def standing(run: RunResult) -> list[str]:
    """What could not be had, and what the baseline makes of the run; a line each."""
    lines = [f"unavailable: {u.target}: {u.reason}" for u in run.unavailable]
    if run.baseline is None:
        return lines
    for entry, broken in run.baseline.known:
        lines.append(f"known: {_place(broken)}: {entry.reason}")
    for broken in run.baseline.regressions:
        lines.append(f"regression: {_place(broken)} {broken.finding}: {broken.observed}")
    for stale in run.baseline.stale:
        lines.append(f"stale in {run.baseline.baseline}: {_place(stale.entry)}: {stale.why}")
    return lines


def _place(told: Broken | Known) -> str:
    return f"{told.target} ({told.edition}) {told.case} {told.requirement}"


def _say(console: Console, head: Text, rest: str) -> None:
    """A line that is not broken: a terminal wraps it, and a log keeps it whole."""
    console.print(Text.assemble(head, rest), soft_wrap=True)


def _print_table(run: RunResult, console: Console) -> None:
    table = Table(title_justify="left")
    for heading in ("target", "edition", "cases", "findings", "seconds"):
        table.add_column(heading, justify="right" if heading == "seconds" else "left")
    for t in run.targets:
        counts = (_counted(_verdicts(t), "\n"), _counted(_statuses(t), "\n"))
        cells = (*counts, Text(f"{t.seconds:.1f}"))
        table.add_row(Text(t.target), Text(str(t.edition)), *cells)
    console.print(table)


def _verdict(case: CaseResult) -> Text:
    return Text(case.verdict.upper(), STYLES.get(case.verdict, ""))


def _verdicts(target: TargetResult) -> list[tuple[Verdict, int]]:
    counts = Counter(c.verdict for c in target.cases)
    return [(v, counts[v]) for v in Verdict if counts[v]]


def _statuses(target: TargetResult) -> list[tuple[Status, int]]:
    counts = Counter(f.status for f in target.findings)
    return [(s, counts[s]) for s in Status if counts[s]]


def _counted(
    counts: Iterable[tuple[Verdict, int]] | Iterable[tuple[Status, int]], between: str = ", "
) -> Text:
    parts = [Text(f"{count} {word}", STYLES.get(word, "")) for word, count in counts]
    return Text(between).join(parts)


def _worth_telling(cases: Iterable[CaseResult]) -> list[CaseResult]:
    return [
        c
        for c in cases
        if c.verdict in BAD or any(k.outcome is Outcome.BROKEN for k in c.checks)
    ]


def escaped(text: str) -> str:
    """The text with everything that Markdown or HTML would act on escaped, on one line.

    That includes bare links and mentions of people, which some renderers bring to life."""
    safe = MARKDOWN.sub(r"\\\1", one_line(text).replace("&", "&amp;"))
    return safe.replace("@", "&#64;").replace("://", "\\://")


def write(run: RunResult, out: Path) -> None:
    """`summary.md`, for job pages and pull requests."""
    lines = [
        "# Mailassay",
        "",
        f"**{run.outcome}** (exit code {run.exit_code}), {run.seconds:.1f} s, {run.started}",
        "",
    ]
    told = standing(run)
    lines += [*(f"- {escaped(line)}" for line in told), ""] if told else []
    for target in run.targets:
        lines += _target(target)
    write_whole(out / "summary.md", "\n".join(lines) + "\n")


def _target(target: TargetResult) -> list[str]:
    lines = [
        f"## {escaped(target.title)}, edition {target.edition}",
        "",
        f"Version: {escaped(target.version)}",
        "",
        f"- cases: {_counted(_verdicts(target)).plain}",
        f"- findings: {_counted(_statuses(target)).plain}",
        "",
    ]
    wrong = [f for f in target.findings if f.status in WRONG]
    if wrong:
        lines += ["| requirement | finding | observed |", "|---|---|---|"]
        lines += [_finding(f) for f in wrong]
        lines.append("")
    told = _worth_telling(target.cases)
    if told:
        lines += ["| case | verdict | reason |", "|---|---|---|"]
        lines += [f"| {escaped(c.name)} | {c.verdict} | {escaped(c.reason)} |" for c in told]
        lines.append("")
    return lines


def _finding(finding: Finding) -> str:
    return f"| {escaped(finding.requirement)} | {finding.status} | {escaped(finding.reason)} |"
