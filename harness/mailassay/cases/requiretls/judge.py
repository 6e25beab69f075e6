"""The judgements that many cases share.

Each takes what the target did with one message and compares it with what the text asks, one
check a clause, so that the report can say exactly which clause was broken and how.
"""

from __future__ import annotations

from mailassay.cases.requiretls import clause
from mailassay.peers.smtp_client import Hello
from mailassay.trial import Arrival, Bounce, Hop, Submitted, Trial

# The clauses that every refusal is judged on; a case that calls `refused` declares them.
REFUSAL = (
    clause.NOT_TRANSMITTED,
    clause.ONLY_IN_SUCH_SESSIONS,
    clause.QUIT,
    clause.NOTIFY,
)


async def delivered_with_requiretls(
    t: Trial,
    message: Submitted,
    *,
    at: str = "mx1",
    domain: int = 0,
    cite: tuple[str, ...] = (),
) -> Arrival | None:
    """The message reached the host `at`, in TLS, with REQUIRETLS, and crossed nothing in clear."""
    hop = t.hop(at, domain)
    outcome = await t.outcome(message, where=t.hops(domain))
    arrival = outcome.delivery
    arrived_there = arrival is not None and arrival.host == hop.name
    for requirement in dict.fromkeys((clause.TRANSMIT, *cite)):
        t.check_if_declared(
            requirement,
            arrived_there and arrival is not None and arrival.has_requiretls,
            expected=f"delivered to {hop.name} with REQUIRETLS on MAIL",
            observed=outcome.story,
            absence=outcome.silent,
        )
    if arrival is None:
        return None
    for requirement in (clause.SESSION_EMPLOYS_TLS, clause.TAG):
        t.check_if_declared(
            requirement,
            arrival.in_tls and arrival.has_requiretls,
            expected="sent in TLS, still tagged",
            observed=outcome.story,
        )
    return arrival


async def refused(
    t: Trial,
    message: Submitted,
    *,
    cite: tuple[str, ...] = (),
    status: str | None = None,
    also: str | None = None,
    may_defer: bool = False,
) -> None:
    """No hop was fit: nothing was transmitted, live sessions ended with QUIT, the sender knows.

    `cite` are further clauses that sending the message would break.  `status` is the clause that
    names the enhanced status code; the code of `also` is as good, by a reading of the catalogue.
    With `may_defer` the target may keep the message for later instead of bouncing it now.
    """
    bounce = await t.bounce(message, or_deferred=may_defer)
    for hop in t.hops():
        for requirement in dict.fromkeys((clause.NOT_TRANSMITTED, *cite)):
            reached = t.reached(message, hop)
            t.check_if_declared(
                requirement,
                not reached,
                expected=f"nothing of the message is transmitted to {hop.name}",
                observed=t.how_reached(message, hop) if reached else "nothing was",
            )
            t.forbid(requirement, message, hop)
        gave = any(attempt.gave_requiretls for attempt in hop.attempts)
        t.check_if_declared(
            clause.ONLY_IN_SUCH_SESSIONS,
            not gave,
            expected=f"no REQUIRETLS on a MAIL command to {hop.name}",
            observed="MAIL with REQUIRETLS" if gave else "none",
        )
        await left_with_quit(t, message, hop)
    if may_defer:
        t.remark(bounce.story)
    elif t.declares(clause.NOTIFY) and not any(t.reached(message, hop) for hop in t.hops()):
        judge_bounce(t, bounce)
    if status is not None and bounce.arrived:
        judge_status(t, bounce, status, also)


def judge_bounce(t: Trial, bounce: Bounce) -> bool:
    """Checks that a bounce came; whether it did, for those that go on to judge it."""
    t.check_if_declared(
        clause.NOTIFY,
        bounce.arrived,
        expected="a non-delivery notification to the sender",
        observed=bounce.story,
        absence=not bounce.arrived,
    )
    if not bounce.arrived and not t.declares(clause.NOTIFY):
        t.inconclusive(f"there was no bounce to judge: {bounce.story}")
    return bounce.arrived


def judge_status(t: Trial, bounce: Bounce, status: str, also: str | None) -> None:
    """The enhanced status code of the report is the one that the clause names."""
    accepted: dict[str, str | None] = {clause.status_code(status, t.edition): None}
    if also is not None:
        other = clause.status_code(also, t.edition)
        accepted[other] = f"{other} is true as well"
    seen = bounce.status
    held = any(clause.matches(seen, code) for code in accepted)
    reading = next((r for code, r in accepted.items() if clause.matches(seen, code)), None)
    t.check(
        status,
        held,
        expected=" or ".join(accepted),
        observed=f"Status: {seen or 'none'}",
        reading=reading,
    )


async def left_with_quit(t: Trial, message: Submitted, hop: Hop) -> None:
    """Every session with an unfit hop in which a command could still be given ended with QUIT.

    A failed handshake leaves no such session (a reading of the catalogue), and neither does a
    peer that hangs up first."""
    if not t.declares(clause.QUIT):
        return
    for attempt in await t.ended_attempts(hop):
        if not attempt.alive_to_the_end:
            continue
        t.check(
            clause.QUIT,
            attempt.quit,
            expected=f"QUIT to {hop.name}",
            observed="QUIT" if attempt.quit else attempt.ending,
        )


def judge_advertised(t: Trial, hello: Hello, where: str, reading: str | None = None) -> None:
    """REQUIRETLS stands in the reply, without an argument."""
    listed = hello.has("REQUIRETLS")
    for requirement in (clause.SERVER_ADVERTISES, clause.VALID_FOR):
        t.check_if_declared(
            requirement,
            listed,
            expected=f"REQUIRETLS in the reply to {where}",
            observed="listed" if listed else f"only {hello.summary()}",
            reading=reading if listed and requirement == clause.SERVER_ADVERTISES else None,
        )
    if listed:
        argument = " ".join(hello.parameters("REQUIRETLS"))
        t.check(
            clause.KEYWORD,
            not argument,
            expected="the keyword REQUIRETLS alone",
            observed=f"with the argument {argument!r}" if argument else "alone",
        )


async def refused_or_honoured(t: Trial, message: Submitted, *, may_refuse: bool) -> None:
    """A message was either refused at MAIL, or is treated as tagged: never taken and untagged.

    The world holds a hop that is good but for REQUIRETLS, so an untagged message reaches it."""
    if not message.accepted:
        t.check(
            clause.TAG,
            may_refuse and message.refused_for_good,
            expected="refused with 5yz, or taken and tagged" if may_refuse else "taken and tagged",
            observed=message.story(),
            reading="refused" if may_refuse else None,
        )
        return
    outcome = await t.outcome(message)
    t.check(
        clause.TAG,
        not outcome.delivered,
        expected="tagged: not sent to a hop without REQUIRETLS",
        observed=f"{message.story()}; {outcome.story}",
        reading="taken and honoured" if may_refuse else None,
    )
    t.forbid(clause.TAG, message, t.hop())
