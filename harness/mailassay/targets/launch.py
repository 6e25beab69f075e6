"""Starts a target inside the lab, waits until it greets, and ends it.

Each target runs in a process namespace of its own, so ending it ends all that it started.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from mailassay.lab.namespace import mount_scratch
from mailassay.milter.client import open_connection
from mailassay.milter.words import MilterFault, Misdeed
from mailassay.peers.transcript import printable
from mailassay.targets.model import Reach, Target, fill
from mailassay.targets.npm import MODULES, folder_for

VERSION_DEADLINE = 20.0
ENDING_DEADLINE = 2.0
MAX_OUTPUT = 2_000_000
MAX_LINE = 4_000
MAX_LAST_WORDS = 500
NOTHING = "it said nothing"
MAX_VERSION = 200
DEVICES = ("null", "zero", "full", "random", "urandom", "tty")
DEVICE_LINKS = {
    "fd": "/proc/self/fd",
    "stdin": "/proc/self/fd/0",
    "stdout": "/proc/self/fd/1",
    "stderr": "/proc/self/fd/2",
}


class LaunchError(Exception):
    """The target did not come up; the text is one line, with its own last words."""


class _Said:
    """What a program printed, the last of it, while it is read."""

    def __init__(self) -> None:
        self._kept = bytearray()
        self._all_read = asyncio.Event()

    async def listen(self, stream: asyncio.StreamReader) -> None:
        """Reads to the end."""
        while octets := await stream.read(65_536):
            self._kept += octets
            if len(self._kept) > 2 * MAX_OUTPUT:
                del self._kept[:-MAX_OUTPUT]
        self._all_read.set()

    async def to_the_end(self) -> None:
        """Waits until all is read that a program which has ended left behind."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(ENDING_DEADLINE):
                await self._all_read.wait()

    @property
    def octets(self) -> bytes:
        return bytes(self._kept[-MAX_OUTPUT:])

    def last_words(self) -> str:
        """The last lines, on one line."""
        lines = self.octets[-MAX_LAST_WORDS:].splitlines()
        return printable(b" / ".join(lines[-3:])[-MAX_LAST_WORDS:], MAX_LAST_WORDS) or NOTHING


@dataclass(frozen=True)
class Ended:
    """How a command of the target's ended; `code` is None when it did not by itself."""

    code: int | None
    said: str


class Launched:
    """A running target: the answer of its version command, and what it printed so far."""

    def __init__(self, place: Place, settings: Mapping[str, str], version: str) -> None:
        self.version = version
        self._place = place
        self._settings = settings
        self._stack = AsyncExitStack()
        self._running: tuple[Process, _Said] | None = None
        self._said_before = b""

    async def start(self) -> None:
        """Starts the program, if it is a server, and waits until it greets.  Raises
        `LaunchError`."""
        target = self._place.target
        if not target.command:
            return
        process, said = await self._stack.enter_async_context(
            _started(self._place, target.command)
        )
        self._running = (process, said)
        await _until_greeting(
            target, process, {**self._settings, "socket": self._place.socket}, said
        )

    @property
    def socket(self) -> str:
        """Where a milter listens."""
        return self._place.socket

    async def carry_out(
        self, command: tuple[str, ...], settings: Mapping[str, str], given: bytes, seconds: float
    ) -> Ended:
        """Runs a command where the target lives, with that on its standard input."""
        with tempfile.TemporaryFile() as source:
            source.write(given)
            source.seek(0)
            async with _started(self._place, command, settings, source) as (process, said):
                try:
                    async with asyncio.timeout(seconds):
                        code = await process.wait()
                except TimeoutError:
                    return Ended(None, said.last_words())
                await said.to_the_end()
                return Ended(code, said.last_words())

    async def kill(self) -> None:
        """Ends the program and all its children at once, by SIGKILL."""
        if self._running is not None:
            self._said_before += self._running[1].octets
        self._running = None
        await self._stack.aclose()

    async def restart(self) -> None:
        """Kills it and starts it again where it stood, with the files that it left behind."""
        await self.kill()
        await self.start()

    @property
    def alive(self) -> bool:
        """It runs, and has not ended by itself."""
        return self._running is not None and self._running[0].returncode is None

    async def ends_within(self, seconds: float) -> bool:
        """It has ended by itself, or does within that time."""
        if self._running is None:
            return True
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._running[0].wait()
        return not self.alive

    async def last_words(self) -> str | None:
        """If it has ended by itself: with what, and what it said last."""
        if self._running is None or self._running[0].returncode is None:
            return None
        process, said = self._running
        await said.to_the_end()
        return f"ended by itself with {process.returncode} before the run was over: " + (
            said.last_words()
        )

    def output(self) -> dict[str, str]:
        """The ends of its logs, printable, by file name; what it printed is `target.output`."""
        running = self._running[1].octets if self._running is not None else b""
        found = {"target.output": self._said_before + running}
        found |= {f.name: _tail(f) for f in self._place.logs() if f.is_file()}
        return {
            name: "".join(printable(line, MAX_LINE) + "\n" for line in octets.splitlines())
            for name, octets in found.items()
            if octets
        }


@asynccontextmanager
async def running(
    target: Target, settings: Mapping[str, str], scratch: Path, archive: Path | None
) -> AsyncIterator[Launched]:
    """The target, up and greeting.  `settings` fill the placeholders; `archive` is the root file
    system of a target that needs one."""
    place = Place(target, settings, scratch, archive)
    try:
        place.prepare()
        launched = Launched(place, settings, await version_of(place))
        try:
            await launched.start()
            yield launched
            if (told := await launched.last_words()) is not None:
                print(f"{target.name}: {told}", file=sys.stderr)
        finally:
            await launched.kill()
    finally:
        place.clear()


@asynccontextmanager
async def _started(
    place: Place,
    template: tuple[str, ...],
    settings: Mapping[str, str] | None = None,
    source: IO[bytes] | None = None,
) -> AsyncIterator[tuple[Process, _Said]]:
    """A command of the target's, in a process namespace that ends with the context."""
    process = await asyncio.create_subprocess_exec(
        *place.command(template, settings or {}),
        stdin=source or subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd=place.folder,
        start_new_session=True,
    )
    assert process.stdout is not None
    said = _Said()
    listening = asyncio.create_task(said.listen(process.stdout))
    try:
        yield process, said
    finally:
        # Its first process takes all others along.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
        await listening


class Place:
    """Where a target lives: a folder, and for some a root file system around it."""

    def __init__(
        self, target: Target, settings: Mapping[str, str], scratch: Path, archive: Path | None
    ) -> None:
        self.target = target
        self._scratch = scratch
        self._archive = archive
        self.folder = scratch / "target"
        self._root = scratch / "rootfs" if target.reach is Reach.ROOTFS else Path("/")
        self._settings = {**settings, "dir": str(self.folder)}
        self.socket = fill(target.socket, self._settings)
        if target.npm is not None:
            self._settings["npm"] = str(folder_for(target) / MODULES)
        self._mounted = False

    def prepare(self) -> None:
        """Makes the folder, unpacks and mounts what is needed, writes the files."""
        self.folder.mkdir(parents=True)
        if self.target.reach is Reach.ROOTFS:
            self._unpack()
        for name, template in self.target.files.items():
            inside = self._root if name.startswith("/") else self.folder
            file = inside / name.lstrip("/")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(fill(template, self._settings), encoding="utf-8")

    def _unpack(self) -> None:
        assert self._archive is not None, "a target with a root file system needs its archive"
        self._root.mkdir(exist_ok=True)
        # A mount of its own: taken away in one piece, so nothing that is mounted below can be
        # deleted by mistake.
        _run(*mount_scratch(self._root))
        self._mounted = True
        _run(
            "tar", "--extract", "--zstd", "--file", str(self._archive), "-C", str(self._root),
            "--numeric-owner", "--exclude=./dev/*",
        )
        self._make_devices()
        for visible in (self._scratch / "lab", self.folder):
            there = self._root / str(visible).lstrip("/")
            there.mkdir(parents=True, exist_ok=True)
            _run("mount", "--bind", str(visible), str(there))
        # A link on the unpacked side could lead outside, so the file is made anew.
        resolv = self._root / "etc/resolv.conf"
        resolv.unlink(missing_ok=True)
        resolv.write_text(
            f"nameserver {self._settings['resolver']}\noptions trust-ad edns0\n", encoding="ascii"
        )
        (self._root / "etc/hosts").write_text("127.0.0.1 localhost\n", encoding="ascii")

    def _make_devices(self) -> None:
        """The few devices that a server needs, the machine's own: a user namespace may not make
        any."""
        devices = self._root / "dev"
        for name in DEVICES:
            (devices / name).touch()
            _run("mount", "--bind", f"/dev/{name}", str(devices / name))
        for name, leads in DEVICE_LINKS.items():
            (devices / name).symlink_to(leads)
        (devices / "shm").mkdir(exist_ok=True)
        (devices / "shm").chmod(0o1777)

    def command(self, template: tuple[str, ...], more: Mapping[str, str]) -> list[str]:
        """The command line that runs the template where the target lives; `more` fills
        placeholders beside those of the lab."""
        words = [fill(w, {**self._settings, **more}) for w in template]
        apart = ["unshare", "--pid", "--mount", "--fork", "--kill-child"]
        if self.target.reach is Reach.ROOTFS:
            (self._root / "proc").mkdir(exist_ok=True)
            return [*apart, f"--mount-proc={self._root / 'proc'}", "--", "chroot",
                    str(self._root), *words]
        return [*apart, "--mount-proc", "--", *words]

    def logs(self) -> tuple[Path, ...]:
        names = (fill(n, self._settings) for n in self.target.logs)
        return tuple(self._root / n.lstrip("/") for n in names)

    def clear(self) -> None:
        """Takes everything away again."""
        if self._mounted:
            _run("umount", "--lazy", str(self._root))
            self._mounted = False
        shutil.rmtree(self.folder, ignore_errors=True)


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)


async def version_of(place: Place) -> str:
    """What the target's version command says, in one bounded line."""
    name = place.target.name
    try:
        async with _started(place, place.target.version_command) as (process, said):
            async with asyncio.timeout(VERSION_DEADLINE):
                code = await process.wait()
                await said.to_the_end()
    except TimeoutError:
        raise LaunchError(
            f"{name}: the version command did not end within {VERSION_DEADLINE:.0f} s"
        ) from None
    lines = said.octets.splitlines()
    if code != 0 or not lines:
        raise LaunchError(
            f"{name}: the version command failed with {code}: {said.last_words()}"
        )
    return printable(lines[0], MAX_VERSION)


async def _until_greeting(
    target: Target, process: Process, settings: Mapping[str, str], said: _Said
) -> None:
    loop = asyncio.get_running_loop()
    deadline = loop.time() + target.greeting_seconds
    while loop.time() < deadline:
        if process.returncode is not None:
            await said.to_the_end()
            raise LaunchError(
                f"{target.name}: ended with {process.returncode}: {said.last_words()}"
            )
        if await _comes_up(target, settings, deadline - loop.time()):
            return
        # Nothing announces that a server listens, so it is asked again.
        await asyncio.sleep(0.02)
    greeting = "answer to an offer" if target.reach is Reach.MILTER else "220"
    raise LaunchError(
        f"{target.name}: no {greeting} within {target.greeting_seconds} s: {said.last_words()}"
    )


async def _comes_up(target: Target, settings: Mapping[str, str], seconds: float) -> bool:
    if target.reach is Reach.MILTER:
        return await _negotiates(settings["socket"], seconds)
    return await _greets(settings["address"], int(settings["port"]), seconds)


async def _negotiates(socket: str, seconds: float) -> bool:
    """It takes a connection and answers the offer.  What it answers is for the cases to judge."""
    try:
        async with asyncio.timeout(seconds), open_connection(socket) as connection:
            await connection.negotiate()
            await connection.quit()
    except (OSError, TimeoutError):
        return False
    except MilterFault as fault:
        return fault.misdeed not in (Misdeed.CLOSED, Misdeed.HANG)
    return True


async def _greets(address: str, port: int, seconds: float) -> bool:
    try:
        async with asyncio.timeout(seconds):
            reader, writer = await asyncio.open_connection(address, port, limit=4096)
            try:
                greeting = await reader.readline()
                writer.write(b"QUIT\r\n")
                await writer.drain()
                return greeting.startswith(b"220")
            finally:
                writer.close()
    except (OSError, TimeoutError, ValueError):
        return False


def _tail(file: Path) -> bytes:
    with file.open("rb") as stream:
        size = file.stat().st_size
        stream.seek(max(0, size - MAX_OUTPUT))
        return stream.read(MAX_OUTPUT)
