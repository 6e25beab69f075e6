"""The table of all targets against all requirements, as Markdown, each cell with its evidence."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mailassay.report.json_report import evidence_path
from mailassay.report.summary import escaped
from mailassay.verdicts import Edition, Finding, RunResult, Status, TargetResult, mechanisms_of

SIGNS = {
    Status.CONFORMS: "conforms",
    Status.VIOLATES: "**violates**",
    Status.DEVIATES: "*deviates*",
    Status.OBSERVED: "observed",
    Status.UNTESTED: "–",
    Status.UNTESTABLE: "untestable",
    Status.NOT_APPLICABLE: "n/a",
}
Link = Callable[[TargetResult, Finding], str | None]  # to what a finding rests on, if there is any


def to_evidence(told: dict[str, Any], where: str = "") -> Link:
    """Links to the files of evidence that a report names; `where` is put before each."""
    holders = [c["evidence"] for t in told["targets"] for c in t["cases"]]
    there = {h["file"] for h in holders if h is not None}

    def link(target: TargetResult, finding: Finding) -> str | None:
        files = (evidence_path(target, c) for c in target.cases if c.name in finding.cases)
        file = next((f for f in files if f in there), None)
        return None if file is None else f"{where}{file}"

    return link


def as_markdown(run: RunResult, told: dict[str, Any], link: Link, made: str) -> str:
    """The table of a report and its JSON.  `made` says of what run it is."""
    lines = [
        "# Targets by requirements",
        "",
        made,
        "",
        "A cell links to what decided it. –: the target declares no role that the clause binds, or",
        "nothing could be judged; the report says which.",
        "",
    ]
    clauses = {
        f["requirement"]: f"`{f['requirement']}` {escaped(f['statement'])} | {f['level']}"
        for t in told["targets"]
        for f in t["findings"]
    }
    for edition in Edition:
        of_edition = [t for t in run.targets if t.edition is edition]
        for mechanisms in dict.fromkeys(mechanisms_of(t.roles) for t in of_edition):
            judged = [t for t in of_edition if mechanisms_of(t.roles) == mechanisms]
            lines += [f"## Edition {edition}: {', '.join(mechanisms)}", ""]
            lines += _of_edition(judged, clauses, link)
    lines += [f"Unavailable: {escaped(u.target)}: {escaped(u.reason)}" for u in run.unavailable]
    return "\n".join(lines).rstrip() + "\n"


def _of_edition(judged: list[TargetResult], clauses: dict[str, str], link: Link) -> list[str]:
    heads = [escaped(t.target) for t in judged]
    lines = [f"- {escaped(t.target)}: {escaped(t.title)}, {escaped(t.version)}" for t in judged]
    lines += ["", f"| clause | level | {' | '.join(heads)} |", "|---|---|" + "---|" * len(judged)]
    findings = [{f.requirement: f for f in t.findings} for t in judged]
    for requirement in dict.fromkeys(r for found in findings for r in found):
        cells = [
            _cell(target, found.get(requirement), link)
            for target, found in zip(judged, findings, strict=True)
        ]
        lines.append(f"| {clauses[requirement]} | {' | '.join(cells)} |")
    return [*lines, ""]


def _cell(target: TargetResult, finding: Finding | None, link: Link) -> str:
    if finding is None:
        return ""
    sign, leads = SIGNS[finding.status], link(target, finding)
    return sign if leads is None else f"[{sign}]({leads})"
