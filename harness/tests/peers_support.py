"""Scripted servers and hostile ones, on loopback ports that the kernel chooses."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from mailassay.lab.authority import CertificateStore, Issued
from mailassay.peers.smtp_client import Submission
from mailassay.peers.smtp_server import Attempt, Delivery, ScriptedServer
from mailassay.peers.tls import server_context
from mailassay.peers.transcript import Recorder
from mailassay.verdicts import Conversation, Kind, Party
from mailassay.world import Certificate, Faults, Service

HOST = "mx1.to.example"
LOOPBACK = "127.0.0.1"
PATIENCE = 20.0  # seconds; nothing but a failure, or a crowded machine, comes near it
MESSAGE = b"From: <a@from.example>\r\nSubject: test\r\n\r\n.one dot\r\n..two\r\nend\r\n"

T = TypeVar("T")


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """Runs it to its end; nothing here may take longer than that."""

    async def bounded() -> T:
        async with asyncio.timeout(3 * PATIENCE):
            result = await coroutine
        for _ in range(3):
            await asyncio.sleep(0)  # sockets that were told to close do so in the next rounds
        return result

    return asyncio.run(bounded())


def issue(folder: Path, kind: Certificate = Certificate.TRUSTED) -> Issued:
    """A certificate for `HOST`."""
    return CertificateStore(folder / "certificates").issue(HOST, kind)


@dataclass
class Stage:
    """A scripted server, listening, and what it recorded."""

    server: ScriptedServer
    recorder: Recorder
    changed: asyncio.Condition

    @property
    def attempts(self) -> list[Attempt]:
        return self.server.attempts

    @property
    def deliveries(self) -> list[Delivery]:
        return self.server.deliveries

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE):
            async with self.changed:
                await self.changed.wait_for(condition)

    async def ended(self, count: int = 1) -> Attempt:
        """The last connection, after that many have ended."""
        await self.until(lambda: sum(a.ended for a in self.attempts) == count)
        return self.attempts[-1]

    async def client(self) -> Submission:
        return await Submission.open(LOOPBACK, self.server.port, Recorder(), deadline=PATIENCE)

    async def raw(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection(LOOPBACK, self.server.port)

    async def exchange(self, octets: bytes) -> bytes:
        """Says these octets and nothing more; all that the server said."""
        reader, writer = await self.raw()
        writer.write(octets)
        writer.write_eof()
        try:
            async with asyncio.timeout(PATIENCE):
                return await reader.read()
        except ConnectionResetError:
            return b""
        finally:
            writer.close()


@asynccontextmanager
async def staged(
    folder: Path,
    faults: Faults = Faults(),
    certificate: Certificate = Certificate.TRUSTED,
    deadline: float = PATIENCE,
    service: Service = Service.RELAY,
) -> AsyncIterator[Stage]:
    issued = issue(folder, certificate)
    context = server_context(issued.chain_file, issued.key_file, faults.maximum_tls)
    recorder, changed = Recorder(), asyncio.Condition()
    server = ScriptedServer(
        HOST, LOOPBACK, 0, context, faults, recorder, "next hop", changed, deadline,
        service=service,
    )
    await server.start()
    try:
        yield Stage(server, recorder, changed)
    finally:
        await server.stop()


Script = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Hostile:
    """A server that follows a script of ours instead of any protocol."""

    port: int
    recorder: Recorder = field(default_factory=Recorder)

    async def client(self, deadline: float = PATIENCE) -> Submission:
        return await Submission.open(LOOPBACK, self.port, self.recorder, deadline=deadline)


@asynccontextmanager
async def hostile(script: Script) -> AsyncIterator[Hostile]:
    """Runs the script for each connection, and closes when it returns."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await script(reader, writer)
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, LOOPBACK, 0)
    async with server:
        yield Hostile(server.sockets[0].getsockname()[1])


def unused_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def told(conversation: Conversation, party: Party, kind: Kind) -> list[str]:
    """The texts of all entries of that party and kind."""
    return [e.text for e in conversation.entries if e.party is party and e.kind is kind]


def short(value: object) -> str:
    """An id for a parameter of any size."""
    return repr(value)[:24]


async def send(client: Submission, *parameters: str) -> None:
    """One message in a session that is ready for it."""
    replies = await client.transaction("a@from.example", parameters, ["b@to.example"], MESSAGE)
    assert replies.end_of_data is not None
