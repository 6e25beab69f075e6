"""`mailassay milter --role opes` as an MTA meets it, with real milters as its services: opendkim,
and the correct milter of interop/deviants."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from milter_role_support import Milter, carried, milter
from milter_support import run

from mailassay import paths
from mailassay.milter.client import Fate, Outcome
from mailassay.milter_session import settings_for
from mailassay.targets.launch import running
from mailassay.targets.model import load
from mailassay.verdicts import Edition

SYSTEM = "https://opes.example/"
SIGNER, MARKER, HOSTILE = (f"{SYSTEM}{name}" for name in ("dkim", "marker", "hostile"))
PLAIN = (
    b"From: Ann <ann@signed.example>\r\nTo: Bob <bob@to.example>\r\nSubject: plain\r\n"
    b"Date: Thu, 01 Jan 2026 12:00:00 +0000\r\nMessage-ID: <plain@signed.example>\r\n\r\n"
    b"A body.\r\n"
)


def config(*services: tuple[str, str], more: str = "") -> str:
    told = [f'uri = "{SYSTEM}"', more]
    for uri, socket in services:
        told += ["[[service]]", f'uri = "{uri}"', f'socket = "{socket}"']
    return "\n".join(told)


@asynccontextmanager
async def real(name: Path, folder: Path) -> AsyncIterator[str]:
    """A milter of the target file, and its socket."""
    folder.mkdir()
    target = load(name)
    async with running(target, settings_for(Edition.RFC, folder), folder, None):
        yield target.socket.replace("${dir}", str(next(folder.glob("**/milter")).parent))


@asynccontextmanager
async def chain(folder: Path, more: str = "") -> AsyncIterator[Milter]:
    """opendkim and behind it the marker, called by the processor."""
    async with (
        real(paths.TARGETS / "opendkim.toml", folder / "first") as signer,
        real(paths.DEVIANTS / "callout-service.toml", folder / "second") as marker,
        milter(folder, "opes", config((SIGNER, signer), (MARKER, marker), more=more)) as processor,
    ):
        yield processor


def values(outcome: Outcome, name: str) -> list[str]:
    header = outcome.after.octets.partition(b"\r\n\r\n")[0].replace(b"\r\n ", b" ")
    fields = (line.partition(b":") for line in header.split(b"\r\n"))
    return [v.strip().decode() for n, _, v in fields if n.lower() == name.lower().encode()]


def test_two_services_leave_their_trace_in_order(tmp_path: Path) -> None:
    async def body() -> None:
        async with chain(tmp_path) as processor:
            came = await carried(processor.socket, PLAIN)
            assert came.fate is Fate.ACCEPTED, came.told
            assert values(came, "OPES-System") == [SYSTEM]
            assert values(came, "OPES-Via") == [f"{SIGNER}, {MARKER}"]
            # The second takes what the first wrote for forged: it has the name of its own host.
            assert values(came, "Authentication-Results") == ["mx.mailassay.invalid; none"]
            assert processor.messages()[0]["called"] == f"{SIGNER} {MARKER}"

    run(body())


def test_a_refusal_tells_why_and_where(tmp_path: Path) -> None:
    async def body() -> None:
        async with chain(tmp_path) as processor:
            refused = load(paths.TARGETS / "opendkim.toml").refused
            octets = refused.lstrip().replace("\n", "\r\n").encode()
            came = await carried(processor.socket, octets)
            assert came.fate is Fate.REJECTED, came.told
            assert b"bad DKIM signature data" in came.reply.text
            assert f"OPES-System: {SYSTEM}".encode() in came.reply.text

    run(body())


def test_who_may_ask_leaves_services_out(tmp_path: Path) -> None:
    async def body() -> None:
        async with chain(tmp_path, 'own_clients = ["192.0.2.1", "198.51.100.1"]') as processor:
            came = await carried(processor.socket, b"OPES-Bypass: *\r\n" + PLAIN)
            assert came.fate is Fate.ACCEPTED
            assert values(came, "OPES-System") == [SYSTEM] and not values(came, "OPES-Via")
            assert not values(came, "Authentication-Results")

    run(body())


async def says_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()


async def hangs_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.close()


async def talks_without_end(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    offer = (b"\0\0\0\x0dO\0\0\0\6\0\0\0\x7f\0\0\0\0")
    writer.write(offer)
    piece = b"\0\1\0\0b" + b"x" * 65_535
    while not writer.is_closing():
        writer.write(piece)
        await writer.drain()


async def asks_for_more(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"\0\0\0\x0dO\0\0\0\6\xff\xff\xff\xff\xff\xff\xff\xff")
    await reader.read()


Hostile = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@pytest.mark.parametrize("service", [says_nothing, hangs_up, talks_without_end, asks_for_more])
def test_a_hostile_service_holds_mail_back(tmp_path: Path, service: Hostile) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await service(reader, writer)
        except ConnectionError:
            pass
        finally:
            writer.close()

    async def body() -> None:
        path = tmp_path / "hostile"
        server = await asyncio.start_unix_server(serve, path)
        told = config((HOSTILE, f"unix:{path}"), more="timeout = 1")
        async with server, milter(tmp_path, "opes", told) as processor:
            came = await carried(processor.socket, PLAIN)
            assert came.fate is Fate.DEFERRED, came.told
            assert f"OPES-System: {SYSTEM}".encode() in came.reply.text

    run(body())
