"""`junit.xml`: what continuous integration servers read."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from pathlib import Path

from mailassay.report.files import write_whole
from mailassay.verdicts import FAILED, CaseResult, RunResult, TargetResult, Verdict

# Characters that XML 1.0 cannot hold, escaped or not.
ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
ELEMENTS = {
    **{v: "failure" for v in FAILED},
    Verdict.INCONCLUSIVE: "error",
    Verdict.ERROR: "error",
    Verdict.NOT_APPLICABLE: "skipped",
}


def legal(text: str) -> str:
    """The text with every character that XML cannot hold replaced."""
    return ILLEGAL.sub("\ufffd", text)


def write(run: RunResult, out: Path) -> None:
    """A test suite a target and edition, a test case a case."""
    suites = ET.Element("testsuites", name="mailassay")
    for target in run.targets:
        suite = _suite(suites, f"{target.target} ({target.edition})", target.seconds)
        suite.set("timestamp", legal(run.started))
        for case in target.cases:
            _add(suite, case, _standing(run, target, case))
        _count(suite)
    for absent in run.unavailable:
        suite = _suite(suites, absent.target, 0.0)
        _say(suite, "available", "error", f"unavailable: {absent.reason}")
        _count(suite)
    if run.baseline is not None:
        suite = _suite(suites, f"baseline {run.baseline.baseline}", 0.0)
        for stale in run.baseline.stale:
            _say(suite, f"{stale.entry.case} {stale.entry.requirement}", "failure", stale.why)
        _count(suite)
    for name in ("tests", "failures", "errors", "skipped"):
        suites.set(name, str(sum(int(suite.get(name, "0")) for suite in suites)))
    suites.set("time", f"{run.seconds:.3f}")
    ET.indent(suites)
    text = ET.tostring(suites, encoding="unicode")
    write_whole(out / "junit.xml", f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n')


def _standing(run: RunResult, target: TargetResult, case: CaseResult) -> str | None:
    """What a baseline makes of the case; None when it has nothing to say."""
    if run.baseline is None:
        return None
    if run.baseline.covers(target, case):
        return "known"
    key = (target.target, str(target.edition), case.name)
    return "regression" if any(b.key[:3] == key for b in run.baseline.regressions) else None


def _suite(suites: ET.Element, name: str, seconds: float) -> ET.Element:
    return ET.SubElement(suites, "testsuite", name=legal(name), time=f"{seconds:.3f}")


def _count(suite: ET.Element) -> None:
    """Sets the suite's counts to what stands in it."""
    suite.set("tests", str(len(suite)))
    for name, element in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(name, str(sum(case.find(element) is not None for case in suite)))


def _say(suite: ET.Element, name: str, kind: str, message: str) -> None:
    element = ET.SubElement(
        suite, "testcase", classname=suite.get("name", ""), name=legal(name), time="0.000"
    )
    ET.SubElement(element, kind, message=legal(message))


def _add(suite: ET.Element, case: CaseResult, standing: str | None) -> None:
    """A known fault is skipped; a regression fails, be it of a SHOULD only."""
    group, _, name = case.name.rpartition("/")
    element = ET.SubElement(
        suite,
        "testcase",
        classname=legal(group.replace("/", ".")),
        name=legal(name),
        time=f"{case.seconds:.3f}",
    )
    kind = ELEMENTS.get(case.verdict)
    if standing is not None and case.verdict in (Verdict.PASS, *FAILED):
        kind = "skipped" if standing == "known" else "failure"
    if kind is not None:
        what = standing or case.verdict
        told = ET.SubElement(element, kind, message=legal(f"{what}: {case.reason}"))
        told.text = "\n".join(
            legal(f"{k.requirements[0]} {k.outcome}: expected {k.expected}; observed {k.observed}")
            for k in case.checks
        )
    elif case.reason:
        ET.SubElement(element, "system-out").text = legal(case.reason)
