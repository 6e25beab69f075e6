"""A connection whose octets are under our control, in plaintext and inside TLS.

TLS is done on memory buffers, so that what arrives behind STARTTLS in plaintext is seen as such,
and so that a peer can put anything it likes into the place of a handshake.  Every operation has a
deadline and a bound; what the other side does beyond them is a `PeerProblem`, never a hang.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Sequence
from enum import StrEnum
from typing import NoReturn

from mailassay.peers.streams import PatientReader
from mailassay.peers.tls import TlsFacts, facts_of
from mailassay.peers.transcript import Track
from mailassay.verdicts import Kind, Party

CHUNK = 65_536  # octets asked of the system at once
MAX_LINE = 8_192  # octets of a line, without its CRLF
MAX_BEHIND_STARTTLS = 65_536
DEADLINE = 20.0  # seconds for one operation
GOODBYE = 1.0  # seconds for the system to take what is left when a connection is closed


class Ending(StrEnum):
    """How the other side ended a connection."""

    CLOSED = "the connection was closed"
    CLOSE_NOTIFY = "TLS was ended with close_notify"
    TRUNCATED = "the connection was closed inside TLS, without close_notify"
    RESET = "the connection was reset"


class PeerProblem(OSError):
    """The other side did what no conversation can go on after: `what`, and `where`."""

    def __init__(self, what: str, where: str = "") -> None:
        super().__init__(f"{what} ({where})" if where else what)
        self.what = what
        self.where = where


class HandshakeFailed(PeerProblem):
    """The TLS handshake did not succeed."""


class ConnectionEnded(PeerProblem, EOFError):
    """The other side ended the connection; `ending` says how."""

    def __init__(self, ending: Ending, where: str) -> None:
        super().__init__(str(ending), where)
        self.ending = ending


class Wire:
    """One connection.  `us` and `them` are the names under which entries are recorded.

    `facts` are those of the TLS session, once one stands.  `behind_starttls` is what the other
    side sent in plaintext where its handshake should have begun; it is kept out of the session.
    `ending` is set when the other side is seen to have ended the connection; `unsent` says that
    something could not be sent to it, after which what it said last may be lost."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        track: Track,
        us: Party,
        them: Party,
        deadline: float = DEADLINE,
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._us = us
        self._them = them
        self._deadline = deadline
        self._buffer = bytearray()
        self._tls: ssl.SSLObject | None = None
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self.track = track
        self.facts: TlsFacts | None = None
        self.behind_starttls = b""
        self.ending: Ending | None = None
        self.unsent = False

    @property
    def where(self) -> str:
        """Which connection this is, for the text of a problem."""
        conversation = self.track.conversation
        return f"{conversation.hop}, {conversation.name} at {conversation.address}"

    def problem(self, what: str) -> PeerProblem:
        """A problem on this connection."""
        return PeerProblem(what, self.where)

    # -- reading ----------------------------------------------------------------------------

    async def read_line(self, limit: int = MAX_LINE) -> bytes:
        """One line without its CRLF (or LF).  `ConnectionEnded` when there is no more of them."""
        async with self._within("no line came"):
            while b"\n" not in self._buffer and len(self._buffer) <= limit:
                await self._fill()
        end = self._buffer.find(b"\n", 0, limit + 2)
        if end < 0:
            self.track.octets(self._them, Kind.RAW, bytes(self._buffer))
            raise self.problem(f"a line of more than {limit} octets")
        line = bytes(self._buffer[:end]).removesuffix(b"\r")
        del self._buffer[: end + 1]
        self.track.octets(self._them, Kind.LINE, line)
        return line

    async def read_message(self, limit: int) -> tuple[bytes, bool]:
        """Message content up to CRLF.CRLF, dot-unstuffed; and whether its end was seen.

        What arrived is returned even if the end never came: the connection ended or went silent,
        or the content is of more than `limit` octets."""
        searched = 0
        end = self._end_of_message(searched)
        with contextlib.suppress(PeerProblem):
            async with self._within("no end of data came"):
                while end is None and len(self._buffer) <= limit:
                    searched = len(self._buffer)
                    await self._fill()
                    end = self._end_of_message(searched)
        raw = bytes(self._buffer if end is None else self._buffer[:end])
        del self._buffer[: len(raw) + (0 if end is None else len(b".\r\n"))]
        content = raw[1:] if raw.startswith(b".") else raw
        content = content.replace(b"\r\n.", b"\r\n")
        self.track.octets(self._them, Kind.DATA, content)
        return content, end is not None

    def _end_of_message(self, searched: int) -> int | None:
        """Where the line of the final dot begins, if it is there."""
        if self._buffer.startswith(b".\r\n"):
            return 0
        found = self._buffer.find(b"\r\n.\r\n", max(0, searched - len(b"\r\n.\r")))
        return found + len(b"\r\n") if found >= 0 else None

    async def read_some(self) -> bytes:
        """Whatever comes next, as raw octets."""
        async with self._within("nothing came"):
            if not self._buffer:
                await self._fill()
        octets = bytes(self._buffer)
        self._buffer.clear()
        self.track.octets(self._them, Kind.RAW, octets)
        return octets

    async def _fill(self) -> None:
        self._buffer += await self._receive()

    async def _receive(self) -> bytes:
        """Application octets, at least one."""
        if self._tls is None:
            return await self._read_raw()
        while True:
            try:
                octets = self._tls.read(CHUNK)
            except ssl.SSLWantReadError:
                await self._flush()
                self._incoming.write(await self._read_raw())
                continue
            except ssl.SSLZeroReturnError:
                self._end(Ending.CLOSE_NOTIFY)
            except ssl.SSLError as problem:
                why = problem.reason or str(problem)
                self.track.add(Party.LAB, Kind.TLS, f"broke: {why}")
                raise self.problem(f"TLS broke: {why}") from None
            if octets:
                return octets
            self._end(Ending.CLOSE_NOTIFY)

    async def _read_raw(self) -> bytes:
        """Octets of the connection itself, at least one."""
        try:
            octets = await self._reader.read(CHUNK)
        except ConnectionError:
            self._end(Ending.RESET)
        if not octets:
            if isinstance(self._reader, PatientReader) and self._reader.broken is not None:
                self._end(Ending.RESET)
            self._end(Ending.CLOSED if self._tls is None else Ending.TRUNCATED)
        return octets

    def _end(self, ending: Ending) -> NoReturn:
        if self.ending is None:
            self.ending = ending
            self.track.add(self._them, Kind.CLOSE, str(ending))
        raise ConnectionEnded(self.ending, self.where) from None

    @contextlib.asynccontextmanager
    async def _within(self, what: str) -> AsyncIterator[None]:
        """The deadline of one operation, and the problem that missing it is."""
        try:
            async with asyncio.timeout(self._deadline):
                yield
        except TimeoutError:
            raise self.problem(f"{what} within {self._deadline:g} s") from None

    # -- writing ----------------------------------------------------------------------------

    async def write_line(self, line: bytes | str) -> None:
        """One line; the CRLF is added."""
        await self.write_lines([line])

    async def write_lines(self, lines: Sequence[bytes | str]) -> None:
        """Several lines in one segment."""
        octets = [line.encode() if isinstance(line, str) else line for line in lines]
        for line in octets:
            self.track.octets(self._us, Kind.LINE, line)
        await self._send(b"".join(line + b"\r\n" for line in octets))

    async def write_message(self, content: bytes) -> None:
        """Message content, dot-stuffed, with the end of data."""
        self.track.octets(self._us, Kind.DATA, content)
        stuffed = content.replace(b"\r\n.", b"\r\n..")
        if stuffed.startswith(b"."):
            stuffed = b"." + stuffed
        if stuffed and not stuffed.endswith(b"\r\n"):
            stuffed += b"\r\n"
        await self._send(stuffed + b".\r\n")

    async def write_raw(self, octets: bytes) -> None:
        """Octets as they are, outside any protocol."""
        self.track.octets(self._us, Kind.RAW, octets)
        await self._send(octets)

    async def _send(self, octets: bytes) -> None:
        """Sends in whatever channel stands.

        A connection that takes nothing any more is no problem yet: what the other side said
        before it went is still to be read, and the reader will tell that it went."""
        if self._tls is None:
            await self._push(octets)
            return
        try:
            self._tls.write(octets)
        except ssl.SSLError as problem:
            raise self.problem(f"TLS broke: {problem.reason or problem}") from None
        await self._flush()

    async def _flush(self) -> None:
        await self._push(self._outgoing.read())

    async def _push(self, octets: bytes) -> None:
        if not octets or self._writer.is_closing():
            return
        async with self._within("nothing was taken"):
            try:
                self._writer.write(octets)
                await self._writer.drain()
            except ConnectionError:
                self.unsent = True
                self.track.add(Party.LAB, Kind.NOTE, "this could not be sent: nobody listens")

    # -- TLS --------------------------------------------------------------------------------

    async def start_tls_server(self, context: ssl.SSLContext) -> TlsFacts:
        """The server's side of a handshake.  Raises `HandshakeFailed`."""
        return await self._handshake(
            context.wrap_bio(self._incoming, self._outgoing, server_side=True)
        )

    async def start_tls_client(self, context: ssl.SSLContext, server_name: str | None) -> TlsFacts:
        """The client's side of a handshake.  Raises `HandshakeFailed`."""
        return await self._handshake(
            context.wrap_bio(self._incoming, self._outgoing, server_hostname=server_name)
        )

    async def _handshake(self, tls: ssl.SSLObject) -> TlsFacts:
        try:
            async with asyncio.timeout(self._deadline):
                await self._shake(tls)
        except TimeoutError:
            self._fail(f"no handshake within {self._deadline:g} s")
        except ssl.SSLError as problem:
            await self._flush()  # the alert
            self._fail(problem.reason or str(problem))
        except PeerProblem as problem:
            self._fail(problem.what)
        self.facts = facts_of(tls)
        self._tls = tls
        self.track.add(Party.LAB, Kind.TLS, f"established: {self.facts}")
        return self.facts

    async def _shake(self, tls: ssl.SSLObject) -> None:
        begun = False
        while True:
            try:
                tls.do_handshake()
                await self._flush()
                return
            except ssl.SSLWantReadError:
                await self._flush()
            if not begun:
                await self._skip_plaintext()
                begun = True
            if not self._buffer:
                await self._fill()
            self._incoming.write(bytes(self._buffer))
            self._buffer.clear()

    async def _skip_plaintext(self) -> None:
        """Puts aside the lines that stand where the other side's handshake should begin.

        No TLS record begins with a printable character, so a line is told from a record by its
        first octet. [rfc3207/4.2] wants what was learnt in plaintext forgotten."""
        try:
            while line := await self._plaintext_line():
                self.behind_starttls += line
                if len(self.behind_starttls) > MAX_BEHIND_STARTTLS:
                    raise self.problem("plaintext without end in the place of a handshake")
        finally:
            if self.behind_starttls:
                self.track.octets(self._them, Kind.RAW, self.behind_starttls)
                said = f"{len(self.behind_starttls)} octets of plaintext before the handshake"
                self.track.add(Party.LAB, Kind.TLS, f"{said}: discarded")

    async def _plaintext_line(self) -> bytes:
        """The line that comes next, or nothing when it is no line of text."""
        if not self._buffer:
            await self._fill()
        if not 0x20 <= self._buffer[0] <= 0x7E:
            return b""
        while not (end := self._buffer.find(b"\n") + 1):
            if len(self._buffer) > MAX_LINE:
                return b""  # TLS will refuse it
            await self._fill()
        line = bytes(self._buffer[:end])
        del self._buffer[:end]
        return line

    def _fail(self, why: str) -> NoReturn:
        self.track.add(Party.LAB, Kind.TLS, f"handshake failed: {why}")
        raise HandshakeFailed(f"the TLS handshake failed: {why}", self.where) from None

    # -- ending -----------------------------------------------------------------------------

    def abort(self) -> None:
        """Resets the connection, without close_notify."""
        self.track.add(self._us, Kind.CLOSE, "cut")
        self._writer.transport.abort()

    async def close(self, linger: float = 0.0) -> None:
        """Says close_notify where TLS stands, ends our side, and closes.

        With `linger` the other side has so many seconds to end its own; what it still says is
        recorded.  To close over unread octets resets the connection, and the other side may then
        never see what we said last."""
        try:
            with contextlib.suppress(OSError, RuntimeError):
                await self._say_close_notify()
                if linger and self.ending is None:
                    self._writer.write_eof()
                    await self._hear_out(linger)
        finally:
            self._writer.close()
        try:
            async with asyncio.timeout(GOODBYE):
                await self._writer.wait_closed()
        except OSError:  # a time-out is one as well
            self._writer.transport.abort()
        self.track.add(self._us, Kind.CLOSE, "closed")

    async def _say_close_notify(self) -> None:
        if self._tls is not None:
            with contextlib.suppress(ssl.SSLError):
                self._tls.unwrap()
            await self._flush()

    async def _hear_out(self, seconds: float) -> None:
        """Records what else the other side says, as raw octets, until it ends, or for that long."""
        heard = bytes(self._buffer)
        self._buffer.clear()
        with contextlib.suppress(PeerProblem, TimeoutError):
            async with asyncio.timeout(seconds):
                while len(heard) <= CHUNK:
                    heard += await self._receive()
        if heard:
            self.track.octets(self._them, Kind.RAW, heard)
