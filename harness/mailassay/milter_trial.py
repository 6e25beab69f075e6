"""What a case of a callout service talks to: a milter, asked as an MTA asks it.

A milter that breaks the protocol ends the case: what it did is judged by the clause that forbids
it, and gives the case a verdict of its own where it is a crash, a silence or nonsense."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from mailassay.judging import Inconclusive, Judging
from mailassay.milter.client import (
    CHUNK,
    Caller,
    Connection,
    Outcome,
    fate_of,
    open_connection,
    told_change,
)
from mailassay.milter.message import Mail, mail
from mailassay.milter.words import Answer, Command, Limits, MilterFault, Misdeed, Offer
from mailassay.peers.transcript import printable
from mailassay.targets.launch import Launched, LaunchError
from mailassay.verdicts import Kind, Party, Verdict

# The clauses that every conversation is held against, by what was done.
CLAUSE_OF = {
    Misdeed.OUT_OF_TURN: "milter/2/1",
    Misdeed.HANG: "milter/2/2",
    Misdeed.CLOSED: "milter/2/3",
    Misdeed.TOO_MUCH: "milter/2/4",
    Misdeed.MALFORMED: "milter/2/4",
    Misdeed.NOT_NEGOTIATED: "milter/3/2",
}
EARLY_CHANGE = "milter/3/1"
APART = "milter/4/4"
OFFERED = "milter/1/1"
PROTOCOL = (*dict.fromkeys((*CLAUSE_OF.values(), EARLY_CHANGE, OFFERED)),)
VERDICT_OF = {
    Misdeed.HANG: Verdict.HANG,
    Misdeed.TOO_MUCH: Verdict.NONSENSE,
    Misdeed.MALFORMED: Verdict.NONSENSE,
}
# How long a process may take to end once its connections have broken.  Seconds.
ENDING = 1.0
# The most that is read of what is said in answer to octets that are no protocol.
MOST_SAID = 1_000_000
# A signature's time, and what it comes to, differ from run to run.
OF_THE_MOMENT = re.compile(rb"\b(t|b|x)=[^;]*")


def _caller(host: bytes, address: str, daemon: bytes) -> Caller:
    told = address.encode()
    macros = {
        b"j": b"mx.mailassay.invalid", b"{daemon_name}": daemon, b"v": b"mailassay",
        b"_": host + b" [" + told + b"]", b"{client_addr}": told, b"{client_name}": host,
        b"{client_ptr}": host,
    }
    return Caller(host, address, 40_000, host, macros)


# Signers and verifiers tell a user of their own from others by the address or the daemon's name.
INSIDE = _caller(b"localhost", "127.0.0.1", b"inside")
OUTSIDE = _caller(b"client.example", "192.0.2.1", b"outside")


class Service:
    """The running milter, which one case has at a time; `refused` is the message (with CRLF) that
    it is set up to refuse."""

    def __init__(self, launched: Launched, refused: str) -> None:
        self.refused = refused.lstrip("\n").replace("\n", "\r\n").encode()
        self.launched = launched
        self.lock = asyncio.Lock()

    @property
    def socket(self) -> str:
        return self.launched.socket

    async def bring_back(self) -> None:
        """Starts a milter that has ended again.  Raises `Inconclusive`."""
        try:
            await self.launched.restart()
        except LaunchError as problem:
            raise Inconclusive(f"the milter does not come back: {problem}") from None


@dataclass(kw_only=True)
class MilterTrial(Judging):
    """One case on one milter."""

    service: Service
    # What was last said that may be no protocol.
    _raw: str = ""

    # -- talking to it ----------------------------------------------------------------------

    @asynccontextmanager
    async def connection(self, offer: Offer | None = None) -> AsyncIterator[Connection]:
        """A connection over which nothing has been said."""
        track = self.recorder.open("callout", "milter", self.service.socket)
        limits = Limits(reply=self.patience.answer, message=8 * self.patience.answer)
        async with open_connection(self.service.socket, offer, limits, track) as connection:
            yield connection

    @asynccontextmanager
    async def session(
        self, caller: Caller = OUTSIDE, offer: Offer | None = None
    ) -> AsyncIterator[Connection]:
        """A connection on which the caller has been announced; QUIT is said at the end.  A milter
        that wants to know nothing of such callers leaves nothing to be asked."""
        async with self.connection(offer) as connection:
            await connection.negotiate()
            reply = await connection.greet(caller)
            if reply.answer is not Answer.CONTINUE:
                raise Inconclusive(f"a caller as such is decided over: {reply.answer.name}")
            yield connection
            await connection.quit()

    async def carried(
        self, held: Mail, caller: Caller = OUTSIDE, offer: Offer | None = None, chunk: int = CHUNK,
        together: asyncio.Barrier | None = None,
    ) -> Outcome:
        """What becomes of the message in a session of its own; `together` is where it waits for
        others, once it is under way."""
        async with self.connection(offer) as connection:
            await connection.negotiate()
            if together is not None:
                await together.wait()
            reply = await connection.greet(caller)
            if reply.answer is not Answer.CONTINUE:
                return Outcome(fate_of(reply), Command.CONNECT, reply, (), held, {})
            outcome = await connection.carry(held, chunk=chunk)
            await connection.quit()
            return outcome

    @property
    def refused(self) -> Mail:
        """The message that the milter is set up to refuse."""
        return mail(self.service.refused, b"<ann@from.example>", (b"<bob@to.example>",))

    async def told_raw(self, octets: bytes, what: str) -> bytes:
        """Says octets that may be no protocol, then no more; returns all that is answered until the
        milter closes the connection or has had its time."""
        track = self.recorder.open("callout", "milter", self.service.socket)
        track.add(Party.PEER, Kind.RAW, what, len(octets))
        self._raw = what
        reader, writer = await self._opened()
        said = bytearray()
        try:
            async with asyncio.timeout(self.patience.answer):
                try:
                    writer.write(octets)
                    await writer.drain()
                    writer.write_eof()
                    while (more := await reader.read(65_536)) and len(said) < MOST_SAID:
                        said += more
                except (ConnectionError, OSError):
                    pass
        except TimeoutError:
            self.remark(f"the connection is kept open after the end of {what}")
        finally:
            writer.transport.abort()
        track.add(Party.TARGET, Kind.RAW, printable(bytes(said), 200) or "nothing", len(said))
        if len(said) >= MOST_SAID:
            raise MilterFault(Misdeed.TOO_MUCH, f"more than {MOST_SAID} octets for {what}")
        return bytes(said)

    async def _opened(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        kind, _, where = self.service.socket.partition(":")
        if kind == "unix":
            return await asyncio.open_unix_connection(where)
        port, _, address = where.partition("@")
        return await asyncio.open_connection(address, int(port))

    # -- judging ----------------------------------------------------------------------------

    def seen(self, requirement: str, held: bool, *, whole: str, observed: str) -> None:
        """A clause that leaves the choice: the report says what is so.  `whole` is what would leave
        users better off."""
        self.judge(requirement, held, expected=whole, observed=observed)

    async def guarded(self, run: Callable[[MilterTrial], Awaitable[None]]) -> None:
        """Runs the case alone, and judges what breaks the protocol in it."""
        async with self.service.lock:
            fault = None
            try:
                await run(self)
            except MilterFault as broken:
                fault = broken
            except ConnectionError as problem:
                fault = MilterFault(Misdeed.CLOSED, f"no connection to it: {problem}")
            launched = self.service.launched
            if fault is not None and not await launched.ends_within(ENDING):
                self._judge_fault(fault)
            elif not launched.alive:
                await self._judge_end()

    def _judge_fault(self, fault: MilterFault) -> None:
        clause = CLAUSE_OF[fault.misdeed]
        if fault.told.startswith("a change before the end"):
            clause = EARLY_CHANGE
        elif fault.told.endswith("were not offered"):
            clause = OFFERED
        if fault.misdeed in VERDICT_OF:
            self.misbehaved = VERDICT_OF[fault.misdeed]
        self.judge(
            clause, False, expected=self.catalogue[clause].statement, observed=str(fault)
        )

    async def _judge_end(self) -> None:
        """A milter that has ended is started again for the next case."""
        told = await self.service.launched.last_words() or "it ended"
        self.misbehaved = Verdict.CRASH
        clause = APART if self._raw and self.declares(APART) else CLAUSE_OF[Misdeed.CLOSED]
        after = f"after {self._raw}: " if self._raw else ""
        statement = self.catalogue[clause].statement
        self.judge(clause, False, expected=statement, observed=after + told)
        await self.service.bring_back()


def at_any_moment(outcome: Outcome) -> tuple[str, bytes, tuple[str, ...]]:
    """What can be held against another outcome: fate, words and changes."""
    changes = tuple(
        told_change(
            replace(c, value=OF_THE_MOMENT.sub(rb"\1=", c.value)) if hasattr(c, "value") else c
        )
        for c in outcome.changes
    )
    return outcome.fate, outcome.reply.text, changes
