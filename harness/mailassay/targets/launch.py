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
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from mailassay.peers.transcript import printable
from mailassay.targets.model import Reach, Target, fill

VERSION_DEADLINE = 20.0
MAX_OUTPUT = 2_000_000
MAX_VERSION = 200


class LaunchError(Exception):
    """The target did not come up; the text is one line, with its own last words."""


@dataclass(frozen=True)
class Launched:
    """A running target: the answer of its version command, and what it printed so far."""

    version: str
    _outputs: tuple[Path, ...]

    def output(self) -> dict[str, str]:
        """The ends of its logs, printable."""
        return {
            f.name: "".join(printable(line, 4000) + "\n" for line in _tail(f).splitlines())
            for f in self._outputs
            if f.is_file()
        }


@asynccontextmanager
async def running(
    target: Target, settings: Mapping[str, str], scratch: Path, archive: Path | None
) -> AsyncIterator[Launched]:
    """The target, up and greeting.  `settings` fill the placeholders; `archive` is the root file
    system of a target that needs one."""
    place = _Place(target, settings, scratch, archive)
    try:
        place.prepare()
        version = _version(place)
        output = scratch / "target.output"
        with output.open("wb") as sink:
            process = subprocess.Popen(
                place.command(target.command),
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=sink,
                cwd=place.folder,
                start_new_session=True,
            )
        try:
            await _until_greeting(target, process, settings, output)
            yield Launched(version, (output, *place.logs()))
        finally:
            await _end(process)
    finally:
        place.clear()


class _Place:
    """Where a target lives: a folder, and for some a root file system around it."""

    def __init__(
        self, target: Target, settings: Mapping[str, str], scratch: Path, archive: Path | None
    ) -> None:
        self._target = target
        self._scratch = scratch
        self._archive = archive
        self.folder = scratch / "target"
        self._root = scratch / "rootfs" if target.reach is Reach.ROOTFS else Path("/")
        self._settings = {**settings, "dir": str(self.folder)}
        self._mounted: list[Path] = []

    def prepare(self) -> None:
        """Makes the folder, unpacks and mounts what is needed, writes the files."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        if self._target.reach is Reach.ROOTFS:
            self._unpack()
        for name, template in self._target.files.items():
            inside = self._root if name.startswith("/") else self.folder
            file = inside / name.lstrip("/")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(fill(template, self._settings), encoding="utf-8")

    def _unpack(self) -> None:
        assert self._archive is not None, "a target with a root file system needs its archive"
        shutil.rmtree(self._root, ignore_errors=True)
        self._root.mkdir()
        subprocess.run(
            ["tar", "--extract", "--zstd", "--file", str(self._archive), "-C", str(self._root)]
            + ["--numeric-owner", "--exclude=./dev/*"],
            check=True,
            capture_output=True,
        )
        for visible in (Path("/dev"), self._scratch / "lab", self.folder):
            self._bind(visible)
        # A link on the unpacked side could lead outside, so the file is made anew.
        resolv = self._root / "etc/resolv.conf"
        resolv.unlink(missing_ok=True)
        resolv.write_text(
            f"nameserver {self._settings['resolver']}\noptions trust-ad edns0\n", encoding="ascii"
        )
        (self._root / "etc/hosts").write_text("127.0.0.1 localhost\n", encoding="ascii")

    def _bind(self, visible: Path) -> None:
        there = self._root / str(visible).lstrip("/")
        there.mkdir(parents=True, exist_ok=True)
        subprocess.run(["mount", "--rbind", str(visible), str(there)], check=True)
        self._mounted.append(there)

    def command(self, template: tuple[str, ...]) -> list[str]:
        """The command line that runs the template where the target lives."""
        words = [fill(w, self._settings) for w in template]
        apart = ["unshare", "--pid", "--mount", "--fork", "--kill-child"]
        if self._target.reach is Reach.ROOTFS:
            (self._root / "proc").mkdir(exist_ok=True)
            return [*apart, f"--mount-proc={self._root / 'proc'}", "--", "chroot",
                    str(self._root), *words]
        return [*apart, "--mount-proc", "--", *words]

    def logs(self) -> tuple[Path, ...]:
        names = (fill(n, self._settings) for n in self._target.logs)
        return tuple(self._root / n.lstrip("/") for n in names)

    def clear(self) -> None:
        """Takes everything away again."""
        for mounted in reversed(self._mounted):
            subprocess.run(["umount", "--recursive", "--lazy", str(mounted)], check=False)
        if self._target.reach is Reach.ROOTFS:
            shutil.rmtree(self._root, ignore_errors=True)
        shutil.rmtree(self.folder, ignore_errors=True)


def _version(place: _Place) -> str:
    """What the target's version command says, in one bounded line."""
    try:
        done = subprocess.run(
            place.command(place._target.version_command),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=VERSION_DEADLINE,
        )
    except (OSError, subprocess.TimeoutExpired) as problem:
        raise LaunchError(f"{place._target.name}: the version command failed: {problem}") from None
    lines = done.stdout.splitlines()
    if done.returncode != 0 or not lines:
        said = printable(b" / ".join(lines[-3:]), MAX_VERSION)
        raise LaunchError(f"{place._target.name}: the version command failed: {said}")
    return printable(lines[0], MAX_VERSION)


async def _until_greeting(
    target: Target, process: subprocess.Popen[bytes], settings: Mapping[str, str], output: Path
) -> None:
    loop = asyncio.get_running_loop()
    deadline = loop.time() + target.greeting_seconds
    while loop.time() < deadline:
        if process.poll() is not None:
            said = _last_words(output)
            raise LaunchError(f"{target.name}: ended with {process.returncode}: {said}")
        if await _greets(settings["address"], int(settings["port"]), deadline - loop.time()):
            return
        # Nothing announces that a server listens, so it is asked again.
        await asyncio.sleep(0.02)
    raise LaunchError(
        f"{target.name}: no 220 within {target.greeting_seconds} s: {_last_words(output)}"
    )


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


async def _end(process: subprocess.Popen[bytes]) -> None:
    """Ends the process namespace; its first process takes all others along."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    await asyncio.to_thread(process.wait)


def _tail(file: Path) -> bytes:
    with file.open("rb") as stream:
        size = file.stat().st_size
        stream.seek(max(0, size - MAX_OUTPUT))
        return stream.read(MAX_OUTPUT)


def _last_words(output: Path) -> str:
    lines = _tail(output).splitlines()
    return printable(b" / ".join(lines[-3:]), 500) or "it said nothing"
