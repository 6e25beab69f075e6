"""The scripted mail server: a correct next hop, but for the faults that a case asks for.

It keeps what every connection did as an `Attempt`, and every message content that was transmitted
to it, taken or not, as a `Delivery`.
"""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass, field

from mailassay.peers.tls import TlsFacts
from mailassay.peers.transcript import Recorder
from mailassay.peers.wire import HandshakeFailed, PeerProblem, Wire
from mailassay.verdicts import Kind, Party
from mailassay.world import Answer, Faults, Requiretls, Starttls

MAX_MESSAGE = 10_000_000
MAX_COMMANDS = 1_000
MAX_CONNECTIONS = 200
EXTENSIONS = ("PIPELINING", "SIZE 10240000", "8BITMIME", "SMTPUTF8", "DSN", "ENHANCEDSTATUSCODES")
# No TLS record begins like this.
GARBAGE = b"\x00mailassay is no TLS server\r\n"
FATAL_HANDSHAKE_FAILURE = bytes((0x15, 0x03, 0x03, 0x00, 0x02, 0x02, 0x28))
Parameters = tuple[tuple[str, str | None], ...]


@dataclass
class Attempt:
    """One connection that the target made.

    `handshake` is None while none was begun.  `hung_up` says that we ended it.  `mails` holds the
    parameters of every MAIL command."""

    ehlo_lines: list[str] = field(default_factory=list)
    tls: TlsFacts | None = None
    handshake: bool | None = None
    quit: bool = False
    hung_up: bool = False
    ended: bool = False
    ending: str = "still open"
    mails: list[Parameters] = field(default_factory=list)

    @property
    def gave_requiretls(self) -> bool:
        """Some MAIL command of the connection had the parameter."""
        return any(keyword.upper() == "REQUIRETLS" for mail in self.mails for keyword, _ in mail)

    @property
    def alive_to_the_end(self) -> bool:
        """A command could still have been given and answered when the target left."""
        return self.ended and not self.hung_up and self.handshake is not False


@dataclass(frozen=True)
class Delivery:
    """Message content that was transmitted to us, with its envelope.

    `mail_parameters` keep their order and their spelling; `complete` says whether the end of data
    was seen."""

    host_name: str
    reverse_path: str
    mail_parameters: Parameters
    recipients: tuple[str, ...]
    content: bytes
    complete: bool
    tls: TlsFacts | None
    attempt: Attempt


class ScriptedServer:
    """A mail server at one address.  `changed` is notified after everything worth waiting for."""

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
    ) -> None:
        self.host_name = host_name
        self.address = address
        self.port = port
        self.ssl_context = ssl_context
        self.faults = faults
        self.recorder = recorder
        self.hop = hop
        self.attempts: list[Attempt] = []
        self.deliveries: list[Delivery] = []
        self._changed = changed
        self._server: asyncio.Server | None = None
        self._sessions: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Listens, unless the fault is that nobody does.  With port 0 the kernel chooses one."""
        if not self.faults.listening:
            return
        self._server = await asyncio.start_server(self._accept, self.address, self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Closes the listener and every session."""
        if self._server is not None:
            self._server.close()
        for task in list(self._sessions):
            task.cancel()
        await asyncio.gather(*self._sessions, return_exceptions=True)

    async def tell(self) -> None:
        """Wakes whoever waits for a change."""
        async with self._changed:
            self._changed.notify_all()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self.attempts) >= MAX_CONNECTIONS:
            writer.close()
            return
        task = asyncio.current_task()
        assert task is not None
        self._sessions.add(task)
        track = self.recorder.open(self.hop, self.host_name, f"{self.address}:{self.port}")
        wire = Wire(reader, writer, track, us=Party.PEER, them=Party.TARGET)
        attempt = Attempt()
        self.attempts.append(attempt)
        track.add(Party.TARGET, Kind.OPEN, "connected")
        try:
            await _Session(self, wire, attempt).run()
        except EOFError:
            attempt.ending = "connection closed without QUIT"
            track.add(Party.TARGET, Kind.CLOSE, attempt.ending)
        except HandshakeFailed as problem:
            attempt.ending = str(problem)
        except PeerProblem as problem:
            attempt.hung_up = True
            attempt.ending = f"given up: {problem}"
            track.add(Party.LAB, Kind.NOTE, attempt.ending)
        except OSError as problem:
            attempt.ending = f"connection broke: {problem.strerror or problem}"
            track.add(Party.LAB, Kind.NOTE, attempt.ending)
        finally:
            attempt.ended = True
            self._sessions.discard(task)
            writer.close() if attempt.handshake is False else await wire.close()
            await self.tell()


class _Session:
    """The conversation on one connection."""

    def __init__(self, server: ScriptedServer, wire: Wire, attempt: Attempt) -> None:
        self._server = server
        self._faults = server.faults
        self._wire = wire
        self._attempt = attempt
        self._reset()

    def _reset(self) -> None:
        self._reverse_path: str | None = None
        self._parameters: Parameters = ()
        self._recipients: list[str] = []

    async def run(self) -> None:
        """From the greeting to the end."""
        await self._server.tell()
        if not await self._answer(self._faults.greeting, 220, f"{self._server.host_name} ESMTP"):
            self._hang_up("greeting refused")
            return
        for _ in range(MAX_COMMANDS):
            line = await self._wire.read_line()
            if await self._command(line) is False:
                return
        raise PeerProblem(f"more than {MAX_COMMANDS} commands")

    def _hang_up(self, why: str) -> None:
        self._attempt.hung_up = True
        self._attempt.ending = why

    async def _answer(self, instead: Answer | None, code: int, text: str) -> bool:
        """Gives the normal reply, or the fault's; whether it was a positive one."""
        reply = instead or Answer(code, text)
        await self._wire.write_line(f"{reply.code} {reply.text}")
        return reply.code < 400

    async def _command(self, line: bytes) -> bool:
        """Serves one command; False when the session is over."""
        text = line.decode("utf-8", errors="replace")
        verb = text.split(" ", 1)[0].upper()
        match verb:
            case "EHLO" | "LHLO" | "HELO":
                await self._hello(verb)
            case "STARTTLS":
                return await self._starttls()
            case "MAIL":
                await self._mail(text)
            case "RCPT":
                await self._rcpt(text)
            case "DATA":
                await self._data()
            case "RSET":
                self._reset()
                await self._wire.write_line("250 2.0.0 Reset")
            case "NOOP":
                await self._wire.write_line("250 2.0.0 Nothing done")
            case "QUIT":
                self._attempt.quit = True
                self._attempt.ending = "QUIT"
                await self._wire.write_line("221 2.0.0 Goodbye")
                return False
            case _:
                await self._wire.write_line("502 5.5.1 Not known here")
        return True

    async def _hello(self, verb: str) -> None:
        self._reset()
        if verb == "HELO":
            await self._wire.write_line(f"250 {self._server.host_name}")
            return
        listed = [self._server.host_name, *EXTENSIONS, *self._starttls_line()]
        if self._lists_requiretls():
            listed.append("REQUIRETLS")
        self._attempt.ehlo_lines = listed
        lines = [f"250-{x}" for x in listed[:-1]] + [f"250 {listed[-1]}"]
        await self._wire.write_lines(lines)

    def _starttls_line(self) -> list[str]:
        if self._wire.facts is not None or self._faults.starttls is Starttls.ABSENT:
            return []
        return ["XXXXXXXX" if self._faults.starttls is Starttls.STRUCK else "STARTTLS"]

    def _lists_requiretls(self) -> bool:
        inside = self._wire.facts is not None
        return {
            Requiretls.IN_TLS: inside,
            Requiretls.NEVER: False,
            Requiretls.ONLY_IN_PLAINTEXT: not inside,
            Requiretls.ALWAYS: True,
        }[self._faults.requiretls]

    async def _starttls(self) -> bool:
        match self._faults.starttls:
            case Starttls.ABSENT | Starttls.STRUCK:
                await self._wire.write_line("502 5.5.1 Not known here")
            case Starttls.REFUSED_TEMPORARILY:
                await self._wire.write_line("454 4.7.0 TLS not available for now")
            case Starttls.REFUSED_PERMANENTLY:
                await self._wire.write_line("554 5.7.0 TLS not available")
            case Starttls.GARBLED | Starttls.CLOSED | Starttls.HANDSHAKE_ALERT:
                return await self._sabotage()
            case Starttls.INJECTING:
                await self._wire.write_lines(
                    ["220 2.0.0 Go ahead", f"250-{self._server.host_name}", "250 REQUIRETLS"]
                )
                await self._handshake()
            case Starttls.OFFERED:
                await self._wire.write_line("220 2.0.0 Go ahead")
                await self._handshake()
        return True

    async def _handshake(self) -> None:
        self._attempt.handshake = False
        self._attempt.tls = await self._wire.start_tls_server(self._server.ssl_context)
        self._attempt.handshake = True
        self._reset()

    async def _sabotage(self) -> bool:
        """220, and then no TLS."""
        self._attempt.handshake = False
        await self._wire.write_line("220 2.0.0 Go ahead")
        if self._faults.starttls is Starttls.GARBLED:
            await self._wire.write_raw(GARBAGE)
        elif self._faults.starttls is Starttls.HANDSHAKE_ALERT:
            await self._wire.write_raw(FATAL_HANDSHAKE_FAILURE)
        self._hang_up(f"handshake sabotaged: {self._faults.starttls}")
        return False

    async def _mail(self, text: str) -> None:
        path, self._parameters = parse_path(text)
        self._attempt.mails.append(self._parameters)
        self._recipients = []
        instead = self._faults.mail
        if self._wire.facts is None and self._faults.mail_in_plaintext is not None:
            instead = self._faults.mail_in_plaintext
        taken = await self._answer(instead, 250, "2.1.0 Sender ok")
        self._reverse_path = path if taken else None

    async def _rcpt(self, text: str) -> None:
        if self._reverse_path is None:
            await self._wire.write_line("503 5.5.1 MAIL first")
        elif await self._answer(self._faults.rcpt, 250, "2.1.5 Recipient ok"):
            self._recipients.append(parse_path(text)[0])

    async def _data(self) -> None:
        if self._reverse_path is None or not self._recipients:
            await self._wire.write_line("503 5.5.1 MAIL and RCPT first")
            return
        if not await self._answer(self._faults.data, 354, "End with a dot"):
            return
        content, complete = await self._wire.read_message(MAX_MESSAGE)
        self._server.deliveries.append(
            Delivery(
                host_name=self._server.host_name,
                reverse_path=self._reverse_path,
                mail_parameters=self._parameters,
                recipients=tuple(self._recipients),
                content=content,
                complete=complete,
                tls=self._wire.facts,
                attempt=self._attempt,
            )
        )
        await self._server.tell()
        if not complete:
            raise EOFError("the connection ended in the middle of a message")
        await self._answer(self._faults.end_of_data, 250, "2.0.0 Taken")
        self._reset()


def parse_path(text: str) -> tuple[str, Parameters]:
    """The path of a MAIL or RCPT command, without its brackets, and the parameters."""
    _, _, rest = text.partition(":")
    rest = rest.strip()
    if rest.startswith("<") and ">" in rest:
        path, _, tail = rest[1:].partition(">")
    else:
        path, _, tail = rest.partition(" ")
    parameters = []
    for word in tail.split():
        keyword, equals, value = word.partition("=")
        parameters.append((keyword, value if equals else None))
    return path, tuple(parameters)
