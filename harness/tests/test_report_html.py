"""The page: nothing of a target's is alive in it, nothing is loaded, every link leads somewhere."""

import base64
import hashlib
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from report_support import CATALOGUE, HOSTILE, MUST, case, check, hostile_run, run, target, written

from mailassay.report.folding import folded
from mailassay.report.html import anchor, marked, visible
from mailassay.report.sequence import (
    MAX_CONVERSATIONS_OF_PASSED,
    MAX_ENTRIES_SHOWN,
    Direction,
    Side,
    lookups,
    steps,
)
from mailassay.verdicts import (
    Conversation,
    Edition,
    Entry,
    Kind,
    Mechanism,
    Outcome,
    Party,
    Role,
    Unavailable,
)


class Page(HTMLParser):
    """What a browser would make of the page: elements, attributes, text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.raw: dict[str, str] = {}
        self._inside = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {k: v or "" for k, v in attrs}))
        self._inside = tag

    def handle_data(self, data: str) -> None:
        if self._inside in ("style", "script"):
            self.raw[self._inside] = self.raw.get(self._inside, "") + data

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def values(self, attribute: str) -> list[str]:
        return [attrs[attribute] for _, attrs in self.elements if attribute in attrs]


@pytest.fixture(scope="module")
def text(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = written(hostile_run(), tmp_path_factory.mktemp("report"))
    return (folder / "index.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def page(text: str) -> Page:
    return Page(text)


def test_nothing_hostile_becomes_an_element_or_a_handler(page: Page, text: str) -> None:
    tags = [tag for tag, _ in page.elements]
    assert tags.count("script") == 1 and tags.count("style") == 1 and "img" not in tags
    assert not [a for _, attrs in page.elements for a in attrs if a.startswith("on")]
    assert "alert(1)" in text and all(c.isprintable() or c == "\n" for c in text)


def test_nothing_is_loaded_and_only_what_is_ours_may_run(page: Page) -> None:
    policy = next(attrs["content"] for _, attrs in page.elements if "http-equiv" in attrs)
    assert policy.startswith("default-src 'none'; ") and "unsafe" not in policy
    for element in ("style", "script"):
        digest = base64.b64encode(hashlib.sha256(page.raw[element].encode()).digest()).decode()
        assert f"{element}-src 'sha256-{digest}'" in policy
    assert not page.values("src")
    assert not [link for link in page.values("href") if ":" in link and link != "data:,"]
    assert "url(" not in page.raw["style"] and "@import" not in page.raw["style"]


def test_ids_are_unique_and_every_link_within_the_page_leads_somewhere(page: Page) -> None:
    ids = page.values("id")
    assert len(ids) == len(set(ids))
    inner = {link[1:] for link in page.values("href") if link.startswith("#")}
    assert inner and inner <= set(ids)


def test_every_file_that_the_page_links_exists(tmp_path: Path) -> None:
    folder = written(hostile_run(), tmp_path)
    linked = Page((folder / "index.html").read_text(encoding="utf-8")).values("href")
    for link in linked:
        assert link.startswith(("#", "data:")) or (folder / link).is_file()


def test_the_page_tells_findings_notes_readings_and_the_way_to_run_it_again(text: str) -> None:
    assert "1 violates" in text and "1 deviates" in text and "note on this target" in text
    assert "What stands out" in text and ">nonconformant</span>" in text
    assert "mailassay run --target one --edition rfc --only requiretls/relay/broken" in text
    assert text.count('class="requirement"') == len(CATALOGUE.of_edition(Edition.RFC))


def test_a_target_has_no_column_where_it_has_no_role(tmp_path: Path) -> None:
    relay = target(case("x", check(MUST, Outcome.HELD)), name="relay", roles=(Role.RELAY_CLIENT,))
    assert "rfc7508" not in (written(run(relay), tmp_path / "one") / "index.html").read_text()
    verifier = target(name="verifier", roles=(Role.VERIFIER,))
    made = run(relay, verifier)
    made.unavailable = [Unavailable("lost", "no package", (Mechanism.SECURE_HEADERS,))]
    both = (written(made, tmp_path / "both") / "index.html").read_text()
    for name, mechanism in (
        ("relay", Mechanism.REQUIRETLS),
        ("verifier", Mechanism.SECURE_HEADERS),
        ("lost", Mechanism.SECURE_HEADERS),
    ):
        asked = CATALOGUE.of_edition(Edition.RFC, [mechanism])
        assert both.count(f'class="cell" data-target="{name}"') == len(asked)


def test_a_clean_run_says_that_nothing_stands_out(tmp_path: Path) -> None:
    folder = written(run(target(case("x", check(MUST, Outcome.HELD)))), tmp_path)
    page = (folder / "index.html").read_text()
    assert "No violation, no deviation, nothing left undecided." in page


def test_words_are_marked_after_escaping() -> None:
    assert str(marked("<b>250 Requiretls")) == "&lt;b&gt;250 <mark>Requiretls</mark>"
    assert "<script" not in str(marked(HOSTILE + "STARTTLS" + HOSTILE))


def test_control_and_format_characters_are_made_visible() -> None:
    assert visible("a\x00\x1b\u202e\nb") == "a\ufffd\ufffd\ufffd\nb"
    assert visible(5) == 5


def test_anchors_keep_ids_apart() -> None:
    assert anchor("rfc8689/4.2.1/1") == "rfc8689-4.2.1-1"
    assert anchor("a-rfc", "x/y") != anchor("a", "rfc-x/y")


def entry(at: float, party: Party, kind: Kind, said: str) -> Entry:
    return Entry(at, party, kind, said, len(said))


def test_the_sequence_is_in_order_of_time_with_the_target_between() -> None:
    one = case("x", check(MUST, Outcome.HELD))
    one.conversations = [
        Conversation("submission", "target", "a", [
            entry(0.1, Party.PEER, Kind.OPEN, "connected"),
            entry(0.2, Party.TARGET, Kind.LINE, "220-a"),
            entry(0.3, Party.TARGET, Kind.LINE, "220 b"),
            entry(0.9, Party.PEER, Kind.DATA, "A: b\\r\\n\\r\\nc\\r\\n"),
        ]),
        Conversation("next hop", "mx1", "b", [
            entry(0.4, Party.TARGET, Kind.LINE, "EHLO x"),
            entry(0.5, Party.LAB, Kind.TLS, "established: TLSv1.3"),
            entry(0.6, Party.TARGET, Kind.LINE, "EHLO x"),
        ]),
        Conversation("dns", "resolver", "c", [entry(0, Party.LAB, Kind.DNS, "MX: secure")]),
    ]
    told = steps(one)
    assert [s.at for s in told] == [0.1, 0.2, 0.4, 0.5, 0.6, 0.9]
    assert told[1].lines == ("220-a", "220 b")
    assert told[-1].lines == ("A: b", "", "c")
    assert [s.side for s in told] == [Side.LEFT] * 2 + [Side.RIGHT] * 3 + [Side.LEFT]
    assert [s.direction for s in told[:4]] == [
        Direction.IN, Direction.OUT, Direction.OUT, Direction.ASIDE,
    ]
    assert [s.is_protected for s in told] == [False, False, False, True, True, False]
    assert [s.number for s in told if s.opens is not None] == [1, 2]
    assert lookups(one) == ["MX: secure"]


def test_a_failed_handshake_is_bad_and_protects_nothing() -> None:
    one = case("x", check(MUST, Outcome.HELD))
    failed = entry(0.1, Party.LAB, Kind.TLS, "handshake failed: alert")
    after = entry(0.2, Party.TARGET, Kind.LINE, "QUIT")
    one.conversations = [Conversation("next hop", "mx1", "b", [failed, after])]
    assert [(s.is_bad, s.is_protected) for s in steps(one)] == [(True, False), (False, False)]


def test_of_many_conversations_alike_a_page_shows_some_unless_something_is_broken() -> None:
    line = [entry(0, Party.PEER, Kind.LINE, "x")]
    talks = [Conversation("next hop", f"mx{i}", "b", line) for i in range(20)]
    passed = case("x", check(MUST, Outcome.HELD))
    failed = case("y", check(MUST, Outcome.BROKEN))
    passed.conversations = failed.conversations = talks
    told = steps(passed)
    assert len([s for s in told if s.opens]) == MAX_CONVERSATIONS_OF_PASSED
    assert told[-1].lines == (
        f"{20 - MAX_CONVERSATIONS_OF_PASSED} more conversations of this case, which passed, "
        "stand in the evidence only",
    )
    assert len([s for s in steps(failed) if s.opens]) == 20


def test_what_held_is_told_once_and_what_is_broken_in_full() -> None:
    held = [check(MUST, Outcome.HELD, f"held {i}") for i in range(3)]
    broken = [check(MUST, Outcome.BROKEN, f"broken {i}") for i in range(2)]
    other = replace(held[0], reading="one of two")
    told = folded([held[0], broken[0], held[1], other, broken[1], held[2]])
    assert [k.observed for k in told] == ["held 0", "broken 0", "held 0", "broken 1"]
    assert told[0].expected == f"{held[0].expected} (and 2 more like it)"
    assert told[1] is broken[0] and told[2] is other


def test_a_flood_is_cut_and_the_page_says_so() -> None:
    one = case("x", check(MUST, Outcome.HELD))
    parties = (Party.TARGET, Party.PEER)
    flood = [entry(i, parties[i % 2], Kind.LINE, "x") for i in range(MAX_ENTRIES_SHOWN + 7)]
    one.conversations = [Conversation("next hop", "mx1", "b", flood)]
    told = steps(one)
    assert len(told) == MAX_ENTRIES_SHOWN + 1
    assert told[-1].lines == ("7 more entries, which stand in the evidence only",)
