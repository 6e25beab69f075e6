"""Callout services: what is negotiated, whose turn it is, and what is changed when."""

from __future__ import annotations

import re

from mailassay.callout_mail import added, letter, multipart, traced
from mailassay.cases.opes.callout import callout
from mailassay.milter.client import Outcome
from mailassay.milter.message import Mail
from mailassay.milter.words import (
    ACTIONS_OF,
    STEPS_OF,
    Action,
    AddField,
    Change,
    ChangeField,
    InsertField,
    MilterFault,
    Misdeed,
    Offer,
    Step,
)
from mailassay.milter_trial import INSIDE, OUTSIDE, PROTOCOL, MilterTrial
from mailassay.peers.transcript import printable

OLDER = "milter/1/2"
FIELD_FORM = "milter/3/3"
LINE_LENGTH = "rfc5322/2.1.1/1"
FIELD_NAME = re.compile(rb"[\x21-\x39\x3b-\x7e]+")
BARE = re.compile(rb"\x00|\r(?!\n)")
MAX_LINE = 998


@callout("offer-is-kept")
async def offer_is_kept(t: MilterTrial) -> None:
    """Nothing is asked for that was not offered, however little or much that is."""
    for offer in (
        Offer.best(6),
        Offer(6, Action(0x1F), STEPS_OF[6]),
        Offer(6, ACTIONS_OF[6], Step(0x3FF)),
        Offer(3, Action(0x3F), Step(0x7F)),
    ):
        try:
            async with t.connection(offer) as connection:
                await connection.negotiate()
                await connection.quit()
        except MilterFault as fault:
            # To leave is an answer; of an older offer it is judged elsewhere.
            if fault.misdeed is not Misdeed.CLOSED or offer == Offer.best(6):
                raise
    t.judge(
        "milter/1/1", True, expected="no more than was offered", observed="as much, or less"
    )


@callout("older-offers", requirements=(OLDER,))
async def older_offers(t: MilterTrial) -> None:
    """An older MTA's offer is worked with, or refused by closing the connection.

    Version 2 with what it has; the current version without steps or without changes."""
    for what, offer in (
        ("version 2", Offer.best(2)),
        ("no steps", Offer(6, ACTIONS_OF[6], Step(0))),
        ("no changes", Offer(6, Action(0), STEPS_OF[6])),
        ("spaces as they were", Offer(6, ACTIONS_OF[6], STEPS_OF[6] & ~Step.LEADING_SPACE)),
    ):
        reading = "works"
        try:
            outcome = await t.carried(letter(), offer=offer)
            observed = f"{what}: {outcome.told}"
        except MilterFault as fault:
            if fault.misdeed is not Misdeed.CLOSED:
                raise
            reading = "refuses"
            observed = f"{what}: {fault}"
            held = await _leaves_at_the_offer(t, offer)
            t.judge(
                OLDER, held, expected="work, or a closed connection instead of an answer",
                observed=observed, reading=reading if held else None,
            )
            continue
        t.judge(OLDER, True, expected="work, or a refusal", observed=observed, reading=reading)


async def _leaves_at_the_offer(t: MilterTrial, offer: Offer) -> bool:
    async with t.connection(offer) as connection:
        try:
            await connection.negotiate()
        except MilterFault as fault:
            return fault.misdeed is Misdeed.CLOSED
        return False


@callout("every-answer-in-its-turn")
async def every_answer_in_its_turn(t: MilterTrial) -> None:
    """Over a whole session each command has its answer, and nothing is said behind the last.

    Callers from inside and outside, two messages a session."""
    for caller in (INSIDE, OUTSIDE):
        await t.carried(letter(), caller)
    async with t.session() as connection:
        told = [(await connection.carry(m)).told for m in (letter(), multipart())]
    for clause in PROTOCOL:
        t.judge(
            clause, True, expected=t.catalogue[clause].statement, observed="; ".join(told)
        )


@callout("signs-of-life-are-few")
async def signs_of_life_are_few(t: MilterTrial) -> None:
    """Asking for patience comes to an end: a verdict follows, however large the message is."""
    body = b"A line of a large body, of no meaning.\r\n" * 50_000
    outcome = await t.carried(letter(body))
    t.judge(
        "milter/2/2", True, expected="a verdict over 2 MB", observed=outcome.told
    )


@callout("changes-as-negotiated")
async def changes_as_negotiated(t: MilterTrial) -> None:
    """With an MTA that takes fewer kinds of changes, no others are made.

    One that can't do without them may leave."""
    all_of_them = ACTIONS_OF[6]
    fewer = (Action(0), Action.ADD_FIELDS, all_of_them & ~Action.CHANGE_FIELDS)
    for actions in (all_of_them, *fewer):
        offer = Offer(6, actions, STEPS_OF[6])
        try:
            told = (await t.carried(letter(), offer=offer)).told
        except MilterFault as fault:
            if fault.misdeed is not Misdeed.CLOSED or not await _leaves_at_the_offer(t, offer):
                raise
            told = "refuses the offer"
        t.judge(
            "milter/3/2", True, expected="changes of the kinds that were agreed upon",
            observed=f"actions 0x{int(actions):x}: {told}",
        )


@callout("fields-are-fields", requirements=(FIELD_FORM, LINE_LENGTH))
async def fields_are_fields(t: MilterTrial) -> None:
    """What is added to a header is header fields, of lines of at most 998 characters.

    An address or a subject of the message may find its way into them."""
    odd = letter(
        author=b"signed.example",
        fields=(b"X-Odd: \t%0d%0aX-Injected: 1", b"Comments: " + b"word " * 180),
    )
    outcomes: list[tuple[Mail, Outcome]] = []
    for caller in (INSIDE, OUTSIDE):
        for held in (letter(), odd, traced()):
            outcomes.append((held, await t.carried(held, caller)))
    for held, outcome in outcomes:
        new = [c for c in outcome.changes if isinstance(c, AddField | InsertField | ChangeField)]
        bad = [told for c in new if (told := _misshapen(c)) is not None]
        t.judge(
            FIELD_FORM, not bad, expected="fields of RFC 5322's form",
            observed="; ".join(bad) or f"{len(new)} fields",
        )
        lines = [line for f in added(held, outcome.after) for line in f.octets.split(b"\r\n")]
        longest = max(map(len, lines), default=0)
        t.judge(
            LINE_LENGTH, longest <= MAX_LINE, expected=f"lines of at most {MAX_LINE} characters",
            observed=f"the longest has {longest}",
        )


def _misshapen(change: Change) -> str | None:
    """What is wrong with a field that is added or changed."""
    assert isinstance(change, AddField | InsertField | ChangeField)
    if not FIELD_NAME.fullmatch(change.name):
        return f"the name {printable(change.name, 60)}"
    if BARE.search(change.value):
        return f"{printable(change.name, 60)} with NUL or a bare CR in its value"
    lines = change.value.replace(b"\r\n", b"\n").split(b"\n")
    if any(line[:1] not in (b" ", b"\t") for line in lines[1:]):
        return f"{printable(change.name, 60)} with a line that is no continuation"
    return None
