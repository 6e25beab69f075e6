"""The scripted mail server: a correct next hop, but for the faults that a case asks for.

It keeps what every connection did as an `Attempt`, and every message content that was transmitted
to it, taken or not, as a `Delivery`.  It is lenient where a real server might refuse (REQUIRETLS
where it was not offered, say): what the target should not have said must be seen to the end.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from mailassay.peers.envelope import Envelope, Parameters, parse_envelope
from mailassay.peers.streams import start_server
from mailassay.peers.tls import TlsFacts
from mailassay.peers.transcript import Recorder
from mailassay.peers.wire import (
    DEADLINE,
    ConnectionEnded,
    Ending,
    HandshakeFailed,
    PeerProblem,
    Wire,
)
from mailassay.verdicts import Conversation, Kind, Party
from mailassay.world import Answer, Cut, Faults, Requiretls, Service, Starttls

# Bounds of what one server keeps of a target that says more than any case can mean.
MAX_MESSAGE = 1_048_576  # octets; announced by SIZE
MAX_KEPT = 4 * MAX_MESSAGE
MAX_COMMANDS = 1_000  # in one connection
MAX_CONNECTIONS = 200
LINGER = 1.0  # seconds in which the target may end its side after we ended ours

EXTENSIONS = (
    "PIPELINING",
    f"SIZE {MAX_MESSAGE}",
    "8BITMIME",
    "SMTPUTF8",
    "DSN",
    "ENHANCEDSTATUSCODES",
)
# Other keywords than REQUIRETLS, by RFC 5321 section 4.1.1.1, and one with that argument.
RESEMBLING = ("X-REQUIRETLS", "REQUIRETLS-NOT", "XFEATURES REQUIRETLS")
# No TLS record begins like this.
GARBAGE = b"\x00mailassay is no TLS server\r\n"
FATAL_HANDSHAKE_FAILURE = bytes((0x15, 0x03, 0x03, 0x00, 0x02, 0x02, 0x28))


@dataclass(frozen=True)
class Manner:
    """How a server behaves in a session: its faults, and what it presents in TLS."""

    faults: Faults
    ssl_context: ssl.SSLContext


@dataclass(frozen=True)
class Turn:
    """How a server behaves after it has turned.

    `prepare` is awaited before the turn, and is what else changes in the world.  Unless it is
    `when_told`, the turn comes when a client has got as far as MAIL."""

    manner: Manner
    prepare: Callable[[], Awaitable[None]] | None = None
    when_told: bool = False


@dataclass
class Attempt:
    """One connection that the target made.

    `ehlo_lines` are those of the last reply to EHLO or LHLO, `hellos` tell for each hello whether
    it came in TLS.  `handshake` is None while none was begun.  `behind_starttls` is what came in
    plaintext after STARTTLS.  `content_in_plaintext` counts octets of message content.  `hung_up`
    says that we ended the connection, `unsent` that a reply of ours met a connection that the
    target had reset: what it said before may be lost.  `after_turn` says that the connection was
    made after the server had turned."""

    conversation: Conversation
    hellos: list[bool] = field(default_factory=list)
    ehlo_lines: list[str] = field(default_factory=list)
    tls: TlsFacts | None = None
    handshake: bool | None = None
    behind_starttls: bytes = b""
    mails: list[Envelope] = field(default_factory=list)
    rcpts: list[Envelope] = field(default_factory=list)
    content_in_plaintext: int = 0
    content_in_tls: int = 0
    quit: bool = False
    quit_in_tls: bool = False
    hung_up: bool = False
    unsent: bool = False
    ended: bool = False
    ending: str = "still open"
    after_turn: bool = False

    @property
    def gave_requiretls(self) -> bool:
        """Some MAIL command of the connection had the parameter."""
        return any(mail.has_requiretls for mail in self.mails)

    @property
    def envelope_in_plaintext(self) -> bool:
        """Some MAIL or RCPT command crossed in plaintext."""
        return any(not command.in_tls for command in (*self.mails, *self.rcpts))

    @property
    def alive_to_the_end(self) -> bool:
        """A command could still have been given and answered when the target left."""
        lost = self.unsent and not self.quit
        return self.ended and not self.hung_up and not lost and self.handshake is not False


@dataclass(frozen=True)
class Delivery:
    """Message content that was transmitted to us, with its envelope.

    `mail_parameters` keep their order and their spelling, and so do those of each recipient in
    `recipient_parameters`; `complete` says whether the end of data was seen."""

    host_name: str
    reverse_path: str
    mail_parameters: Parameters
    recipients: tuple[str, ...]
    recipient_parameters: tuple[Parameters, ...]
    content: bytes
    complete: bool
    tls: TlsFacts | None
    attempt: Attempt


class ScriptedServer:
    """A mail server at one address.

    `changed` is notified after everything worth waiting for; `deadline` is how long the target may
    take for a command or a handshake, in seconds."""

    def __init__(
        self,
        host_name: str,
        address: str,
        port: int,
        ssl_context: ssl.SSLContext,
        faults: Faults,
        recorder: Recorder,
        hop: str,
        changed: asyncio.Condition,
        deadline: float = DEADLINE,
        turn: Turn | None = None,
        service: Service = Service.RELAY,
    ) -> None:
        self.host_name = host_name
        self.address = address
        self.port = port
        self.manner = Manner(faults, ssl_context)
        self.service = service
        self._turn = turn
        self._turning = False
        self._turned = asyncio.Event()
        self.recorder = recorder
        self.hop = hop
        self.attempts: list[Attempt] = []
        self.deliveries: list[Delivery] = []
        self._changed = changed
        self._deadline = deadline
        self._server: asyncio.Server | None = None
        self._sessions: set[asyncio.Task[None]] = set()
        self._kept = 0

    async def start(self) -> None:
        """Listens, unless the fault is that nobody does.  With port 0 the kernel chooses one."""
        if not self.manner.faults.listening:
            return
        self._server = await start_server(self._accept, self.address, self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Closes the listener and every session."""
        if self._server is not None:
            self._server.close()
        for task in list(self._sessions):
            task.cancel()
        await asyncio.gather(*self._sessions, return_exceptions=True)

    async def said_mail(self) -> None:
        """A client has got as far as MAIL."""
        if self._turn is not None and not self._turn.when_told:
            await self.turn()

    async def turn(self) -> None:
        """From now on the server behaves as it was told to behave later.  Once only."""
        if self._turn is None:
            return
        if self._turning:  # another session was first
            await self._turned.wait()
            return
        self._turning = True
        if self._turn.prepare is not None:
            await self._turn.prepare()
        self.manner = self._turn.manner
        self._turned.set()
        if self._server is None:
            await self.start()

    async def tell(self) -> None:
        """Wakes whoever waits for a change."""
        async with self._changed:
            self._changed.notify_all()

    async def keep(self, delivery: Delivery) -> None:
        """Keeps a delivery, as long as there is room."""
        self._kept += len(delivery.content)
        if self._kept > MAX_KEPT:
            raise PeerProblem(f"more than {MAX_KEPT} octets of mail", self.host_name)
        self.deliveries.append(delivery)
        await self.tell()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self.attempts) >= MAX_CONNECTIONS:
            writer.close()
            return
        task = asyncio.current_task()
        assert task is not None
        self._sessions.add(task)
        track = self.recorder.open(self.hop, self.host_name, f"{self.address}:{self.port}")
        wire = Wire(reader, writer, track, Party.PEER, Party.TARGET, self._deadline)
        attempt = Attempt(track.conversation, after_turn=self._turned.is_set())
        self.attempts.append(attempt)
        track.add(Party.TARGET, Kind.OPEN, "connected")
        linger = 0.0
        try:
            await _Session(self, wire, attempt).run()
            linger = LINGER
        except ConnectionEnded as problem:
            attempt.ending = _told(problem.ending)
        except HandshakeFailed as problem:
            attempt.ending = problem.what
            linger = LINGER
        except PeerProblem as problem:
            attempt.hung_up = True
            attempt.ending = f"given up: {problem.what}"
            track.add(Party.LAB, Kind.NOTE, attempt.ending)
        finally:
            attempt.behind_starttls = wire.behind_starttls
            attempt.unsent = wire.unsent
            try:
                await wire.close(linger)
            finally:  # even if the server is stopped meanwhile
                attempt.ended = True
                self._sessions.discard(task)
                await self.tell()


def _told(ending: Ending) -> str:
    return "connection reset" if ending is Ending.RESET else "connection closed without QUIT"


class _Session:
    """The conversation on one connection."""

    def __init__(self, server: ScriptedServer, wire: Wire, attempt: Attempt) -> None:
        self._server = server
        self._manner = server.manner
        self._faults = server.manner.faults
        self._wire = wire
        self._attempt = attempt
        self._over = False
        self._reset()

    def _reset(self) -> None:
        self._mail: Envelope | None = None
        self._rcpts: list[Envelope] = []

    @property
    def _in_tls(self) -> bool:
        return self._wire.facts is not None

    async def run(self) -> None:
        """From the greeting to the end."""
        await self._server.tell()
        greeting = f"{self._server.host_name} ESMTP"
        welcome = await self._answer(self._faults.greeting, 220, greeting)
        for _ in range(MAX_COMMANDS):
            if self._over:
                return
            await self._command(await self._wire.read_line(), welcome)
        raise self._wire.problem(f"more than {MAX_COMMANDS} commands")

    def _hang_up(self, why: str) -> None:
        self._attempt.hung_up = True
        self._attempt.ending = why
        self._over = True

    def _cut_off(self) -> None:
        """Breaks the connection where it stands, as a cable would."""
        self._hang_up(f"cut by us: {self._faults.cut}")
        self._wire.abort()

    async def _say(self, code: int, text: str) -> None:
        await self._wire.write_line(f"{code} {text}")

    async def _answer(self, instead: Answer | None, code: int, text: str) -> bool:
        """Gives the normal reply, or the fault's; whether it was a positive one."""
        reply = instead or Answer(code, text)
        await self._say(reply.code, reply.text)
        if reply.code == 421:  # [rfc5321/3.8]: with 421 the server closes
            self._hang_up("closed by us with 421")
        return reply.code < 400

    async def _command(self, line: bytes, welcome: bool) -> None:
        """Serves one command."""
        text = line.decode("utf-8", errors="backslashreplace")
        verb = text.split(" ", 1)[0].upper()
        if verb == "QUIT":
            await self._quit()
        elif not welcome:  # [rfc5321/3.1]: a client that was turned away may only leave
            await self._say(503, "5.5.1 Only QUIT is left")
        else:
            await self._serve(verb, text)

    async def _serve(self, verb: str, text: str) -> None:
        match verb:
            case "EHLO" | "HELO" if self._server.service is not Service.LMTP:
                await self._hello(verb)
            case "LHLO" if self._server.service is Service.LMTP:
                await self._hello(verb)
            case "STARTTLS":
                await self._starttls()
            case "AUTH":
                await self._log_in(text)
            case "MAIL":
                await self._take_mail(text)
            case "RCPT":
                await self._take_rcpt(text)
            case "DATA":
                await self._data()
            case "RSET":
                self._reset()
                await self._say(250, "2.0.0 Reset")
            case "NOOP":
                await self._say(250, "2.0.0 Nothing done")
            case "VRFY":
                await self._say(252, "2.5.0 Send it and see")
            case _:
                await self._say(500, "5.5.2 Not known here")

    async def _quit(self) -> None:
        self._attempt.quit = True
        self._attempt.quit_in_tls = self._in_tls
        self._attempt.ending = "QUIT"
        self._over = True
        await self._say(221, "2.0.0 Goodbye")

    async def _hello(self, verb: str) -> None:
        self._reset()
        self._attempt.hellos.append(self._in_tls)
        refusal = self._faults.ehlo_in_tls if self._in_tls and verb == "EHLO" else None
        if verb == "HELO" or refusal is not None:
            await self._answer(refusal, 250, self._server.host_name)
            return
        listed = [self._server.host_name, *EXTENSIONS, *self._starttls_line()]
        if self._offers_login:
            listed.append("AUTH PLAIN")
        listed += self._requiretls_lines()
        self._attempt.ehlo_lines = listed
        lines = [f"250-{x}" for x in listed[:-1]] + [f"250 {listed[-1]}"]
        await self._wire.write_lines(lines)

    @property
    def _offers_login(self) -> bool:
        return self._in_tls and self._server.service is Service.SUBMISSION

    async def _log_in(self, text: str) -> None:
        """AUTH PLAIN (RFC 4954), with any credentials: they are not what is tested."""
        words = text.split()
        if not self._offers_login or words[1:2] != ["PLAIN"]:
            await self._say(504, "5.5.4 Not offered")
            return
        if len(words) == 2:
            await self._say(334, "")
            await self._wire.read_line()
        await self._say(235, "2.7.0 Welcome")

    def _starttls_line(self) -> list[str]:
        if self._in_tls or self._faults.starttls is Starttls.ABSENT:
            return []
        return ["XXXXXXXX" if self._faults.starttls is Starttls.STRUCK else "STARTTLS"]

    def _requiretls_lines(self) -> tuple[str, ...]:
        listed = {
            Requiretls.IN_TLS: self._in_tls,
            Requiretls.NEVER: False,
            Requiretls.ONLY_IN_PLAINTEXT: not self._in_tls,
            Requiretls.ALWAYS: True,
            Requiretls.RESEMBLED: False,
        }[self._faults.requiretls]
        if self._in_tls and self._faults.requiretls is Requiretls.RESEMBLED:
            return RESEMBLING
        return ("REQUIRETLS",) if listed else ()

    async def _starttls(self) -> None:
        if self._in_tls:
            await self._say(503, "5.5.1 TLS stands already")
            return
        match self._faults.starttls:
            case Starttls.ABSENT | Starttls.STRUCK:
                await self._say(502, "5.5.1 Not known here")
            case Starttls.REFUSED_TEMPORARILY:
                await self._say(454, "4.7.0 TLS not available now")
            case Starttls.REFUSED_PERMANENTLY:
                await self._say(554, "5.7.0 TLS not available")
            case Starttls.GARBLED:
                await self._sabotage(GARBAGE)
            case Starttls.HANDSHAKE_ALERT:
                await self._sabotage(FATAL_HANDSHAKE_FAILURE)
            case Starttls.CLOSED:
                await self._sabotage(b"")
            case Starttls.INJECTING:
                await self._wire.write_lines(
                    ["220 2.0.0 Go ahead", f"250-{self._server.host_name}", "250 REQUIRETLS"]
                )
                await self._handshake()
            case Starttls.OFFERED:
                await self._say(220, "2.0.0 Go ahead")
                await self._handshake()

    async def _handshake(self) -> None:
        self._attempt.handshake = False
        self._attempt.tls = await self._wire.start_tls_server(self._manner.ssl_context)
        self._attempt.handshake = True
        self._reset()  # [rfc3207/4.2]: nothing of the plaintext session is left

    async def _sabotage(self, instead: bytes) -> None:
        """220, and then no TLS: these octets in the place of the server's first flight."""
        self._attempt.handshake = False
        await self._say(220, "2.0.0 Go ahead")
        if instead:
            # Not in one segment with the 220, where a client may rightly discard them.
            await self._wire.read_some()
            await self._wire.write_raw(instead)
        self._hang_up(f"handshake sabotaged: {self._faults.starttls}")

    async def _take_mail(self, text: str) -> None:
        self._reset()
        command = parse_envelope(text, self._in_tls)
        if command is None:
            await self._say(501, "5.5.4 MAIL FROM:<reverse-path>")
            return
        self._attempt.mails.append(command)
        await self._server.said_mail()
        if self._faults.cut is Cut.AT_MAIL:
            self._cut_off()
            return
        instead = self._faults.mail
        if not self._in_tls and self._faults.mail_in_plaintext is not None:
            instead = self._faults.mail_in_plaintext
        if command.has_requiretls and self._faults.mail_with_requiretls is not None:
            instead = self._faults.mail_with_requiretls
        if await self._answer(instead, 250, "2.1.0 Sender ok"):
            self._mail = command

    async def _take_rcpt(self, text: str) -> None:
        command = parse_envelope(text, self._in_tls)
        if command is None:
            await self._say(501, "5.5.4 RCPT TO:<forward-path>")
            return
        self._attempt.rcpts.append(command)
        if self._mail is None:
            await self._say(503, "5.5.1 MAIL first")
        elif await self._answer(self._faults.rcpt, 250, "2.1.5 Recipient ok"):
            self._rcpts.append(command)

    async def _data(self) -> None:
        if self._mail is None or not self._rcpts:
            await self._say(503, "5.5.1 MAIL and RCPT first")
            return
        if not await self._answer(self._faults.data, 354, "End with a dot"):
            return
        if self._faults.cut is Cut.IN_CONTENT:
            await self._wire.read_some()
            self._cut_off()
            return
        content, complete = await self._wire.read_message(MAX_MESSAGE)
        if self._in_tls:
            self._attempt.content_in_tls += len(content)
        else:
            self._attempt.content_in_plaintext += len(content)
        await self._server.keep(
            Delivery(
                host_name=self._server.host_name,
                reverse_path=self._mail.path,
                mail_parameters=self._mail.parameters,
                recipients=tuple(r.path for r in self._rcpts),
                recipient_parameters=tuple(r.parameters for r in self._rcpts),
                content=content,
                complete=complete,
                tls=self._wire.facts,
                attempt=self._attempt,
            )
        )
        if not complete:
            if self._wire.ending is not None:
                raise ConnectionEnded(self._wire.ending, self._wire.where)
            raise self._wire.problem("message content without an end")
        await self._end_of_data()
        self._reset()

    async def _end_of_data(self) -> None:
        """One reply; in LMTP one for each recipient, and the fault spares the first.

        [rfc2033/4.2]"""
        if self._server.service is not Service.LMTP:
            await self._answer(self._faults.end_of_data, 250, "2.0.0 Taken")
            return
        for number in range(len(self._rcpts)):
            instead = self._faults.end_of_data if number > 0 else None
            await self._answer(instead, 250, "2.0.0 Taken")
