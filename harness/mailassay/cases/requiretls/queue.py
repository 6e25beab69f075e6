"""What the target knows of a message while it has it: recipients apart, second tries, a crash."""

from __future__ import annotations

from mailassay.cases.registry import Phase, case
from mailassay.cases.requiretls import clause
from mailassay.cases.requiretls.attack import judge_turned, turning
from mailassay.cases.requiretls.judge import delivered_with_requiretls
from mailassay.trial import Submitted, Trial
from mailassay.verdicts import Role
from mailassay.world import (
    Answer,
    Certificate,
    Domain,
    Faults,
    Host,
    Later,
    Requiretls,
    Starttls,
    Tlsa,
    World,
)

WITHOUT_REQUIRETLS = Faults(requiretls=Requiretls.NEVER)
GOOD_AND_BAD = World(
    destinations=(
        Domain(label="good"),
        Domain(label="bad", hosts=(Host(faults=WITHOUT_REQUIRETLS),)),
    )
)
# Turns away whoever connects, until the case says otherwise.
CLOSED_FOR_NOW = Faults(greeting=Answer(421, "4.3.2 Not now"))


def closed_until_told(later: Faults, host: Host = Host()) -> World:
    """A destination whose host is closed until the case opens it."""
    closed = Host(
        certificate=host.certificate,
        tlsa=host.tlsa,
        faults=CLOSED_FOR_NOW,
        later=Later(later, when_told=True),
    )
    return World(destinations=(Domain(hosts=(closed,)),))


async def good_and_bad(t: Trial) -> Submitted:
    """One tagged message to a recipient behind a fit hop and one behind an unfit one."""
    recipients = tuple(f"recipient@{domain}" for domain in t.domains)
    return await t.submit(t.tagged(recipients=recipients))


@case(
    "requiretls/queue/good-hop-beside-a-bad-one",
    roles=(Role.RELAY_CLIENT,),
    requirements=(clause.TRANSMIT, clause.TAG, clause.SESSION_EMPLOYS_TLS),
    world=GOOD_AND_BAD,
    needs=("dane",),
)
async def good_hop_beside_a_bad_one(t: Trial) -> None:
    """Of two recipients one lies behind an unfit hop: the other gets the message all the same."""
    message = await good_and_bad(t)
    outcome = await t.outcome(message, where=t.hops(0), despite_bounce=True)
    arrival = outcome.delivery
    for requirement in (clause.TRANSMIT, clause.TAG, clause.SESSION_EMPLOYS_TLS):
        t.check(
            requirement,
            arrival is not None and arrival.in_tls and arrival.has_requiretls,
            expected="the recipient behind the fit hop gets it, in TLS with REQUIRETLS",
            observed=outcome.story,
            absence=arrival is None,
        )


@case(
    "requiretls/queue/bad-hop-beside-a-good-one",
    roles=(Role.RELAY_CLIENT, Role.BOUNCE_MAKER),
    requirements=(clause.NOT_TRANSMITTED, clause.NOTIFY),
    world=GOOD_AND_BAD,
    needs=("dane",),
)
async def bad_hop_beside_a_good_one(t: Trial) -> None:
    """Of two recipients one lies behind an unfit hop: it gets nothing, and the bounce names it.

    The bounce says nothing bad of the recipient who got the message."""
    message = await good_and_bad(t)
    await t.outcome(message, where=t.hops(0), despite_bounce=True)
    bounce = await t.bounce(message)
    bad = t.hop(domain=1)
    t.check(
        clause.NOT_TRANSMITTED,
        not t.reached(message, bad),
        expected=f"nothing is transmitted to {bad.name}",
        observed=t.how_reached(message, bad),
    )
    t.forbid(clause.NOT_TRANSMITTED, message, bad)
    if bounce.arrived and not bounce.report.is_delivery_status:
        t.inconclusive("the bounce is no report that a program could read")
        return
    failed = bounce.failed_recipients
    t.check(
        clause.NOTIFY,
        failed == (message.recipients[1],),
        expected=f"a report that {message.recipients[1]} alone failed",
        observed=f"it names {', '.join(failed) or 'nobody'}" if bounce.arrived else bounce.story,
        absence=not bounce.arrived,
    )


@case(
    "requiretls/queue/several-recipients-of-one-domain",
    roles=(Role.RELAY_CLIENT,),
    requirements=(clause.TRANSMIT, clause.PARAMETER_PER_MESSAGE),
    needs=("dane",),
)
async def several_recipients_of_one_domain(t: Trial) -> None:
    """Three recipients of one domain: in however many transactions, each has the parameter."""
    recipients = tuple(f"{who}@{t.domains[0]}" for who in ("one", "two", "three"))
    message = await t.submit(t.tagged(recipients=recipients))

    def arrived() -> set[str]:
        found = [m for m in t.hop().messages if message.token.encode() in m.content]
        return {r for m in found if m.has_requiretls for r in m.record.recipients}

    await t.until(lambda: arrived() >= set(recipients))
    bare = [m for a in t.hop().attempts for m in a.mails if not a.gave_requiretls]
    for requirement in (clause.TRANSMIT, clause.PARAMETER_PER_MESSAGE):
        t.check(
            requirement,
            arrived() == set(recipients) and not bare,
            expected="all three get it, every MAIL with REQUIRETLS",
            observed=f"{len(arrived())} of 3 got it so, {len(bare)} MAIL commands without it",
            absence=not arrived(),
        )


@case(
    "requiretls/queue/untagged-mail-to-the-same-host",
    roles=(Role.RELAY_CLIENT,),
    requirements=(clause.PARAMETER_PER_MESSAGE, clause.NOT_TRANSMITTED),
    world=World(destinations=(Domain(hosts=(Host(faults=WITHOUT_REQUIRETLS),)),)),
)
async def untagged_mail_to_the_same_host(t: Trial) -> None:
    """While a tagged message cannot go to an unfit host, untagged mail still flows there."""
    tagged = await t.submit(t.tagged())
    plain = await t.submit(t.untagged())
    outcome = await t.outcome(plain)
    t.check(
        clause.PARAMETER_PER_MESSAGE,
        outcome.delivered,
        expected="the untagged message is delivered",
        observed=outcome.story,
        absence=outcome.silent,
    )
    t.check(
        clause.NOT_TRANSMITTED,
        not t.reached(tagged, t.hop()),
        expected="the tagged one is not",
        observed=t.how_reached(tagged, t.hop()),
    )
    t.forbid(clause.NOT_TRANSMITTED, tagged, t.hop())


@case(
    "requiretls/queue/put-off-then-taken",
    roles=(Role.RELAY_CLIENT,),
    requirements=(clause.TRANSMIT, clause.TAG),
    world=turning(Later()),
    needs=("dane", "retries-soon"),
)
async def put_off_then_taken(t: Trial) -> None:
    """MAIL is answered 451 at first: the second try has the parameter as the first had."""
    message = await t.submit(t.tagged())
    await delivered_with_requiretls(t, message)


@case(
    "requiretls/queue/put-off-at-the-end-of-data",
    roles=(Role.RELAY_CLIENT,),
    requirements=(clause.TRANSMIT, clause.NOT_TRANSMITTED),
    world=World(
        destinations=(
            Domain(
                hosts=(
                    Host(
                        faults=Faults(end_of_data=Answer(451, "4.3.0 Try again later")),
                        later=Later(WITHOUT_REQUIRETLS),
                    ),
                )
            ),
        )
    ),
    needs=("dane", "retries-soon"),
)
async def put_off_at_the_end_of_data(t: Trial) -> None:
    """The content crossed once, protected, and was put off; the host then lacks REQUIRETLS.

    That it has seen the content before is no reason to send it there unprotected."""
    message = await t.submit(t.tagged())
    hop = t.hop()
    await t.second_try(hop)
    arrivals = [m for m in hop.messages if message.token.encode() in m.content]
    t.check(
        clause.TRANSMIT,
        bool(arrivals) and arrivals[0].has_requiretls and arrivals[0].in_tls,
        expected="the first try is in TLS with REQUIRETLS",
        observed=arrivals[0].story if arrivals else "there was no first try",
    )
    late = [m for m in arrivals if m.record.attempt.after_turn]
    t.check(
        clause.NOT_TRANSMITTED,
        not late,
        expected="nothing is sent after the host has changed",
        observed=late[0].story if late else "nothing was",
    )


@case(
    "requiretls/queue/optional-put-off-then-taken",
    roles=(Role.RELAY_CLIENT,),
    requirements=(clause.OPTIONAL_SENT, clause.TAG_BY_FIELD),
    world=turning(Later(), Host(certificate=Certificate.UNKNOWN_AUTHORITY, tlsa=Tlsa.MISMATCHING)),
    needs=("dane", "retries-soon"),
)
async def optional_put_off_then_taken(t: Trial) -> None:
    """The sender's wish for delivery whatever TLS is worth holds for the second try as well."""
    message = await t.submit(t.optional())
    outcome = await t.outcome(message)
    for requirement in (clause.OPTIONAL_SENT, clause.TAG_BY_FIELD):
        t.check(
            requirement,
            outcome.delivered,
            expected="delivered although the TLSA record does not match",
            observed=outcome.story,
            absence=outcome.silent,
        )


@case(
    "requiretls/queue/tag-survives-a-crash",
    roles=(Role.RELAY_SERVER, Role.RELAY_CLIENT),
    requirements=(clause.TAG, clause.TRANSMIT),
    world=closed_until_told(Faults()),
    needs=("dane", "retries-soon"),
    phase=Phase.CRASH,
)
async def tag_survives_a_crash(t: Trial) -> None:
    """Taken with 250, then the target is killed: after its restart the message goes on, tagged."""
    message = await t.submit(t.tagged())
    await t.crash_the_target()
    await t.hop().server.turn()
    await delivered_with_requiretls(t, message, cite=(clause.TAG,))


@case(
    "requiretls/queue/unfit-after-a-crash",
    roles=(Role.RELAY_SERVER, Role.RELAY_CLIENT),
    requirements=(clause.NOT_TRANSMITTED, clause.ONLY_IN_SUCH_SESSIONS, clause.TAG),
    world=closed_until_told(Faults(starttls=Starttls.ABSENT)),
    needs=("dane", "retries-soon"),
    phase=Phase.CRASH,
)
async def unfit_after_a_crash(t: Trial) -> None:
    """After the restart the host offers no STARTTLS: the target still knows that it matters."""
    message = await t.submit(t.tagged())
    await t.crash_the_target()
    await t.hop().server.turn()
    await judge_turned(t, message, t.hop(), clause.TAG)


@case(
    "requiretls/queue/untagged-after-a-crash",
    roles=(Role.RELAY_SERVER, Role.RELAY_CLIENT),
    requirements=(clause.PARAMETER_PER_MESSAGE,),
    world=closed_until_told(WITHOUT_REQUIRETLS),
    needs=("retries-soon",),
    phase=Phase.CRASH,
)
async def untagged_after_a_crash(t: Trial) -> None:
    """A message that had no tag has none after the restart: a host without REQUIRETLS gets it."""
    message = await t.submit(t.untagged())
    await t.crash_the_target()
    await t.hop().server.turn()
    outcome = await t.outcome(message)
    t.check(
        clause.PARAMETER_PER_MESSAGE,
        outcome.delivered,
        expected="delivered to a host without REQUIRETLS",
        observed=outcome.story,
        absence=outcome.silent,
    )


@case(
    "requiretls/queue/optional-after-a-crash",
    roles=(Role.RELAY_SERVER, Role.RELAY_CLIENT),
    requirements=(clause.OPTIONAL_SENT, clause.TAG_BY_FIELD),
    world=closed_until_told(
        Faults(), Host(certificate=Certificate.UNKNOWN_AUTHORITY, tlsa=Tlsa.MISMATCHING)
    ),
    needs=("dane", "retries-soon"),
    phase=Phase.CRASH,
)
async def optional_after_a_crash(t: Trial) -> None:
    """The tag that the header field set is as durable as that of the parameter."""
    message = await t.submit(t.optional())
    await t.crash_the_target()
    await t.hop().server.turn()
    outcome = await t.outcome(message)
    for requirement in (clause.OPTIONAL_SENT, clause.TAG_BY_FIELD):
        t.check(
            requirement,
            outcome.delivered,
            expected="delivered although the TLSA record does not match",
            observed=outcome.story,
            absence=outcome.silent,
        )
