"""A target that is driven by lines of JSON: the shim protocol of interop/shims/README.md.

One request at a time, so that a crash or a silence has one cause.  What goes wrong is an exception
of its own kind, and the next request finds the program started again.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import subprocess
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mailassay.peers.transcript import printable
from mailassay.targets.launch import LaunchError, Place, version_of
from mailassay.targets.model import Target

MAX_LINE = 64 * 1024 * 1024
MAX_LAST_WORDS = 500
MAX_ERRORS = 1_000_000
# Seconds for one answer.
ANSWER_DEADLINE = 20.0
# A program that keeps dying is not started forever.
MAX_STARTS = 200


class ShimCrash(Exception):
    """The program ended instead of answering."""


class ShimHang(Exception):
    """It did not answer in time."""


class ShimNonsense(Exception):
    """It said something that is no answer."""


class ShimFault(Exception):
    """It says that it could not carry the request out, through no fault of the message."""


class ShimUnimplemented(Exception):
    """It does not know the operation; with a text, not for this message, and why."""


@dataclass(frozen=True)
class ShimInfo:
    """What it says of itself."""

    name: str
    version: str
    operations: tuple[str, ...]


class Shim:
    """A program that answers requests, started when it is first asked."""

    def __init__(self, place: Place) -> None:
        self.version = ""
        self._place = place
        self._process: Process | None = None
        self._listening: asyncio.Task[None] | None = None
        self._errors = bytearray()
        self._said = 0  # octets on standard error
        self._lock = asyncio.Lock()
        self._count = 0
        self._starts = 0

    async def ask(
        self,
        operation: str,
        request: Mapping[str, Any],
        seconds: float = ANSWER_DEADLINE,
        heard: bytearray | None = None,
    ) -> dict[str, Any]:
        """The result of one operation; to `heard` is added what it said on standard error
        meanwhile, the last megabyte of it.  Raises one of the exceptions above."""
        async with self._lock:
            before = self._said
            result = await self._ask(operation, request, seconds)
            if heard is not None:
                # What it wrote before its answer to this is read by the time that the answer is.
                await self._ask("info", {}, seconds)
                await asyncio.sleep(0)
                heard += self._errors[max(0, len(self._errors) - (self._said - before)):]
            return result

    async def _ask(
        self, operation: str, request: Mapping[str, Any], seconds: float
    ) -> dict[str, Any]:
        self._count += 1
        name = str(self._count)
        line = json.dumps({"id": name, "op": operation, **request}) + "\n"
        process = await self._running()
        try:
            async with asyncio.timeout(seconds):
                said = await self._exchange(process, line.encode())
        except TimeoutError:
            await self.stop()
            raise ShimHang(f"no answer to '{operation}' within {seconds:.0f} s") from None
        return await self._understood(said, name)

    async def _exchange(self, process: Process, line: bytes) -> bytes:
        assert process.stdin is not None and process.stdout is not None
        with contextlib.suppress(ConnectionError):
            process.stdin.write(line)
            await process.stdin.drain()
        try:
            return await process.stdout.readuntil(b"\n")
        except asyncio.IncompleteReadError:
            code = await process.wait()
            words = await self._last_words()
            await self.stop()
            how = f"signal {-code}" if code < 0 else f"code {code}"
            raise ShimCrash(f"it ended with {how} while it was asked: {words}") from None
        except asyncio.LimitOverrunError:
            await self.stop()
            raise ShimNonsense(f"a line of more than {MAX_LINE} octets") from None

    async def _understood(self, said: bytes, name: str) -> dict[str, Any]:
        """The result in the answer.  After nonsense nothing says which answer is whose."""
        try:
            answer = json.loads(said)
            if not isinstance(answer, dict) or answer.get("id") != name:
                raise ValueError("it is no answer to the request")
        except (ValueError, RecursionError) as problem:
            await self.stop()
            raise ShimNonsense(f"{problem}: {printable(said.rstrip(), 200)}") from None
        if answer.get("unimplemented") is True:
            raise ShimUnimplemented(printable(str(answer.get("reason", "")).encode(), 300))
        if isinstance(answer.get("error"), str):
            raise ShimFault(printable(answer["error"].encode(), MAX_LAST_WORDS))
        if not isinstance(answer.get("result"), dict):
            raise ShimNonsense(f"no result: {printable(said.rstrip(), 200)}")
        result: dict[str, Any] = answer["result"]
        return result

    async def _running(self) -> Process:
        if self._process is not None and self._process.returncode is None:
            return self._process
        await self.stop()
        self._starts += 1
        if self._starts > MAX_STARTS:
            raise ShimCrash(f"it ended {MAX_STARTS} times; it is not started again")
        self._process = await asyncio.create_subprocess_exec(
            *self._place.command(self._place.target.command, {}),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=self._place.folder,
            start_new_session=True,
            limit=MAX_LINE,
        )
        assert self._process.stderr is not None
        self._listening = asyncio.create_task(self._listen(self._process.stderr))
        return self._process

    async def _listen(self, stream: asyncio.StreamReader) -> None:
        """Keeps the last of what it says on standard error."""
        while octets := await stream.read(65_536):
            self._errors += octets
            self._said += len(octets)
            del self._errors[:-MAX_ERRORS]

    async def _last_words(self) -> str:
        if self._listening is not None:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(2.0):
                    await asyncio.shield(self._listening)
        lines = bytes(self._errors[-MAX_LAST_WORDS:]).splitlines()
        return printable(b" / ".join(lines[-3:]), MAX_LAST_WORDS) or "it said nothing"

    async def stop(self) -> None:
        """Ends the program and all its children."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            await self._process.wait()
        if self._listening is not None:
            await self._listening
        self._process = None
        self._listening = None

    async def info(self, seconds: float) -> ShimInfo:
        """Raises `LaunchError` when it can't even say what it is."""
        name = self._place.target.name
        try:
            told = await self.ask("info", {}, seconds)
            operations = told["operations"]
            if not isinstance(operations, list):
                raise ShimNonsense("operations is not a list")
            return ShimInfo(
                str(told["name"])[:200], str(told["version"])[:200], tuple(map(str, operations))
            )
        except (KeyError, ShimCrash, ShimHang, ShimNonsense, ShimFault) as problem:
            raise LaunchError(f"{name}: no answer to 'info': {problem}") from None
        except ShimUnimplemented:
            raise LaunchError(f"{name}: it does not implement 'info'") from None


@asynccontextmanager
async def running_shim(
    target: Target, settings: Mapping[str, str], scratch: Path
) -> AsyncIterator[Shim]:
    """The target's shim, which has said what it is; it ends with the context."""
    place = Place(target, settings, scratch, None)
    try:
        place.prepare()
        shim = Shim(place)
        try:
            shim.version = await version_of(place)
            await shim.info(target.greeting_seconds)
            yield shim
        finally:
            await shim.stop()
    finally:
        place.clear()
