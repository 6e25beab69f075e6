"""Packets of the milter protocol: octets to values and back, without any I/O.

A packet is a length in four octets, big-endian, that counts what follows; one octet that says
what it is; and its data.  Text ends in NUL.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from mailassay.milter.words import (
    AddField,
    AddRecipient,
    Action,
    Answer,
    Change,
    ChangeField,
    ChangeSender,
    Command,
    DeleteRecipient,
    InsertField,
    MacroStage,
    MilterFault,
    Misdeed,
    Offer,
    Quarantine,
    Reply,
    ReplaceBody,
    Step,
    Terms,
)
from mailassay.peers.transcript import printable

HEAD = 4
SMTP_REPLY = re.compile(rb"[45][0-9]{2}([ -]|$)")
SHOWN = 60  # octets of bad data that are told


@dataclass(frozen=True)
class Packet:
    """`kind` is one octet."""

    kind: bytes
    data: bytes = b""

    @property
    def told(self) -> str:
        """In a few printable words."""
        return f"'{printable(self.kind, 1)}' {printable(self.data, SHOWN)}".rstrip()


def packed(kind: str, data: bytes = b"") -> bytes:
    """The packet's octets."""
    return struct.pack(">I", len(data) + 1) + kind.encode("ascii") + data


class Splitter:
    """Cuts a stream into packets.  What is too long is refused by its length, before it is kept."""

    def __init__(self, longest: int) -> None:
        self._longest = longest
        self._kept = bytearray()

    @property
    def kept(self) -> int:
        """Octets of a packet that is not complete."""
        return len(self._kept)

    def feed(self, octets: bytes) -> list[Packet]:
        """The packets that are complete by now.  Raises `MilterFault`."""
        self._kept += octets
        found = []
        begin = 0
        while len(self._kept) - begin >= HEAD:
            length = int.from_bytes(self._kept[begin:begin + HEAD], "big")
            if length == 0:
                raise MilterFault(Misdeed.MALFORMED, "a packet of no octets")
            if length > self._longest:
                raise MilterFault(Misdeed.TOO_MUCH, f"a packet of {length} octets")
            end = begin + HEAD + length
            if len(self._kept) < end:
                break
            kind = begin + HEAD
            found.append(Packet(bytes(self._kept[kind:kind + 1]), bytes(self._kept[kind + 1:end])))
            begin = end
        del self._kept[:begin]
        return found


# -- what the MTA says ------------------------------------------------------------------------


def texts(values: Iterable[bytes]) -> bytes:
    """Each with the NUL behind it.  A NUL within would end it early, so none may be there."""
    listed = list(values)
    if any(b"\0" in v for v in listed):
        raise ValueError("text of the milter protocol can't hold NUL")
    return b"".join(v + b"\0" for v in listed)


def negotiate(offer: Offer) -> bytes:
    return packed(Command.NEGOTIATE, struct.pack(">III", offer.version, offer.actions, offer.steps))


def connect(host: bytes, address: str, port: int) -> bytes:
    """`address` is an IP address, or empty where it is not known."""
    if not address:
        return packed(Command.CONNECT, texts((host,)) + b"U")
    family = b"6" if ":" in address else b"4"
    told = texts((host,)) + family + struct.pack(">H", port) + texts((address.encode("ascii"),))
    return packed(Command.CONNECT, told)


def macros(command: Command, values: Mapping[bytes, bytes]) -> bytes:
    """Macros for the command that follows."""
    words = (word for pair in values.items() for word in pair)
    return packed(Command.MACROS, command.encode("ascii") + texts(words))


# -- what a milter says -----------------------------------------------------------------------


def terms(packet: Packet) -> Terms:
    """The answer to the offer.  Raises `MilterFault`."""
    if packet.kind != Command.NEGOTIATE.encode():
        raise MilterFault(Misdeed.OUT_OF_TURN, f"the offer was answered {packet.told}")
    if len(packet.data) < 12:
        raise _malformed(packet, "an answer to the offer has twelve octets")
    version, actions, steps = struct.unpack(">III", packet.data[:12])
    return Terms(version, Action(actions), Step(steps), _macro_lists(packet))


def _macro_lists(packet: Packet) -> dict[MacroStage, tuple[bytes, ...]]:
    lists: dict[MacroStage, tuple[bytes, ...]] = {}
    rest = packet.data[12:]
    while rest:
        names, end, after = rest[4:].partition(b"\0")
        stage = int.from_bytes(rest[:4], "big")
        if not end or stage not in set(MacroStage):
            raise _malformed(packet, "a list of macros is a known stage and a text")
        lists[MacroStage(stage)] = tuple(names.replace(b",", b" ").split())
        rest = after
    return lists


def reply_or_change(packet: Packet) -> Reply | Change:
    """What the milter says to a command.  Raises `MilterFault`."""
    kind = packet.kind.decode("ascii", "replace")
    if kind in CHANGES:
        return CHANGES[kind](packet)
    if kind not in set(Answer):
        raise MilterFault(Misdeed.MALFORMED, f"an answer of no known kind: {packet.told}")
    answer = Answer(kind)
    return Reply(answer, _smtp_reply(packet) if answer is Answer.REPLY else b"")


def _smtp_reply(packet: Packet) -> bytes:
    (text,) = _texts(packet, packet.data, 1)
    if not SMTP_REPLY.match(text):
        raise _malformed(packet, "an SMTP reply of a milter begins with 4yz or 5yz")
    return text


def _texts(packet: Packet, data: bytes, *counts: int) -> list[bytes]:
    """The NUL-ended texts that data consists of; one of `counts` of them has to be there."""
    parts = data.split(b"\0")
    if parts.pop() != b"" or len(parts) not in counts:
        wanted = " or ".join(map(str, counts))
        raise _malformed(packet, f"{wanted} NUL-ended texts should stand here")
    return parts


def _indexed(packet: Packet) -> tuple[int, bytes, bytes]:
    if len(packet.data) < 4:
        raise _malformed(packet, "an index has four octets")
    name, value = _field(packet, packet.data[4:])
    return int.from_bytes(packet.data[:4], "big"), name, value


def _field(packet: Packet, data: bytes) -> tuple[bytes, bytes]:
    name, value = _texts(packet, data, 2)
    if not name or any(octet <= 32 or octet >= 127 or octet == 58 for octet in name):
        raise _malformed(packet, "this is no name of a header field")
    return name, value


def _with_parameters(packet: Packet) -> tuple[bytes, bytes]:
    address, *parameters = _texts(packet, packet.data, 1, 2)
    return address, b"".join(parameters)


def _malformed(packet: Packet, why: str) -> MilterFault:
    return MilterFault(Misdeed.MALFORMED, f"{why}: {packet.told}")


CHANGES: Mapping[str, Callable[[Packet], Change]] = {
    "h": lambda p: AddField(*_field(p, p.data)),
    "i": lambda p: InsertField(*_indexed(p)),
    "m": lambda p: ChangeField(*_indexed(p)),
    "b": lambda p: ReplaceBody(p.data),
    "+": lambda p: AddRecipient(*_texts(p, p.data, 1)),
    "2": lambda p: AddRecipient(*_with_parameters(p)),
    "-": lambda p: DeleteRecipient(*_texts(p, p.data, 1)),
    "e": lambda p: ChangeSender(*_with_parameters(p)),
    "q": lambda p: Quarantine(*_texts(p, p.data, 1)),
}
