"""The catalogue held against its schema, the texts, and the project that cites it."""

import json
import subprocess
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest

from mailassay import paths
from mailassay.cases.registry import Case
from mailassay.catalogue import Catalogue, CatalogueError, Requirement, Specification, load
from mailassay.catalogue_check import Checked, Sentence, check, problems_of
from mailassay.citations import Mention, cases_by_requirement, mentions, problems
from mailassay.verdicts import Edition, Level, Mechanism, Role
from mailassay.world import World

CATALOGUE = load(paths.CATALOGUE)
MUST, SHOULD, MAY = Level.MUST, Level.SHOULD, Level.MAY


@pytest.mark.parametrize("file", sorted(paths.CATALOGUE.glob("*.toml")), ids=lambda f: f.stem)
def test_every_file_meets_the_schema(file: Path) -> None:
    schema = paths.ROOT / "vectors" / "schema" / "requirements.schema.json"
    told = tomllib.loads(file.read_text(encoding="utf-8"))
    jsonschema.validate(told, json.loads(schema.read_text(encoding="utf-8")))


def test_the_schema_knows_every_role_and_mechanism() -> None:
    schema = json.loads((paths.ROOT / "vectors/schema/requirements.schema.json").read_text())
    assert schema["definitions"]["role"]["enum"] == [str(r) for r in Role]
    assert schema["properties"]["mechanism"]["enum"] == [str(m) for m in Mechanism]


@pytest.mark.parametrize(
    "program, codes", [("check-catalogue", (0, 77)), ("check-citations", (0,))]
)
def test_the_projects_own_catalogue_passes(program: str, codes: tuple[int, ...]) -> None:
    told = subprocess.run([paths.ROOT / "ci" / program], capture_output=True, text=True)
    assert told.returncode in codes, told.stdout


def test_absent_texts_are_told_by_an_exit_code_of_their_own(tmp_path: Path) -> None:
    told = subprocess.run(
        [paths.ROOT / "ci" / "check-catalogue"],
        capture_output=True,
        text=True,
        env={"MAILASSAY_SPECS": str(tmp_path / "none"), "PATH": "/usr/bin:/bin"},
    )
    assert told.returncode == 77 and "unchecked" in told.stdout


def requirement(
    name: str = "text/1/1", level: Level = MUST, sources: tuple[str, ...] = ("aaaaaaaaaa",)
) -> Requirement:
    section = name.split("/")[1]
    roles = (Role.RELAY_CLIENT,)
    return Requirement(
        name, section, level, roles, sources, "A statement.", Edition.RFC, Mechanism.REQUIRETLS
    )


def specification(
    *requirements: Requirement, excluded: Mapping[str, str] | None = None
) -> Specification:
    return Specification(
        "text", Edition.RFC, Mechanism.REQUIRETLS, "text", requirements, excluded or {}
    )


def draft_text(*requirements: Requirement) -> Specification:
    return Specification("draft", Edition.DRAFT, Mechanism.REQUIRETLS, "draft", requirements, {})


def sentence(*levels: Level, section: str = "1", digest: str = "aaaaaaaaaa") -> Sentence:
    return Sentence(digest, section, frozenset(levels))


TEXT = "1.  One\n\n   Some words.\n\n[2.1](#). Two\n\n   More words.\n"


@pytest.mark.parametrize(
    "made, sentences, complaint",
    [
        (specification(requirement()), (sentence(MUST),), None),
        (specification(requirement()), (sentence(SHOULD),), "is a MUST, but"),
        (specification(requirement()), (sentence(MUST, MAY),), "no entry for the MAY"),
        (
            specification(requirement(), requirement("text/1/2", MAY)),
            (sentence(MUST, MAY),),
            None,
        ),
        (specification(requirement("text/2.1/1")), (sentence(MUST),), "stands in section 1"),
        (specification(requirement("text/3/1")), (sentence(MUST, section="3"),), "no section 3"),
        (specification(requirement(sources=())), (), "is a MUST without a source"),
        (
            specification(requirement(level=Level.STEP)),
            (sentence(MUST),),
            "is a STEP, so it has no keyword",
        ),
        (
            specification(requirement(), excluded={"aaaaaaaaaa": "no"}),
            (sentence(MUST),),
            "both cited and excluded",
        ),
        (
            specification(requirement()),
            (sentence(MUST), sentence(MUST, digest="bbbbbbbbbb")),
            "bbbbbbbbbb is neither cited nor excluded",
        ),
    ],
)
def test_problems_between_a_file_and_its_text(
    made: Specification, sentences: tuple[Sentence, ...], complaint: str | None
) -> None:
    found = problems_of(made, sentences, TEXT)
    if complaint is None:
        assert not found
    else:
        assert any(complaint in line for line in found), found


def test_a_copied_reading_is_found_and_seven_words_are_not() -> None:
    text = "1.  One\n\n   a b c d e f\n   g h i j\n"
    short = replace(requirement(), statement="a b c d e f g, and more")
    assert not problems_of(specification(short), (sentence(MUST),), text)
    copied = replace(requirement(), untestable="since A b-c d e f g h")
    assert problems_of(specification(copied), (sentence(MUST),), text)


def test_a_broken_tool_is_a_problem_and_no_crash(tmp_path: Path) -> None:
    (tmp_path / "tool").write_text("raise SystemExit(3)")
    for made in CATALOGUE.specifications:
        (tmp_path / f"{made.name}.txt").write_text("1. One\n")
    report = check(CATALOGUE, tmp_path, tmp_path / "tool")
    assert report.result is Checked.PROBLEMS and "the tool failed" in report.lines[0]


def test_one_absent_text_is_not_green(tmp_path: Path) -> None:
    (tmp_path / "tool").write_text("")
    report = check(CATALOGUE, tmp_path, tmp_path / "tool")
    assert report.result is Checked.UNCHECKED and len(report.lines) == len(CATALOGUE.specifications)


def draft(name: str, same_as: str) -> Requirement:
    made = requirement(name)
    return replace(made, edition=Edition.DRAFT, same_as=same_as)


@pytest.mark.parametrize(
    "same_as, complaint",
    [
        (("text/9/9",), "does not exist"),
        (("draft/1/1",), "from a draft to a published text"),
        (("text/1/1", "text/1/1"), "are both the same as text/1/1"),
    ],
)
def test_a_wrong_translation_is_refused(same_as: tuple[str, ...], complaint: str) -> None:
    drafts = tuple(draft(f"draft/1/{n}", other) for n, other in enumerate(same_as, start=1))
    with pytest.raises(CatalogueError, match=complaint):
        Catalogue((specification(requirement()), draft_text(*drafts)))


async def nothing(trial: object) -> None:
    """A case's function."""


def case(*requirements: str, editions: tuple[Edition, ...] = (Edition.RFC, Edition.DRAFT)) -> Case:
    return Case("a/b/c", "c", "", (), requirements, World(), editions, (), nothing)


def small() -> Catalogue:
    other = draft("draft/1/1", "text/1/1")
    return Catalogue((specification(requirement()), draft_text(other)))


CODE = Mention("text/1/1", Path("reference/x.cc"), 1, cites=True)


def test_a_clause_cited_by_code_and_case_in_both_editions_is_in_order() -> None:
    assert problems(small(), [case("text/1/1")], [CODE]) == ()
    assert cases_by_requirement(small(), [case("text/1/1")]) == {
        "text/1/1": ("a/b/c",), "draft/1/1": ("a/b/c",),
    }


@pytest.mark.parametrize(
    "cases, found, complaint",
    [
        ([], [CODE], "text/1/1 (MUST): no case cites it"),
        ([case("text/1/1", editions=(Edition.RFC,))], [CODE], "draft/1/1 (MUST): no case cites it"),
        ([case("text/1/1")], [], "text/1/1 (MUST): no line of the reference cites it"),
        ([case("text/1/1")], [replace(CODE, cites=False)], "no line of the reference cites it"),
        ([case("text/1/1", "text/7/7")], [CODE], "a/b/c cites text/7/7, which does not exist"),
        (
            [case("text/1/1")],
            [CODE, replace(CODE, requirement="text/7/7")],
            "reference/x.cc:1: no requirement is called text/7/7",
        ),
    ],
)
def test_problems_between_the_catalogue_and_the_project(
    cases: list[Case], found: list[Mention], complaint: str
) -> None:
    assert any(complaint in line for line in problems(small(), cases, found))


def test_an_excuse_stands_in_for_a_case_until_there_is_one() -> None:
    excused = Catalogue((specification(replace(requirement(), uncovered="not driven yet")),))
    assert problems(excused, [], [CODE]) == ()
    assert "has an excuse" in problems(excused, [case("text/1/1")], [CODE])[0]


def test_mentions_are_found_in_brackets_and_out_of_them(tmp_path: Path) -> None:
    (tmp_path / "reference" / "m").mkdir(parents=True)
    (tmp_path / "harness" / "__pycache__").mkdir(parents=True)
    code = "// Why. [text/1/1] [text/4.2.1/12]\nint x;  // see text/1/2, not atext/1/3 or text/1\n"
    (tmp_path / "reference" / "m" / "x.cc").write_text(code)
    (tmp_path / "reference" / "m" / "x_test.cc").write_text("// [text/1/1]\n")
    (tmp_path / "harness" / "__pycache__" / "x.py").write_text("# [text/1/1]\n")
    (tmp_path / "harness" / "x.py").write_bytes(b"\xff# [text/1/5]\n")
    found = mentions(tmp_path, ["text"])
    assert [(m.requirement, m.file.name, m.line, m.cites) for m in found] == [
        ("text/1/1", "x.cc", 1, True),
        ("text/4.2.1/12", "x.cc", 1, True),
        ("text/1/2", "x.cc", 2, False),
        ("text/1/1", "x_test.cc", 1, False),
        ("text/1/5", "x.py", 1, False),
    ]
