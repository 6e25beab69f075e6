"""The submitting peer: correct by default, and able to misbehave when it is told to."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from types import TracebackType

from mailassay.peers.tls import TlsFacts, client_context
from mailassay.peers.transcript import Recorder, printable
from mailassay.peers.wire import PeerProblem, Wire
from mailassay.verdicts import Kind, Party

MAX_REPLY_LINES = 200
CONNECT_DEADLINE = 10.0
ENHANCED = re.compile(r"[245]\.[0-9]{1,3}\.[0-9]{1,3}(?= |$)")


@dataclass(frozen=True)
class Reply:
    """A reply of the target.  `lines` are the texts behind the code."""

    code: int
    enhanced: str | None
    lines: tuple[str, ...]

    def __str__(self) -> str:
        return printable(f"{self.code} {' / '.join(self.lines)}".encode(), 300)


@dataclass(frozen=True)
class Hello:
    """The extensions that an EHLO reply lists, in its order."""

    lines: tuple[str, ...]

    def _words(self, keyword: str) -> list[str] | None:
        for line in self.lines:
            words = line.split()
            if words and words[0].upper() == keyword.upper():
                return words[1:]
        return None

    def has(self, keyword: str) -> bool:
        return self._words(keyword) is not None

    def parameters(self, keyword: str) -> list[str]:
        return self._words(keyword) or []

    def summary(self) -> str:
        return printable(", ".join(self.lines).encode(), 500) or "no extension"


@dataclass(frozen=True)
class TransactionReplies:
    """The replies to one mail transaction; what was never sent is None or missing."""

    mail: Reply
    rcpt: tuple[Reply, ...] = ()
    data: Reply | None = None
    end_of_data: Reply | None = None


@dataclass
class Submission:
    """A connection to the target.  An async context manager."""

    wire: Wire
    hello: Hello = field(default_factory=lambda: Hello(()))
    over: bool = False

    @staticmethod
    async def open(
        address: str, port: int, recorder: Recorder, hop: str = "submission"
    ) -> Submission:
        """Connects and reads the greeting."""
        track = recorder.open(hop, "target", f"{address}:{port}")
        try:
            async with asyncio.timeout(CONNECT_DEADLINE):
                reader, writer = await asyncio.open_connection(address, port)
        except TimeoutError:
            raise PeerProblem(f"no connection to {address}:{port} could be made") from None
        track.add(Party.PEER, Kind.OPEN, "connected")
        session = Submission(Wire(reader, writer, track, us=Party.PEER, them=Party.TARGET))
        greeting = await session.read_reply()
        if greeting.code != 220:
            raise PeerProblem(f"the greeting was {greeting}")
        return session

    async def __aenter__(self) -> Submission:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.wire.close()

    async def read_reply(self) -> Reply:
        """One reply, of one line or several."""
        lines: list[str] = []
        code = ""
        while len(lines) < MAX_REPLY_LINES:
            line = (await self.wire.read_line()).decode("utf-8", errors="backslashreplace")
            match = re.match(r"([2-5][0-9]{2})(?:([ -])(.*))?$", line, re.DOTALL)
            if match is None or (code and match[1] != code):
                raise PeerProblem(f"no SMTP reply: {printable(line.encode(), 100)}")
            code = match[1]
            lines.append(match[3] or "")
            if match[2] != "-":
                found = ENHANCED.match(lines[0])
                return Reply(int(code), found[0] if found else None, tuple(lines))
        raise PeerProblem(f"a reply of more than {MAX_REPLY_LINES} lines")

    async def command(self, line: str) -> Reply:
        """Sends one command line and reads its reply."""
        await self.wire.write_line(line)
        return await self.read_reply()

    async def ehlo(self) -> Hello:
        reply = await self.command("EHLO submitter.client.example")
        if reply.code != 250:
            raise PeerProblem(f"EHLO was answered {reply}")
        self.hello = Hello(reply.lines[1:])
        return self.hello

    async def starttls(self) -> TlsFacts:
        """STARTTLS and the handshake."""
        reply = await self.command("STARTTLS")
        if reply.code != 220:
            raise PeerProblem(f"STARTTLS was answered {reply}")
        return await self.wire.start_tls_client(client_context(), None)

    async def starttls_with_injection(self, octets: bytes) -> Reply:
        """STARTTLS with plaintext right behind it, in one segment; then the handshake."""
        await self.wire.write_raw(b"STARTTLS\r\n" + octets)
        reply = await self.read_reply()
        if reply.code == 220:
            await self.wire.start_tls_client(client_context(), None)
        return reply

    async def send_raw(self, octets: bytes) -> None:
        await self.wire.write_raw(octets)

    async def transaction(
        self,
        reverse_path: str,
        parameters: Iterable[str],
        recipients: Iterable[str],
        content: bytes,
        pipelined: bool = False,
    ) -> TransactionReplies:
        """One mail transaction.  After a refusal the rest is not said, and RSET ends it."""
        mail = " ".join([f"MAIL FROM:<{reverse_path}>", *parameters])
        rcpts = [f"RCPT TO:<{r}>" for r in recipients]
        if pipelined:
            await self.wire.write_lines([mail, *rcpts])
            mail_reply = await self.read_reply()
            rcpt_replies = tuple([await self.read_reply() for _ in rcpts])
        else:
            mail_reply = await self.command(mail)
            if mail_reply.code != 250:
                await self.command("RSET")
                return TransactionReplies(mail_reply)
            rcpt_replies = tuple([await self.command(r) for r in rcpts])
        if mail_reply.code != 250 or all(r.code >= 300 for r in rcpt_replies):
            await self.command("RSET")
            return TransactionReplies(mail_reply, rcpt_replies)
        data = await self.command("DATA")
        if data.code != 354:
            return TransactionReplies(mail_reply, rcpt_replies, data)
        await self.wire.write_message(content)
        return TransactionReplies(mail_reply, rcpt_replies, data, await self.read_reply())

    async def quit(self) -> None:
        """QUIT, once; a target that just closes is none the worse for it."""
        if self.over:
            return
        self.over = True
        try:
            await self.command("QUIT")
        except (EOFError, OSError):
            pass
