"""Baselines work both ways: what is new is a regression, what is not so any more is stale."""

import dataclasses
import datetime
import json
from pathlib import Path

import pytest

from mailassay import paths
from mailassay.baseline import (
    Baseline,
    BaselineError,
    Names,
    as_toml,
    broken_in,
    compare,
    load,
    steady_part,
    update,
)
from mailassay.cli import main
from mailassay.exits import Exit
from mailassay.report.findings import judge
from mailassay.verdicts import (
    Comparison,
    Edition,
    Known,
    Outcome,
    RunResult,
    Staleness,
    Status,
    Verdict,
)
from report_support import CATALOGUE, MAY, MUST, SHOULD, case, check, run, target, written

TODAY = datetime.date(2026, 6, 1)
BROKEN = case("broken", check(MUST, Outcome.BROKEN, "sent it in 7 s"))
DEVIATING = case("deviating", check(SHOULD, Outcome.BROKEN, "did not try"))
HELD = case("broken", check(MUST, Outcome.HELD))
ALL = Names(
    frozenset(("server", "another")),
    frozenset(f"requiretls/relay/{n}" for n in ("broken", "deviating", "other")),
)
ENTRY = Known(
    target="server",
    edition=Edition.RFC,
    case="requiretls/relay/broken",
    requirement=MUST,
    finding=Status.VIOLATES,
    observed="sent it",
    reason="it is known",
    link="https://bugs.example/1",
    version="Server",
    expires=datetime.date(2026, 12, 31),
)


def held_against(made: RunResult, *entries: Known, today: datetime.date = TODAY) -> Comparison:
    made.baseline = compare(made.targets, Baseline("b.toml", entries), CATALOGUE, ALL, today)
    code, made.outcome = judge(made)
    made.exit_code = int(code)
    return made.baseline


def test_what_is_known_is_no_failure() -> None:
    made = run(target(BROKEN))
    assert made.exit_code == Exit.NONCONFORMANT
    held = held_against(made, ENTRY)
    assert [k for k, _ in held.known] == [ENTRY] and not held.regressions and not held.stale
    assert (made.exit_code, made.outcome) == (Exit.CONFORMANT, "nothing new")
    assert held.covers(made.targets[0], BROKEN)


def test_a_second_break_of_a_known_clause_is_a_regression() -> None:
    twice = case(
        "broken",
        check(MUST, Outcome.BROKEN, "sent it in 7 s"),
        check(MUST, Outcome.BROKEN, "gave it away in clear text"),
    )
    made = run(target(twice))
    held = held_against(made, ENTRY)
    assert [b.observed for b in held.regressions] == ["gave it away in clear text"]
    assert not held.covers(made.targets[0], twice)
    assert made.exit_code == Exit.REGRESSION
    other = dataclasses.replace(ENTRY, observed="gave it away")
    assert not held_against(made, ENTRY, other).regressions and made.exit_code == Exit.CONFORMANT


@pytest.mark.parametrize("new", [BROKEN, DEVIATING], ids=["MUST", "SHOULD"])
def test_what_is_not_known_is_a_regression(new) -> None:
    made = run(target(new))
    held = held_against(made)
    assert [b.case for b in held.regressions] == [new.name]
    assert made.exit_code == Exit.REGRESSION


def test_what_is_observed_otherwise_is_a_regression() -> None:
    made = run(target(BROKEN))
    held = held_against(made, dataclasses.replace(ENTRY, observed="lost it"))
    assert held.regressions and not held.covers(made.targets[0], BROKEN)
    assert made.exit_code == Exit.REGRESSION


@pytest.mark.parametrize(
    "entry, found, why",
    [
        (ENTRY, HELD, "not broken any more"),
        (dataclasses.replace(ENTRY, version="Server 2"), BROKEN, "was written for Server 2"),
        (dataclasses.replace(ENTRY, case="requiretls/relay/gone"), HELD, "there is no such case"),
        (dataclasses.replace(ENTRY, expires=datetime.date(2026, 5, 31)), BROKEN, "it expired on"),
        (ENTRY, case("broken", verdict=Verdict.NOT_APPLICABLE, reason="why"), "does not apply"),
    ],
)
def test_what_is_not_so_any_more_is_stale(entry: Known, found, why: str) -> None:
    made = run(target(found, case("other", check(MUST, Outcome.HELD))))
    held = held_against(made, entry)
    assert [s.entry for s in held.stale] == [entry] and why in held.stale[0].why
    assert (made.exit_code, made.outcome) == (Exit.STALE_BASELINE, "stale baseline")


@pytest.mark.parametrize(
    "changed, kind, why",
    [
        ({"target": "sevrer"}, Staleness.UNKNOWN, "there is no such target"),
        ({"case": "requiretls/relay/gone"}, Staleness.UNKNOWN, "there is no such case"),
        ({"requirement": f"{MUST}99"}, Staleness.UNKNOWN, "there is no such requirement"),
        ({"edition": Edition.DRAFT}, Staleness.UNKNOWN, "is not of the edition draft"),
        ({"requirement": MAY}, Staleness.UNKNOWN, "is a MAY"),
        ({"expires": datetime.date(2026, 5, 31)}, Staleness.EXPIRED, "it expired on"),
    ],
)
def test_what_can_not_be_is_stale_whatever_was_run(changed, kind: Staleness, why: str) -> None:
    made = run(target(case("other", check(MUST, Outcome.HELD)), name="another"))
    held = held_against(made, dataclasses.replace(ENTRY, **changed))
    assert [s.kind for s in held.stale] == [kind] and why in held.stale[0].why
    assert made.exit_code == Exit.STALE_BASELINE


def test_an_entry_is_left_alone_where_the_run_does_not_tell() -> None:
    other = case("other", check(MUST, Outcome.HELD))
    undecided = case("broken", verdict=Verdict.INCONCLUSIVE, reason="slow")
    for made in (run(target(other)), run(target(other, name="another"))):
        assert not held_against(made, ENTRY).stale and made.exit_code == Exit.CONFORMANT
    made = run(target(undecided))
    assert not held_against(made, ENTRY).stale and made.exit_code == Exit.HARNESS_ERROR


def test_a_regression_outranks_a_stale_entry() -> None:
    made = run(target(BROKEN))
    held = held_against(made, dataclasses.replace(ENTRY, case="requiretls/relay/gone"))
    assert held.stale and made.exit_code == Exit.REGRESSION


def test_a_may_is_never_broken() -> None:
    assert not broken_in([target(case("other", check(MAY, Outcome.BROKEN)))], CATALOGUE)


def test_a_report_tells_of_the_baseline(tmp_path: Path) -> None:
    made = run(target(BROKEN, DEVIATING))
    held_against(made, ENTRY, dataclasses.replace(ENTRY, case="requiretls/relay/gone"))
    folder = written(made, tmp_path)
    told = json.loads((folder / "report.json").read_text())["baseline"]
    assert [len(told[k]) for k in ("known", "regressions", "stale")] == [1, 1, 1]
    junit = (folder / "junit.xml").read_text()
    assert '<skipped message="known: ' in junit and '<failure message="regression: ' in junit
    assert "there is no such case" in junit
    for file in ("summary.md", "index.html"):
        text = (folder / file).read_text().replace("\\", "")
        assert "it is known" in text and "there is no such case" in text


def test_a_file_is_read_as_it_was_written(tmp_path: Path) -> None:
    odd = dataclasses.replace(ENTRY, reason='a "quote" \\ and\ta tab \U000e0001')
    file = tmp_path / "b.toml"
    file.write_text(as_toml([odd]))
    assert load(file).entries == (odd,)


GOOD = as_toml([ENTRY])


@pytest.mark.parametrize(
    "text, told",
    [
        ("known = 1", "known should be a list of tables"),
        ("[[knwon]]", "knwon is not a known key"),
        ("[[known]]\n", "entry 1: target is missing"),
        (GOOD.replace('"rfc"', '"rfx"'), "entry 1: edition should be rfc or draft"),
        (GOOD.replace('"violates"', '"conforms"'), "finding should be violates or deviates"),
        (GOOD.replace("2026-12-31", '"soon"'), "expires should be a date"),
        (GOOD.replace('"it is known"', '" "'), "reason should be a string that says something"),
        (GOOD + "\ncolour = 1\n", "entry 1: colour is not a known key"),
        (GOOD + GOOD, "entry 2: an entry before is about the same"),
        ("[[known", "b.toml: "),
        ("known = " + "[" * 20_000 + "]" * 20_000, "its values are nested too deeply"),
        ("known = " + "9" * 5_000, "b.toml: "),
    ],
)
def test_a_bad_file_is_told_of_in_one_line(tmp_path: Path, text: str, told: str, capsys) -> None:
    file = tmp_path / "b.toml"
    file.write_text(text)
    with pytest.raises(BaselineError) as problem:
        load(file)
    assert told in str(problem.value)
    assert main(["run", "--baseline", str(file), "--out", str(tmp_path / "out")]) == Exit.USAGE
    assert capsys.readouterr().err.count("\n") == 1


def test_update_keeps_what_was_said_and_asks_for_what_is_new(tmp_path: Path, capsys) -> None:
    folder = written(run(target(BROKEN, DEVIATING)), tmp_path / "report")
    file = tmp_path / "b.toml"
    file.write_text(GOOD)
    words = ["baseline", "update", str(folder), "--baseline", str(file)]
    assert main(words) == Exit.USAGE
    assert "give them a --reason and a --link" in capsys.readouterr().err
    assert main([*words, "--reason", "new", "--link", "x", "--expires", "2027-01-31"]) == 0
    entries = load(file).entries
    assert entries[0] == ENTRY
    assert (entries[1].reason, entries[1].finding) == ("new", Status.DEVIATES)


def test_update_keeps_what_came_to_no_verdict() -> None:
    undecided = case("broken", verdict=Verdict.INCONCLUSIVE, reason="slow")
    made = update(
        Baseline("b", (ENTRY,)), [target(undecided)], CATALOGUE, {}, datetime.date(2027, 1, 1)
    )
    assert made == (ENTRY,)


def test_update_asks_anew_when_the_observation_changed(tmp_path: Path, capsys) -> None:
    otherwise = case("broken", check(MUST, Outcome.BROKEN, "gave it away in clear text"))
    folder = written(run(target(otherwise)), tmp_path / "report")
    file = tmp_path / "b.toml"
    file.write_text(GOOD)
    assert main(["baseline", "update", str(folder), "--baseline", str(file)]) == Exit.USAGE
    assert "give them a --reason" in capsys.readouterr().err


def test_update_drops_what_is_mended_and_keeps_what_was_not_run() -> None:
    other = dataclasses.replace(ENTRY, target="another")
    made = update(
        Baseline("b", (ENTRY, other)), [target(HELD)], CATALOGUE, {}, datetime.date(2027, 1, 1)
    )
    assert made == (other,)


def test_the_steady_part_has_no_number() -> None:
    assert steady_part("neither delivered within 7 s, yet it flowed") == "neither delivered within"
    assert steady_part("5.7.1") == "5.7.1"
    assert steady_part("got 5.7.1 x 4") == "got 5.7.1 x 4"


@pytest.mark.parametrize("file", sorted((paths.ROOT / "interop/baselines").glob("*.toml")))
def test_every_baseline_is_explained_in_its_target_file(file: Path) -> None:
    notes = (paths.TARGETS / file.name).read_text()
    for entry in load(file).entries:
        assert entry.target == file.stem and f'"{entry.requirement}"' in notes, entry.key
        assert f'"{entry.case}"' in notes, entry.key


def test_evidence_of_an_earlier_run_is_removed_and_nothing_else(tmp_path: Path) -> None:
    first = target(HELD, name="first")
    first.logs = {"server.log": "hello\n"}
    folder = written(run(first), tmp_path)
    (folder / "evidence" / "mine.txt").write_text("not yours")
    old = folder / "evidence/first-rfc/server.log.txt"
    assert old.is_file()
    written(run(target(HELD, name="second")), tmp_path)
    assert not old.exists() and (folder / "evidence" / "mine.txt").is_file()


def test_evidence_that_is_not_ours_any_more_is_left(tmp_path: Path) -> None:
    """A file that somebody edited, and one behind a link that leads outside."""
    first = target(HELD, name="first")
    first.logs = {"edited.log": "hello\n", "linked.log": "hello\n"}
    folder = written(run(first), tmp_path / "out")
    edited = folder / "evidence/first-rfc/edited.log.txt"
    edited.write_text("changed\n")
    outside = tmp_path / "outside"
    (folder / "evidence/first-rfc").rename(outside)
    (folder / "evidence/first-rfc").symlink_to(outside)
    written(run(target(HELD, name="second")), tmp_path / "out")
    assert (outside / "linked.log.txt").is_file() and edited.read_text() == "changed\n"
