"""`mailassay probe` and mail servers that want to hang it, flood it or paint on the terminal."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable

import jsonschema
import pytest

from mailassay import paths

Peer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
LIMIT = 3.0  # seconds, the probe's own
SCHEMA = json.loads((paths.ROOT / "vectors/schema/probe.schema.json").read_text(encoding="utf-8"))
PAINT = b"\x1b[2J\x1b]0;owned\x07\x9b31m\xe2\x80\xaeliam\r"


def says(*pieces: bytes) -> Peer:
    """Says one piece after each line of the client, the first at once; then nothing, for ever."""

    async def peer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await reader.readline()
        await reader.read()

    return peer


async def closes(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"220 " + PAINT)


async def floods(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"220 x\r\n")
    while True:
        writer.write(b"250-" + PAINT * 50 + b"\r\n")
        await writer.drain()


async def floods_one_line(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(b"220" + b"A" * 65536)
        await writer.drain()


GREETING = b"220 x\r\n"
STARTTLS = b"250-" + PAINT[:-1] + b"\r\n250 STARTTLS\r\n"
PEERS: dict[str, tuple[Peer, int]] = {
    "silent": (says(), 4),
    "closing": (closes, 1),
    "flooding": (floods, 1),
    "flooding one line": (floods_one_line, 1),
    "painting a refusal": (says(b"554 " + PAINT[:-1] + b"\r\n"), 1),
    "painting a delay": (says(b"421 " + PAINT[:-1] + b"\r\n"), 4),
    "painting capabilities": (says(GREETING, STARTTLS.replace(b"STARTTLS", b"SIZE")), 1),
    "painting at STARTTLS": (says(GREETING, STARTTLS, b"454 " + PAINT[:-1] + b"\r\n"), 1),
    "silent at STARTTLS": (says(GREETING, STARTTLS), 4),
    "silent in the handshake": (says(GREETING, STARTTLS, b"220 go\r\n"), 4),
    "binary": (says(bytes(range(256)) * 10), 1),
    "no SMTP": (says(b"HTTP/1.1 400 Bad Request\r\n\r\n"), 1),
    "garbled handshake": (says(GREETING, STARTTLS, b"220 go\r\n\x00" + PAINT), 4),
}


async def probe(peer: Peer, *more: str) -> tuple[int, str, str, float]:
    """Exit code, output, errors and seconds of a probe of that peer."""

    async def bounded(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await peer(reader, writer)
        except OSError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(bounded, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    begun = time.monotonic()
    try:
        process = await asyncio.create_subprocess_exec(
            str(paths.ROOT / "build" / "mailassay"), "probe", "[127.0.0.1]", "--port", str(port),
            "--timeout", str(LIMIT), *more,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )
        out, err = await asyncio.wait_for(process.communicate(), 60)
    finally:
        server.close()
    assert process.returncode is not None
    return process.returncode, out.decode("ascii"), err.decode(), time.monotonic() - begun


@pytest.mark.parametrize("name", PEERS)
def test_a_hostile_peer(name: str) -> None:
    peer, expected = PEERS[name]

    async def both() -> list[tuple[int, str, str, float]]:
        return await asyncio.gather(probe(peer), probe(peer, "--json"))

    text, as_json = asyncio.run(both())
    for code, out, err, seconds in (text, as_json):
        assert err == ""
        assert seconds < LIMIT + 10, "the limit, and what a crowded machine takes"
        assert code == expected, out
        assert len(out) < 20_000
        assert out.replace("\n", "").isprintable(), "a control character came through"
    told = json.loads(as_json[1])
    jsonschema.validate(told, SCHEMA)
    assert told["hosts"][0]["finding"] != "none"
