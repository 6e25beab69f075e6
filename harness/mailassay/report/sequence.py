"""The conversations of a case as one sequence: the target in the middle, its peers on both sides.

Pure values for the page's template.  What crossed within TLS is told from what crossed in clear.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from mailassay.verdicts import CaseResult, Conversation, Entry, Kind, Outcome, Party, Verdict

# A page is for reading; what goes beyond this stands in the evidence: entries of a conversation,
# and conversations of a case that passed, which may be a hundred that are alike.
MAX_ENTRIES_SHOWN = 400
MAX_CONVERSATIONS_OF_PASSED = 8
ESTABLISHED = "established"


class Side(StrEnum):
    """On which side of the target a conversation is."""

    LEFT = "left"
    RIGHT = "right"


class Direction(StrEnum):
    """Which way a thing went, as seen from the target; ASIDE: it crossed no wire."""

    IN = "in"
    OUT = "out"
    ASIDE = "aside"


@dataclass(frozen=True)
class Step:
    """One thing that happened, or several lines that one party said in one go.

    `number` counts the conversations of the case from 1; `opens` holds the conversation at its
    first step."""

    number: int
    opens: Conversation | None
    side: Side
    direction: Direction
    kind: Kind
    party: Party
    at: float
    lines: tuple[str, ...]
    size: int
    is_protected: bool
    is_bad: bool

    def continues(self, earlier: Step) -> bool:
        """Whether this is more of what the same party was saying."""
        return (
            self.kind is Kind.LINE is earlier.kind
            and self.number == earlier.number
            and self.party is earlier.party
            and self.is_protected == earlier.is_protected
        )


def steps(case: CaseResult) -> list[Step]:
    """Everything but the name lookups, in the order of time."""
    conversations = [c for c in case.conversations if c.hop != "dns"]
    shown = conversations[:MAX_CONVERSATIONS_OF_PASSED] if _is_sound(case) else conversations
    found = [s for n, c in enumerate(shown, start=1) for s in _of_one(n, c)]
    found.sort(key=lambda step: step.at)
    merged: list[Step] = []
    for step in found:
        if merged and step.continues(merged[-1]):
            last = merged[-1]
            merged[-1] = replace(
                last, lines=(*last.lines, *step.lines), size=last.size + step.size
            )
        else:
            merged.append(step)
    beyond = len(conversations) - len(shown)
    if beyond and merged:
        told = f"{beyond} more conversations of this case, which passed, stand in the evidence only"
        merged.append(replace(
            merged[-1], opens=None, direction=Direction.ASIDE, kind=Kind.NOTE, party=Party.LAB,
            lines=(told,), size=0, is_bad=False,
        ))
    return merged


def lookups(case: CaseResult) -> list[str]:
    """What the resolver answered about the case's domains."""
    return [e.text for c in case.conversations if c.hop == "dns" for e in c.entries]


def _is_sound(case: CaseResult) -> bool:
    """Whether nobody has to look for what went wrong."""
    return case.verdict is Verdict.PASS and all(
        k.outcome is not Outcome.BROKEN for k in case.checks
    )


def _of_one(number: int, conversation: Conversation) -> Iterator[Step]:
    is_protected = False
    side = Side.LEFT if conversation.hop == "submission" else Side.RIGHT
    for index, entry in enumerate(conversation.entries[:MAX_ENTRIES_SHOWN]):
        established = entry.kind is Kind.TLS and entry.text.startswith(ESTABLISHED)
        is_protected = is_protected or established
        yield Step(
            number=number,
            opens=conversation if index == 0 else None,
            side=side,
            direction=_direction(entry),
            kind=entry.kind,
            party=entry.party,
            at=entry.at,
            lines=_lines(entry),
            size=entry.size,
            is_protected=is_protected,
            is_bad=entry.kind is Kind.TLS and not established,
        )
    beyond = len(conversation.entries) - MAX_ENTRIES_SHOWN
    if beyond > 0:
        last = conversation.entries[MAX_ENTRIES_SHOWN - 1]
        told = f"{beyond} more entries, which stand in the evidence only"
        yield Step(
            number, None, side, Direction.ASIDE, Kind.NOTE, Party.LAB, last.at, (told,), 0,
            is_protected, False,
        )


def _direction(entry: Entry) -> Direction:
    if entry.kind in (Kind.NOTE, Kind.TLS) or entry.party is Party.LAB:
        return Direction.ASIDE
    return Direction.OUT if entry.party is Party.TARGET else Direction.IN


def _lines(entry: Entry) -> tuple[str, ...]:
    """A message's content is recorded with its line ends written out; here they end lines."""
    if entry.kind is not Kind.DATA:
        return (entry.text,)
    lines = entry.text.replace("\\t", "    ").split("\\r\\n")
    return tuple(lines[:-1] if lines[-1] == "" else lines)
