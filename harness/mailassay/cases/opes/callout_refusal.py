"""Callout services: what a refusal says. Each asks about the message that the target is set up to
refuse."""

from __future__ import annotations

import re
from dataclasses import replace

from mailassay.callout_mail import letter
from mailassay.cases.opes.callout import callout
from mailassay.judging import Inconclusive
from mailassay.milter.client import Fate, Outcome
from mailassay.milter.message import Field, Mail
from mailassay.milter.words import Answer, MilterFault, Misdeed, Offer
from mailassay.milter_trial import MilterTrial
from mailassay.peers.transcript import printable

CODE = "milter/5/1"
REASON = "milter/6/6"
SILENT_LOSS = "milter/6/10"
STATUS = "rfc3463/2/1"
PRINTABLE = "rfc5321/4.2/1"
LENGTH = "rfc5321/4.5.3.1.5/1"
NEEDS = ("refuses",)
ENHANCED = re.compile(rb"([0-9])\.(0|[1-9][0-9]{0,2})\.(0|[1-9][0-9]{0,2})( |\Z)")
LOOKS_ENHANCED = re.compile(rb"[0-9]+\.[0-9]+\.[0-9]+")
TEXT = re.compile(rb"[\t\x20-\x7e]*")
MAX_REPLY_LINE = 512
CODE_AND_END = len(b"550 \r\n")


async def _refusal(t: MilterTrial, offer: Offer | None = None) -> Outcome:
    outcome = await t.carried(t.refused, offer=offer)
    if outcome.fate is Fate.ACCEPTED:
        raise Inconclusive(f"the message that it should refuse is {outcome.told}")
    return outcome


@callout("refusal-code", requirements=(CODE,), needs=NEEDS)
async def refusal_code(t: MilterTrial) -> None:
    """A refusal in the filter's own words has a code of class 4 or 5, on each line the same."""
    outcome = await _refusal(t)
    lines = outcome.reply.text.replace(b"\r\n", b"\n").split(b"\n")
    codes = {line[:3] for line in lines if line}
    right = len(codes) <= 1 and all(re.fullmatch(rb"[45][0-9][0-9]", c) for c in codes)
    parted = all(line[3:4] == b"-" for line in lines[:-1]) and lines[-1][3:4] in (b" ", b"")
    t.judge(
        CODE, right and parted, expected="one code of 4yz or 5yz", observed=outcome.told
    )


@callout("refusal-status", requirements=(STATUS,), needs=NEEDS)
async def refusal_status(t: MilterTrial) -> None:
    """An enhanced status code is well-formed, and of the class of the reply."""
    outcome = await _refusal(t)
    for line in outcome.reply.lines:
        if not LOOKS_ENHANCED.match(line):
            continue
        found = ENHANCED.match(line)
        t.judge(
            STATUS,
            found is not None and found[1] == outcome.reply.text[:1],
            expected="class, subject and detail; the class is the reply's",
            observed=printable(outcome.reply.text[:4] + line, 120),
        )
    if not t.checks:
        t.note(STATUS, f"no enhanced status code: {outcome.told}")


@callout("refusal-fits-smtp", requirements=(PRINTABLE, LENGTH), needs=NEEDS)
async def refusal_fits_smtp(t: MilterTrial) -> None:
    """A refusal's lines are of printable ASCII, and short enough for SMTP.

    Also where the message that it is about has a long subject in 8 bits, and a long sender."""
    for outcome in (await _refusal(t), await t.carried(_garish(t))):
        for line in outcome.reply.lines or (b"",):
            t.judge(
                PRINTABLE, TEXT.fullmatch(line) is not None, expected="printable ASCII",
                observed=printable(line, 200) or "no words of its own",
            )
            t.judge(
                LENGTH, len(line) + CODE_AND_END <= MAX_REPLY_LINE,
                expected=f"at most {MAX_REPLY_LINE} octets",
                observed=f"{len(line) + CODE_AND_END} octets",
            )


def _garish(t: MilterTrial) -> Mail:
    held = t.refused
    words = " Grüße\x1b[31m ".encode() * 40
    fields = tuple(
        Field(f.name, words) if f.is_called(b"Subject") else f for f in held.fields
    )
    return replace(held, fields=fields, sender=b"<" + b"a" * 600 + b"@from.example>")


@callout("refusal-by-an-older-mta", requirements=(CODE, "milter/1/2"), needs=NEEDS)
async def refusal_by_an_older_mta(t: MilterTrial) -> None:
    """What is refused is refused for an MTA of version 2 as well, with the same words."""
    new = await _refusal(t)
    try:
        old = await t.carried(t.refused, offer=Offer.best(2))
    except MilterFault as problem:
        if problem.misdeed is not Misdeed.CLOSED:
            raise
        t.note("milter/1/2", f"version 2: {problem}", "refuses")
        return
    t.judge(
        CODE, (old.fate, old.reply.text) == (new.fate, new.reply.text), expected=new.told,
        observed=old.told,
    )


@callout("refusal-tells-why", requirements=(REASON,), needs=NEEDS)
async def refusal_tells_why(t: MilterTrial) -> None:
    """Whether a refusal has a status code that says something, and words beside it."""
    outcome = await _refusal(t)
    first = outcome.reply.lines[0] if outcome.reply.lines else b""
    found = ENHANCED.match(first)
    words = first[found.end():] if found else first
    telling = found is not None and (found[2], found[3]) != (b"0", b"0")
    t.seen(
        REASON, telling and bool(words.strip()),
        whole="an enhanced status code that is not the general one, and words",
        observed=outcome.told,
    )


@callout("refusal-is-told", requirements=(SILENT_LOSS,), needs=NEEDS)
async def refusal_is_told(t: MilterTrial) -> None:
    """Whether the sender of what is not wanted learns of it, or it is thrown away."""
    outcome = await _refusal(t)
    t.seen(
        SILENT_LOSS, outcome.reply.answer is not Answer.DISCARD, whole="a reply that says so",
        observed=outcome.told,
    )
    good = await t.carried(letter())
    t.seen(
        SILENT_LOSS, good.reply.answer is not Answer.DISCARD, whole="an ordinary message kept",
        observed=good.told,
    )
