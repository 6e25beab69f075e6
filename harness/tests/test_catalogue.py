"""The catalogue: strict loading, translation between the editions, the check against the texts."""

from pathlib import Path

import pytest

from mailassay import paths
from mailassay.cases.registry import Shard, all_cases, select
from mailassay.catalogue import CatalogueError, load
from mailassay.catalogue_check import Checked, check
from mailassay.verdicts import Edition, Mechanism, Role

CATALOGUE = load(paths.CATALOGUE)
FILE = """
mechanism = "requiretls"
edition = "rfc"
specification = "text"
prefix = "text"
[[requirement]]
id = "text/1/1"
section = "1"
level = "MUST"
roles = ["relay-client"]
sources = ["{digest}"]
statement = "{statement}"
"""
TOOL = """
import hashlib, sys
for line in open(sys.argv[-1]).read().splitlines():
    if "MUST" in line:
        print("text", "1", "MUST", hashlib.sha256(line.encode()).hexdigest()[:10], line, sep="\\t")
"""


def test_a_clause_of_both_editions_translates_both_ways() -> None:
    draft = CATALOGUE.translate("rfc8689/4.1/1", Edition.DRAFT)
    assert draft == "draft-require-tls-03/4.1/1"
    assert CATALOGUE.translate(draft, Edition.RFC) == "rfc8689/4.1/1"


def test_a_clause_of_one_edition_alone_translates_to_nothing() -> None:
    assert CATALOGUE.translate("rfc8689/2/9", Edition.DRAFT) is None
    assert CATALOGUE.translate("draft-require-tls-03/6/1", Edition.RFC) is None


def test_a_text_that_both_editions_build_on_binds_in_each_under_one_id() -> None:
    for edition in Edition:
        assert CATALOGUE.translate("rfc2156/5.1.3/4", edition) == "rfc2156/5.1.3/4"
        asked = [r.id for r in CATALOGUE.of_edition(edition, [Mechanism.RELEASE])]
        assert asked.count("rfc2156/5.1.3/4") == 1
    assert CATALOGUE.translate("rfc7912/3.3/11", Edition.DRAFT) is None


def test_every_role_is_of_a_mechanism_and_every_text_too() -> None:
    assert {r.mechanism for r in Role} <= set(Mechanism)
    by_prefix = {s.prefix: s.mechanism for s in CATALOGUE.specifications}
    assert by_prefix["rfc8689"] is by_prefix["rfc5321"] is Mechanism.REQUIRETLS
    assert by_prefix["rfc7508"] is by_prefix["rfc3183"] is Mechanism.SECURE_HEADERS


def test_an_editions_clauses_can_be_had_by_mechanism() -> None:
    mine = CATALOGUE.of_edition(Edition.RFC, [Mechanism.SECURE_HEADERS])
    others = CATALOGUE.of_edition(Edition.RFC, set(Mechanism) - {Mechanism.SECURE_HEADERS})
    assert {r.id.split("/")[0] for r in mine} == {"rfc3183", "rfc7508", "rfc8550"}
    assert sorted(r.id for r in CATALOGUE.of_edition(Edition.RFC)) == sorted(
        r.id for r in (*mine, *others)
    )


def test_an_unknown_clause_is_an_error() -> None:
    with pytest.raises(CatalogueError, match="no requirement is called rfc8689/none"):
        CATALOGUE.translate("rfc8689/none", Edition.RFC)


def test_every_case_cites_clauses_that_exist_in_an_edition_it_runs_in() -> None:
    for case in all_cases():
        for requirement in case.requirements:
            assert any(CATALOGUE.translate(requirement, e) for e in case.editions), case.name


def test_shards_part_the_cases_without_loss() -> None:
    whole = {c.name for c in select((), Shard())}
    parts = [{c.name for c in select((), Shard(i, 3))} for i in (1, 2, 3)]
    assert set().union(*parts) == whole and sum(map(len, parts)) == len(whole)


def checked(folder: Path, digest: str, statement: str = "Something of our own."):  # type: ignore
    (folder / "texts").mkdir()
    text = "1. Title\n\nOne MUST do this and that before all others go.\n"
    (folder / "texts" / "text.txt").write_text(text)
    (folder / "tool").write_text(TOOL)
    (folder / "catalogue").mkdir()
    (folder / "catalogue" / "text.toml").write_text(
        FILE.format(digest=digest, statement=statement)
    )
    return check(load(folder / "catalogue"), folder / "texts", folder / "tool")


def test_the_check_is_complete_when_every_digest_is_cited(tmp_path: Path) -> None:
    assert checked(tmp_path, "25b0b71204").result is Checked.COMPLETE


def test_the_check_finds_a_missing_and_an_unknown_digest(tmp_path: Path) -> None:
    report = checked(tmp_path, "0000000000")
    assert report.result is Checked.PROBLEMS
    assert any("neither cited nor excluded" in line for line in report.lines)
    assert any("the digest of no normative sentence" in line for line in report.lines)


def test_the_check_finds_copied_words(tmp_path: Path) -> None:
    report = checked(tmp_path, "0000000000", "One must do this and that before all others.")
    assert any("repeats the text's own words" in line for line in report.lines)


def test_without_the_texts_the_check_is_not_green(tmp_path: Path) -> None:
    assert check(CATALOGUE, tmp_path / "none", tmp_path).result is Checked.UNCHECKED


@pytest.mark.parametrize(
    "old, new, complaint",
    [
        ("sources =", "source =", "unknown key 'source'"),
        ('"MUST"', '"OUGHT"', "OUGHT"),
        ("text/1/1", "text/2/1", "an id is text/<section>/<number>"),
        ('["relay-client"]', "[]", "binds no role"),
        ("relay-client", "signer", "signer is a role of secure-headers, not of requiretls"),
        ("mechanism = ", "mechanic = ", "unknown key 'mechanic'"),
        ('"requiretls"', '"none"', "'none' is not a valid Mechanism"),
        ("edition =", "edition", "text.toml"),
    ],
)
def test_a_bad_catalogue_file_is_one_error(
    tmp_path: Path, old: str, new: str, complaint: str
) -> None:
    told = FILE.format(digest="0000000000", statement="Something.").replace(old, new)
    (tmp_path / "text.toml").write_text(told)
    with pytest.raises(CatalogueError, match=complaint.replace("<", ".").replace(">", ".")):
        load(tmp_path)
