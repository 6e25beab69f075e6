"""Runs made by hand, for the tests of the report."""

from __future__ import annotations

from pathlib import Path

from mailassay import paths
from mailassay.catalogue import load
from mailassay.report import write_all
from mailassay.report.findings import findings, judge, verdict_of
from mailassay.targets.declaration import Declaration
from mailassay.verdicts import (
    CaseResult,
    Check,
    Conversation,
    Edition,
    Entry,
    Kind,
    Outcome,
    Party,
    Role,
    RunResult,
    TargetResult,
    Verdict,
)

CATALOGUE = load(paths.CATALOGUE)
MUST, SHOULD, MAY, STEP = "rfc8689/4.2.1/11", "rfc8689/3/2", "rfc8689/4.2.1/10", "rfc8689/2/1"
EVERYTHING = Declaration((Edition.RFC,), tuple(Role), ())
HOSTILE = (
    "<script>alert(1)</script><img src=x onerror=alert(2)> ]]> \x00\x1b[31m\x1b]0;x\x07 "
    "| `code` [x](javascript:y) https://evil.example @all \ud800 \u202egnp & \"'\r\n# h\u0085"
)


def check(
    requirement: str, outcome: Outcome, observed: str = "something else", reading: str | None = None
) -> Check:
    return Check((requirement,), outcome, "something", observed, reading)


def case(name: str, *checks: Check, verdict: Verdict | None = None, reason: str = "") -> CaseResult:
    """A case with these checks; its verdict is theirs unless one is given."""
    theirs, why = verdict_of(checks, CATALOGUE)
    return CaseResult(
        name=f"requiretls/relay/{name}",
        title="A title",
        description="",
        roles=(Role.RELAY_CLIENT,),
        requirements=tuple(r for c in checks for r in c.requirements),
        verdict=verdict or theirs,
        reason=reason or why,
        seconds=0.1,
        checks=list(checks),
    )


def target(
    *cases: CaseResult,
    name: str = "server",
    title: str = "Server",
    roles: tuple[Role, ...] = tuple(Role),
) -> TargetResult:
    declared = Declaration((Edition.RFC,), roles, ())
    return TargetResult(
        target=name,
        title=title,
        version=title,
        edition=Edition.RFC,
        roles=roles,
        options=(),
        seconds=1.0,
        cases=list(cases),
        findings=findings(cases, Edition.RFC, CATALOGUE, declared),
    )


def run(*targets: TargetResult) -> RunResult:
    made = RunResult(
        "mailassay", "0", "2026-01-01T00:00:00+00:00", 1.0, 1, 0, "", (), list(targets)
    )
    code, made.outcome = judge(made)
    made.exit_code = int(code)
    return made


def hostile_run() -> RunResult:
    """Two targets that put hostile text wherever a target's words can get."""
    entries = [Entry(0.1 * i, Party.TARGET, kind, HOSTILE, 9) for i, kind in enumerate(Kind)]
    conversations = [
        Conversation(hop, HOSTILE, HOSTILE, entries) for hop in ("submission", "next hop", "dns")
    ]
    broken = case("broken", check(MUST, Outcome.BROKEN, HOSTILE, HOSTILE))
    broken.conversations = conversations
    broken.facts = {HOSTILE: HOSTILE}
    deviating = case("deviating", check(SHOULD, Outcome.BROKEN, HOSTILE))
    undecided = case("undecided", verdict=Verdict.INCONCLUSIVE, reason=HOSTILE)
    absent = case("absent", verdict=Verdict.NOT_APPLICABLE, reason=HOSTILE)
    held = case("held", check(STEP, Outcome.HELD))
    one = target(broken, deviating, undecided, absent, held, name="one", title=HOSTILE)
    one.logs = {"../odd name": HOSTILE}
    return run(one, target(held, name="two", title=HOSTILE))


def written(made: RunResult, folder: Path) -> Path:
    """The folder, with the whole report in it; a note stands at a case and at a requirement."""
    notes = {"one": {MUST: HOSTILE, "requiretls/relay/broken": HOSTILE}}
    write_all(made, CATALOGUE, notes, folder)
    return folder
