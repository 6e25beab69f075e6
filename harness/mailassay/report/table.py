"""The table of all targets against all requirements, as Markdown, each cell with its evidence."""

from __future__ import annotations

from mailassay.catalogue import Catalogue, Requirement
from mailassay.report.json_report import evidence_path
from mailassay.report.summary import escaped
from mailassay.verdicts import Edition, Finding, RunResult, Status, TargetResult

SIGNS = {
    Status.CONFORMS: "conforms",
    Status.VIOLATES: "**violates**",
    Status.DEVIATES: "*deviates*",
    Status.OBSERVED: "observed",
    Status.UNTESTED: "–",
    Status.UNTESTABLE: "untestable",
    Status.NOT_APPLICABLE: "n/a",
}


def as_markdown(
    run: RunResult, catalogue: Catalogue, there: frozenset[str], where: str = ""
) -> str:
    """The table.  `there` are the files of evidence; `where` is put before each path."""
    lines = [
        "# Targets by requirements",
        "",
        f"Made by `mailassay table` from a run of {run.started} (mailassay {run.program_version}).",
        "A cell links to the evidence of the case that decided it. –: the target declares no role",
        "that the clause binds, or nothing could be judged; the report says which.",
        "",
    ]
    for edition in Edition:
        judged = [t for t in run.targets if t.edition is edition]
        if judged:
            lines += _of_edition(edition, judged, catalogue, there, where)
    lines += [f"Unavailable: {escaped(u.target)}: {escaped(u.reason)}" for u in run.unavailable]
    return "\n".join(lines).rstrip() + "\n"


def _of_edition(
    edition: Edition,
    judged: list[TargetResult],
    catalogue: Catalogue,
    there: frozenset[str],
    where: str,
) -> list[str]:
    heads = [escaped(t.target) for t in judged]
    lines = [f"## Edition {edition}", ""]
    lines += [f"- {escaped(t.target)}: {escaped(t.title)}, {escaped(t.version)}" for t in judged]
    lines += ["", f"| clause | level | {' | '.join(heads)} |", "|---|---|" + "---|" * len(judged)]
    findings = [{f.requirement: f for f in t.findings} for t in judged]
    for requirement in catalogue.of_edition(edition):
        cells = [
            _cell(target, found.get(requirement.id), there, where)
            for target, found in zip(judged, findings, strict=True)
        ]
        lines.append(f"| {_clause(requirement)} | {requirement.level} | {' | '.join(cells)} |")
    return [*lines, ""]


def _clause(requirement: Requirement) -> str:
    return f"`{requirement.id}` {escaped(requirement.statement)}"


def _cell(
    target: TargetResult, finding: Finding | None, there: frozenset[str], where: str
) -> str:
    if finding is None:
        return ""
    sign = SIGNS[finding.status]
    files = (evidence_path(target, c) for c in target.cases if c.name in finding.cases)
    file = next((f for f in files if f in there), None)
    return sign if file is None else f"[{sign}]({where}{file})"
