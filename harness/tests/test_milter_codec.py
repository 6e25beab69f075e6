"""Packets of the milter protocol: what was written is read, in any pieces; nothing else is."""

from __future__ import annotations

import random
import struct

import pytest

from mailassay.milter import codec
from mailassay.milter.codec import Packet, Splitter
from mailassay.milter.words import (
    Action,
    AddField,
    AddRecipient,
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
)

ROUNDS = 300


def written(said: Reply | Change) -> Packet:
    """As a milter writes it: the inverse of `codec.reply_or_change`, written apart from it."""
    match said:
        case Reply(answer, text):
            return Packet(answer.encode(), text + b"\0" if text else b"")
        case AddField(name, value):
            return Packet(b"h", name + b"\0" + value + b"\0")
        case InsertField(index, name, value):
            return Packet(b"i", struct.pack(">I", index) + name + b"\0" + value + b"\0")
        case ChangeField(index, name, value):
            return Packet(b"m", struct.pack(">I", index) + name + b"\0" + value + b"\0")
        case ReplaceBody(octets):
            return Packet(b"b", octets)
        case AddRecipient(address, None):
            return Packet(b"+", address + b"\0")
        case AddRecipient(address, parameters):
            return Packet(b"2", address + b"\0" + (parameters or b"") + b"\0")
        case DeleteRecipient(address):
            return Packet(b"-", address + b"\0")
        case ChangeSender(address, parameters):
            return Packet(b"e", address + b"\0" + parameters + b"\0")
        case Quarantine(reason):
            return Packet(b"q", reason + b"\0")
    raise AssertionError(said)


def any_text(source: random.Random, longest: int = 40) -> bytes:
    return bytes(source.randrange(1, 256) for _ in range(source.randrange(longest)))


def any_said(source: random.Random) -> Reply | Change:
    name = bytes(source.choice(b"ABCxyz-0!~") for _ in range(source.randrange(1, 20)))
    index = source.choice((0, 1, 2, 2**31, 2**32 - 1))
    answers = [Reply(a) for a in Answer if a is not Answer.REPLY]
    return source.choice((
        source.choice(answers),
        Reply(Answer.REPLY, b"%d %s" % (source.randrange(400, 600), any_text(source))),
        AddField(name, any_text(source)),
        InsertField(index, name, any_text(source)),
        ChangeField(index, name, any_text(source)),
        ReplaceBody(source.randbytes(source.randrange(200))),
        AddRecipient(any_text(source)),
        AddRecipient(any_text(source), any_text(source)),
        DeleteRecipient(any_text(source)),
        ChangeSender(any_text(source), any_text(source)),
        Quarantine(any_text(source)),
    ))


def test_what_a_milter_writes_is_read_in_any_pieces() -> None:
    source = random.Random(4902)
    for _ in range(ROUNDS):
        said = [any_said(source) for _ in range(source.randrange(1, 6))]
        packets = [written(s) for s in said]
        stream = b"".join(codec.packed(p.kind.decode(), p.data) for p in packets)
        splitter, read = Splitter(10_000), []
        while stream:
            cut = source.randrange(1, len(stream) + 1)
            read += splitter.feed(stream[:cut])
            stream = stream[cut:]
        assert read == packets and splitter.kept == 0
        assert [codec.reply_or_change(p) for p in read] == said


def test_no_octets_of_a_milter_do_anything_but_parse_or_be_a_fault() -> None:
    source = random.Random(2279)
    for _ in range(10 * ROUNDS):
        packet = written(any_said(source))
        data = bytearray(packet.data)
        for _ in range(source.randrange(3)):
            if data:
                data[source.randrange(len(data))] = source.choice((0, 10, 13, 32, 58, 255))
        mutated = Packet(source.choice((packet.kind, source.randbytes(1))), bytes(data))
        try:
            codec.reply_or_change(mutated)
        except MilterFault as fault:
            assert fault.misdeed is Misdeed.MALFORMED and str(fault).isprintable()
        try:
            codec.terms(Packet(b"O", source.randbytes(source.randrange(40))))
        except MilterFault as fault:
            assert fault.misdeed is Misdeed.MALFORMED


@pytest.mark.parametrize("length", [0, 10_001, 2**30, 2**32 - 1])
def test_a_bad_length_is_refused_before_what_follows_it(length: int) -> None:
    splitter = Splitter(10_000)
    with pytest.raises(MilterFault) as fault:
        splitter.feed(struct.pack(">I", length))
    assert fault.value.misdeed is (Misdeed.TOO_MUCH if length else Misdeed.MALFORMED)


@pytest.mark.parametrize(
    "packet",
    [
        Packet(b"z"),
        Packet(b"h", b"Name\0value"),  # no NUL behind it
        Packet(b"h", b"Name\0value\0more\0"),
        Packet(b"h", b"\0value\0"),
        Packet(b"h", b"Na:me\0value\0"),
        Packet(b"h", b"Name\r\nX\0value\0"),
        Packet(b"i", b"\0\0\0"),
        Packet(b"y", b"250 2.0.0 all is well\0"),
        Packet(b"y", b"55\0"),
        Packet(b"y", b"550x\0"),
        Packet(b"y", b"550 no end"),
        Packet(b"+", b""),
        Packet(b"e", b"a\0b\0c\0"),
    ],
    ids=lambda p: repr(p.kind + p.data),
)
def test_what_is_no_reply_is_a_fault(packet: Packet) -> None:
    with pytest.raises(MilterFault) as fault:
        codec.reply_or_change(packet)
    assert fault.value.misdeed is Misdeed.MALFORMED


def test_commands_as_libmilter_reads_them() -> None:
    assert codec.negotiate(Offer(6, Action(0x1FF), Step(0x1FFFFF))) == (
        b"\0\0\0\x0dO\0\0\0\x06\0\0\x01\xff\0\x1f\xff\xff"
    )
    assert codec.connect(b"h", "192.0.2.1", 25) == b"\0\0\0\x10Ch\x004\0\x19192.0.2.1\0"
    assert codec.connect(b"h", "2001:db8::1", 25)[7:8] == b"6"
    assert codec.connect(b"h", "", 0) == b"\0\0\0\x04Ch\0U"
    assert codec.macros(Command.MAIL, {b"i": b"Q", b"{x}": b""}) == b"\0\0\0\x0bDMi\0Q\0{x}\0\0"
    assert codec.packed(Command.BODY, b"a\0b") == b"\0\0\0\x04Ba\0b"
    with pytest.raises(ValueError):
        codec.texts((b"a\0b",))


def test_macros_that_a_milter_chooses() -> None:
    head = struct.pack(">III", 6, 0x111, 0)
    lists = b"\0\0\0\x02i {auth_type}\0" + b"\0\0\0\x05\0"
    terms = codec.terms(Packet(b"O", head + lists))
    assert terms.macros == {
        MacroStage.MAIL: (b"i", b"{auth_type}"), MacroStage.END_OF_MESSAGE: ()
    }
    for bad in (b"\0\0\0\x09i\0", b"\0\0\0\x02i", b"\0"):
        with pytest.raises(MilterFault):
            codec.terms(Packet(b"O", head + bad))
