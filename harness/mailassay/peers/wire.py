"""A connection whose octets are under our control, in plaintext and inside TLS.

TLS is done on memory buffers, so that what arrives behind STARTTLS in plaintext is seen as such,
and so that a peer can put anything it likes into the place of a handshake.
"""

from __future__ import annotations

import asyncio
import ssl

from mailassay.peers.tls import TlsFacts, requested_name
from mailassay.peers.transcript import Track
from mailassay.verdicts import Kind, Party

CHUNK = 65_536
MAX_LINE = 8_192
DEADLINE = 20.0


class PeerProblem(OSError):
    """The other side did what no conversation can go on after; the text says what."""


class HandshakeFailed(PeerProblem):
    """The TLS handshake did not succeed."""


class Wire:
    """One connection.  `us` and `them` are the names under which entries are recorded."""

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

    # -- reading ----------------------------------------------------------------------------

    async def read_line(self, limit: int = MAX_LINE) -> bytes:
        """One line without its CRLF (or LF).  EOFError when the connection ends before it."""
        while b"\n" not in self._buffer:
            if len(self._buffer) > limit:
                raise PeerProblem(f"a line of more than {limit} octets")
            await self._fill()
        line, _, rest = bytes(self._buffer).partition(b"\n")
        self._buffer = bytearray(rest)
        if len(line) > limit:
            raise PeerProblem(f"a line of more than {limit} octets")
        line = line.removesuffix(b"\r")
        self.track.octets(self._them, Kind.LINE, line)
        return line

    async def read_message(self, limit: int) -> tuple[bytes, bool]:
        """Message content up to CRLF.CRLF, dot-unstuffed; and whether it was complete.

        What arrived is returned even if the connection ended in the middle."""
        complete = True
        found = self._end_of_message()
        while found is None:
            if len(self._buffer) > limit:
                raise PeerProblem(f"a message of more than {limit} octets")
            try:
                await self._fill()
            except (EOFError, OSError):
                complete = False
                break
            found = self._end_of_message()
        end = found if found is not None else len(self._buffer)
        raw = bytes(self._buffer[:end])
        self._buffer = self._buffer[end + (3 if complete else 0):]
        content = raw[1:] if raw.startswith(b".") else raw
        content = content.replace(b"\r\n..", b"\r\n.")
        self.track.octets(self._them, Kind.DATA, content)
        return content, complete

    def _end_of_message(self) -> int | None:
        if self._buffer.startswith(b".\r\n"):
            return 0
        found = self._buffer.find(b"\r\n.\r\n")
        return found + 2 if found >= 0 else None

    async def _fill(self) -> None:
        octets = await self._receive()
        if not octets:
            raise EOFError("the connection was closed")
        self._buffer += octets

    async def _receive(self) -> bytes:
        """Application octets; empty at the end of the connection."""
        try:
            async with asyncio.timeout(self._deadline):
                if self._tls is None:
                    return await self._reader.read(CHUNK)
                return await self._receive_in_tls(self._tls)
        except TimeoutError:
            raise PeerProblem(f"nothing came for {self._deadline:.0f} s") from None

    async def _receive_in_tls(self, tls: ssl.SSLObject) -> bytes:
        while True:
            try:
                return tls.read(CHUNK)
            except ssl.SSLWantReadError:
                await self._flush()
                octets = await self._reader.read(CHUNK)
                if not octets:
                    return b""
                self._incoming.write(octets)
            except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
                return b""
            except ssl.SSLError as problem:
                raise PeerProblem(f"TLS broke: {problem.reason or problem}") from None

    # -- writing ----------------------------------------------------------------------------

    async def write_line(self, line: bytes | str) -> None:
        octets = line.encode() if isinstance(line, str) else line
        self.track.octets(self._us, Kind.LINE, octets)
        await self._send(octets + b"\r\n")

    async def write_lines(self, lines: list[str]) -> None:
        """Several lines in one segment."""
        for line in lines:
            self.track.octets(self._us, Kind.LINE, line.encode())
        await self._send("".join(f"{line}\r\n" for line in lines).encode())

    async def write_message(self, content: bytes) -> None:
        """Message content, dot-stuffed, with the end of data."""
        self.track.octets(self._us, Kind.DATA, content)
        stuffed = content.replace(b"\r\n.", b"\r\n..")
        if stuffed.startswith(b"."):
            stuffed = b"." + stuffed
        if not stuffed.endswith(b"\r\n"):
            stuffed += b"\r\n"
        await self._send(stuffed + b".\r\n")

    async def write_raw(self, octets: bytes) -> None:
        """Octets as they are, outside any protocol."""
        self.track.octets(self._us, Kind.RAW, octets)
        await self._send(octets)

    async def _send(self, octets: bytes) -> None:
        if self._tls is not None:
            self._tls.write(octets)
            await self._flush()
            return
        self._writer.write(octets)
        await self._drain()

    async def _flush(self) -> None:
        pending = self._outgoing.read()
        if pending:
            self._writer.write(pending)
            await self._drain()

    async def _drain(self) -> None:
        try:
            async with asyncio.timeout(self._deadline):
                await self._writer.drain()
        except TimeoutError:
            raise PeerProblem(f"nothing was taken for {self._deadline:.0f} s") from None

    # -- TLS --------------------------------------------------------------------------------

    def take_residue(self) -> bytes:
        """Octets that arrived in plaintext and were not read yet."""
        residue = bytes(self._buffer)
        self._buffer.clear()
        return residue

    async def start_tls_server(self, context: ssl.SSLContext) -> TlsFacts:
        """The server's side of a handshake.  Raises `HandshakeFailed`."""
        residue = self.take_residue()
        if residue and not residue.startswith(b"\x16"):
            self.track.octets(self._them, Kind.RAW, residue)
        # A client may send its hello right behind STARTTLS; that is no plaintext.
        self._incoming.write(residue)
        return await self._handshake(
            context.wrap_bio(self._incoming, self._outgoing, server_side=True)
        )

    async def start_tls_client(self, context: ssl.SSLContext, server_name: str | None) -> TlsFacts:
        """The client's side of a handshake.  Raises `HandshakeFailed`."""
        self._incoming.write(self.take_residue())
        return await self._handshake(
            context.wrap_bio(self._incoming, self._outgoing, server_hostname=server_name)
        )

    async def _handshake(self, tls: ssl.SSLObject) -> TlsFacts:
        try:
            async with asyncio.timeout(self._deadline):
                await self._shake(tls)
        except TimeoutError:
            self._fail("no handshake within the deadline")
        except ssl.SSLError as problem:
            await self._flush()
            self._fail(str(problem.reason or problem))
        except (EOFError, OSError) as problem:
            self._fail(str(problem) or "the connection broke")
        version, cipher = tls.version(), tls.cipher()
        self.facts = TlsFacts(
            version or "unknown", cipher[0] if cipher else "unknown", requested_name(tls)
        )
        self._tls = tls
        self.track.add(Party.LAB, Kind.TLS, f"established: {self.facts}")
        return self.facts

    async def _shake(self, tls: ssl.SSLObject) -> None:
        while True:
            try:
                tls.do_handshake()
                await self._flush()
                return
            except ssl.SSLWantReadError:
                await self._flush()
                octets = await self._reader.read(CHUNK)
                if not octets:
                    raise EOFError("closed in the handshake") from None
                self._incoming.write(octets)

    def _fail(self, why: str) -> None:
        self.track.add(Party.LAB, Kind.TLS, f"handshake failed: {why}")
        raise HandshakeFailed(f"the TLS handshake failed: {why}")

    # -- ending -----------------------------------------------------------------------------

    async def close(self) -> None:
        """Says close_notify where TLS stands, and closes."""
        try:
            if self._tls is not None:
                try:
                    self._tls.unwrap()
                except ssl.SSLError:
                    pass
                await self._flush()
            self._writer.close()
            async with asyncio.timeout(1):
                await self._writer.wait_closed()
        except (OSError, TimeoutError):
            pass
        self.track.add(self._us, Kind.CLOSE, "closed")
