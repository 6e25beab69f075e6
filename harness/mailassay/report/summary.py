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
from mailassay.verdicts import CaseResult, RunResult, Status, TargetResult, Verdict

BAD = (Verdict.FAIL, Verdict.INCONCLUSIVE, Verdict.ERROR)
SHOWN_STATUSES = (
    Status.CONFORMS,
    Status.VIOLATES,
    Status.DEVIATES,
    Status.OBSERVED,
    Status.UNTESTED,
    Status.UNTESTABLE,
    Status.NOT_APPLICABLE,
)
MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~])")


def print_summary(run: RunResult, out: Path) -> None:
    """The table a person reads at the end of a run."""
    console = Console(highlight=False)
    if not console.is_terminal:
        # Lines that a log keeps are not to be broken for a terminal that is not there.
        console = Console(highlight=False, width=200, no_color=True)
    table = Table(title="Verdicts and findings", title_justify="left")
    table.add_column("target")
    table.add_column("edition")
    for heading in ("pass", "fail", "undecided", "n/a"):
        table.add_column(heading, justify="right")
    for status in SHOWN_STATUSES[:5]:
        table.add_column(str(status), justify="right")
    for target in run.targets:
        table.add_row(*map(Text, _row(target)))
    console.print(table)
    for target in run.targets:
        for case in _worth_telling(target.cases):
            console.print(Text(f"{case.verdict.upper()}  {target.target}  {case.name}"))
            console.print(Text(f"    {one_line(case.reason)}"))
    console.print(
        Text(
            f"{run.outcome}: {run.seconds:.1f} s, {run.peak_memory_kib / 1024:.0f} MiB at most, "
            f"report in {out / 'index.html'}"
        )
    )


def _worth_telling(cases: Iterable[CaseResult]) -> list[CaseResult]:
    def is_worth_telling(case: CaseResult) -> bool:
        return case.verdict in BAD or (case.verdict is Verdict.PASS and "deviates" in case.reason)

    return [c for c in cases if is_worth_telling(c)]


def _row(target: TargetResult) -> list[str]:
    verdicts = Counter(c.verdict for c in target.cases)
    statuses = Counter(f.status for f in target.findings)
    undecided = verdicts[Verdict.INCONCLUSIVE] + verdicts[Verdict.ERROR]
    return [
        target.target,
        str(target.edition),
        str(verdicts[Verdict.PASS]),
        str(verdicts[Verdict.FAIL]),
        str(undecided),
        str(verdicts[Verdict.NOT_APPLICABLE]),
        *(str(statuses[s]) for s in SHOWN_STATUSES[:5]),
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
    for target in run.targets:
        lines += _target(target)
    write_whole(out / "summary.md", "\n".join(lines) + "\n")


def _target(target: TargetResult) -> list[str]:
    statuses = Counter(f.status for f in target.findings)
    lines = [
        f"## {escaped(target.title)}, edition {target.edition}",
        "",
        f"Version: {escaped(target.version)}",
        "",
        "| finding | requirements |",
        "|---|---|",
        *(f"| {s} | {statuses[s]} |" for s in SHOWN_STATUSES if statuses[s]),
        "",
    ]
    told = _worth_telling(target.cases)
    if told:
        lines += ["| case | verdict | reason |", "|---|---|---|"]
        lines += [f"| {escaped(c.name)} | {c.verdict} | {escaped(c.reason)} |" for c in told]
        lines.append("")
    return lines
