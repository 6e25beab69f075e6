"""`mailassay milter` in a role, and the MTA that asks it."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from support import ROOT

from mailassay.milter.client import Caller, Connection, Outcome, open_connection
from mailassay.milter.message import Field, Mail, mail
from mailassay.milter.words import Limits, Step

PROGRAM = ROOT / "build" / "mailassay"
PATIENCE = 30.0
# An OPES system of the tests.
URI = "https://opes.example/"
CALLOUT = ROOT / "interop" / "deviants" / "callout.py"
LARGE = Limits(octets=400_000_000, reply=PATIENCE)


class Milter:
    """A running `mailassay milter`."""

    def __init__(self, process: asyncio.subprocess.Process, socket: str, log: Path) -> None:
        self.process = process
        self.socket = socket
        self._log = log

    @property
    def log(self) -> bytes:
        return self._log.read_bytes()

    def messages(self) -> list[dict[str, str]]:
        """What the log says of each message."""
        events = [json.loads(line) for line in self.log.splitlines()]
        return [event for event in events if event["event"] == "message"]


@asynccontextmanager
async def milter(
    folder: Path, role: str, settings: str, most_data: int | None = None, socket: str = ""
) -> AsyncIterator[Milter]:
    """The program; `most_data` is what it may hold, in octets."""
    limit = ["prlimit", f"--data={most_data}"] if most_data is not None else []
    (folder / f"{role}.toml").write_text(settings)
    socket = socket or f"unix:{folder}/{role}.sock"
    with (folder / f"{role}.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *limit, PROGRAM, "milter", "--role", role, "--config", folder / f"{role}.toml",
            "--socket", socket, stdout=subprocess.PIPE, stderr=log,
        )
    try:
        assert process.stdout is not None
        async with asyncio.timeout(PATIENCE):
            assert await process.stdout.readline() == f"listening {socket}\n".encode()
        yield Milter(process, socket, folder / f"{role}.log")
    finally:
        # libmilter takes five seconds over SIGTERM.
        if process.returncode is None:
            process.kill()
        await process.wait()


@asynccontextmanager
async def callout(folder: Path, name: str = "sound-callout") -> AsyncIterator[str]:
    """A milter of interop/deviants; its socket."""
    path = folder / name
    process = await asyncio.create_subprocess_exec(sys.executable, CALLOUT, name, path)
    try:
        async with asyncio.timeout(PATIENCE):
            while not await listens(path):
                assert process.returncode is None
                # Nothing announces that it listens.
                await asyncio.sleep(0.01)
        yield f"unix:{path}"
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def listens(path: Path) -> bool:
    try:
        _, writer = await asyncio.open_unix_connection(str(path))
    except OSError:
        return False
    writer.close()
    return True


def service(name: str, socket: str, more: str = "") -> str:
    return f'[[service]]\nuri = "{URI}{name}"\nsocket = "{socket}"\n{more}\n'


def config(*services: str, more: str = "") -> str:
    agreed = '[[consent]]\nwho = ["*"]\nservices = ["*"]\n'
    return (
        f'uri = "{URI}"\npolicy = "{URI}policy"\nresponsible = "{URI}imprint"\n{more}\n'
        + agreed + "".join(services)
    )


@asynccontextmanager
async def session(socket: str, caller: Caller | None = None) -> AsyncIterator[Connection]:
    async with open_connection(socket, limits=LARGE) as connection:
        terms = await connection.negotiate()
        assert terms.steps & Step.LEADING_SPACE
        await connection.greet(caller or Caller())
        yield connection
        await connection.quit()


def letter(
    octets: bytes, recipients: tuple[bytes, ...] = (b"<bob@example.net>",)
) -> Mail:
    """With the field that every MTA writes on top and does not show."""
    own = Field(b"Received", b" from client.example by mx.mailassay.invalid; now")
    return replace(mail(octets, b"<alice@example.org>", recipients), trace=(own,))


async def carried(socket: str, octets: bytes, chunk: int = 65_535) -> Outcome:
    async with session(socket) as connection:
        return await connection.carry(letter(octets), chunk=chunk)
