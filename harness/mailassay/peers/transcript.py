"""Recording what crosses a connection: bounded, printable, timed."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from mailassay.verdicts import Conversation, Entry, Kind, Party

MAX_ENTRIES = 2_000
MAX_ENTRY = 4_000
MAX_OCTETS = 500_000


def printable(octets: bytes, limit: int) -> str:
    """The octets as one printable line: other characters as \\xNN, cut at the limit."""
    text = octets[:limit].decode("utf-8", errors="backslashreplace")
    shown = "".join(c if c.isprintable() else _escaped(c) for c in text)
    return shown + (f" [cut, {len(octets)} octets]" if len(octets) > limit else "")


def _escaped(character: str) -> str:
    return {"\n": "\\n", "\r": "\\r", "\t": "\\t"}.get(
        character, "".join(f"\\x{octet:02x}" for octet in character.encode("utf-8", "replace"))
    )


@dataclass
class Track:
    """The recording of one connection, into a `Conversation`."""

    conversation: Conversation
    _begun: float
    _octets: int = 0

    def add(self, party: Party, kind: Kind, text: str, size: int = 0) -> None:
        """Adds an entry, unless the conversation is full; the last entry says that it is."""
        entries = self.conversation.entries
        if len(entries) > MAX_ENTRIES or self._octets > MAX_OCTETS:
            return
        self._octets += len(text)
        full = len(entries) == MAX_ENTRIES or self._octets > MAX_OCTETS
        if full:
            party, kind, text = Party.LAB, Kind.NOTE, "the record is full; more was said"
        entries.append(Entry(time.monotonic() - self._begun, party, kind, text, size))

    def octets(self, party: Party, kind: Kind, octets: bytes) -> None:
        """Adds octets as a printable entry."""
        self.add(party, kind, printable(octets, MAX_ENTRY), len(octets))


@dataclass
class Recorder:
    """Makes the tracks of one case; times count from the recorder's making."""

    conversations: list[Conversation] = field(default_factory=list)
    _begun: float = field(default_factory=time.monotonic)

    def restart(self) -> None:
        """Times count from now on."""
        self._begun = time.monotonic()

    def open(self, hop: str, name: str, address: str) -> Track:
        """Begins the recording of a connection."""
        conversation = Conversation(hop, name, address)
        self.conversations.append(conversation)
        return Track(conversation, self._begun)
