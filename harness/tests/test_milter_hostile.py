"""The milter client against milters that do anything but answer: each comes to a fault of its own
kind, soon, and nothing is left behind."""

from __future__ import annotations

import asyncio
import resource
import struct
from pathlib import Path

import pytest

from mailassay.milter import codec
from mailassay.milter.client import Fate, Outcome, open_connection
from mailassay.milter.words import Command, Limits, MilterFault, Misdeed, Offer, Step
from milter_support import OUTSIDE, Script, message, run, scripted

SOON = Limits(reply=0.3, message=5.0)


async def heard(reader: asyncio.StreamReader) -> bytes:
    """The next command of the MTA's; macros are passed over."""
    while True:
        length = int.from_bytes(await reader.readexactly(4), "big")
        packet = await reader.readexactly(length)
        if packet[:1] != b"D":
            return packet


def answering(
    at: bytes, octets: bytes, terms: tuple[int, int] = (0x1FF, 0), then_close: bool = False
) -> Script:
    """A milter that continues until the command `at`, says `octets` to it, and falls silent."""

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while packet := await heard(reader):
            if packet[:1] == at:
                writer.write(octets)
                await writer.drain()
                if then_close:
                    return
                await asyncio.Event().wait()
            if packet[:1] == b"O":
                writer.write(codec.packed("O", struct.pack(">III", 6, *terms)))
            elif packet[:1] not in b"AQ":
                writer.write(codec.packed("c"))

    return script


async def carried(socket: str, limits: Limits = SOON, body: bytes = b"") -> Outcome:
    mail = message()
    if body:
        mail = type(mail)(mail.sender, mail.recipients, mail.fields, body)
    async with open_connection(socket, Offer.best(6), limits) as connection:
        await connection.negotiate()
        await connection.greet(OUTSIDE)
        outcome = await connection.carry(mail)
        await connection.quit()
        return outcome


def fault_of(folder: Path, script: Script, limits: Limits = SOON) -> MilterFault:
    found: list[MilterFault] = []

    async def body() -> None:
        async with scripted(folder, script) as socket:
            with pytest.raises(MilterFault) as fault:
                await carried(socket, limits)
            found.append(fault.value)

    run(body())
    return found[0]


WITH_CHANGE = codec.packed("h", b"X\0y\0")


@pytest.mark.parametrize("at", [c.encode() for c in "OCHMRTLNBE"])
def test_silence_is_a_hang_and_an_end_is_a_close(tmp_path: Path, at: bytes) -> None:
    assert fault_of(tmp_path, answering(at, b"")).misdeed is Misdeed.HANG
    (tmp_path / "again").mkdir()
    closed = fault_of(tmp_path / "again", answering(at, b"", then_close=True))
    assert closed.misdeed is Misdeed.CLOSED


@pytest.mark.parametrize(
    ("at", "octets", "misdeed"),
    [
        (b"M", WITH_CHANGE, Misdeed.OUT_OF_TURN),
        (b"M", codec.packed("c") + codec.packed("c"), Misdeed.OUT_OF_TURN),
        (b"L", codec.packed("s"), Misdeed.OUT_OF_TURN),
        (b"E", codec.packed("a") + WITH_CHANGE, Misdeed.OUT_OF_TURN),
        (b"B", codec.packed("s"), Misdeed.NOT_NEGOTIATED),
        (b"O", codec.packed("O", struct.pack(">III", 6, 0x1FF, 1 << 25)), Misdeed.NOT_NEGOTIATED),
        (b"O", codec.packed("c"), Misdeed.OUT_OF_TURN),
        (b"E", codec.packed("Z"), Misdeed.MALFORMED),
        (b"E", b"\0\0\0\0", Misdeed.MALFORMED),
        (b"C", b"HTTP/1.1 400 Bad Request\r\n\r\n", Misdeed.TOO_MUCH),
        (b"E", struct.pack(">I", 2**30) + b"b", Misdeed.TOO_MUCH),
        (b"E", codec.packed("p") * 2_000, Misdeed.TOO_MUCH),
        (b"E", b"\0\0\0\x05y55", Misdeed.HANG),
    ],
)
def test_each_misdeed_has_its_name(
    tmp_path: Path, at: bytes, octets: bytes, misdeed: Misdeed
) -> None:
    assert fault_of(tmp_path, answering(at, octets)).misdeed is misdeed


def test_a_change_that_was_not_negotiated(tmp_path: Path) -> None:
    fault = fault_of(tmp_path, answering(b"E", WITH_CHANGE, terms=(0x10, 0)))
    assert fault.misdeed is Misdeed.NOT_NEGOTIATED


def test_a_gigabyte_is_cut_off_and_not_kept(tmp_path: Path) -> None:
    sent = 0

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        while packet := await heard(reader):
            if packet[:1] == b"O":
                writer.write(codec.packed("O", struct.pack(">III", 6, 0x1FF, 0)))
            elif packet[:1] != b"E":
                writer.write(codec.packed("c"))
            else:
                piece = codec.packed("b", b"x" * 65_000)
                while sent < 1_000_000_000:
                    writer.write(piece)
                    await writer.drain()
                    sent += len(piece)

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    fault = fault_of(tmp_path, script, Limits(octets=8_000_000))
    assert fault.misdeed is Misdeed.TOO_MUCH and sent < 20_000_000
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000


def test_patience_is_asked_for_only_so_long(tmp_path: Path) -> None:
    """Signs of life keep a message waiting, but not beyond its own limit."""

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while packet := await heard(reader):
            if packet[:1] == b"O":
                writer.write(codec.packed("O", struct.pack(">III", 6, 0x1FF, 0)))
            elif packet[:1] != b"E":
                writer.write(codec.packed("c"))
            else:
                while True:
                    writer.write(codec.packed("p"))
                    await writer.drain()
                    await asyncio.sleep(0.05)

    fault = fault_of(tmp_path, script, Limits(reply=0.3, message=1.0))
    assert fault.misdeed is Misdeed.HANG and "1 s" in fault.told


def test_one_that_does_not_read_is_a_hang(tmp_path: Path) -> None:
    """A body that goes nowhere: the milter wants no answers awaited, and reads nothing."""

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await heard(reader)
        writer.write(codec.packed("O", struct.pack(">III", 6, 0, int(Step.SILENT_BODY))))
        while (await heard(reader))[:1] != b"N":
            writer.write(codec.packed("c"))
        writer.write(codec.packed("c"))
        await asyncio.Event().wait()

    async def body() -> None:
        async with scripted(tmp_path, script) as socket:
            with pytest.raises(MilterFault) as fault:
                await carried(socket, body=b"x" * 20_000_000)
            assert fault.value.misdeed is Misdeed.HANG

    run(body())


def test_skip_ends_the_body_and_the_message_goes_on(tmp_path: Path) -> None:
    told: list[bytes] = []

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while packet := await heard(reader):
            told.append(packet[:1])
            if packet[:1] == b"O":
                steps = Step.SKIP | Step.SILENT_HEADER | Step.NO_HELO
                writer.write(codec.packed("O", struct.pack(">III", 6, 0, int(steps))))
            elif packet[:1] == b"B":
                writer.write(codec.packed("s"))
            elif packet[:1] not in b"LQ":
                writer.write(codec.packed("c"))
            elif packet[:1] == b"Q":
                return

    async def body() -> None:
        async with scripted(tmp_path, script) as socket:
            outcome = await carried(socket, body=b"x" * 200_000)
            assert outcome.fate is Fate.ACCEPTED and outcome.at is Command.END_OF_MESSAGE
        assert b"".join(told) == b"OCMRTLLLLLNBEQ"

    run(body())


def test_an_early_verdict_is_followed_by_abort_and_the_connection_is_used_again(
    tmp_path: Path,
) -> None:
    told: list[bytes] = []

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        verdicts = [b"550 5.7.1 no\0", b""]
        while packet := await heard(reader):
            told.append(packet[:1])
            if packet[:1] == b"O":
                writer.write(codec.packed("O", struct.pack(">III", 6, 0, 0)))
            elif packet[:1] == b"M" and (text := verdicts.pop(0)):
                writer.write(codec.packed("y", text))
            elif packet[:1] == b"Q":
                return
            elif packet[:1] != b"A":
                writer.write(codec.packed("c"))

    async def body() -> None:
        async with scripted(tmp_path, script) as socket:
            async with open_connection(socket, limits=SOON) as connection:
                await connection.negotiate()
                await connection.greet(OUTSIDE)
                first = await connection.carry(message())
                second = await connection.carry(message())
                await connection.quit()
        assert first.fate is Fate.REJECTED and first.reply.lines == (b"5.7.1 no",)
        assert second.fate is Fate.ACCEPTED
        assert b"".join(told) == b"OCHMAMRTLLLLLNBEQ"

    run(body())


def test_nobody_listening_is_no_fault_of_a_milter(tmp_path: Path) -> None:
    async def body() -> None:
        with pytest.raises(OSError):
            async with open_connection(f"unix:{tmp_path}/nobody"):
                pass
        with pytest.raises(ValueError):
            async with open_connection("tcp:1"):
                pass

    run(body())
