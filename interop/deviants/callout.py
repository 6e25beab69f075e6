"""A correct milter, and milters that are wrong in one way each: `callout.py NAME SOCKET`.

The protocol is written here once more, so that the harness's own milter client is not held against
itself.  A deviant is a class that overrides one method of `Sound` (or of its `Message`)."""

from __future__ import annotations

import asyncio
import json
import os
import re
import struct
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field

MAX_PACKET = 1_100_000
MAX_MESSAGE = 64_000_000
ADD_FIELDS, CHANGE_BODY, ADD_RECIPIENTS, CHANGE_FIELDS = 0x01, 0x02, 0x04, 0x10
LEADING_SPACE = 0x100000
WANTED = ADD_FIELDS | CHANGE_BODY | ADD_RECIPIENTS | CHANGE_FIELDS
HOST = b"mx.mailassay.invalid"
MARK = b"mailassay-mark-of-the-lab"
REFUSAL = b"550 5.7.1 Refused: it has the mark of the lab"
ANSWERED = b"CHMRTLNBEU"
UNANSWERED = b"ADK"


class Leave(Exception):
    """The connection is to be closed."""


def packet(kind: bytes, data: bytes = b"") -> bytes:
    """An answer or a change."""
    return struct.pack(">I", len(data) + 1) + kind + data


def strings(data: bytes, least: int = 1) -> list[bytes]:
    """The texts of a command, each of which ends with NUL."""
    if not data.endswith(b"\0"):
        raise Leave
    found = data[:-1].split(b"\0")
    if len(found) < least:
        raise Leave
    return found


@dataclass
class Message:
    """What was told of a message so far."""

    sender: bytes | None = None
    recipients: list[bytes] = field(default_factory=list)
    fields: list[tuple[bytes, bytes]] = field(default_factory=list)
    pieces: list[bytes] = field(default_factory=list)

    @property
    def body(self) -> bytes:
        return b"".join(self.pieces)

    def values(self, name: bytes) -> list[bytes]:
        return [v for n, v in self.fields if n.lower() == name]

    @property
    def author(self) -> bytes:
        found = re.search(rb"[\w.]+@[\w.-]+", b" ".join(self.values(b"from")))
        return found[0][:60] if found else b"nobody"

    @property
    def marked(self) -> bool:
        return MARK in self.body


class Sound:
    """One connection of a correct milter."""

    actions = 0
    steps = 0
    version = 0
    # Of all connections.
    connections = 0
    open_connections = 0

    def __init__(self) -> None:
        self.negotiated = False
        self.message = Message()
        self.carried = 0
        self.refused = 0

    # -- what a deviant may do otherwise ----------------------------------------------------

    def offered(self, version: int, actions: int, steps: int) -> tuple[int, int, int]:
        if version < 2:
            raise Leave
        return min(version, 6), actions & WANTED, steps & LEADING_SPACE

    def answer(self, command: bytes) -> list[bytes]:
        return [packet(b"c")]

    def refusal(self) -> list[bytes]:
        return [packet(b"y", REFUSAL + b"\0")]

    def refuses(self) -> bool:
        return self.message.marked

    def troubled(self) -> bool:
        """It has trouble of its own, and defers."""
        return False

    def note(self) -> bytes:
        """What it says of a message in its own field."""
        told = self.message
        return b"handled, %d octets in %d fields and a body of %d, from %s" % (
            sum(len(n) + len(v) for n, v in told.fields), len(told.fields), len(told.body),
            told.author,
        )

    def changes(self) -> Iterator[bytes]:
        yield from self.results()
        yield self.inserted(0, b"X-Callout", self.note())

    def results(self) -> Iterator[bytes]:
        own = [v.strip().startswith(HOST) for v in self.message.values(b"authentication-results")]
        # From below, so that the numbers of the others stay.
        for number in reversed(range(len(own))):
            if own[number]:
                yield self.changed(number + 1, b"Authentication-Results", b"")
        yield self.inserted(0, b"Authentication-Results", HOST + b"; none")

    def begin(self) -> None:
        """A new message: nothing of the one before is left."""
        self.message = Message()

    def abort(self) -> None:
        self.begin()

    def bad_length(self, length: int) -> None:
        raise Leave

    def unknown(self, command: bytes) -> None:
        raise Leave

    def out_of_order(self) -> None:
        """A message's part or end without its beginning."""
        raise Leave

    def unnegotiated(self) -> None:
        raise Leave

    def bad_text(self) -> None:
        raise Leave

    def cut_off(self, kept: int) -> None:
        """The connection ended, with octets of a packet that was not whole."""

    def connected(self) -> bool:
        """Whether the connection is served."""
        return True

    # -- the rest is mechanics --------------------------------------------------------------

    def inserted(self, index: int, name: bytes, value: bytes) -> bytes:
        value = b" " + value if self.steps & LEADING_SPACE else value
        return packet(b"i", struct.pack(">I", index) + name + b"\0" + value + b"\0")

    def changed(self, number: int, name: bytes, value: bytes) -> bytes:
        value = b" " + value if value and self.steps & LEADING_SPACE else value
        return packet(b"m", struct.pack(">I", number) + name + b"\0" + value + b"\0")

    def allowed(self, change: bytes) -> bool:
        needed = {b"i": ADD_FIELDS, b"m": CHANGE_FIELDS, b"b": CHANGE_BODY, b"+": ADD_RECIPIENTS}
        return bool(self.actions & needed[change[4:5]])

    def hear(self, command: bytes, data: bytes) -> list[bytes]:
        """The answers to a command.  Raises `Leave`."""
        if command == b"O":
            return self.negotiate(data)
        if command == b"Q":
            raise Leave
        if command not in ANSWERED + UNANSWERED:
            self.unknown(command)
        if not self.negotiated:
            self.unnegotiated()
        try:
            return self.part(command, data)
        except Leave:
            self.bad_text()
            raise

    def negotiate(self, data: bytes) -> list[bytes]:
        if len(data) < 12:
            raise Leave
        self.version, self.actions, self.steps = self.offered(*struct.unpack(">III", data[:12]))
        self.negotiated = True
        return [packet(b"O", struct.pack(">III", self.version, self.actions, self.steps))]

    def part(self, command: bytes, data: bytes) -> list[bytes]:
        told = self.message
        if command == b"D":
            if data[1:] and len(strings(data[1:])) % 2:
                raise Leave
            return []
        if command == b"A":
            self.abort()
            return []
        if command == b"K":
            return []
        if command == b"M":
            self.begin()
            self.message.sender = strings(data)[0]
        elif command in b"RLBE" and told.sender is None:
            self.out_of_order()
        elif command == b"R":
            told.recipients.append(strings(data)[0])
        elif command == b"L":
            name, value = strings(data, 2)[:2]
            told.fields.append((name, value))
        elif command == b"B":
            told.pieces.append(data)
            if sum(map(len, told.pieces)) > MAX_MESSAGE:
                raise Leave
        elif command in b"CH":
            strings(data) if command == b"H" else strings(data[:data.find(b"\0") + 1])
        if command == b"E":
            return self.end()
        return self.answer(command)

    def end(self) -> list[bytes]:
        self.carried += 1
        if self.troubled():
            answers = [packet(b"t")]
        elif self.refuses():
            self.refused += 1
            answers = self.refusal()
        else:
            answers = [c for c in self.changes() if self.allowed(c)] + [packet(b"c")]
        self.message = Message()
        return answers


async def serve(made: type[Sound], reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> (
    None
):
    """A connection, to its end."""
    Sound.connections += 1
    Sound.open_connections += 1
    session = made()
    kept = 0
    try:
        if not session.connected():
            await asyncio.Event().wait()
        while head := await reader.read(4):
            kept = len(head)
            if len(head) < 4:
                head += await reader.readexactly(4 - len(head))
            length = int.from_bytes(head, "big")
            if not 0 < length <= MAX_PACKET:
                session.bad_length(length)
            told = await reader.readexactly(length)
            kept = 0
            for answer in session.hear(told[:1], told[1:]):
                writer.write(answer)
                await writer.drain()
    except asyncio.IncompleteReadError as cut:
        session.cut_off(kept + len(cut.partial))
    except (Leave, ConnectionError):
        pass
    finally:
        Sound.open_connections -= 1
        writer.close()


def die() -> None:
    """As a program does that fails an assertion."""
    print("assertion failed", flush=True)
    os._exit(134)


async def main(name: str, socket: str) -> None:
    from callout_deviants import DEVIANTS

    made = {"sound-callout": Sound, **{n: d.made for n, d in DEVIANTS.items()}}[name]
    if os.path.exists(socket):
        os.unlink(socket)

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await serve(made, reader, writer)

    server = await asyncio.start_unix_server(connected, socket)
    await server.serve_forever()


def list_them() -> None:
    """A line of JSON for each, as `mailassay-deviant --list` has them."""
    from callout_deviants import DEVIANTS

    for name, deviant in DEVIANTS.items():
        told = {
            "name": name, "wrong": deviant.wrong, "requirement": deviant.requirement,
            "editions": ["rfc"], "base": "callout-service",
        }
        print(json.dumps(told))


if __name__ == "__main__":
    # The deviants derive from the classes of this very module.
    sys.modules["callout"] = sys.modules["__main__"]
    if sys.argv[1:] == ["--list"]:
        list_them()
    else:
        asyncio.run(main(*sys.argv[1:]))
