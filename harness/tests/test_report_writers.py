"""The files for machines and logs: whole, hashed, valid, and with nothing alive in them."""

import hashlib
import io
import json
import re
import stat
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from report_support import MUST, case, check, hostile_run, run, target, written
from rich.console import Console

from mailassay.report.files import one_line, write_whole
from mailassay.report.json_report import ReportError
from mailassay.report.summary import escaped, print_summary
from mailassay.verdicts import Outcome


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(hostile_run(), tmp_path_factory.mktemp("report"))


def test_every_piece_of_evidence_is_there_and_is_hashed(report: Path) -> None:
    told = json.loads((report / "report.json").read_text())
    named = [c["evidence"] for t in told["targets"] for c in t["cases"] if c["evidence"]]
    named += [log for t in told["targets"] for log in t["logs"]]
    for evidence in named:
        octets = (report / evidence["file"]).read_bytes()
        assert hashlib.sha256(octets).hexdigest() == evidence["sha256"]
    there = {str(f.relative_to(report)) for f in (report / "evidence").rglob("*") if f.is_file()}
    assert there == {e["file"] for e in named} and len(named) == 2


def test_no_name_leads_out_of_the_folder(report: Path) -> None:
    assert {f.name for f in report.iterdir()} == {
        "evidence", "index.html", "junit.xml", "report.json", "summary.md",
    }
    assert (report / "evidence" / "one-rfc" / "..-odd-name.txt").is_file()


def test_a_report_that_breaks_its_schema_is_not_written(tmp_path: Path) -> None:
    made = run(target(case("x", check(MUST, Outcome.HELD)), name="Not A Name"))
    with pytest.raises(ReportError, match="targets/0/target"):
        written(made, tmp_path)
    assert not (tmp_path / "report.json").exists()


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "file"
    write_whole(file, "first")
    file.parent.chmod(stat.S_IRWXU)
    assert write_whole(file, "second \ud800") == hashlib.sha256(file.read_bytes()).hexdigest()
    assert file.read_text() == "second \\ud800"
    assert [f.name for f in file.parent.iterdir()] == ["file"]


def test_junit_counts_and_maps_every_verdict(report: Path) -> None:
    suites = ET.fromstring((report / "junit.xml").read_text(encoding="utf-8"))
    one, two = suites.findall("testsuite")
    assert [one.get(k) for k in ("tests", "failures", "errors", "skipped")] == list("5111")
    assert [suites.get(k) for k in ("tests", "failures", "errors", "skipped")] == list("6111")
    tags = {c.get("name"): [e.tag for e in c] for c in one.findall("testcase")}
    assert tags == {
        "broken": ["failure"],
        "deviating": ["system-out"],
        "undecided": ["error"],
        "absent": ["skipped"],
        "held": [],
    }
    assert two.get("failures") == "0"


def test_markdown_has_no_live_construct(report: Path) -> None:
    text = (report / "summary.md").read_text(encoding="utf-8")
    assert all(c.isprintable() or c == "\n" for c in text)
    alive = re.sub(r"\\.", "", text)
    assert not any(live in alive for live in ("<", "`", "](", "://", "@", "\n# h"))
    rows = [line for line in text.splitlines() if line.startswith("| rfc8689")]
    assert rows and all(line.replace("\\|", "").count("|") == 4 for line in rows)


@pytest.mark.parametrize(
    "text, safe",
    [
        ("a|b\n[c](d) `e` <f>", r"a\|b \[c\]\(d\) \`e\` \<f\>"),
        ("https://x @y &amp;", r"https\://x &#64;y &amp;amp;"),
        ("# 1. - *b*", r"\# 1\. \- \*b\*"),
    ],
)
def test_markdown_escapes(text: str, safe: str) -> None:
    assert escaped(text) == safe


def test_one_line_is_printable() -> None:
    assert one_line("a\r\n\tb\x1b[0m\u202e\ud800") == "a b\ufffd[0m\ufffd\ufffd"


def summary(terminal: bool) -> str:
    stream = io.StringIO()
    console = Console(file=stream, force_terminal=terminal, width=80, highlight=False)
    print_summary(hostile_run(), Path("out"), console)
    return stream.getvalue()


def test_in_a_log_the_summary_is_plain_lines() -> None:
    text = summary(terminal=False)
    assert all(c.isprintable() or c == "\n" for c in text)
    assert text.startswith("one (rfc): cases: 2 pass, 1 fail, 1 inconclusive, 1 not applicable; ")
    assert text.splitlines()[-1].startswith("nonconformant: 1.0 s, ")


def test_on_a_terminal_no_escape_sequence_is_the_targets() -> None:
    text = summary(terminal=True)
    assert "\x1b[1;31m1 fail\x1b[0m" in text
    assert not any(theirs in text for theirs in ("\x1b]0;", "\x07", "\u202e", "\x00"))
    assert "FAIL" in text and "requiretls/relay/broken" in text
