"""A connection to a milter, and a message carried through it as an MTA does: the only I/O.

Everything that waits has an end: `Limits.reply` for each answer (asking for patience begins it
anew), `Limits.message` for all of a message.  What ends it is a `MilterFault`.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from enum import StrEnum

from mailassay.milter import codec
from mailassay.milter.dialogue import Dialogue
from mailassay.milter.message import Mail, changed, told_value
from mailassay.milter.words import (
    Answer,
    Change,
    Command,
    Limits,
    MilterFault,
    Misdeed,
    Offer,
    Reply,
    Step,
    Terms,
)
from mailassay.peers.transcript import Track, printable
from mailassay.verdicts import Kind, Party

CHUNK = 65_535  # octets of a body that are told at once, as libmilter has it
READ = 65_536


@dataclass(frozen=True)
class Caller:
    """Who has connected to the MTA, and by what name it greets."""

    host: bytes = b"client.example"
    address: str = "192.0.2.1"
    port: int = 40_000
    helo: bytes = b"client.example"
    macros: Mapping[bytes, bytes] = field(
        default_factory=lambda: {
            b"j": b"mx.mailassay.invalid",
            b"{daemon_name}": b"mailassay",
            b"v": b"mailassay",
            b"_": b"client.example [192.0.2.1]",
            b"{client_addr}": b"192.0.2.1",
            b"{client_name}": b"client.example",
            b"{client_ptr}": b"client.example",
        }
    )


class Fate(StrEnum):
    """What becomes of a message."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    DEFERRED = "deferred"
    DISCARDED = "discarded"


@dataclass(frozen=True)
class Outcome:
    """What a milter made of a message: where it decided (`at`), with which words, what it changed.
    `after` is the message with the changes, whatever its fate; `refused` are single recipients."""

    fate: Fate
    at: Command
    reply: Reply
    changes: tuple[Change, ...]
    after: Mail
    refused: Mapping[bytes, Reply]

    @property
    def told(self) -> str:
        """In one printable line."""
        where = self.at.name.lower().replace("_", " ")
        words = printable(self.reply.text, 200)
        said = f": {words}" if words else ""
        return f"{self.fate} at {where}{said}; {len(self.changes)} changes"


class Connection:
    """An open connection; `open_connection` makes one."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        offer: Offer,
        limits: Limits,
        track: Track | None,
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._limits = limits
        self._track = track
        self._dialogue = Dialogue(offer, limits)

    @property
    def terms(self) -> Terms:
        return self._dialogue.terms

    @property
    def signs_of_life(self) -> int:
        return self._dialogue.signs_of_life

    async def negotiate(self) -> Terms:
        self._note(Party.PEER, "negotiate")
        terms = await self._exchange(self._dialogue.negotiate())
        assert isinstance(terms, Terms)
        self._note(
            Party.TARGET,
            f"version {terms.version}, actions 0x{terms.actions:x}, steps 0x{terms.steps:x}"
            + (f", macros for {len(terms.macros)} commands" if terms.macros else ""),
        )
        return terms

    async def command(
        self, command: Command, data: bytes = b"", macros: Mapping[bytes, bytes] | None = None,
        packet: bytes | None = None,
    ) -> Reply:
        """Tells the milter of a command and waits for the answer, if one is due; CONTINUE where
        none is."""
        octets = codec.packed(command, data) if packet is None else packet
        said = self._dialogue.say(command, octets, macros)
        if said:
            self._note(Party.PEER, f"{command.name} {printable(data, 120)}".rstrip(), len(data))
        answer = await self._exchange(said)
        if answer is None:
            return Reply(Answer.CONTINUE)
        assert isinstance(answer, Reply)
        if command is Command.END_OF_MESSAGE:
            for change in self._dialogue.changes:
                self._note(Party.TARGET, told_change(change))
        words = f" {printable(answer.text, 300)}" if answer.text else ""
        self._note(Party.TARGET, f"{answer.answer.name}{words}")
        return answer

    async def _exchange(self, octets: bytes) -> Terms | Reply | None:
        lives = self._dialogue.signs_of_life
        deadline = asyncio.get_running_loop().time() + self._limits.reply
        try:
            async with asyncio.timeout_at(deadline) as waiting:
                self._writer.write(octets)
                await self._writer.drain()
                while self._dialogue.awaits is not None:
                    if (answer := await self._hear()) is not None:
                        return answer
                    if self._dialogue.signs_of_life != lives:
                        lives = self._dialogue.signs_of_life
                        waiting.reschedule(
                            asyncio.get_running_loop().time() + self._limits.reply
                        )
        except TimeoutError:
            raise MilterFault(
                Misdeed.HANG, f"no answer within {self._limits.reply:g} s"
            ) from None
        except ConnectionError:
            self._dialogue.closed()
            raise MilterFault(Misdeed.CLOSED, "the connection broke") from None
        return None

    async def _hear(self) -> Terms | Reply | None:
        octets = await self._reader.read(READ)
        if not octets:
            self._dialogue.closed()
            raise MilterFault(Misdeed.CLOSED, "closed the connection")
        return self._dialogue.hear(octets)

    # -- a message ----------------------------------------------------------------------------

    async def greet(self, caller: Caller) -> Reply:
        """The SMTP session begins.  An answer but CONTINUE decides over all of it."""
        packet = codec.connect(caller.host, caller.address, caller.port)
        reply = await self.command(Command.CONNECT, macros=caller.macros, packet=packet)
        if reply.answer is not Answer.CONTINUE:
            return reply
        return await self.command(Command.HELO, codec.texts((caller.helo,)), caller.macros)

    async def carry(
        self, mail: Mail, macros: Mapping[bytes, bytes] | None = None, chunk: int = CHUNK
    ) -> Outcome:
        """Takes a message through the milter, from MAIL to its end.  Afterwards the connection is
        ready for the next one."""
        try:
            async with asyncio.timeout(self._limits.message):
                return await self._carry(mail, macros or {b"i": b"MAILASSAY"}, chunk)
        except TimeoutError:
            raise MilterFault(
                Misdeed.HANG, f"the message was not over within {self._limits.message:g} s"
            ) from None

    async def _carry(self, mail: Mail, macros: Mapping[bytes, bytes], chunk: int) -> Outcome:
        refused: dict[bytes, Reply] = {}
        at, reply = await self._envelope(mail, macros, refused)
        if reply.answer is Answer.CONTINUE:
            at, reply = await self._content(mail, macros, chunk)
        changes: tuple[Change, ...] = ()
        if at is Command.END_OF_MESSAGE:
            changes = tuple(self._dialogue.changes)
        else:
            # The rest of the message is not told.  [sendmail and Postfix do so]
            await self.abort()
        left = tuple(r for r in mail.recipients if r not in refused)
        spaced = bool(self.terms.steps & Step.LEADING_SPACE)
        after = changed(replace(mail, recipients=left), changes, spaced)
        return Outcome(fate_of(reply), at, reply, changes, after, refused)

    async def _envelope(
        self, mail: Mail, macros: Mapping[bytes, bytes], refused: dict[bytes, Reply]
    ) -> tuple[Command, Reply]:
        told = codec.texts((mail.sender, *mail.sender_parameters))
        own = {b"{mail_addr}": mail.sender.strip(b"<>"), **macros}
        reply = await self.command(Command.MAIL, told, own)
        if reply.answer is not Answer.CONTINUE:
            return Command.MAIL, reply
        last = reply
        for recipient in mail.recipients:
            told = codec.texts((recipient, *mail.recipient_parameters))
            own = {b"{rcpt_addr}": recipient.strip(b"<>"), **macros}
            reply = await self.command(Command.RCPT, told, own)
            if fate_of(reply) in (Fate.REJECTED, Fate.DEFERRED):
                refused[recipient] = last = reply
            elif reply.answer is not Answer.CONTINUE:
                return Command.RCPT, reply
        if len(refused) == len(mail.recipients):
            return Command.RCPT, last
        return Command.RCPT, Reply(Answer.CONTINUE)

    async def _content(
        self, mail: Mail, macros: Mapping[bytes, bytes], chunk: int
    ) -> tuple[Command, Reply]:
        spaced = bool(self.terms.steps & Step.LEADING_SPACE)
        told: list[tuple[Command, bytes]] = [(Command.DATA, b"")]
        told += [
            (Command.HEADER, codec.texts((f.name, told_value(f, spaced)))) for f in mail.fields
        ]
        told.append((Command.END_OF_HEADER, b""))
        for command, data in told:
            reply = await self.command(command, data, macros)
            if reply.answer is not Answer.CONTINUE:
                return command, reply
        for piece in pieces(mail.body, chunk):
            reply = await self.command(Command.BODY, piece)
            if reply.answer is Answer.SKIP:
                break
            if reply.answer is not Answer.CONTINUE:
                return Command.BODY, reply
        return Command.END_OF_MESSAGE, await self.command(
            Command.END_OF_MESSAGE, macros=macros
        )

    async def abort(self) -> None:
        """The message is over before its end; the session goes on."""
        await self.command(Command.ABORT)

    async def quit(self) -> None:
        """Ends the conversation.  A milter that says more after all was answered, is faulty."""
        await self.command(Command.QUIT)
        with contextlib.suppress(TimeoutError, ConnectionError):
            async with asyncio.timeout(self._limits.reply):
                while octets := await self._reader.read(READ):
                    self._dialogue.hear(octets)
        self._dialogue.nothing_unasked()

    async def close(self) -> None:
        """Closes the connection, whatever state it is in."""
        self._writer.transport.abort()
        with contextlib.suppress(OSError):
            await self._writer.wait_closed()

    def _note(self, party: Party, text: str, size: int = 0) -> None:
        if self._track is not None:
            self._track.add(party, Kind.LINE, text, size)


def told_change(change: Change) -> str:
    """A change in one printable line."""
    parts = (
        printable(part, 300) if isinstance(part, bytes) else str(part)
        for part in vars(change).values() if part is not None
    )
    return f"{type(change).__name__} {' '.join(parts)}"


def fate_of(reply: Reply) -> Fate:
    """What an answer means for what it was given to."""
    if reply.answer is Answer.DISCARD:
        return Fate.DISCARDED
    code = reply.code
    return Fate.REJECTED if code >= 500 else Fate.DEFERRED if code >= 400 else Fate.ACCEPTED


def pieces(body: bytes, size: int) -> Iterator[bytes]:
    """The body in pieces of at most that many octets."""
    for begin in range(0, len(body), size):
        yield body[begin:begin + size]


@asynccontextmanager
async def open_connection(
    socket: str,
    offer: Offer | None = None,
    limits: Limits | None = None,
    track: Track | None = None,
) -> AsyncIterator[Connection]:
    """A connection over which nothing has been said; it is closed with the context.  `socket` is
    written as milters have it, `inet:PORT@ADDRESS` or `unix:PATH`.  Raises `OSError` where nobody
    listens."""
    kind, _, where = socket.partition(":")
    if kind == "unix":
        reader, writer = await asyncio.open_unix_connection(where)
    elif kind == "inet":
        port, _, address = where.partition("@")
        reader, writer = await asyncio.open_connection(address, int(port))
    else:
        raise ValueError(f"{socket}: a milter's socket is inet:PORT@ADDRESS or unix:PATH")
    connection = Connection(
        reader, writer, offer or Offer.best(), limits or Limits(), track
    )
    try:
        yield connection
    finally:
        await connection.close()
