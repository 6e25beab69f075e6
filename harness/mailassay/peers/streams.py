"""Connections whose reader loses nothing to a reset.

asyncio's own reader throws away what it holds when the connection breaks.  A target that says QUIT
and closes over an unread reply resets the connection, and its QUIT would never be seen.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class PatientReader(asyncio.StreamReader):
    """A reader that gives out all that came, and only then the end; `broken` is what broke it."""

    broken: BaseException | None = None

    def set_exception(self, exc: BaseException) -> None:
        """Called by the transport when the connection broke."""
        self.broken = exc
        self.feed_eof()


async def start_server(serve: Serve, address: str, port: int) -> asyncio.Server:
    """As `asyncio.start_server`, with patient readers."""
    loop = asyncio.get_running_loop()

    def protocol() -> asyncio.StreamReaderProtocol:
        return asyncio.StreamReaderProtocol(PatientReader(), serve)

    return await loop.create_server(protocol, address, port)


async def open_connection(
    address: str, port: int
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """As `asyncio.open_connection`, with a patient reader."""
    loop = asyncio.get_running_loop()
    reader = PatientReader()
    protocol = asyncio.StreamReaderProtocol(reader)
    transport, _ = await loop.create_connection(lambda: protocol, address, port)
    return reader, asyncio.StreamWriter(transport, protocol, reader, loop)
