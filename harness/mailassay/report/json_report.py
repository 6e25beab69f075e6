"""`report.json`, with its schema in reports/report.schema.json, and the evidence beside it."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import]

from mailassay import paths
from mailassay.catalogue import Catalogue
from mailassay.report.files import write_whole
from mailassay.verdicts import (
    Broken,
    CaseResult,
    Comparison,
    Known,
    RunResult,
    TargetResult,
)

SCHEMA_VERSION = 3
SCHEMA_FILE = paths.ROOT / "reports" / "report.schema.json"


class ReportError(Exception):
    """The report does not meet its own schema."""


def evidence_text(result: CaseResult) -> str:
    """What a verdict rests on, as JSON: every conversation of the case, entry by entry."""
    told = {
        "case": result.name,
        "conversations": [dataclasses.asdict(c) for c in result.conversations],
        "facts": result.facts,
    }
    return json.dumps(told, indent=1, ensure_ascii=True) + "\n"


def evidence_path(target: TargetResult, result: CaseResult) -> str:
    """Where the evidence of a case lies, relative to the report."""
    return f"evidence/{target.target}-{target.edition}/{result.name.replace('/', '.')}.json"


def log_path(target: TargetResult, log: str) -> str:
    """Where a log of the target's own lies, relative to the report."""
    name = re.sub(r"[^A-Za-z0-9._-]", "-", log)
    return f"evidence/{target.target}-{target.edition}/{name}.txt"


def as_json(run: RunResult, catalogue: Catalogue, digests: Mapping[str, str]) -> dict[str, Any]:
    """The report as JSON values; `digests` maps evidence paths to SHA-256 in hex."""
    return {
        "schema": SCHEMA_VERSION,
        "program": run.program,
        "program_version": run.program_version,
        "started": run.started,
        "seconds": round(run.seconds, 3),
        "peak_memory_kib": run.peak_memory_kib,
        "exit_code": run.exit_code,
        "outcome": run.outcome,
        "filters": list(run.filters),
        "targets": [_target(t, catalogue, digests) for t in run.targets],
        "unavailable": [
            {"target": u.target, "reason": u.reason, "mechanisms": list(u.mechanisms)}
            for u in run.unavailable
        ],
        "baseline": _baseline(run.baseline),
    }


def _baseline(held: Comparison | None) -> dict[str, Any] | None:
    if held is None:
        return None
    return {
        "name": held.baseline,
        "known": [{**_broken(b), "reason": k.reason, "link": k.link} for k, b in held.known],
        "regressions": [_broken(b) for b in held.regressions],
        "stale": [{**_key(s.entry), "kind": str(s.kind), "why": s.why} for s in held.stale],
    }


def _broken(broken: Broken) -> dict[str, str]:
    return {**_key(broken), "finding": str(broken.finding), "observed": broken.observed}


def _key(told: Broken | Known) -> dict[str, str]:
    return dict(zip(("target", "edition", "case", "requirement"), told.key, strict=True))


def _target(
    target: TargetResult, catalogue: Catalogue, digests: Mapping[str, str]
) -> dict[str, Any]:
    return {
        "target": target.target,
        "title": target.title,
        "version": target.version,
        "edition": str(target.edition),
        "roles": [str(r) for r in target.roles],
        "options": list(target.options),
        "seconds": round(target.seconds, 3),
        "verdicts": dict(Counter(str(c.verdict) for c in target.cases)),
        "statuses": dict(Counter(str(f.status) for f in target.findings)),
        "findings": [
            {
                "requirement": f.requirement,
                "level": str(catalogue[f.requirement].level),
                "statement": catalogue[f.requirement].statement,
                "status": str(f.status),
                "reason": f.reason,
                "cases": list(f.cases),
                "readings": list(f.readings),
            }
            for f in target.findings
        ],
        "cases": [_case(target, c, digests) for c in target.cases],
        "logs": [_evidence(log_path(target, log), digests) for log in target.logs],
    }


def _case(target: TargetResult, case: CaseResult, digests: Mapping[str, str]) -> dict[str, Any]:
    evidence = evidence_path(target, case)
    return {
        "name": case.name,
        "title": case.title,
        "roles": [str(r) for r in case.roles],
        "requirements": list(case.requirements),
        "verdict": str(case.verdict),
        "reason": case.reason,
        "seconds": round(case.seconds, 3),
        "checks": [
            {
                "requirements": list(k.requirements),
                "outcome": str(k.outcome),
                "expected": k.expected,
                "observed": k.observed,
                "reading": k.reading,
            }
            for k in case.checks
        ],
        "evidence": _evidence(evidence, digests),
    }


def _evidence(file: str, digests: Mapping[str, str]) -> dict[str, str] | None:
    return {"file": file, "sha256": digests[file]} if file in digests else None


def _evidence_of(report: Path) -> dict[str, str]:
    """The files of evidence that a report names, if it is one, with their digests."""
    try:
        told = json.loads(report.read_text(encoding="utf-8"))
        jsonschema.validate(told, json.loads(SCHEMA_FILE.read_text(encoding="utf-8")))
    except (OSError, ValueError, jsonschema.ValidationError):
        return {}
    held = [h for t in told["targets"] for h in (*(c["evidence"] for c in t["cases"]), *t["logs"])]
    return {h["file"]: h["sha256"] for h in held if h is not None}


def _remove(out: Path, name: str, digest: str) -> None:
    """Removes a file of evidence, if it still is what that report wrote, in its folder."""
    file = out / name
    try:
        ours = file.resolve() == out.resolve() / name
        if ours and hashlib.sha256(file.read_bytes()).hexdigest() == digest:
            file.unlink()
    except OSError:
        return


def write(run: RunResult, catalogue: Catalogue, out: Path) -> None:
    """Writes the evidence, then the report, which must meet its schema.

    Evidence that an earlier report in that folder names, and this one does not, is removed."""
    before = _evidence_of(out / "report.json")
    digests: dict[str, str] = {}
    for target in run.targets:
        for log, text in target.logs.items():
            digests[log_path(target, log)] = write_whole(out / log_path(target, log), text)
        for case in target.cases:
            if case.conversations or case.facts:
                name = evidence_path(target, case)
                digests[name] = write_whole(out / name, evidence_text(case))
    told = as_json(run, catalogue, digests)
    try:
        jsonschema.validate(told, json.loads(SCHEMA_FILE.read_text(encoding="utf-8")))
    except jsonschema.ValidationError as problem:
        where = "/".join(map(str, problem.absolute_path))
        message = f"report.json does not meet its schema at {where}: {problem.message}"
        raise ReportError(message) from None
    for name, digest in before.items():
        if name not in digests:
            _remove(out, name, digest)
    write_whole(out / "report.json", json.dumps(told, indent=1, ensure_ascii=True) + "\n")
