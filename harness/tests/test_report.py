"""From checks to findings and exit codes, and writers that no hostile text gets the better of."""

import json
import xml.etree.ElementTree as ET
from pathlib import Path

import jsonschema
import pytest

from mailassay import paths
from mailassay.catalogue import load
from mailassay.exits import Exit
from mailassay.report import write_all
from mailassay.report.findings import findings, judge, verdict_of
from mailassay.report.summary import escaped
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
    Status,
    TargetResult,
    Verdict,
)

CATALOGUE = load(paths.CATALOGUE)
MUST, SHOULD, MAY, STEP = "rfc8689/4.2.1/11", "rfc8689/3/2", "rfc8689/4.2.1/10", "rfc8689/2/1"
HOSTILE = "<script>alert(1)</script> ]]> \x00\x1b[31m | `code` [x](javascript:y) \ud800 & \"'"


def check(requirement: str, outcome: Outcome, text: str = "") -> Check:
    return Check((requirement,), outcome, "something", text or "something else")


def result(*checks: Check, verdict: Verdict = Verdict.PASS, reason: str = "") -> CaseResult:
    cited = tuple(r for c in checks for r in c.requirements)
    return CaseResult(
        "requiretls/relay/x", "A title", "", (Role.RELAY_CLIENT,), cited, verdict, reason, 0.1,
        list(checks),
    )


@pytest.mark.parametrize(
    "requirement, outcome, verdict, status",
    [
        (MUST, Outcome.HELD, Verdict.PASS, Status.CONFORMS),
        (MUST, Outcome.BROKEN, Verdict.FAIL, Status.VIOLATES),
        (STEP, Outcome.BROKEN, Verdict.FAIL, Status.DEVIATES),
        (SHOULD, Outcome.BROKEN, Verdict.PASS, Status.DEVIATES),
        (MAY, Outcome.NOTED, Verdict.PASS, Status.OBSERVED),
        (MUST, Outcome.NOTED, Verdict.PASS, Status.UNTESTED),
    ],
)
def test_verdict_and_finding(
    requirement: str, outcome: Outcome, verdict: Verdict, status: Status
) -> None:
    one = check(requirement, outcome)
    assert verdict_of([one], CATALOGUE)[0] is verdict
    declared = Declaration((Edition.RFC,), tuple(Role), ())
    found = {f.requirement: f for f in findings([result(one)], Edition.RFC, CATALOGUE, declared)}
    assert found[requirement].status is status


def test_one_broken_check_outweighs_many_that_held() -> None:
    checks = [check(MUST, Outcome.HELD)] * 5 + [check(MUST, Outcome.BROKEN)]
    declared = Declaration((Edition.RFC,), tuple(Role), ())
    found = findings([result(*checks)], Edition.RFC, CATALOGUE, declared)
    assert next(f for f in found if f.requirement == MUST).status is Status.VIOLATES


def test_what_no_case_reached_says_why() -> None:
    declared = Declaration((Edition.RFC,), (Role.RELAY_SERVER,), ())
    found = {f.requirement: f for f in findings([], Edition.RFC, CATALOGUE, declared)}
    assert all(f.reason for f in found.values())
    assert found["rfc8689/8.3/1"].status is Status.UNTESTABLE
    assert "not declared" in found[MUST].reason


def run(*cases: CaseResult) -> RunResult:
    declared = Declaration((Edition.RFC,), tuple(Role), ())
    target = TargetResult(
        "hostile", HOSTILE, HOSTILE, Edition.RFC, tuple(Role), (), 1.0, list(cases),
        findings(cases, Edition.RFC, CATALOGUE, declared), {"target.output": "x"},
    )
    made = RunResult("mailassay", "0", "2026-01-01T00:00:00+00:00", 1.0, 1, 0, "", (), [target])
    code, made.outcome = judge(made)
    made.exit_code = int(code)
    return made


@pytest.mark.parametrize(
    "verdicts, code",
    [
        ((), Exit.NOTHING_RAN),
        ((Verdict.NOT_APPLICABLE,), Exit.NOTHING_RAN),
        ((Verdict.PASS,), Exit.CONFORMANT),
        ((Verdict.PASS, Verdict.FAIL), Exit.NONCONFORMANT),
        ((Verdict.FAIL, Verdict.ERROR), Exit.NONCONFORMANT),
        ((Verdict.PASS, Verdict.INCONCLUSIVE), Exit.HARNESS_ERROR),
        ((Verdict.PASS, Verdict.ERROR), Exit.HARNESS_ERROR),
    ],
)
def test_exit_codes(verdicts: tuple[Verdict, ...], code: Exit) -> None:
    assert run(*(result(verdict=v) for v in verdicts)).exit_code == code


@pytest.fixture()
def hostile_report(tmp_path: Path) -> Path:
    case = result(
        check(MUST, Outcome.BROKEN, HOSTILE), verdict=Verdict.FAIL, reason=HOSTILE
    )
    entries = [Entry(0.1, Party.TARGET, kind, HOSTILE, 9) for kind in Kind]
    case.conversations = [Conversation(hop, HOSTILE, HOSTILE, entries) for hop in ("dns", "x")]
    notes = {"hostile": {MUST: HOSTILE, case.name: HOSTILE}}
    write_all(run(case, result(verdict=Verdict.PASS)), CATALOGUE, notes, tmp_path)
    return tmp_path


def test_hostile_text_is_inert_in_html(hostile_report: Path) -> None:
    page = (hostile_report / "index.html").read_text(encoding="utf-8")
    assert "<script>alert" not in page and "&lt;script&gt;alert" in page
    assert page.count("<script>") == 0 or page.count("<script") == 1
    assert "default-src 'none'" in page


def test_hostile_text_is_inert_in_xml(hostile_report: Path) -> None:
    suites = ET.fromstring((hostile_report / "junit.xml").read_text(encoding="utf-8"))
    assert [c.tag for c in suites.iter("failure")] == ["failure"]


def test_hostile_text_is_inert_in_markdown(hostile_report: Path) -> None:
    text = (hostile_report / "summary.md").read_text(encoding="utf-8")
    assert "<script>" not in text and "\x1b" not in text
    assert escaped("a|b\n[c](d) `e` <f>") == r"a\|b \[c\]\(d\) \`e\` \<f\>"


def test_the_report_meets_its_schema_and_names_its_evidence(hostile_report: Path) -> None:
    import hashlib

    told = json.loads((hostile_report / "report.json").read_text())
    schema = json.loads((paths.ROOT / "reports" / "report.schema.json").read_text())
    jsonschema.validate(told, schema)
    evidence = told["targets"][0]["cases"][0]["evidence"]
    octets = (hostile_report / evidence["file"]).read_bytes()
    assert hashlib.sha256(octets).hexdigest() == evidence["sha256"]
    assert not [f for f in hostile_report.rglob(".*")]
