"""The submitting peer: correct by default, and able to misbehave when it is told to.

Whatever the target does instead of answering ends in a `PeerProblem` that says what and where.
"""

from __future__ import annotations

import asyncio
import base64
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from types import TracebackType

from mailassay.peers.streams import open_connection
from mailassay.peers.tls import TlsFacts, client_context
from mailassay.peers.transcript import Recorder, printable, printable_text
from mailassay.peers.wire import DEADLINE, PeerProblem, Wire
from mailassay.verdicts import Kind, Party

CLIENT_NAME = "submitter.client.example"
MAX_REPLY_LINES = 200
MAX_SHOWN = 300  # octets of a reply in a story
CONNECT_DEADLINE = 10.0  # seconds
REPLY_LINE = re.compile(rb"([2-5][0-9]{2})(?:([ -])(.*))?", re.DOTALL)
ENHANCED = re.compile(r"([245])\.[0-9]{1,3}\.[0-9]{1,3}(?= |$)")


@dataclass(frozen=True)
class Reply:
    """A reply of the target.

    `lines` are the texts behind the code, printable; `enhanced` is the enhanced status code with
    which they begin, if it is of the code's own class."""

    code: int
    enhanced: str | None
    lines: tuple[str, ...]

    def __str__(self) -> str:
        told = f"{self.code} {' / '.join(self.lines)}"
        return told if len(told) <= MAX_SHOWN else f"{told[:MAX_SHOWN]} [cut]"


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
        """The keyword is listed, in whatever letter case."""
        return self._words(keyword) is not None

    def parameters(self, keyword: str) -> list[str]:
        """The words behind the keyword where it is listed first."""
        return self._words(keyword) or []

    def summary(self) -> str:
        """All that was listed, in one bounded line."""
        return ", ".join(self.lines)[:500] or "no extension"


@dataclass(frozen=True)
class Injection:
    """What became of plaintext behind STARTTLS.

    `starttls` is the reply to STARTTLS; `answered` is the reply to the injected command that came
    inside TLS, or None: then the target forgot the command, as it should; `hello` is the reply to
    our own EHLO inside TLS."""

    starttls: Reply
    answered: Reply | None = None
    hello: Hello | None = None


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
        address: str,
        port: int,
        recorder: Recorder,
        hop: str = "submission",
        deadline: float = DEADLINE,
    ) -> Submission:
        """Connects and reads the greeting.  `deadline` is for each step thereafter, in seconds."""
        track = recorder.open(hop, "target", f"{address}:{port}")
        try:
            async with asyncio.timeout(min(CONNECT_DEADLINE, deadline)):
                reader, writer = await open_connection(address, port)
        except OSError as problem:  # a time-out is one as well
            why = printable_text(str(problem)) or "time is out"
            track.add(Party.LAB, Kind.NOTE, f"not connected: {why}")
            raise PeerProblem(f"no connection could be made: {why}", hop) from None
        track.add(Party.PEER, Kind.OPEN, "connected")
        wire = Wire(reader, writer, track, us=Party.PEER, them=Party.TARGET, deadline=deadline)
        session = Submission(wire)
        try:
            greeting = await session.read_reply()
            if greeting.code != 220:
                raise wire.problem(f"the greeting was {greeting}")
        except BaseException:
            await wire.close()
            raise
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

    # -- one step at a time -----------------------------------------------------------------

    async def read_reply(self) -> Reply:
        """One reply, of one line or several."""
        lines: list[str] = []
        code = b""
        while len(lines) < MAX_REPLY_LINES:
            line = await self.wire.read_line()
            match = REPLY_LINE.fullmatch(line)
            if match is None or (code and match[1] != code):
                raise self.wire.problem(f"no SMTP reply: {printable(line, 100)}")
            code = match[1]
            text = match[3] or b""
            lines.append(printable(text, len(text)))
            if match[2] != b"-":
                return Reply(int(code), _enhanced(code.decode(), lines[0]), tuple(lines))
        raise self.wire.problem(f"a reply of more than {MAX_REPLY_LINES} lines")

    async def command(self, line: str) -> Reply:
        """Sends one command line and reads its reply."""
        await self.wire.write_line(line)
        return await self.read_reply()

    async def send_raw(self, octets: bytes) -> None:
        """Sends octets as they are, in whatever channel stands."""
        await self.wire.write_raw(octets)

    async def ehlo(self) -> Hello:
        """EHLO; what is listed stays in `hello` as well."""
        return await self._greet("EHLO")

    async def lhlo(self) -> Hello:
        """LHLO, the EHLO of LMTP.  [rfc2033/4.1]"""
        return await self._greet("LHLO")

    async def log_in(self, user: str, password: str) -> Reply:
        """AUTH: PLAIN where the last EHLO reply lists it, else LOGIN; the last reply.

        [rfc4954/4] [rfc4616/2]"""
        if "PLAIN" in (m.upper() for m in self.hello.parameters("AUTH")):
            return await self.command(f"AUTH PLAIN {_base64(f'{chr(0)}{user}{chr(0)}{password}')}")
        reply = await self.command("AUTH LOGIN")
        for answer in (user, password):
            if reply.code != 334:
                return reply
            reply = await self.command(_base64(answer))
        return reply

    async def _greet(self, verb: str) -> Hello:
        reply = await self.command(f"{verb} {CLIENT_NAME}")
        if reply.code != 250:
            raise self.wire.problem(f"{verb} was answered {reply}")
        self.hello = Hello(reply.lines[1:])
        return self.hello

    async def starttls(self) -> TlsFacts:
        """STARTTLS and the handshake; what was listed before counts for nothing thereafter."""
        reply = await self.command("STARTTLS")
        if reply.code != 220:
            raise self.wire.problem(f"STARTTLS was answered {reply}")
        return await self._handshake()

    async def _handshake(self) -> TlsFacts:
        self.hello = Hello(())  # [rfc3207/4.2]
        return await self.wire.start_tls_client(client_context(), None)

    async def starttls_with_injection(self, line: str) -> Injection:
        """STARTTLS with a plaintext command behind it in one segment; then handshake and EHLO.

        A target that remembers the command answers it inside TLS, so that one reply more comes
        than commands were given there.  A command that no server knows marks the end of them."""
        await self.wire.write_lines(["STARTTLS", line])
        reply = await self.read_reply()
        if reply.code != 220:
            return Injection(reply)
        await self._handshake()
        await self.wire.write_line(f"EHLO {CLIENT_NAME}")
        first = await self.read_reply()
        await self.wire.write_line("XMAILASSAY")
        second = await self.read_reply()
        if first.code == 250 and second.code >= 500:
            self.hello = Hello(first.lines[1:])
            return Injection(reply, None, self.hello)
        await self.read_reply()
        self.hello = Hello(second.lines[1:])
        return Injection(reply, first, self.hello)

    async def mail(self, reverse_path: str, parameters: Iterable[str] = ()) -> Reply:
        """MAIL with these parameters as they are."""
        return await self.command(_mail(reverse_path, parameters))

    async def rcpt(self, recipient: str, parameters: Iterable[str] = ()) -> Reply:
        """RCPT with these parameters as they are."""
        return await self.command(_rcpt(recipient, parameters))

    async def data(self, content: bytes) -> tuple[Reply, Reply | None]:
        """DATA and, if it is asked for, the content; the replies to both."""
        reply = await self.command("DATA")
        if reply.code != 354:
            return reply, None
        await self.wire.write_message(content)
        return reply, await self.read_reply()

    # -- a whole transaction ----------------------------------------------------------------

    async def transaction(
        self,
        reverse_path: str,
        parameters: Iterable[str],
        recipients: Iterable[str],
        content: bytes,
        pipelined: bool = False,
    ) -> TransactionReplies:
        """One mail transaction.  After a refusal the rest is not said, and RSET ends it."""
        if pipelined:
            rcpts = [_rcpt(r, ()) for r in recipients]
            await self.wire.write_lines([_mail(reverse_path, parameters), *rcpts])
            mail = await self.read_reply()
            answers = tuple([await self.read_reply() for _ in rcpts])
        else:
            mail = await self.mail(reverse_path, parameters)
            answers = ()
            if mail.code == 250:
                answers = tuple([await self.rcpt(r) for r in recipients])
        if mail.code != 250 or all(r.code >= 300 for r in answers):
            await self.command("RSET")
            return TransactionReplies(mail, answers)
        return TransactionReplies(mail, answers, *await self.data(content))

    async def quit(self) -> None:
        """QUIT, once; a target that just closes is none the worse for it."""
        if self.over:
            return
        self.over = True
        try:
            await self.command("QUIT")
        except OSError:
            pass


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode("ascii")


def _enhanced(code: str, text: str) -> str | None:
    """[rfc2034/4]: the class of the enhanced code is that of the reply."""
    match = ENHANCED.match(text)
    return match[0] if match is not None and match[1] == code[0] else None


def _mail(reverse_path: str, parameters: Iterable[str]) -> str:
    return " ".join([f"MAIL FROM:<{reverse_path}>", *parameters])


def _rcpt(recipient: str, parameters: Iterable[str]) -> str:
    return " ".join([f"RCPT TO:<{recipient}>", *parameters])
