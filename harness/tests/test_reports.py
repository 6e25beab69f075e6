"""The commands that work on reports: diff, table, verify-report."""

import json
import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from mailassay.baseline import Baseline, compare
from mailassay.cli import main
from mailassay.exits import Exit
from mailassay.report.diff import steady
from mailassay.report.findings import judge
from mailassay.verdicts import Conversation, Outcome, Role, RunResult, Unavailable, Verdict
from report_support import (
    CATALOGUE,
    HOSTILE,
    MAY,
    MUST,
    SHOULD,
    case,
    check,
    run,
    target,
    written,
)
from test_baseline import ALL, BROKEN, DEVIATING, ENTRY, HELD, TODAY

UNSURE = case("broken", verdict=Verdict.INCONCLUSIVE)
ABSENT = case("broken", verdict=Verdict.NOT_APPLICABLE)
MAY_BROKEN = case("broken", check(MUST, Outcome.HELD), check(MAY, Outcome.BROKEN))
SEEN_OTHERWISE = case("broken", check(MUST, Outcome.HELD, "bounced"))
MORE = case("broken", check(MUST, Outcome.HELD), check(SHOULD, Outcome.HELD))


@pytest.mark.parametrize(
    "before, after, change, code",
    [
        (HELD, BROKEN, "regressed", Exit.REGRESSION),
        (HELD, DEVIATING, "removed new", Exit.REGRESSION),
        (BROKEN, HELD, "fixed", Exit.CONFORMANT),
        (None, HELD, "new", Exit.CONFORMANT),
        (None, MAY_BROKEN, "new", Exit.CONFORMANT),
        (None, BROKEN, "new", Exit.REGRESSION),
        (None, DEVIATING, "new", Exit.REGRESSION),
        (None, UNSURE, "new", Exit.REGRESSION),
        (HELD, None, "removed", Exit.REGRESSION),
        (HELD, ABSENT, "removed", Exit.REGRESSION),
        (BROKEN, None, "removed", Exit.CONFORMANT),
        (HELD, UNSURE, "undecided", Exit.REGRESSION),
        (BROKEN, UNSURE, "undecided", Exit.REGRESSION),
        (UNSURE, HELD, "undecided", Exit.CONFORMANT),
        (HELD, MAY_BROKEN, "evidence changed", Exit.CONFORMANT),
        (HELD, SEEN_OTHERWISE, "evidence changed", Exit.CONFORMANT),
        (HELD, MORE, "evidence changed", Exit.CONFORMANT),
    ],
)
def test_diff(tmp_path: Path, before, after, change: str, code: Exit, capsys) -> None:
    same = case("other", check(MUST, Outcome.HELD))
    runs = [run(target(*(c for c in (same, x) if c is not None))) for x in (before, after)]
    folders = [str(written(r, tmp_path / n)) for n, r in zip("ab", runs, strict=True)]
    assert main(["diff", *folders, "--json"]) == code
    told = json.loads(capsys.readouterr().out)
    assert sorted(d["change"] for d in told) == sorted(change.split(" ") if "new" in change
                                                       else [change])
    assert any(d["worse"] for d in told) is (code is Exit.REGRESSION)
    assert main(["diff", folders[0], folders[0]]) == 0
    assert capsys.readouterr().out == "no difference\n"


def test_diff_tells_what_was_seen_otherwise(tmp_path: Path, capsys) -> None:
    folders = [
        str(written(run(target(c)), tmp_path / n)) for n, c in (("a", HELD), ("b", SEEN_OTHERWISE))
    ]
    assert main(["diff", *folders]) == 0
    told = capsys.readouterr().out
    assert "was pass" in told and "held: something else" in told and "held: bounced" in told


def test_what_differs_in_every_run_is_no_change() -> None:
    assert steady("end of data 250 2.0.0 Queued as qnx37z34; not within 2 s") == steady(
        "end of data 250 2.0.0 Queued as abcdefgh; not within 5.5 s"
    )
    assert steady("MAIL 250 2.1.0") != steady("MAIL 550 5.7.1")
    assert steady("delivered to mx1.fit.example1") != steady("delivered to mx2.fit.example1")


def altered(folder: Path, change) -> list[str]:
    """What `verify-report` is asked of a report that somebody changed."""
    file = folder / "report.json"
    told = json.loads(file.read_text())
    change(told)
    file.write_text(json.dumps(told))
    return ["verify-report", str(folder)]


def acquit(told) -> None:
    """All cases passed, the counts are right, and so is the exit code."""
    for one in told["targets"]:
        one["verdicts"] = {"pass": len(one["cases"])}
        for c in one["cases"]:
            c["verdict"], c["reason"] = "pass", ""
    told["exit_code"], told["outcome"] = 0, "conformant"


def conform(told) -> None:
    for finding in told["targets"][0]["findings"]:
        if finding["status"] == "violates":
            finding["status"], finding["reason"] = "conforms", ""
    counts = told["targets"][0]["statuses"]
    counts["conforms"] = counts.get("conforms", 0) + counts.pop("violates")


@pytest.mark.parametrize(
    "change, complaint",
    [
        (acquit, "the verdict is pass; from the checks follows fail"),
        (conform, "the finding is conforms: ; from the checks follows: violates"),
        (lambda told: told.update(exit_code=0), "exit code 0, nonconformant: its cases say 1"),
        (lambda told: told["targets"][0]["findings"].pop(0), "the finding is missing"),
        (lambda told: told["targets"][0]["cases"][0].update(verdict="inconclusive"),
         "the verdict is inconclusive; from the checks follows fail"),
        (lambda told: told["targets"][0]["cases"][0].update(verdict="not applicable"),
         "yet is said not to apply"),
        (lambda told: told["targets"].append(told["targets"][0]), "stands twice"),
        (lambda told: told["targets"][0]["cases"][0]["requirements"].append(f"{MUST}99"),
         "no such requirement"),
        (lambda told: told["targets"][0]["findings"][0].update(level="MAY"), "not a MAY"),
    ],
)
def test_a_conclusion_that_does_not_follow_is_found(tmp_path: Path, change, complaint, capsys):
    words = altered(written(run(target(BROKEN)), tmp_path), change)
    assert main(words) == Exit.NONCONFORMANT
    assert complaint in capsys.readouterr().out


def held_against_a_baseline() -> RunResult:
    made = run(target(BROKEN, DEVIATING))
    made.baseline = compare(made.targets, Baseline("b.toml", (ENTRY,)), CATALOGUE, ALL, TODAY)
    code, made.outcome = judge(made)
    made.exit_code = int(code)
    return made


def test_what_the_baseline_said_is_verified(tmp_path: Path, capsys) -> None:
    folder = written(held_against_a_baseline(), tmp_path)
    assert main(["verify-report", str(folder)]) == 0

    def forget(told) -> None:
        told["baseline"]["regressions"] = []
        told["exit_code"], told["outcome"] = 0, "nothing new"

    assert main(altered(folder, forget)) == Exit.NONCONFORMANT
    assert "is not what is broken" in capsys.readouterr().out


def test_a_whole_report_and_one_that_was_touched(tmp_path: Path, capsys) -> None:
    made = target(HELD)
    made.logs = {"server.log": "hello\n"}
    folder = written(run(made), tmp_path)
    assert main(["verify-report", str(folder)]) == 0
    next((folder / "evidence").rglob("*.txt")).write_text("goodbye\n")
    assert main(["verify-report", str(folder)]) == Exit.NONCONFORMANT
    assert "it is not what the report was made with" in capsys.readouterr().out


@pytest.mark.parametrize(
    "text, told", [(None, "no such file"), ("{}", "no report"), ("[", "Expecting")]
)
def test_no_report_is_told_of_in_one_line(tmp_path: Path, text, told: str, capsys) -> None:
    if text is not None:
        (tmp_path / "report.json").write_text(text)
    for command in (["diff", str(tmp_path), str(tmp_path)], ["verify-report", str(tmp_path)]):
        assert main(command) == Exit.USAGE
        said = capsys.readouterr().err
        assert told in said and said.count("\n") == 1


def test_the_table_links_to_evidence(tmp_path: Path, capsys) -> None:
    seen = case("broken", check(MUST, Outcome.BROKEN, "sent it"))
    seen.conversations = [Conversation("next hop", "mx", "127.0.0.1:25", [])]
    folder = written(run(target(seen)), tmp_path)
    assert main(["table", str(folder), "--links", "x/"]) == 0
    row = next(r for r in capsys.readouterr().out.splitlines() if f"`{MUST}`" in r)
    assert "[**violates**](x/evidence/server-rfc/requiretls.relay.broken.json)" in row


def test_the_table_links_to_no_evidence_that_is_not_there(tmp_path: Path, capsys) -> None:
    folder = written(run(target(BROKEN)), tmp_path)
    assert main(["table", str(folder)]) == 0
    row = next(r for r in capsys.readouterr().out.splitlines() if f"`{MUST}`" in r)
    assert row.endswith("| **violates** |")


def test_the_table_has_a_part_a_mechanism(tmp_path: Path, capsys) -> None:
    relay = target(name="relay", roles=(Role.RELAY_CLIENT,))
    verifier = target(name="verifier", roles=(Role.VERIFIER,))
    assert main(["table", str(written(run(relay, verifier), tmp_path))]) == 0
    told = capsys.readouterr().out
    first, second = told.split("\n## ")[1:]
    assert first.startswith("requiretls, edition rfc\n")
    assert second.startswith("secure-headers, edition rfc\n")
    assert "verifier" not in first and "rfc7508/" not in first
    assert "relay" not in second.split("|---")[0] and "rfc8689/" not in second


def test_the_page_marks_what_the_baseline_says_and_what_is_unavailable(tmp_path: Path) -> None:
    made = run(target(BROKEN, DEVIATING, case("other", check(MUST, Outcome.HELD))))
    other = replace(ENTRY, case="requiretls/relay/other")
    entries = (ENTRY, replace(other, observed="lost"), replace(other, expires=date(2026, 1, 1)))
    made.baseline = compare(made.targets, Baseline("b.toml", entries), CATALOGUE, ALL, TODAY)
    made.unavailable = [Unavailable("absent", HOSTILE)]
    page = (written(made, tmp_path) / "index.html").read_text()
    assert re.search(r'known">known</span>\s*<span class="id">requiretls/relay/broken', page)
    assert re.search(r'regression">regression</span>\s*<span class="id">requiretls/relay/dev', page)
    assert re.search(r'fixed">fixed</span> <span class="chip expired">expired</span>\s*'
                     r'<span class="id">requiretls/relay/other', page)
    rows = re.findall(r'class="cell" data-target="absent"><span class="chip unavailable">', page)
    assert len(rows) == len(CATALOGUE.of_edition(made.targets[0].edition))
    assert "<script>alert" not in page and "<img src=x" not in page
