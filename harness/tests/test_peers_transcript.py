"""The record of a conversation: printable, bounded, timed."""

import random
import re

import pytest

from mailassay.peers.transcript import (
    MAX_CHARACTERS,
    MAX_ENTRIES,
    MAX_ENTRY,
    Recorder,
    printable,
    printable_text,
)
from mailassay.verdicts import Kind, Party


@pytest.mark.parametrize(
    "octets, shown",
    [
        (b"250 ok", "250 ok"),
        (b"", ""),
        (b"a\x00b\x07\x1b[31m", r"a\x00b\x07\x1b[31m"),
        (b"\xff\xfe", r"\xff\xfe"),
        ("grüße".encode(), "grüße"),
        ("a\u202eb".encode(), r"a\xe2\x80\xaeb"),  # turns the writing direction
        ("a\u2028b".encode(), r"a\xe2\x80\xa8b"),  # a line end to some
        (b"a\r\n\tb", r"a\r\n\tb"),
        (rb"\x00", r"\\x00"),
        ("ü".encode()[:1], r"\xc3"),
    ],
)
def test_what_is_shown(octets: bytes, shown: str) -> None:
    assert printable(octets, 100) == shown


def test_a_cut_is_told() -> None:
    assert printable(b"abcdef", 3) == "abc [cut, 6 octets]"
    assert printable("aü".encode(), 2) == r"a\xc3 [cut, 3 octets]"


def test_any_text_can_be_shown() -> None:
    assert printable_text("\ud800\udc80") == r"\xed\xa0\x80\x80"


def test_the_octets_can_be_had_back() -> None:
    """Nothing two octet strings share a display, whatever they hold."""
    source = random.Random(8689)
    names = {"n": b"\n", "r": b"\r", "t": b"\t", "\\": b"\\"}

    def octet(match: re.Match[bytes]) -> bytes:
        escaped = match[1].decode()
        return names.get(escaped) or bytes((int(escaped[1:], 16),))

    for _ in range(500):
        octets = bytes(source.choices(b"\\xn\x00\xc3\xbc\x80a\r\n0", k=source.randrange(40)))
        shown = printable(octets, 1000)
        assert shown.isprintable()
        assert re.sub(rb"\\(x..|.)", octet, shown.encode()) == octets


def test_times_count_from_the_restart() -> None:
    now = 100.0
    recorder = Recorder(clock=lambda: now)
    now = 110.0
    first = recorder.open("next hop", "mx", "127.0.0.1:25")
    first.add(Party.LAB, Kind.NOTE, "one")
    recorder.restart()
    now = 112.0
    second = recorder.open("next hop", "mx", "127.0.0.1:25")
    second.octets(Party.TARGET, Kind.LINE, b"x" * 5)
    assert [c.entries[0].at for c in recorder.conversations] == [10.0, 2.0]
    assert second.conversation.entries[0].size == 5


def test_a_conversation_is_bounded_in_entries() -> None:
    track = Recorder().open("next hop", "mx", "127.0.0.1:25")
    for _ in range(MAX_ENTRIES + 100):
        track.octets(Party.TARGET, Kind.LINE, b"x")
    assert len(track.conversation.entries) == MAX_ENTRIES
    assert "the record is full" in track.conversation.entries[-1].text


def test_a_conversation_is_bounded_in_size() -> None:
    track = Recorder().open("next hop", "mx", "127.0.0.1:25")
    for _ in range(MAX_ENTRIES):
        track.octets(Party.TARGET, Kind.DATA, b"\x00" * 100_000)
    entries = track.conversation.entries
    assert sum(len(e.text) for e in entries) <= MAX_CHARACTERS + 4 * MAX_ENTRY
    assert entries[0].size == 100_000
    assert "the record is full" in entries[-1].text
