"""Recording what crosses a connection: bounded, printable, timed.

Times are seconds since the recorder was made or restarted, by the clock that it was given.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from mailassay.verdicts import Conversation, Entry, Kind, Party

# Bounds of one conversation.  What one connection says can't crowd out the rest of the evidence.
MAX_ENTRIES = 2_000
MAX_ENTRY = 4_000  # octets shown of one entry
MAX_CHARACTERS = 500_000

ESCAPES = {"\n": "\\n", "\r": "\\r", "\t": "\\t", "\\": "\\\\"}

Clock = Callable[[], float]


def printable(octets: bytes, limit: int) -> str:
    """The octets as one printable line, cut after `limit` octets; the cut is told.

    UTF-8 stays readable; every other octet is \\xNN and a backslash is doubled, so that the octets
    that are shown can be had back."""
    shown = printable_text(octets[:limit].decode("utf-8", errors="surrogateescape"))
    return shown + (f" [cut, {len(octets)} octets]" if len(octets) > limit else "")


def printable_text(text: str) -> str:
    """The text with everything escaped that does not print, line ends included."""
    if text.isprintable() and "\\" not in text:
        return text
    return "".join(c if c.isprintable() and c != "\\" else _escaped(c) for c in text)


def _escaped(character: str) -> str:
    undecoded = "\udc80" <= character <= "\udcff"  # how surrogateescape keeps an octet
    octets = character.encode("utf-8", "surrogateescape" if undecoded else "surrogatepass")
    return ESCAPES.get(character, "".join(f"\\x{octet:02x}" for octet in octets))


@dataclass
class Track:
    """The recording of one connection, into a `Conversation`."""

    conversation: Conversation
    _begun: float
    _clock: Clock = time.monotonic
    _characters: int = 0

    @property
    def _full(self) -> bool:
        return len(self.conversation.entries) >= MAX_ENTRIES or self._characters > MAX_CHARACTERS

    def add(self, party: Party, kind: Kind, text: str, size: int = 0) -> None:
        """Adds an entry, unless the conversation is full; the last entry says that it is.

        `text` must be printable already: see `printable`."""
        if self._full:
            return
        entries = self.conversation.entries
        self._characters += len(text)
        if len(entries) == MAX_ENTRIES - 1 or self._characters > MAX_CHARACTERS:
            self._characters = MAX_CHARACTERS + 1
            party, kind, text, size = Party.LAB, Kind.NOTE, "the record is full; more was said", 0
        entries.append(Entry(self._clock() - self._begun, party, kind, text, size))

    def octets(self, party: Party, kind: Kind, octets: bytes) -> None:
        """Adds octets as a printable entry."""
        if not self._full:
            self.add(party, kind, printable(octets, MAX_ENTRY), len(octets))


@dataclass
class Recorder:
    """Makes the tracks of one case and keeps their conversations, in the order of their opening."""

    clock: Clock = time.monotonic
    conversations: list[Conversation] = field(default_factory=list)
    _begun: float = field(init=False)

    def __post_init__(self) -> None:
        self._begun = self.clock()

    def restart(self) -> None:
        """Times of the conversations that are opened from now on count from now on."""
        self._begun = self.clock()

    def open(self, hop: str, name: str, address: str) -> Track:
        """Begins the recording of a connection."""
        conversation = Conversation(hop, name, address)
        self.conversations.append(conversation)
        return Track(conversation, self._begun, self.clock)
