"""The moment at which the target is killed, and started again, under the cases that ask for it.

Those cases run after all others.  Each comes here when it has done what it wanted done before; when
all of them have, or are over already, the target is killed once for all.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable


class Crash:
    """`restart` kills the target and starts it again; `cases` are the names of those who ask."""

    def __init__(self, restart: Callable[[], Awaitable[None]], cases: Iterable[str]) -> None:
        self._restart = restart
        self._awaited = set(cases)
        self._wanted = False
        self._over = asyncio.Event()
        self._problem: Exception | None = None

    async def come(self, case: str) -> None:
        """The case is ready.  Returns when the target greets again; raises why it does not."""
        self._awaited.discard(case)
        self._wanted = True
        await self._crash_if_all_are_here()
        await self._over.wait()
        if self._problem is not None:
            raise self._problem

    async def leave(self, case: str) -> None:
        """The case is over, whether it came or not."""
        if case in self._awaited:
            self._awaited.discard(case)
            await self._crash_if_all_are_here()

    async def _crash_if_all_are_here(self) -> None:
        if self._awaited or not self._wanted or self._over.is_set():
            return
        try:
            await self._restart()
        except Exception as problem:  # it is told to everybody who waits
            self._problem = problem
        self._over.set()
