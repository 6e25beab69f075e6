"""Reads a report back: the same values that it was written from."""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import]

from mailassay.cases.registry import all_cases
from mailassay.report.json_report import SCHEMA_FILE
from mailassay.verdicts import (
    Broken,
    CaseResult,
    Check,
    Comparison,
    Conversation,
    Edition,
    Entry,
    Finding,
    Kind,
    Known,
    Mechanism,
    Outcome,
    Party,
    Role,
    RunResult,
    Stale,
    Staleness,
    Status,
    TargetResult,
    Unavailable,
    Verdict,
)

MAX_REPORT = 200_000_000  # octets
MAX_EVIDENCE = 50_000_000


class UnreadableReport(Exception):
    """What was given as a report is none; the text says where and why."""


def report_file(place: Path) -> Path:
    """The report of a folder, or the file itself."""
    return place / "report.json" if place.is_dir() else place


def read(place: Path) -> tuple[RunResult, dict[str, Any]]:
    """A report without its evidence, and its JSON.  `place` is a folder that a run has written, or
    a `report.json`."""
    file = report_file(place)
    try:
        if file.stat().st_size > MAX_REPORT:
            raise UnreadableReport(f"{file}: more than {MAX_REPORT} octets")
        told = json.loads(file.read_text(encoding="utf-8"))
        jsonschema.validate(told, json.loads(SCHEMA_FILE.read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise UnreadableReport(f"{file}: there is no such file") from None
    except (OSError, ValueError, RecursionError) as problem:
        raise UnreadableReport(f"{file}: {problem}") from None
    except jsonschema.ValidationError as problem:
        where = "/".join(map(str, problem.absolute_path)) or "its top"
        raise UnreadableReport(f"{file}: no report: at {where}: {problem.message[:200]}") from None
    return _run(told), told


def _run(told: dict[str, Any]) -> RunResult:
    targets = [_target(t) for t in told["targets"]]
    return RunResult(
        program=told["program"],
        program_version=told["program_version"],
        started=told["started"],
        seconds=told["seconds"],
        peak_memory_kib=told["peak_memory_kib"],
        exit_code=told["exit_code"],
        outcome=told["outcome"],
        filters=tuple(told["filters"]),
        targets=targets,
        unavailable=[_unavailable(u) for u in told["unavailable"]],
        baseline=_baseline(told["baseline"], {(t.target, t.edition): t.version for t in targets}),
    )


def _unavailable(told: dict[str, Any]) -> Unavailable:
    """Reports made before there were several mechanisms do not tell them."""
    mechanisms = tuple(Mechanism(m) for m in told.get("mechanisms", Mechanism))
    return Unavailable(told["target"], told["reason"], mechanisms)


def _baseline(
    told: dict[str, Any] | None, versions: Mapping[tuple[str, Edition], str]
) -> Comparison | None:
    """What a run was held against.  Of an entry the report tells less than the baseline's file:
    when it expires, and for which version it was written, are left open."""
    if told is None:
        return None

    def broken(b: dict[str, str]) -> Broken:
        edition = Edition(b["edition"])
        return Broken(
            b["target"], edition, versions.get((b["target"], edition), ""), b["case"],
            b["requirement"], Status(b["finding"]), b["observed"],
        )

    def known(k: dict[str, str]) -> Known:
        return Known(
            k["target"], Edition(k["edition"]), k["case"], k["requirement"],
            Status(k.get("finding", Status.VIOLATES)), k.get("observed", ""), k.get("reason", ""),
            k.get("link", ""), "", datetime.date.max,
        )

    return Comparison(
        told["name"],
        tuple((known(k), broken(k)) for k in told["known"]),
        tuple(broken(b) for b in told["regressions"]),
        tuple(Stale(known(s), Staleness(s["kind"]), s["why"]) for s in told["stale"]),
    )


def _target(told: dict[str, Any]) -> TargetResult:
    return TargetResult(
        target=told["target"],
        title=told["title"],
        version=told["version"],
        edition=Edition(told["edition"]),
        roles=tuple(Role(r) for r in told["roles"]),
        options=tuple(told["options"]),
        seconds=told["seconds"],
        cases=[_case(c) for c in told["cases"]],
        findings=[
            Finding(
                f["requirement"],
                Status(f["status"]),
                f["reason"],
                tuple(f["cases"]),
                tuple(f["readings"]),
            )
            for f in told["findings"]
        ],
    )


def _case(told: dict[str, Any]) -> CaseResult:
    return CaseResult(
        name=told["name"],
        title=told["title"],
        description="",
        roles=tuple(Role(r) for r in told["roles"]),
        requirements=tuple(told["requirements"]),
        verdict=Verdict(told["verdict"]),
        reason=told["reason"],
        seconds=told["seconds"],
        checks=[
            Check(
                tuple(k["requirements"]),
                Outcome(k["outcome"]),
                k["expected"],
                k["observed"],
                k["reading"],
            )
            for k in told["checks"]
        ],
    )


def read_whole(place: Path) -> RunResult:
    """A report with its evidence: conversations, facts and the target's logs.  Whether the evidence
    is what the report was made with is for `report.verify` to say."""
    run, told = read(place)
    folder = report_file(place).parent
    titles = {c.name: c.description for c in all_cases()}
    for target, raw in zip(run.targets, told["targets"], strict=True):
        for case, raw_case in zip(target.cases, raw["cases"], strict=True):
            case.description = titles.get(case.name, "")
            if raw_case["evidence"] is not None:
                _add_evidence(case, folder / raw_case["evidence"]["file"])
        for log in raw["logs"]:
            file = folder / log["file"]
            target.logs[file.name.removesuffix(".txt")] = _bounded(file).decode(errors="replace")
    return run


def _bounded(file: Path) -> bytes:
    try:
        if file.stat().st_size > MAX_EVIDENCE:
            raise UnreadableReport(f"{file}: more than {MAX_EVIDENCE} octets")
        return file.read_bytes()
    except OSError as problem:
        raise UnreadableReport(f"{file}: {problem.strerror}") from None


def _add_evidence(case: CaseResult, file: Path) -> None:
    try:
        told = json.loads(_bounded(file))
        case.conversations = [
            Conversation(
                str(c["hop"]), str(c["name"]), str(c["address"]),
                [
                    Entry(
                        float(e["at"]), Party(e["party"]), Kind(e["kind"]), str(e["text"]),
                        int(e["size"]),
                    )
                    for e in c["entries"]
                ],
            )
            for c in told["conversations"]
        ]
        case.facts = {str(k): str(v) for k, v in told["facts"].items()}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as problem:
        raise UnreadableReport(f"{file}: no evidence of a case: {problem!r}"[:300]) from None
