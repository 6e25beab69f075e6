"""What is published in reports/all-targets/ is what its report.json says, and can be followed."""

import hashlib
import json
import re
from pathlib import Path

from mailassay import paths
from mailassay.cli import main
from mailassay.report.publish import pages
from mailassay.report.read import read
from mailassay.report.verify import evidence_of
from mailassay.verdicts import Conversation, Outcome, Role, Unavailable, Verdict
from report_support import CATALOGUE, MUST, SHOULD, case, check, run, target, written

PUBLISHED = paths.ROOT / "reports" / "all-targets"
MOST = 12_000_000  # octets
# Of a target that declares roles of every mechanism, as those below do.
TABLE = "table-requiretls-secure-headers-opes-release-rfc.md"


def follow(folder: Path) -> int:
    """Follows every link of a published folder; how many there were."""
    links = 0
    for page in folder.glob("*.md"):
        for file, anchor in re.findall(r"\]\(([^)#]+)#?([^)]*)\)", page.read_text()):
            links += 1
            assert (folder / file).is_file(), f"{page.name}: {file}"
            assert not anchor or f'<a id="{anchor}"></a>' in (folder / file).read_text(), anchor
    return links


def test_the_published_table_is_its_reports() -> None:
    made, told = read(PUBLISHED)
    for name, text in pages(made, told).items():
        assert (PUBLISHED / name).read_text() == text, f"{name}: run ci/table again"
    assert follow(PUBLISHED) > len(made.targets)
    for evidence in evidence_of(told):
        octets = (PUBLISHED / evidence["file"]).read_bytes()
        assert hashlib.sha256(octets).hexdigest() == evidence["sha256"], evidence["file"]
    files = [f for f in PUBLISHED.rglob("*") if f.is_file()]
    assert len(files) == len(pages(made, told)) + 1 + len(list(evidence_of(told)))
    assert sum(f.stat().st_size for f in files) < MOST
    assert made.started == "" and made.seconds == 0


def test_publishing_twice_gives_the_same_and_leaves_no_old_page(tmp_path: Path, capsys) -> None:
    broken = case("broken", check(MUST, Outcome.BROKEN, "sent it within 7 s"))
    held = case("held", check(SHOULD, Outcome.HELD, "queued as ab12cd34ef"))
    for c in (broken, held):
        c.conversations = [Conversation("next hop", "mx", "127.0.0.1:25", [])]
    out = tmp_path / "out"
    words = ["--out", str(out)]
    both = written(run(target(broken, held), target(held, name="other")), tmp_path / "both")
    assert main(["publish", str(both), *words]) == 0
    assert (out / "other-rfc.md").is_file() and follow(out) > 0
    assert main(["verify-report", str(out)]) == 0
    one = written(run(target(broken, held)), tmp_path / "one")
    assert main(["publish", str(one), *words]) == 0
    kept = {f.name: f.read_bytes() for f in out.rglob("*") if f.is_file()}
    assert set(kept) == {
        "README.md", "report.json", TABLE, "server-rfc.md", "requiretls.relay.broken.json",
    }
    slower = run(target(broken, held))
    slower.started, slower.seconds = "2027", 9.0
    assert main(["publish", str(written(slower, tmp_path / "slower")), *words]) == 0
    assert kept == {f.name: f.read_bytes() for f in out.rglob("*") if f.is_file()}


def test_the_row_of_a_clause_is_the_reports_own(tmp_path: Path) -> None:
    """A published table stays as it is when the catalogue goes on."""
    folder = written(run(target(case("broken", check(MUST, Outcome.BROKEN)))), tmp_path)
    file = folder / "report.json"
    file.write_text(json.dumps(json.loads(
        file.read_text().replace(json.dumps(CATALOGUE[MUST].statement), '"In former words."')
    )))
    table = pages(*read(folder))[TABLE]
    assert f"| `{MUST}` In former words\\. | MUST |" in table


def test_a_part_a_mechanism_without_rows_that_say_nothing(tmp_path: Path) -> None:
    held = case("held", check(MUST, Outcome.HELD))
    verifier = target(name="verifier", roles=(Role.VERIFIER,))
    relay = target(held, roles=(Role.RELAY_CLIENT,))
    found = pages(*read(written(run(relay, verifier), tmp_path)))
    assert {n for n in found if n.startswith("table-")} == {
        "table-requiretls-rfc.md", "table-secure-headers-rfc.md"
    }
    table = found["table-requiretls-rfc.md"]
    assert f"`{MUST}`" in table and f"`{SHOULD}`" not in table and "have no row" in table
    assert "verifier" not in table
    row = next(r for r in found["README.md"].splitlines() if "(server-rfc.md)" in r)
    assert " | 1 | 0 | 1 of " in row


def test_a_report_with_holes_is_not_published(tmp_path: Path, capsys) -> None:
    out = tmp_path / "out"
    undecided = case("open")
    undecided.verdict = Verdict.INCONCLUSIVE
    absent = run(target(case("held", check(MUST, Outcome.HELD))))
    absent.unavailable = [Unavailable("lost", "no package")]
    for number, made in enumerate((run(target(undecided)), absent)):
        report = written(made, tmp_path / str(number))
        assert main(["publish", str(report), "--out", str(out)]) == 4
        told = capsys.readouterr().err
        assert told.count("\n") == 1 and "not published" in told
    assert not out.exists()
