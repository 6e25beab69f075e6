"""Callout services: message after message, in pieces, aborted, and of any octets."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from mailassay.callout_mail import dkim_signed, letter, multipart, with_huge_trace
from mailassay.cases.opes.callout import callout
from mailassay.milter.client import CHUNK, Connection, Fate, Outcome
from mailassay.milter.codec import texts
from mailassay.milter.message import Field, Mail
from mailassay.milter.words import Answer, Command
from mailassay.milter_trial import INSIDE, OUTSIDE, MilterTrial, at_any_moment

PIECES = "milter/4/1"
ABORT = "milter/4/2"
BY_ITSELF = "milter/4/3"
ANY_OCTETS = "milter/4/5"


def judge_alike(t: MilterTrial, clause: str, first: Outcome, second: Outcome, what: str) -> None:
    """Two outcomes that must not differ."""
    t.judge(
        clause,
        at_any_moment(first) == at_any_moment(second),
        expected=f"{what}: {first.told}",
        observed=f"{what}: {second.told}"
        + ("" if first.told != second.told else "; other changes"),
    )


@callout("pieces-of-a-body", requirements=(PIECES,))
async def pieces_of_a_body(t: MilterTrial) -> None:
    """One body in pieces of any size comes to the same verdict and the same changes."""
    for held, caller in (
        (multipart(), OUTSIDE), (dkim_signed(), OUTSIDE), (letter(author=b"signed.example"), INSIDE)
    ):
        whole = await t.carried(held, caller)
        for size in (1, 2, 7, 100):
            pieces = await t.carried(held, caller, chunk=size)
            judge_alike(t, PIECES, whole, pieces, f"pieces of {size}")


@callout("refused-in-pieces", requirements=(PIECES,), needs=("refuses",))
async def refused_in_pieces(t: MilterTrial) -> None:
    """What is refused in one piece is refused in many, with the same words.

    A pattern that is cut in two must still be found."""
    whole = await t.carried(t.refused)
    for size in (1, 3, 16, 64):
        pieces = await t.carried(t.refused, chunk=size)
        judge_alike(t, PIECES, whole, pieces, f"pieces of {size}")


@callout("large-body-in-pieces", requirements=(PIECES, ANY_OCTETS))
async def large_body_in_pieces(t: MilterTrial) -> None:
    """Eight megabytes come to the same verdict in large pieces and in small ones."""
    line = bytes(range(33, 33 + 76)) + b"\r\n"
    held = letter(line * (8_000_000 // len(line)))
    whole = await t.carried(held)
    judge_verdict(t, whole, "8 MB")
    judge_alike(t, PIECES, whole, await t.carried(held, chunk=8_191), "pieces of 8191")


@callout("abort-forgets", requirements=(ABORT,), needs=("refuses",))
async def abort_forgets(t: MilterTrial) -> None:
    """A message that would be refused, aborted before its end, does nothing to the next one."""
    alone = await t.carried(letter())
    bad = t.refused
    async with t.session() as connection:
        if await _told(connection, bad, Command.BODY):
            await connection.abort()
        after = await connection.carry(letter())
    judge_alike(t, ABORT, alone, after, "after an aborted message")


@callout("abort-at-any-time", requirements=(ABORT,))
async def abort_at_any_time(t: MilterTrial) -> None:
    """Aborted behind any command, twice, or with none begun: the next message is as it would be."""
    odd = letter(b"Another body, which is left.\r\n", author=b"signed.example", number=2)
    alone = await t.carried(letter())
    for last in (
        Command.MAIL, Command.RCPT, Command.DATA, Command.HEADER, Command.END_OF_HEADER,
        Command.BODY,
    ):
        async with t.session() as connection:
            await connection.abort()
            await _told(connection, odd, last)
            await connection.abort()
            await connection.abort()
            after = await connection.carry(letter())
        judge_alike(t, ABORT, alone, after, f"aborted behind {last.name}")


async def _told(connection: Connection, held: Mail, last: Command) -> bool:
    """Tells of a message as far as that command; whether it was wanted that far."""
    steps = (
        (Command.MAIL, texts((held.sender,))),
        *((Command.RCPT, texts((r,))) for r in held.recipients),
        (Command.DATA, b""),
        *((Command.HEADER, texts((f.name, f.value))) for f in held.fields),
        (Command.END_OF_HEADER, b""),
        (Command.BODY, held.body),
    )
    for n, (command, data) in enumerate(steps):
        reply = await connection.command(command, data)
        if reply.answer is not Answer.CONTINUE:
            return False
        if command is last and (n + 1 == len(steps) or steps[n + 1][0] is not last):
            return True
    return True


@callout("one-after-another", requirements=(BY_ITSELF,), needs=("refuses",))
async def one_after_another(t: MilterTrial) -> None:
    """On one connection a refused message and good ones are each judged as if alone."""
    kinds = {"good": letter(), "refused": t.refused, "multipart": multipart()}
    alone = {name: await t.carried(m) for name, m in kinds.items()}
    async with t.session() as connection:
        for name in ("refused", "good", "refused", "multipart", "good"):
            judge_alike(t, BY_ITSELF, alone[name], await connection.carry(kinds[name]), name)


@callout("nothing-of-the-one-before", requirements=(BY_ITSELF,))
async def nothing_of_the_one_before(t: MilterTrial) -> None:
    """A message that lacks a field is judged without that of the message before it.

    Its author, its subject, its signature or its recipients."""
    full = replace(
        dkim_signed(), sender=b"<ann@signed.example>",
        recipients=(b"<bob@to.example>", b"<carol@to.example>"),
    )
    whole = letter(number=3)
    subject_only = tuple(f for f in whole.fields if f.name == b"Subject")
    nameless = (Field(b"From", b" Ann"), *whole.fields[1:])
    for caller in (OUTSIDE, INSIDE):
        for what, fields in (("no author", subject_only), ("an author of no domain", nameless)):
            bare = replace(whole, fields=fields)
            alone = await t.carried(bare, caller)
            if alone.at is Command.CONNECT:
                continue
            async with t.session(caller) as connection:
                await connection.carry(full)
                after = await connection.carry(bare)
            judge_alike(t, BY_ITSELF, alone, after, f"{what}, from {caller.address}")


@callout("nothing-of-a-large-one-before", requirements=(BY_ITSELF,))
async def nothing_of_a_large_one_before(t: MilterTrial) -> None:
    """A hundred messages on one connection are each judged like the first."""
    alone = await t.carried(letter())
    large = letter(b"A long body, line by line.\r\n" * 20_000, number=4)
    async with t.session() as connection:
        await connection.carry(large)
        for _ in range(100):
            after = await connection.carry(letter())
            if at_any_moment(after) != at_any_moment(alone):
                break
    judge_alike(t, BY_ITSELF, alone, after, "one of a hundred")


@callout("side-by-side", requirements=("milter/4/4",))
async def side_by_side(t: MilterTrial) -> None:
    """Sixteen connections, all of them open before the first message, are each judged as if
    alone."""
    kinds = (letter(), multipart(), dkim_signed(), letter(author=b"signed.example"))
    alone = [await t.carried(m) for m in kinds]
    together = asyncio.Barrier(4 * len(kinds))
    at_once = [asyncio.ensure_future(t.carried(m, together=together)) for m in kinds * 4]
    try:
        outcomes = await asyncio.gather(*at_once)
    finally:
        # Where one of them fails, the others wait for it in vain.
        for task in at_once:
            task.cancel()
    for n, outcome in enumerate(outcomes):
        judge_alike(t, "milter/4/4", alone[n % len(kinds)], outcome, f"the {n + 1}th of 16")


def judge_verdict(t: MilterTrial, outcome: Outcome, what: str) -> None:
    """A message that SMTP can carry has come to a verdict, and not to a complaint of the filter's
    own trouble."""
    t.judge(
        ANY_OCTETS,
        outcome.fate is not Fate.DEFERRED,
        expected=f"{what}: accepted or refused for good",
        observed=f"{what}: {outcome.told}",
    )


async def _any(t: MilterTrial, *messages: tuple[str, Mail]) -> None:
    for what, held in messages:
        for caller in (OUTSIDE, INSIDE):
            judge_verdict(t, await t.carried(held, caller), what)


@callout("no-body", requirements=(ANY_OCTETS,))
async def no_body(t: MilterTrial) -> None:
    """A message without a body comes to a verdict, as does one of nothing but line ends."""
    await _any(t, ("no body", letter(b"")), ("an empty line", letter(b"\r\n")),
               ("three empty lines", letter(b"\r\n\r\n\r\n")), ("no line end", letter(b"no end")))


@callout("no-header", requirements=(ANY_OCTETS,))
async def no_header(t: MilterTrial) -> None:
    """A message without any field, or without an author, comes to a verdict."""
    bare = replace(letter(), fields=())
    none_of_both = replace(bare, body=b"")
    anonymous = replace(letter(), fields=letter().fields[1:])
    empty = letter(author=b"")
    await _any(t, ("no field", bare), ("neither field nor body", none_of_both),
               ("no From", anonymous), ("From without a domain", empty))


@callout("eight-bit", requirements=(ANY_OCTETS,))
async def eight_bit(t: MilterTrial) -> None:
    """Bodies and fields in UTF-8, in Latin-1 and of no encoding come to a verdict."""
    names = "Grüße: жук".encode()
    await _any(
        t,
        ("a body in UTF-8", letter(names + b"\r\n")),
        ("a body of all octets", letter(bytes(c for c in range(1, 256) if c not in b"\r\n"))),
        ("a subject in UTF-8", letter(fields=(b"Comments: " + names,))),
        ("a subject in Latin-1", letter(fields=("Comments: Grüße".encode("latin-1"),))),
        ("an author in UTF-8", letter(author="grüße.example".encode())),
        ("an author of no encoding", letter(author=b"\xff\xfe.signed.example")),
    )


@callout("long-lines", requirements=(ANY_OCTETS,))
async def long_lines(t: MilterTrial) -> None:
    """Lines of 998 characters and far longer ones, in body and header, come to a verdict."""
    await _any(
        t,
        ("a line of 998", letter(b"x" * 998 + b"\r\n")),
        ("a line of a megabyte", letter(b"x" * 1_000_000 + b"\r\n")),
        ("a field of 998", letter(fields=(b"Comments: " + b"y" * 988,))),
        ("a field of 60,000", letter(fields=(b"Comments: " + b"y" * 60_000,))),
        ("a field of 2,000 lines", letter(fields=(b"Comments: a" + b"\r\n word" * 2_000,))),
        ("a long name", letter(fields=(b"X-" + b"n" * 900 + b": 1",))),
        ("a long address", letter(author=b"a" * 5_000 + b".signed.example")),
    )


@callout("odd-octets", requirements=(ANY_OCTETS,))
async def odd_octets(t: MilterTrial) -> None:
    """NUL, bare CR and LF, a dot alone and control characters come to a verdict."""
    await _any(
        t,
        ("NUL in the body", letter(b"before\0after\r\n")),
        ("bare line ends", letter(b"a\rb\nc\r\r\nd\n\re\r\n")),
        ("a dot alone", letter(b"a\r\n.\r\nb\r\n..\r\n")),
        ("control characters", letter(bytes(range(1, 9)) + b"\x0b\x0c\x1b[31m\x7f\r\n")),
        ("control characters in a field", letter(fields=(b"Comments: \x01\x1b[31m\x7f",))),
        ("percent and backslash", letter(b"%s%n%n\\0\r\n", fields=(b"Comments: %s%n%n\\0",))),
    )


@callout("thousands-of-fields", requirements=(ANY_OCTETS,))
async def thousands_of_fields(t: MilterTrial) -> None:
    """Thousands of fields, and a hundred where there should be one, come to a verdict."""
    await _any(
        t,
        ("5,000 fields", letter(fields=tuple(b"X-%d: %d" % (n, n) for n in range(5_000)))),
        ("100 Subjects", letter(fields=(b"Subject: again",) * 100)),
        ("100 authors", letter(fields=(b"From: dan@signed.example",) * 100)),
        ("empty fields", letter(fields=(b"X-Empty:", b"X-Space: ", b"Comments:\r\n "))),
    )


@callout("broken-mime", requirements=(ANY_OCTETS,))
async def broken_mime(t: MilterTrial) -> None:
    """Parts a hundred deep, boundaries that never come, bad encodings come to a verdict."""
    deep = b"".join(
        b"--b%d\r\nContent-Type: multipart/mixed; boundary=b%d\r\n\r\n" % (n, n + 1)
        for n in range(100)
    )
    typed = b"Content-Type: multipart/mixed; boundary=b0"
    bad = b"Content-Transfer-Encoding: base64"
    await _any(
        t,
        ("100 levels", letter(deep, fields=(b"MIME-Version: 1.0", typed))),
        ("no part", letter(b"text\r\n", fields=(b"MIME-Version: 1.0", typed))),
        ("no boundary", letter(fields=(b"MIME-Version: 1.0", b"Content-Type: multipart/mixed"))),
        ("no base64", letter(b"?*#\xff\r\n", fields=(b"MIME-Version: 1.0", bad))),
    )


@callout("odd-signatures", requirements=(ANY_OCTETS,))
async def odd_signatures(t: MilterTrial) -> None:
    """DKIM signatures that are cut, doubled, huge or by unknown algorithms come to a verdict."""
    whole = dkim_signed()
    own = whole.fields[0]
    cut = replace(own, value=own.value[:100])
    huge = replace(own, value=own.value + b";\r\n\tz=" + b"\r\n\tx" * 5_000)
    unknown = replace(own, value=own.value.replace(b"rsa-sha256", b"rot13-crc8"))
    for what, first in (("cut", (cut,)), ("huge", (huge,)), ("unknown", (unknown,)),
                        ("fifty", (own,) * 50)):
        await _any(t, (what, replace(whole, fields=(*first, *whole.fields[1:]))))


@callout("odd-envelopes", requirements=(ANY_OCTETS,))
async def odd_envelopes(t: MilterTrial) -> None:
    """The null reverse-path, quoted local parts, parameters unknown and long, and a thousand
    recipients come to a verdict."""
    many = tuple(b"<user%d@to.example>" % n for n in range(1_000))
    await _any(
        t,
        ("the null reverse-path", replace(letter(), sender=b"<>")),
        ("a quoted local part", replace(letter(), sender=b'<"a b@c>"@from.example>')),
        ("an address of 8 bits", replace(letter(), sender="<grüße@from.example>".encode())),
        ("a long address", replace(letter(), sender=b"<" + b"a" * 2_000 + b"@from.example>")),
        ("no brackets", replace(letter(), sender=b"ann@from.example")),
        ("parameters", replace(letter(), sender_parameters=(b"SIZE=10", b"XOPESBYPASS=*"),
                               recipient_parameters=(b"NOTIFY=NEVER",))),
        ("1,000 recipients", replace(letter(), recipients=many)),
    )


@callout("huge-trace", requirements=(ANY_OCTETS,))
async def huge_trace(t: MilterTrial) -> None:
    """A forged trace of a thousand systems, some of it malformed, comes to a verdict."""
    await _any(t, ("a huge trace", with_huge_trace()))


@callout("pieces-of-the-largest-size", requirements=(PIECES,))
async def pieces_of_the_largest_size(t: MilterTrial) -> None:
    """A body of just as much as one piece holds, or one octet less or more, is judged as in small
    pieces."""
    for more in (-1, 0, 1):
        held = letter(b"z" * (CHUNK + more - 2) + b"\r\n")
        small = await t.carried(held, chunk=1_000)
        judge_alike(t, PIECES, small, await t.carried(held), f"{CHUNK + more} octets")
