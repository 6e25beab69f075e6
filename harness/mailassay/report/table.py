"""The table of all targets against all requirements, as Markdown, each cell with its evidence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from mailassay.report.json_report import evidence_path
from mailassay.report.summary import escaped
from mailassay.verdicts import (
    Edition,
    Finding,
    Mechanism,
    RunResult,
    Status,
    TargetResult,
    mechanisms_of,
)

SIGNS = {
    Status.CONFORMS: "conforms",
    Status.VIOLATES: "**violates**",
    Status.DEVIATES: "*deviates*",
    Status.OBSERVED: "observed",
    Status.UNTESTED: "–",
    Status.UNTESTABLE: "untestable",
    Status.NOT_APPLICABLE: "n/a",
}
# Of a clause that is nothing else for any target nothing was found out.
SAYS_NOTHING = (Status.UNTESTED, Status.UNTESTABLE, Status.NOT_APPLICABLE)
JUDGED = (Status.CONFORMS, Status.VIOLATES, Status.DEVIATES, Status.OBSERVED)
LEGEND = """A cell links to what decided it. –: the target declares no role that the clause binds,
or nothing could be judged; the report says which. Clauses of which that is so for every target
have no row."""
Link = Callable[[TargetResult, Finding], str | None]  # to what a finding rests on, if there is any


@dataclass(frozen=True)
class Part:
    """The targets that are judged by the same mechanisms under one edition."""

    edition: Edition
    mechanisms: tuple[Mechanism, ...]
    targets: tuple[TargetResult, ...]

    @property
    def title(self) -> str:
        return f"{', '.join(self.mechanisms)}, edition {self.edition}"

    @property
    def name(self) -> str:
        """For a file."""
        return "-".join((*self.mechanisms, self.edition))


def parts(run: RunResult) -> list[Part]:
    """By mechanism, the published texts first."""
    found: dict[tuple[tuple[Mechanism, ...], Edition], list[TargetResult]] = {}
    for target in run.targets:
        found.setdefault((mechanisms_of(target.roles), target.edition), []).append(target)
    order = list(Mechanism)

    def place(key: tuple[tuple[Mechanism, ...], Edition]) -> tuple[list[int], bool]:
        return [order.index(m) for m in key[0]], key[1] is not Edition.RFC

    return [Part(e, m, tuple(found[m, e])) for m, e in sorted(found, key=place)]


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
    """All parts of a report and its JSON, one behind the other.  `made` says of what run it is."""
    lines = ["# Targets by requirements", "", made, "", LEGEND, ""]
    for part in parts(run):
        lines += [f"## {part.title}", "", *of_part(part, told, link), ""]
    lines += unavailable(run)
    return "\n".join(lines).rstrip() + "\n"


def of_part(part: Part, told: dict[str, Any], link: Link) -> list[str]:
    """The targets, and a row a clause in which any of them was judged."""
    clauses = {
        f["requirement"]: f"`{f['requirement']}` {escaped(f['statement'])} | {f['level']}"
        for t in told["targets"]
        for f in t["findings"]
    }
    heads = [escaped(t.target) for t in part.targets]
    lines = [f"- {escaped(t.target)}: {escaped(t.title)}, {escaped(t.version)}"
             for t in part.targets]
    lines += ["", f"| clause | level | {' | '.join(heads)} |", "|---|---|" + "---|" * len(heads)]
    findings = [{f.requirement: f for f in t.findings} for t in part.targets]
    rows = dict.fromkeys(r for found in findings for r in found)
    silent = [
        r for r in rows
        if all(found[r].status in SAYS_NOTHING for found in findings if r in found)
    ]
    for requirement in (r for r in rows if r not in silent):
        cells = [
            _cell(target, found.get(requirement), link)
            for target, found in zip(part.targets, findings, strict=True)
        ]
        lines.append(f"| {clauses[requirement]} | {' | '.join(cells)} |")
    if silent:
        lines += ["", f"{len(silent)} of {len(rows)} clauses have no row."]
    return lines


def overview(
    run: RunResult, of_part_at: Callable[[Part], str], of_target_at: Callable[[TargetResult], str]
) -> Iterator[str]:
    """What became of each target in a row, by part; with links to the part and to the target."""
    for part in parts(run):
        yield f"## {part.title}\n"
        yield f"[Clause by clause]({of_part_at(part)})\n"
        yield "| target | version | violates | deviates | conforms | observed | clauses judged |"
        yield "|---|---|---|---|---|---|---|"
        for target in part.targets:
            counts = Counter(f.status for f in target.findings)
            name = f"[{escaped(target.target)}]({of_target_at(target)})"
            cells = [
                _strong(counts[Status.VIOLATES]), _strong(counts[Status.DEVIATES]),
                str(counts[Status.CONFORMS]), str(counts[Status.OBSERVED]),
                f"{sum(counts[s] for s in JUDGED)} of {len(target.findings)}",
            ]
            yield f"| {name} | {escaped(target.version)} | {' | '.join(cells)} |"
        yield ""
    yield from unavailable(run)


def unavailable(run: RunResult) -> list[str]:
    """A line a target that could not be had."""
    return [f"Unavailable: {escaped(u.target)}: {escaped(u.reason)}" for u in run.unavailable]


def _strong(count: int) -> str:
    return f"**{count}**" if count else "0"


def _cell(target: TargetResult, finding: Finding | None, link: Link) -> str:
    if finding is None:
        return ""
    sign, leads = SIGNS[finding.status], link(target, finding)
    return sign if leads is None else f"[{sign}]({leads})"
