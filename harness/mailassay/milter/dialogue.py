"""One connection to a milter as a state machine without I/O: who may say what, and when.

The MTA's side.  `say` gives the octets to send; `hear` takes what came and gives the answer once
it is complete.  What a milter may not do raises `MilterFault`, whose `misdeed` says which kind it
is.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping

from mailassay.milter import codec
from mailassay.milter.codec import Packet, Splitter
from mailassay.milter.words import (
    LEFT_OUT,
    OF_VERSION_6,
    SILENT,
    UNANSWERED,
    Answer,
    Change,
    Command,
    Limits,
    MacroStage,
    MilterFault,
    Misdeed,
    Offer,
    Reply,
    Step,
    Terms,
    needs,
)

STAGE_OF: Mapping[Command, MacroStage] = {
    Command.CONNECT: MacroStage.CONNECT,
    Command.HELO: MacroStage.HELO,
    Command.MAIL: MacroStage.MAIL,
    Command.RCPT: MacroStage.RCPT,
    Command.DATA: MacroStage.DATA,
    Command.END_OF_HEADER: MacroStage.END_OF_HEADER,
    Command.END_OF_MESSAGE: MacroStage.END_OF_MESSAGE,
}
SHOWN_EXCESS = 3


class Dialogue:
    """`terms` are there once the offer has been answered; `changes` are those of the message whose
    end was last told, and `signs_of_life` how often the milter asked for patience there."""

    def __init__(self, offer: Offer, limits: Limits) -> None:
        self.changes: list[Change] = []
        self.signs_of_life = 0
        self._offer = offer
        self._limits = limits
        self._splitter = Splitter(limits.packet)
        self._pending: deque[Packet] = deque()
        self._terms: Terms | None = None
        self._awaiting: Command | None = None
        self._octets = 0

    @property
    def terms(self) -> Terms:
        if self._terms is None:
            raise ValueError("nothing has been negotiated yet")
        return self._terms

    @property
    def awaits(self) -> Command | None:
        """The command that an answer is due to."""
        return self._awaiting

    def wants(self, command: Command) -> bool:
        """Whether the milter is to be told of such a command."""
        if command in OF_VERSION_6 and self.terms.version < 6:
            return False
        return not self.terms.steps & LEFT_OUT.get(command, Step(0))

    # -- the MTA ------------------------------------------------------------------------------

    def negotiate(self) -> bytes:
        """The offer, which comes first."""
        self._awaiting = Command.NEGOTIATE
        return codec.negotiate(self._offer)

    def say(
        self, command: Command, octets: bytes, macros: Mapping[bytes, bytes] | None = None
    ) -> bytes:
        """What to send for a command, whose packet is `octets`: nothing if the milter does not want
        to be told.  Raises `MilterFault` if the milter has said something unasked."""
        if self._awaiting is not None:
            raise ValueError(f"an answer to {self._awaiting.name} is due")
        self.nothing_unasked()
        if not self.wants(command):
            return b""
        if command is Command.END_OF_MESSAGE:
            self.changes = []
            self.signs_of_life = 0
        self._octets = 0
        if command not in UNANSWERED and not self.terms.steps & SILENT.get(command, Step(0)):
            self._awaiting = command
        wanted = self._wanted(command, macros or {})
        return (codec.macros(command, wanted) if wanted else b"") + octets

    def _wanted(self, command: Command, macros: Mapping[bytes, bytes]) -> dict[bytes, bytes]:
        """The macros that the milter wants to know; all, unless it chose."""
        stage = STAGE_OF.get(command)
        chosen = self.terms.macros.get(stage) if stage is not None else None
        return {n: v for n, v in macros.items() if chosen is None or n in chosen}

    def nothing_unasked(self) -> None:
        """Raises `MilterFault` if something has been said that nothing asked for."""
        if self._pending:
            told = ", ".join(p.told for p in list(self._pending)[:SHOWN_EXCESS])
            raise MilterFault(Misdeed.OUT_OF_TURN, f"said without being asked: {told}")
        if self._splitter.kept:
            raise MilterFault(Misdeed.OUT_OF_TURN, "began to say something without being asked")

    # -- the milter ---------------------------------------------------------------------------

    def hear(self, octets: bytes) -> Terms | Reply | None:
        """Takes octets of the milter's, and gives the answer that is due once it is there."""
        self._octets += len(octets)
        if self._octets > self._limits.octets:
            raise MilterFault(Misdeed.TOO_MUCH, f"more than {self._limits.octets} octets")
        self._pending.extend(self._splitter.feed(octets))
        while self._pending and self._awaiting is not None:
            answer = self._take(self._pending.popleft())
            if answer is not None:
                self._awaiting = None
                return answer
        return None

    def closed(self) -> None:
        """The milter has closed the connection: a fault where an answer was due, or within one."""
        self.nothing_unasked()
        if self._awaiting is not None:
            name = self._awaiting.name.lower().replace("_", " ")
            raise MilterFault(Misdeed.CLOSED, f"closed instead of answering {name}")

    def _take(self, packet: Packet) -> Terms | Reply | None:
        if self._awaiting is Command.NEGOTIATE:
            self._terms = self._agreed(codec.terms(packet))
            return self._terms
        said = codec.reply_or_change(packet)
        if isinstance(said, Reply):
            return self._answer(said)
        self._note(said, packet)
        return None

    def _agreed(self, terms: Terms) -> Terms:
        """The terms, if the milter asked for nothing beyond the offer."""
        offer = self._offer
        if not 2 <= terms.version <= offer.version:
            raise MilterFault(
                Misdeed.NOT_NEGOTIATED, f"version {terms.version}, {offer.version} was offered"
            )
        for what, asked, offered in (
            ("actions", int(terms.actions), int(offer.actions)),
            ("steps", int(terms.steps), int(offer.steps)),
        ):
            if asked & ~offered:
                raise MilterFault(
                    Misdeed.NOT_NEGOTIATED, f"{what} 0x{asked & ~offered:x} were not offered"
                )
        return terms

    def _answer(self, reply: Reply) -> Reply | None:
        if reply.answer is Answer.PROGRESS:
            self.signs_of_life += 1
            if self.signs_of_life > self._limits.progress:
                raise MilterFault(Misdeed.TOO_MUCH, f"{self.signs_of_life} signs of life")
            return None
        if reply.answer is Answer.SKIP:
            if self._awaiting is not Command.BODY:
                raise MilterFault(Misdeed.OUT_OF_TURN, "SKIP is an answer to a piece of the body")
            if not self.terms.steps & Step.SKIP:
                raise MilterFault(Misdeed.NOT_NEGOTIATED, "SKIP")
        return reply

    def _note(self, change: Change, packet: Packet) -> None:
        if self._awaiting is not Command.END_OF_MESSAGE:
            told = f"a change before the end of the message: {packet.told}"
            raise MilterFault(Misdeed.OUT_OF_TURN, told)
        if not self.terms.actions & needs(change):
            told = f"{type(change).__name__} without {needs(change).name}"
            raise MilterFault(Misdeed.NOT_NEGOTIATED, told)
        self.changes.append(change)
        if len(self.changes) > self._limits.changes:
            raise MilterFault(Misdeed.TOO_MUCH, f"{len(self.changes)} changes")
