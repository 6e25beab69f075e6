"""From checks to findings: what is claimed, with which reason, and in which order of weight."""

from dataclasses import replace

import pytest
from report_support import CATALOGUE, EVERYTHING, MAY, MUST, SHOULD, STEP, case, check, run, target

from mailassay.catalogue import Catalogue, Specification
from mailassay.exits import Exit
from mailassay.report.findings import findings, verdict_of
from mailassay.targets.declaration import Declaration
from mailassay.verdicts import (
    CaseResult,
    Check,
    Edition,
    Finding,
    Level,
    Mechanism,
    Outcome,
    Role,
    Status,
    Verdict,
)

HELD, BROKEN, NOTED = Outcome.HELD, Outcome.BROKEN, Outcome.NOTED


def finding(requirement: str, *cases: CaseResult, declared: Declaration = EVERYTHING) -> Finding:
    found = findings(cases, Edition.RFC, CATALOGUE, declared)
    assert len(found) == len(CATALOGUE.of_edition(Edition.RFC, declared.mechanisms))
    return next(f for f in found if f.requirement == requirement)


def test_the_levels_used_here_are_the_catalogues() -> None:
    levels = [CATALOGUE[r].level for r in (MUST, SHOULD, MAY, STEP)]
    assert levels == [Level.MUST, Level.SHOULD, Level.MAY, Level.STEP]


def test_a_may_breaks_nothing() -> None:
    assert verdict_of([check(MAY, BROKEN)], CATALOGUE) == (Verdict.PASS, "")
    assert finding(MAY, case("x", check(MAY, BROKEN))).status is Status.OBSERVED


def test_nothing_checked_is_no_pass() -> None:
    assert verdict_of([], CATALOGUE)[0] is Verdict.INCONCLUSIVE


def test_the_reason_names_the_binding_requirement_of_a_check() -> None:
    both = Check((SHOULD, MUST), BROKEN, "a", "b")
    assert verdict_of([both], CATALOGUE) == (Verdict.FAIL, f"{MUST}: expected a; observed b")
    assert finding(SHOULD, case("x", both)).status is Status.DEVIATES
    assert finding(MUST, case("x", both)).status is Status.VIOLATES


def test_a_deviation_passes_and_says_so() -> None:
    verdict, reason = verdict_of([check(SHOULD, BROKEN, "silence")], CATALOGUE)
    assert verdict is Verdict.PASS
    assert reason == f"deviates from {SHOULD} (SHOULD): observed silence"


def test_what_was_only_looked_at_is_untested() -> None:
    seen = finding(MUST, case("x", check(MUST, NOTED, "a thing")))
    assert seen.status is Status.UNTESTED and "a thing" in seen.reason


def test_readings_are_collected_once_each() -> None:
    checks = [check(MUST, HELD, reading=r) for r in ("a", "b", "a")]
    assert finding(MUST, case("x", *checks), case("y", *checks)).readings == ("a", "b")


def test_a_violation_names_the_cases_that_show_it_alone() -> None:
    found = finding(MUST, case("good", check(MUST, HELD)), case("bad", check(MUST, BROKEN)))
    assert found.cases == ("requiretls/relay/bad",)


def test_a_check_that_held_is_claimed_with_the_doubt_beside_it() -> None:
    doubtful = case("doubtful", check(MUST, HELD), verdict=Verdict.INCONCLUSIVE, reason="slow")
    assert finding(MUST, case("good", check(MUST, HELD))).reason == ""
    assert finding(MUST, case("good", check(MUST, HELD)), doubtful).reason == (
        "as far as it was tested: requiretls/relay/doubtful was inconclusive"
    )


@pytest.mark.parametrize(
    "verdict, reason, status, expected",
    [
        (Verdict.INCONCLUSIVE, "slow", Status.UNTESTED, "x was inconclusive: slow"),
        (Verdict.ERROR, "KeyError", Status.UNTESTED, "x was error: KeyError"),
        (Verdict.PASS, "", Status.UNTESTED, "came to nothing that this clause is judged by"),
        (Verdict.NOT_APPLICABLE, "no dane", Status.NOT_APPLICABLE, "no dane"),
    ],
)
def test_without_a_check_the_reason_is_the_cases(
    verdict: Verdict, reason: str, status: Status, expected: str
) -> None:
    one = case("x", verdict=verdict, reason=reason)
    one.requirements = (MUST,)
    found = finding(MUST, one)
    assert found.status is status and expected in found.reason


def test_without_a_case_the_reason_is_the_declarations_or_the_catalogues() -> None:
    server_only = Declaration((Edition.RFC,), (Role.RELAY_SERVER,), ())
    assert "not declared" in finding(MUST, declared=server_only).reason
    assert finding(MUST).reason == "no case of this run is about it"


def test_a_clause_that_no_case_is_about_yet_is_untested_for_the_catalogues_reason() -> None:
    pending = replace(CATALOGUE[MUST], uncovered="not yet")
    rfc = Specification("a text", Edition.RFC, Mechanism.REQUIRETLS, "rfc8689", (pending,), {})
    found = findings((), Edition.RFC, Catalogue((rfc,)), EVERYTHING)
    assert [(f.status, f.reason) for f in found] == [(Status.UNTESTED, "not yet")]


def test_a_target_is_asked_about_mechanisms_that_it_has_a_role_in() -> None:
    for roles, mechanism in (
        ((Role.RELAY_SERVER, Role.RELAY_CLIENT), Mechanism.REQUIRETLS),
        ((Role.VERIFIER,), Mechanism.SECURE_HEADERS),
    ):
        found = findings((), Edition.RFC, CATALOGUE, Declaration((Edition.RFC,), roles, ()))
        assert found and {CATALOGUE[f.requirement].mechanism for f in found} == {mechanism}


@pytest.mark.parametrize(
    "verdicts, code",
    [
        ([[]], Exit.NOTHING_RAN),
        ([], Exit.NOTHING_RAN),
        ([[Verdict.PASS], [Verdict.NOT_APPLICABLE]], Exit.NOTHING_RAN),
        ([[Verdict.FAIL], []], Exit.NOTHING_RAN),
        ([[Verdict.ERROR], [Verdict.FAIL]], Exit.NONCONFORMANT),
        ([[Verdict.PASS], [Verdict.ERROR, Verdict.INCONCLUSIVE]], Exit.HARNESS_ERROR),
        ([[Verdict.PASS], [Verdict.PASS, Verdict.NOT_APPLICABLE]], Exit.CONFORMANT),
    ],
)
def test_precedence_over_several_targets(verdicts: list[list[Verdict]], code: Exit) -> None:
    targets = [target(*(case("x", verdict=v) for v in of_one)) for of_one in verdicts]
    assert run(*targets).exit_code == code
