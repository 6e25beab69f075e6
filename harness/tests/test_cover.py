"""The part of the kill matrix that CI runs: chosen so that nothing goes unshown."""

from __future__ import annotations

from pathlib import Path

import pytest

from mailassay.cover import Cover, CoverError, choose, gaps, load
from mailassay.deviants import missing, registered
from mailassay.verdicts import Edition

RFC, DRAFT = Edition.RFC, Edition.DRAFT


def pairs(cover: Cover, edition: Edition) -> dict[str, tuple[str, ...]]:
    return dict(cover.cases[edition])


def test_every_case_and_every_deviant_is_chosen_once() -> None:
    found = {RFC: {"x": ("a", "b", "c"), "y": ("c",), "z": ("c", "b")}}
    chosen = pairs(choose(found), RFC)
    assert {c for cases in chosen.values() for c in cases} == {"a", "b", "c"}
    assert set(chosen) == {"x", "y", "z"}
    assert sum(len(cases) for cases in chosen.values()) <= 4
    for deviant, cases in chosen.items():
        assert set(cases) <= set(found[RFC][deviant])


def test_the_second_edition_shows_only_what_the_first_could_not() -> None:
    found = {
        RFC: {"x": ("a",), "both": ("b",)},
        DRAFT: {"x": ("a", "only-draft"), "both": ("b",), "late": ("a",)},
    }
    chosen = choose(found)
    assert pairs(chosen, DRAFT) == {"x": ("only-draft",), "late": ("a",)}


def test_what_nobody_catches_is_not_chosen_and_so_is_a_gap() -> None:
    cover = choose({RFC: {"x": ("a",), "survivor": ()}})
    assert gaps(cover, {"x": (RFC,), "survivor": (RFC,)}, {RFC: ("a", "toothless")}) == (
        "no case for the deviant survivor",
        "no deviant for the case toothless",
    )


def test_names_that_nothing_has_are_gaps() -> None:
    cover = Cover({RFC: {"x": ("a", "gone")}, DRAFT: {"x": ("a",), "renamed": ("a",)}})
    assert gaps(cover, {"x": (RFC,)}, {RFC: ("a",)}) == (
        "there is no case gone",
        "there is no deviant renamed of the edition draft",
        "there is no deviant x of the edition draft",
    )


def test_the_file_is_read_as_it_was_written(tmp_path: Path) -> None:
    cover = choose({RFC: {"x-1": ("m/a/b", "m/a/c"), "y": ("m/a/c",)}, DRAFT: {"z": ("m/d/e",)}})
    file = tmp_path / "cover.toml"
    file.write_text(cover.text())
    read = load(file)
    assert {e: {d: set(c) for d, c in of.items()} for e, of in read.cases.items()} == {
        e: {d: set(c) for d, c in of.items()} for e, of in cover.cases.items()
    }
    assert read.text() == cover.text()


@pytest.mark.parametrize(
    "text", ["[rfc]\nx = []\n", "[rfc]\nx = 1\n", "[none]\nx = ['a']\n", "rfc = 1\n", "[rfc\n"]
)
def test_a_broken_file_is_one_line(tmp_path: Path, text: str) -> None:
    file = tmp_path / "cover.toml"
    file.write_text(text)
    with pytest.raises(CoverError) as problem:
        load(file)
    assert str(problem.value).startswith(str(file)) and "\n" not in str(problem.value)


def test_the_cover_of_this_suite_leaves_nothing_out() -> None:
    """A new case or deviant without its line fails here, in a second, and not only in the run."""
    assert missing(registered()) == ()
