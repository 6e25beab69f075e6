"""Callout services: an MTA that is none. What is said on one connection harms no other."""

from __future__ import annotations

import asyncio
import struct
from contextlib import AsyncExitStack

from mailassay.callout_mail import letter
from mailassay.cases.opes.callout import callout
from mailassay.milter import codec
from mailassay.milter.client import Connection, Outcome
from mailassay.milter.words import Answer, Command, Offer
from mailassay.milter_trial import OUTSIDE, MilterTrial, at_any_moment


def framed(content: bytes) -> bytes:
    """Command and data of a packet, whatever they are, with their length before them."""
    return struct.pack(">I", len(content)) + content


APART = "milter/4/4"
OFFER = codec.negotiate(Offer.best(6))
CONNECT = codec.connect(OUTSIDE.host, OUTSIDE.address, OUTSIDE.port)
HELO = codec.packed(Command.HELO, codec.texts((OUTSIDE.helo,)))
MAIL = codec.packed(Command.MAIL, codec.texts((b"<ann@from.example>",)))
RCPT = codec.packed(Command.RCPT, codec.texts((b"<bob@to.example>",)))
END = codec.packed(Command.END_OF_MESSAGE, b"")
GREETED = OFFER + CONNECT + HELO
BEGUN = GREETED + MAIL + RCPT


async def judge_unharmed(t: MilterTrial, alone: Outcome, what: str) -> None:
    """A new connection is served as before."""
    after = await t.carried(letter())
    t.judge(
        APART,
        at_any_moment(after) == at_any_moment(alone),
        expected=f"after {what}: {alone.told}",
        observed=f"after {what}: {after.told}",
    )


async def _unharmed_by(t: MilterTrial, *octets: tuple[str, bytes]) -> None:
    alone = await t.carried(letter())
    for what, raw in octets:
        await t.told_raw(raw, what)
        await judge_unharmed(t, alone, what)


@callout("frames-of-no-length", requirements=(APART,))
async def frames_of_no_length(t: MilterTrial) -> None:
    """Packets of length 0, at first and in the midst of a message, harm nobody else."""
    nothing = b"\0\0\0\0"
    await _unharmed_by(
        t, ("an empty packet", nothing), ("empty packets in a message", BEGUN + nothing * 3)
    )


@callout("frames-too-long", requirements=(APART,))
async def frames_too_long(t: MilterTrial) -> None:
    """Packets that announce a gigabyte, or more than there can be, harm nobody else."""
    await _unharmed_by(
        t,
        ("a gigabyte announced", b"\x40\0\0\0O" + b"x" * 100),
        ("four gigabytes announced", b"\xff\xff\xff\xffO" + b"x" * 100),
        ("a gigabyte of body announced", BEGUN + b"\x40\0\0\0B" + b"x" * 200_000),
        ("a body of a megabyte at once", BEGUN + codec.packed(Command.BODY, b"x" * 1_000_000)),
    )


@callout("unknown-commands", requirements=(APART,))
async def unknown_commands(t: MilterTrial) -> None:
    """Commands that the protocol does not have harm nobody else."""
    for letter_of_it in (b"Z", b"\0", b"\xff"):
        raw = framed(letter_of_it + b"data")
        await _unharmed_by(t, (f"the command {letter_of_it!r}", GREETED + raw))


@callout("commands-out-of-order", requirements=(APART,))
async def commands_out_of_order(t: MilterTrial) -> None:
    """A body without a message, two ends, headers behind the body: nobody else is harmed."""
    body = codec.packed(Command.BODY, b"text\r\n")
    field = codec.packed(Command.HEADER, codec.texts((b"Subject", b" late")))
    await _unharmed_by(
        t,
        ("a body at once", OFFER + body),
        ("an end at once", OFFER + END),
        ("two ends", BEGUN + END + END),
        ("a field behind the body", BEGUN + body + field + END),
        ("a recipient before a sender", GREETED + RCPT + MAIL + END),
        ("a message in a message", BEGUN + body + MAIL + RCPT + END),
        ("a second greeting", GREETED + CONNECT + HELO + MAIL + RCPT + END),
    )


@callout("nothing-negotiated", requirements=(APART,))
async def nothing_negotiated(t: MilterTrial) -> None:
    """No offer, offers of odd versions and lengths, and a second offer harm nobody else."""
    await _unharmed_by(
        t,
        ("no offer", CONNECT + HELO + MAIL + RCPT + END),
        ("version 0", framed(b"O" + b"\0" * 12) + CONNECT),
        ("a version to come", framed(b"O" + b"\xff" * 12) + CONNECT),
        ("half an offer", framed(b"O\0\0") + CONNECT),
        ("two offers", OFFER + OFFER + CONNECT + HELO + MAIL + RCPT + END),
    )


@callout("texts-without-an-end", requirements=(APART,))
async def texts_without_an_end(t: MilterTrial) -> None:
    """Addresses, fields and macros without the NUL that ends them, or empty, harm nobody else.

    Macros that are odd in number are left out: what libmilter makes of them depends on what its
    memory happens to hold, so that no two runs need come to the same."""

    def said(command: str, data: bytes) -> bytes:
        return framed(command.encode() + data)

    await _unharmed_by(
        t,
        ("an address without an end", GREETED + said("M", b"<ann@from.example>") + END),
        ("no address", GREETED + said("M", b"") + END),
        ("a recipient without an end", GREETED + MAIL + said("R", b"<bob@to.example>") + END),
        ("a field without an end", BEGUN + said("L", b"Subject") + END),
        ("a field without a value", BEGUN + said("L", b"Subject\0") + END),
        ("an empty field", BEGUN + said("L", b"") + END),
        ("macros without an end", OFFER + said("D", b"C{j") + CONNECT),
        ("no macros", OFFER + said("D", b"") + CONNECT),
        ("an address of another family", OFFER + said("C", b"host\0" + b"9\0\0x")),
        ("a connection without an end", OFFER + said("C", b"host")),
        ("no name", OFFER + CONNECT + said("H", b"") + MAIL + END),
    )


@callout("cut-off", requirements=(APART,))
async def cut_off(t: MilterTrial) -> None:
    """An MTA that is gone in the midst of a packet, wherever that is, harms nobody else."""
    whole = BEGUN + codec.packed(Command.BODY, b"text\r\n") + END
    steps = range(0, len(whole), max(1, len(whole) // 24))
    await _unharmed_by(t, *((f"{n} of {len(whole)} octets", whole[:n]) for n in steps))


@callout("never-ending", requirements=(APART,))
async def never_ending(t: MilterTrial) -> None:
    """Thirty MTAs that fall silent, before an offer, in a message or in a body of a megabyte that
    has no end, keep nobody else waiting."""
    alone = await t.carried(letter())
    async with AsyncExitStack() as stack:
        for n in range(30):
            connection = await stack.enter_async_context(t.connection())
            if n % 3:
                await connection.negotiate()
                if (await connection.greet(OUTSIDE)).answer is Answer.CONTINUE and n % 3 == 2:
                    await _begun(connection, pieces=16 if n % 2 else 0)
        await judge_unharmed(t, alone, "30 that are silent")


async def _begun(connection: Connection, pieces: int) -> None:
    """A message to its sender, or further to so many pieces of its body; not to its end."""
    told = [(Command.MAIL, codec.texts((b"<ann@from.example>",)))]
    if pieces:
        told += [
            (Command.RCPT, codec.texts((b"<bob@to.example>",))), (Command.DATA, b""),
            (Command.HEADER, codec.texts((b"From", b" ann@from.example"))),
            (Command.END_OF_HEADER, b""),
            *[(Command.BODY, b"A line of a body.\r\n" * 3_000)] * pieces,
        ]
    for command, data in told:
        if (await connection.command(command, data)).answer is not Answer.CONTINUE:
            break


@callout("many-come-and-go", requirements=(APART,))
async def many_come_and_go(t: MilterTrial) -> None:
    """Connections closed at once, and without QUIT, two hundred of each, harm nobody else."""
    alone = await t.carried(letter())
    for _ in range(10):
        await asyncio.gather(*(_come_and_go(t, speaking) for speaking in (False, True) * 20))
    await judge_unharmed(t, alone, "400 that came and went")


async def _come_and_go(t: MilterTrial, speaking: bool) -> None:
    async with t.connection() as connection:
        if speaking:
            await connection.negotiate()
            await connection.greet(OUTSIDE)
