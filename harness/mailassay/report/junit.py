"""`junit.xml`: what continuous integration servers read."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections import Counter
from pathlib import Path

from mailassay.report.files import write_whole
from mailassay.verdicts import CaseResult, RunResult, Verdict

# Characters that XML 1.0 cannot hold, escaped or not.
ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
ELEMENTS = {
    Verdict.FAIL: "failure",
    Verdict.INCONCLUSIVE: "error",
    Verdict.ERROR: "error",
    Verdict.NOT_APPLICABLE: "skipped",
}


def legal(text: str) -> str:
    """The text with every character that XML cannot hold replaced."""
    return ILLEGAL.sub("\ufffd", text)


def write(run: RunResult, out: Path) -> None:
    """A test suite a target and edition, a test case a case."""
    cases = [c for t in run.targets for c in t.cases]
    suites = ET.Element("testsuites", {"name": "mailassay", **_counts(cases, run.seconds)})
    for target in run.targets:
        name = legal(f"{target.target} ({target.edition})")
        told = {"name": name, "timestamp": legal(run.started)}
        suite = ET.SubElement(
            suites, "testsuite", {**told, **_counts(target.cases, target.seconds)}
        )
        for case in target.cases:
            _add(suite, case)
    ET.indent(suites)
    text = ET.tostring(suites, encoding="unicode")
    write_whole(out / "junit.xml", f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n')


def _counts(cases: list[CaseResult], seconds: float) -> dict[str, str]:
    elements = Counter(ELEMENTS.get(c.verdict) for c in cases)
    return {
        "tests": str(len(cases)),
        "failures": str(elements["failure"]),
        "errors": str(elements["error"]),
        "skipped": str(elements["skipped"]),
        "time": f"{seconds:.3f}",
    }


def _add(suite: ET.Element, case: CaseResult) -> None:
    group, _, name = case.name.rpartition("/")
    element = ET.SubElement(
        suite,
        "testcase",
        classname=legal(group.replace("/", ".")),
        name=legal(name),
        time=f"{case.seconds:.3f}",
    )
    kind = ELEMENTS.get(case.verdict)
    if kind is not None:
        told = ET.SubElement(element, kind, message=legal(f"{case.verdict}: {case.reason}"))
        told.text = "\n".join(
            legal(f"{k.requirements[0]} {k.outcome}: expected {k.expected}; observed {k.observed}")
            for k in case.checks
        )
    elif case.reason:
        ET.SubElement(element, "system-out").text = legal(case.reason)
