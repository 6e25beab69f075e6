"""Shards and targets of one suite are put together; what contradicts itself is not."""

import hashlib
import json
from pathlib import Path

import pytest

from mailassay.cli import main
from mailassay.exits import Exit
from mailassay.report.read import read, read_whole
from mailassay.verdicts import (
    Conversation,
    Entry,
    Kind,
    Mechanism,
    Outcome,
    Party,
    RunResult,
    Unavailable,
)
from report_support import HOSTILE, MUST, SHOULD, case, check, run, target, written

HELD = case("held", check(MUST, Outcome.HELD))
BROKEN = case("broken", check(SHOULD, Outcome.HELD), check(MUST, Outcome.BROKEN))
BROKEN.conversations = [
    Conversation(
        "next hop", "mx", "127.0.0.1:25", [Entry(0.5, Party.TARGET, Kind.LINE, HOSTILE, 9)]
    )
]
BROKEN.facts = {"what": HOSTILE}


def merged(tmp_path: Path, *runs: RunResult) -> int:
    folders = [written(r, tmp_path / str(n)) for n, r in enumerate(runs)]
    return main(["merge", *map(str, folders), "--out", str(tmp_path / "whole")])


def test_shards_are_one_report(tmp_path: Path, capsys) -> None:
    first, second = target(HELD), target(BROKEN)
    first.logs, second.logs = {"server.log": "one\n"}, {"server.log": "two\n"}
    assert merged(tmp_path, run(first), run(second)) == Exit.NONCONFORMANT
    assert "cases of the suite" in capsys.readouterr().out
    whole = tmp_path / "whole"
    assert main(["verify-report", str(whole)]) == 0
    made = read_whole(whole)
    one = run(target(BROKEN, HELD))
    assert [c.name for c in made.targets[0].cases] == [c.name for c in one.targets[0].cases]
    assert made.targets[0].findings == one.targets[0].findings
    assert (made.exit_code, made.outcome) == (one.exit_code, one.outcome)
    assert sorted(made.targets[0].logs.values()) == ["one\n", "two\n"]
    assert made.targets[0].cases[0].facts["what"]
    evidence = "evidence/server-rfc/requiretls.relay.broken.json"
    assert (whole / evidence).read_bytes() == (tmp_path / "1" / evidence).read_bytes()
    assert "requiretls/relay/broken" in (whole / "index.html").read_text()


def test_targets_are_one_report_and_an_absent_one_is_told_of(tmp_path: Path) -> None:
    without = run(target(HELD, name="two"))
    lost = Unavailable("three", "no package", (Mechanism.SECURE_HEADERS,))
    without.unavailable = [lost]
    without.exit_code, without.outcome = 4, "not all ran"
    assert merged(tmp_path, run(target(HELD, name="one")), without) == Exit.HARNESS_ERROR
    made, _ = read(tmp_path / "whole")
    assert [t.target for t in made.targets] == ["one", "two"]
    assert made.unavailable == [lost]


def test_an_older_report_of_an_absent_target_does_not_tell_its_mechanisms(tmp_path: Path) -> None:
    made = run(target(HELD))
    made.unavailable = [Unavailable("three", "no package", (Mechanism.SECURE_HEADERS,))]
    file = written(made, tmp_path) / "report.json"
    told = json.loads(file.read_text())
    del told["unavailable"][0]["mechanisms"]
    file.write_text(json.dumps(told))
    assert read(tmp_path)[0].unavailable[0].mechanisms == tuple(Mechanism)


def test_the_same_twice_is_kept_once(tmp_path: Path) -> None:
    assert merged(tmp_path, run(target(HELD)), run(target(HELD))) == 0
    made, _ = read(tmp_path / "whole")
    assert [c.name for c in made.targets[0].cases] == [HELD.name]


def newer() -> RunResult:
    made = run(target(HELD))
    made.program_version = "9"
    return made


CONTRADICTION = case("held", check(MUST, Outcome.BROKEN))


@pytest.mark.parametrize(
    "other, complaint",
    [
        (run(target(CONTRADICTION)), "contradict each other about requiretls/relay/held"),
        (run(target(BROKEN, title="Server 2")), "differ about its version"),
        (newer(), "made by different versions"),
    ],
)
def test_what_contradicts_itself_is_not_joined(tmp_path: Path, other, complaint, capsys) -> None:
    assert merged(tmp_path, run(target(HELD)), other) == Exit.USAGE
    said = capsys.readouterr().err
    assert complaint in said and said.count("\n") == 1
    assert not (tmp_path / "whole").exists()


@pytest.mark.parametrize("text", ["[]", "{}", "[" * 50_000, '{"conversations": [1], "facts": {}}'])
def test_evidence_that_is_none_is_one_line(tmp_path: Path, text: str, capsys) -> None:
    """Even when its digest is right."""
    folder = written(run(target(BROKEN)), tmp_path / "a")
    told = json.loads((folder / "report.json").read_text())
    evidence = told["targets"][0]["cases"][0]["evidence"]
    (folder / evidence["file"]).write_text(text)
    words = ["merge", str(folder), "--out", str(tmp_path / "whole")]
    assert main(words) == Exit.USAGE
    assert "not what the report was made with" in capsys.readouterr().err
    evidence["sha256"] = hashlib.sha256(text.encode()).hexdigest()
    (folder / "report.json").write_text(json.dumps(told))
    assert main(words) == Exit.USAGE
    said = capsys.readouterr().err
    assert "no evidence of a case" in said and said.count("\n") == 1


def test_a_report_is_not_joined_into_itself(tmp_path: Path, capsys) -> None:
    folder = str(written(run(target(HELD)), tmp_path))
    assert main(["merge", folder, "--out", folder]) == Exit.USAGE
    assert "it is one of the reports" in capsys.readouterr().err
