"""The report of a run as it is kept in the tree: an overview, a table a mechanism and edition, a
page a target, `report.json`.

A cell of a table leads to the page of its target, where the checks of the case stand that decided
it; from there a clause that is broken leads to the conversation that shows it.  Nothing that
differs between two equal runs is kept (times, logs, memory), no evidence that nobody would look at,
and what held is told once (`folding`), so that the folder stays small and its changes can be read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from mailassay.catalogue import Catalogue
from mailassay.report import json_report
from mailassay.report.diff import steady
from mailassay.report.files import write_whole
from mailassay.report.folding import folded
from mailassay.report.read import read
from mailassay.report.summary import escaped
from mailassay.report.table import LEGEND, Part, of_part, overview, parts
from mailassay.verdicts import CaseResult, Finding, RunResult, Status, TargetResult, Verdict

BROKEN = (Status.VIOLATES, Status.DEVIATES)
OVERVIEW = "README.md"
MADE = "Made by `ci/table`; change nothing by hand."


def publish(run: RunResult, catalogue: Catalogue, out: Path) -> None:
    """Writes the folder.  `run` was read with its evidence (`report.read.read_whole`)."""
    old = read(out)[0] if (out / "report.json").is_file() else None
    json_report.write(_kept(run), catalogue, out)
    written = pages(*read(out))
    for name, text in written.items():
        write_whole(out / name, text)
    for name in _names(old) - set(written) if old is not None else ():
        (out / name).unlink(missing_ok=True)


def pages(run: RunResult, told: dict[str, Any]) -> dict[str, str]:
    """The overview, the tables and the pages of a published report, by file name."""
    lines = ["# What was found of each target", "", MADE, "", *overview(run, _table, _page)]
    found = {OVERVIEW: "\n".join(lines).rstrip() + "\n"}
    for part in parts(run):
        lines = [f"# {part.title}", "", MADE, "", LEGEND, "", *of_part(part, told, _to_page)]
        found[_table(part)] = "\n".join(lines) + "\n"
    for target, raw in zip(run.targets, told["targets"], strict=True):
        files = {c["name"]: c["evidence"] for c in raw["cases"]}
        found[_page(target)] = "\n".join(_of_target(target, files)) + "\n"
    return found


def _steady_reason(finding: Finding, cases: list[CaseResult]) -> str:
    """Of a finding's reason only what it quotes of a case is made steady; the rest are our own
    words, in which nothing differs from run to run."""
    reason = finding.reason
    for case in (c for c in cases if c.name in finding.cases):
        for quoted in (case.reason, *(k.observed for k in case.checks)):
            if quoted and quoted in reason:
                return reason.replace(quoted, steady(quoted))
    return reason


def _names(run: RunResult) -> set[str]:
    return {OVERVIEW, *map(_table, parts(run)), *map(_page, run.targets)}


def _kept(run: RunResult) -> RunResult:
    return replace(
        run,
        started="",
        seconds=0.0,
        peak_memory_kib=0,
        targets=[_target_kept(t) for t in run.targets],
    )


def _target_kept(target: TargetResult) -> TargetResult:
    shown = {_deciding(target, f) for f in target.findings if f.status in BROKEN}
    cases = [
        replace(
            c,
            seconds=0.0,
            reason=c.reason if c.verdict is Verdict.NOT_APPLICABLE else steady(c.reason),
            checks=folded(replace(k, observed=steady(k.observed)) for k in c.checks),
            conversations=c.conversations if c.name in shown else [],
            facts=c.facts if c.name in shown else {},
        )
        for c in target.cases
    ]
    found = [replace(f, reason=_steady_reason(f, target.cases)) for f in target.findings]
    return replace(target, seconds=0.0, cases=cases, findings=found, logs={})


def _table(part: Part) -> str:
    return f"table-{part.name}.md"


def _page(target: TargetResult) -> str:
    return f"{target.target}-{target.edition}.md"


def _deciding(target: TargetResult, finding: Finding) -> str | None:
    """The case that the finding rests on: the first of them."""
    return next((c.name for c in target.cases if c.name in finding.cases), None)


def _to_page(target: TargetResult, finding: Finding) -> str | None:
    case = _deciding(target, finding)
    return None if case is None else f"{_page(target)}#{_anchor(case)}"


def _anchor(case: str) -> str:
    return re.sub(r"[^a-z0-9-]", "-", case.lower())


def _of_target(target: TargetResult, files: dict[str, dict[str, str] | None]) -> Iterator[str]:
    yield f"# {escaped(target.title)}, edition {target.edition}"
    yield f"\n{escaped(target.version)}; {MADE}"
    deciding = {_deciding(target, f) for f in target.findings}
    for case in target.cases:
        if case.name in deciding:
            yield from _of_case(case, files[case.name])


def _of_case(case: CaseResult, evidence: dict[str, str] | None) -> Iterator[str]:
    yield f'\n<a id="{_anchor(case.name)}"></a>\n\n## {escaped(case.name)}: {case.verdict}'
    yield f"\n{escaped(case.title)}"
    if case.reason:
        yield f"\n{escaped(case.reason)}"
    if evidence is not None:
        yield f"\n[The conversation]({evidence['file']})"
    if case.checks:
        yield "\n| | clause | expected | observed |\n|---|---|---|---|"
    for k in case.checks:
        clauses = " ".join(f"`{r}`" for r in k.requirements)
        observed = escaped(k.observed) + (f" (reading: {escaped(k.reading)})" if k.reading else "")
        yield f"| {k.outcome} | {clauses} | {escaped(k.expected)} | {observed} |"
