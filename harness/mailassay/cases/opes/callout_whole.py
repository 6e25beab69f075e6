"""Callout services: what a message is when it comes back. Most of it binds nobody and is told."""

from __future__ import annotations

from dataclasses import replace

from mailassay.callout_mail import (
    OWN_HOST,
    RECEIVED,
    added,
    asking_for_bypass,
    dkim_fault,
    dkim_signed,
    encrypted,
    letter,
    lost,
    multipart,
    smime_fault,
    smime_signed,
    traced,
    values,
    with_huge_trace,
)
from mailassay.cases.opes.callout import callout
from mailassay.judging import Inconclusive
from mailassay.milter.client import Fate, Outcome
from mailassay.milter.message import Mail
from mailassay.milter_trial import INSIDE, OUTSIDE, MilterTrial
from mailassay.peers.transcript import printable

TRACE = "milter/6/1"
SMIME = "milter/6/2"
DKIM = "milter/6/3"
ENCRYPTED = "milter/6/4"
TELLS = "milter/6/5"
CONTENT = "milter/6/7"
ENVELOPE = "milter/6/8"
FORGED = "milter/6/9"
RECEIVED_STAYS = "rfc5321/4.4/1"
RECEIVED_ORDER = "rfc5321/4.4/2"
TRACE_ORDER = "rfc5322/3.6/1"
FIELD_ORDER = "rfc5322/3.6/2"


async def _accepted(t: MilterTrial, held: Mail) -> list[Outcome]:
    """What comes back of a message, from callers of either side, where it is accepted."""
    outcomes = [await t.carried(held, caller) for caller in (OUTSIDE, INSIDE)]
    taken = [o for o in outcomes if o.fate is Fate.ACCEPTED]
    if not taken:
        raise Inconclusive(f"not accepted: {outcomes[0].told}")
    return taken


def _told(fields: tuple[bytes, ...]) -> str:
    return printable(b" | ".join(fields), 300) or "none"


@callout("received-fields-stay", requirements=(RECEIVED_STAYS, RECEIVED_ORDER, TRACE_ORDER))
async def received_fields_stay(t: MilterTrial) -> None:
    """Received, Return-Path and Resent fields come back as they were, in their order."""
    resent = (b"Resent-From: dan@from.example", b"Resent-Date: Thu, 01 Jan 2026 12:00:01 +0000")
    held = letter(above=(RECEIVED[0], *resent, RECEIVED[1]))
    for outcome in await _accepted(t, held):
        before, after = (values(m, b"Received") for m in (held, outcome.after))
        t.judge(
            RECEIVED_STAYS, set(before) <= set(after), expected=_told(before),
            observed=_told(after),
        )
        kept = tuple(v for v in after if v in before)
        t.judge(
            RECEIVED_ORDER, kept == before and after[-len(before):] == before,
            expected=_told(before), observed=_told(after),
        )
        names = (b"Received", b"Resent-From", b"Resent-Date")
        ordered = values(held, *names)
        now = tuple(v for v in values(outcome.after, *names) if v in ordered)
        t.judge(TRACE_ORDER, now == ordered, expected=_told(ordered), observed=_told(now))


@callout("fields-keep-their-order", requirements=(FIELD_ORDER,))
async def fields_keep_their_order(t: MilterTrial) -> None:
    """The fields of an ordinary message that come back are in the order in which they went."""
    held = letter(fields=(b"X-One: 1", b"Comments: a", b"X-Two: 2", b"Comments: b"))
    for outcome in await _accepted(t, held):
        names = tuple({f.name for f in held.fields})
        before = values(held, *names)
        after = tuple(v for v in values(outcome.after, *names) if v in before)
        expected = tuple(v for v in before if v in after)
        t.judge(FIELD_ORDER, after == expected, expected=_told(expected), observed=_told(after))


async def _trace_stays(t: MilterTrial, held: Mail, *names: bytes) -> None:
    before = values(held, *names)
    for outcome in await _accepted(t, held):
        after = values(outcome.after, *names)
        t.seen(
            TRACE, tuple(v for v in after if v in before) == before, whole=_told(before),
            observed=_told(after),
        )


@callout("opes-trace-stays", requirements=(TRACE,))
async def opes_trace_stays(t: MilterTrial) -> None:
    """Whether OPES-System and OPES-Via of the systems before come back, in their order."""
    await _trace_stays(t, traced(), b"OPES-System", b"OPES-Via")


@callout("opes-bypass-stays", requirements=(TRACE,))
async def opes_bypass_stays(t: MilterTrial) -> None:
    """Whether a request to be left alone, meant for the systems behind as well, comes back."""
    await _trace_stays(t, asking_for_bypass(), b"OPES-Bypass")


@callout("opes-huge-trace-stays", requirements=(TRACE,))
async def opes_huge_trace_stays(t: MilterTrial) -> None:
    """Whether a large trace comes back whole: a forged one must not drown the true one."""
    await _trace_stays(t, with_huge_trace(), b"OPES-System", b"OPES-Via")


@callout("smime-detached-stays", requirements=(SMIME,))
async def smime_detached_stays(t: MilterTrial) -> None:
    """Whether openssl still takes the signature of a multipart/signed message."""
    await _smime_stays(t, "detached")


@callout("smime-opaque-stays", requirements=(SMIME,))
async def smime_opaque_stays(t: MilterTrial) -> None:
    """Whether openssl still takes the signature of an application/pkcs7-mime message."""
    await _smime_stays(t, "opaque")


async def _smime_stays(t: MilterTrial, kind: str) -> None:
    held = smime_signed(kind)
    for outcome in await _accepted(t, held):
        fault = smime_fault(outcome.after)
        t.seen(SMIME, fault is None, whole="the signature holds", observed=fault or "it holds")


@callout("dkim-signature-stays", requirements=(DKIM,))
async def dkim_signature_stays(t: MilterTrial) -> None:
    """Whether an author's DKIM signature is still there, and still holds."""
    held = dkim_signed()
    for outcome in await _accepted(t, held):
        fault = dkim_fault(held, outcome.after)
        t.seen(DKIM, fault is None, whole="the signature holds", observed=fault or "it holds")


@callout("encrypted-mail-stays", requirements=(ENCRYPTED,))
async def encrypted_mail_stays(t: MilterTrial) -> None:
    """Whether an encrypted message comes back octet for octet, but for what is added above."""
    held = encrypted()
    for outcome in await _accepted(t, held):
        gone = tuple(f.name for f in lost(held, outcome.after))
        same = outcome.after.body == held.body and not gone
        t.seen(
            ENCRYPTED, same, whole="the same body and fields",
            observed="the same" if same else f"another body, or without {_told(gone)}",
        )


@callout("content-stays", requirements=(CONTENT,))
async def content_stays(t: MilterTrial) -> None:
    """Whether body and fields of an ordinary message with an attachment come back as they were."""
    held = multipart()
    for outcome in await _accepted(t, held):
        gone = tuple(f.name for f in lost(held, outcome.after))
        body = outcome.after.body == held.body
        t.seen(
            CONTENT, body and not gone, whole="the same body and fields",
            observed=f"{'the same' if body else 'another'} body; fields lost: {_told(gone)}",
        )


@callout("envelope-stays", requirements=(ENVELOPE,))
async def envelope_stays(t: MilterTrial) -> None:
    """Whether sender and recipients come back as they were, and no others."""
    held = replace(letter(), recipients=(b"<bob@to.example>", b"<carol@to.example>"))
    for outcome in await _accepted(t, held):
        after = outcome.after
        t.seen(
            ENVELOPE,
            (after.sender, after.recipients) == (held.sender, held.recipients)
            and not outcome.refused and after.quarantined is None,
            whole=_told((held.sender, *held.recipients)),
            observed=_told((after.sender, *after.recipients)),
        )


@callout("says-what-it-did", requirements=(TELLS,))
async def says_what_it_did(t: MilterTrial) -> None:
    """Whether a message that it has handled says so: a field that was not there before.

    For callers of either side, since some filters are there for one of them."""
    outcomes = [await t.carried(letter(author=b"signed.example"), c) for c in (OUTSIDE, INSIDE)]
    new = [f.octets for o in outcomes for f in added(letter(author=b"signed.example"), o.after)]
    t.seen(
        TELLS, bool(new), whole="a field of its own",
        observed=_told(tuple(n.rstrip() for n in new)),
    )


@callout("changes-are-told", requirements=(TELLS,))
async def changes_are_told(t: MilterTrial) -> None:
    """Whether no message is altered, in what it had, without a field that says by whom."""
    for held in (letter(), multipart(), traced(), smime_signed("detached")):
        for outcome in await _accepted(t, held):
            altered = outcome.after.body != held.body or bool(lost(held, outcome.after))
            told = bool(added(held, outcome.after))
            t.seen(
                TELLS, told or not altered, whole="nothing altered in silence",
                observed=outcome.told,
            )


@callout("forged-results", requirements=(FORGED,), needs=("writes-results",))
async def forged_results(t: MilterTrial) -> None:
    """Whether results that a sender wrote in the name of the filter's own host are taken away."""
    forged = b"Authentication-Results: " + OWN_HOST + b"; dkim=pass header.d=bank.example"
    other = b"Authentication-Results: mx.elsewhere.example; spf=pass"
    held = letter(above=(forged, other))
    outcome = (await _accepted(t, held))[0]
    after = values(outcome.after, b"Authentication-Results")
    t.seen(
        FORGED, forged not in after, whole="the forged field taken away", observed=_told(after)
    )
