"""The receiving side: what the target offers, takes and refuses, and what it tags."""

from __future__ import annotations

from mailassay.cases.registry import case
from mailassay.cases.requiretls import clause
from mailassay.cases.requiretls.judge import (
    delivered_with_requiretls,
    judge_advertised,
    refused_or_honoured,
)
from mailassay.trial import Submitted, Trial
from mailassay.verdicts import Role
from mailassay.world import Domain, Faults, Host, Member, Requiretls, Standing, World

# A tagged message is told from an untagged one by what the target does with it: this hop is
# good but for REQUIRETLS, so ordinary mail reaches it and tagged mail does not.
TELLTALE = World(
    destinations=(Domain(hosts=(Host(faults=Faults(requiretls=Requiretls.NEVER)),)),)
)


@case(
    "requiretls/server/advertised-after-starttls",
    roles=(Role.RELAY_SERVER,),
    requirements=(clause.KEYWORD, clause.SERVER_ADVERTISES),
)
async def advertised_after_starttls(t: Trial) -> None:
    """REQUIRETLS stands in the EHLO reply after STARTTLS, without an argument.

    Whether it also stands there before STARTTLS is noted, not judged: no clause forbids it."""
    async with t.session() as session:
        plain = await session.ehlo()
        t.note(
            clause.SERVER_ADVERTISES,
            "listed in plaintext too" if plain.has("REQUIRETLS") else "not listed in plaintext",
        )
        await session.starttls()
        judge_advertised(t, await session.ehlo(), "EHLO after STARTTLS")


@case(
    "requiretls/server/parameter-tags-the-message",
    roles=(Role.RELAY_SERVER,),
    requirements=(clause.TAG,),
    world=TELLTALE,
)
async def parameter_tags_the_message(t: Trial) -> None:
    """A message taken with REQUIRETLS is tagged: it does not reach a hop without REQUIRETLS."""
    message = await t.submit(t.tagged())
    await refused_or_honoured(t, message, may_refuse=False)


@case(
    "requiretls/server/parameter-in-plaintext",
    roles=(Role.RELAY_SERVER,),
    requirements=(clause.TAG,),
    world=TELLTALE,
)
async def parameter_in_plaintext(t: Trial) -> None:
    """REQUIRETLS before STARTTLS is refused, or taken and honoured; never taken and dropped."""
    message = await t.submit(t.tagged(starttls=False))
    await refused_or_honoured(t, message, may_refuse=True)


@case(
    "requiretls/server/parameter-with-a-value",
    roles=(Role.RELAY_SERVER,),
    requirements=(clause.TAG, clause.NO_VALUE),
    world=TELLTALE,
)
async def parameter_with_a_value(t: Trial) -> None:
    """REQUIRETLS=yes is refused, or taken and honoured; never taken and dropped.

    The parameter has no value, so such a command is not of the extension's syntax."""
    message = await t.submit(t.tagged(parameters=("REQUIRETLS=yes",)))
    await refused_or_honoured(t, message, may_refuse=True)
    t.note(clause.NO_VALUE, f"MAIL with REQUIRETLS=yes was answered {message.mail_reply}")


@case(
    "requiretls/server/parameter-twice",
    roles=(Role.RELAY_SERVER,),
    requirements=(clause.TAG,),
    world=TELLTALE,
)
async def parameter_twice(t: Trial) -> None:
    """REQUIRETLS given twice is refused, or taken and honoured; never taken and dropped."""
    message = await t.submit(t.tagged(parameters=("REQUIRETLS", "REQUIRETLS")))
    await refused_or_honoured(t, message, may_refuse=True)


@case(
    "requiretls/server/parameter-in-lower-case",
    roles=(Role.RELAY_SERVER,),
    requirements=(clause.PARAMETER_SYNTAX, clause.TAG),
    world=TELLTALE,
)
async def parameter_in_lower_case(t: Trial) -> None:
    """The parameter is known in any letter case, as ABNF strings and ESMTP keywords are."""
    message = await t.submit(t.tagged(parameters=("RequireTls",)))
    t.check(
        clause.PARAMETER_SYNTAX,
        message.accepted,
        expected="MAIL with RequireTls is taken as MAIL with REQUIRETLS is",
        observed=message.story(),
    )
    await refused_or_honoured(t, message, may_refuse=True)


@case(
    "requiretls/server/parameter-among-others",
    roles=(Role.RELAY_SERVER, Role.RELAY_CLIENT),
    requirements=(clause.TAG, clause.TRANSMIT),
)
async def parameter_among_others(t: Trial) -> None:
    """REQUIRETLS between SIZE and BODY, in a pipelined group, still tags the message."""
    message = await t.submit(
        t.tagged(parameters=("SIZE=2000", "REQUIRETLS", "BODY=8BITMIME"), pipelined=True)
    )
    await delivered_with_requiretls(t, message)


@case(
    "requiretls/server/tag-does-not-leak",
    roles=(Role.RELAY_SERVER, Role.RELAY_CLIENT),
    requirements=(clause.TAG, clause.PARAMETER_PER_MESSAGE),
    world=World(
        destinations=(
            Domain(hosts=(Host(faults=Faults(requiretls=Requiretls.NEVER)),)),
            Domain(label="good"),
        )
    ),
)
async def tag_does_not_leak(t: Trial) -> None:
    """Two messages in one session, only the second tagged: each gets what it asked for.

    The first, untagged, reaches a hop without REQUIRETLS; the second goes on with it."""
    async with t.session() as session:
        await session.ehlo()
        await session.starttls()
        await session.ehlo()
        plain = await t.submit(t.untagged(), session=session)
        tagged = await t.submit(t.tagged(to=1), session=session)
    outcome = await t.outcome(plain)
    t.check(
        clause.PARAMETER_PER_MESSAGE,
        outcome.delivered,
        expected="the untagged message of the session reaches a hop without REQUIRETLS",
        observed=outcome.story,
        absence=outcome.silent,
    )
    await delivered_with_requiretls(t, tagged, domain=1)


async def judge_untagged(t: Trial, message: Submitted, reading: str | None = None) -> None:
    """A message that was submitted without the parameter reaches a hop without REQUIRETLS."""
    outcome = await t.outcome(message)
    t.check(
        clause.PARAMETER_PER_MESSAGE,
        outcome.delivered,
        expected="the untagged message reaches a hop without REQUIRETLS",
        observed=outcome.story,
        reading=reading if outcome.delivered else None,
        absence=outcome.silent,
    )


@case(
    "requiretls/server/tag-ends-with-its-message",
    roles=(Role.RELAY_SERVER, Role.RELAY_CLIENT),
    requirements=(clause.TAG, clause.PARAMETER_PER_MESSAGE),
    world=TELLTALE,
)
async def tag_ends_with_its_message(t: Trial) -> None:
    """Two messages in one session, only the first tagged: the second owes nothing to it."""
    async with t.session() as session:
        await session.ehlo()
        await session.starttls()
        await session.ehlo()
        tagged = await t.submit(t.tagged(), session=session)
        plain = await t.submit(t.untagged(), session=session)
    await judge_untagged(t, plain)
    t.check(
        clause.TAG,
        not t.reached(tagged, t.hop()),
        expected="the tagged message does not go there",
        observed=t.how_reached(tagged, t.hop()),
    )
    t.forbid(clause.TAG, tagged, t.hop())


@case(
    "requiretls/server/tag-ends-with-reset",
    roles=(Role.RELAY_SERVER, Role.RELAY_CLIENT),
    requirements=(clause.PARAMETER_PER_MESSAGE,),
    world=TELLTALE,
)
async def tag_ends_with_reset(t: Trial) -> None:
    """MAIL with REQUIRETLS, then RSET: the next message of the session is not tagged by it."""
    async with t.session() as session:
        await session.ehlo()
        await session.starttls()
        await session.ehlo()
        await session.mail("", ("REQUIRETLS",))
        await session.command("RSET")
        plain = await t.submit(t.untagged(), session=session)
    await judge_untagged(t, plain)


@case(
    "requiretls/server/tag-ends-with-ehlo",
    roles=(Role.RELAY_SERVER, Role.RELAY_CLIENT),
    requirements=(clause.PARAMETER_PER_MESSAGE,),
    world=TELLTALE,
)
async def tag_ends_with_ehlo(t: Trial) -> None:
    """MAIL with REQUIRETLS, then EHLO, which resets as RSET does: the next message has no tag."""
    async with t.session() as session:
        await session.ehlo()
        await session.starttls()
        await session.ehlo()
        await session.mail("", ("REQUIRETLS",))
        await session.ehlo()
        plain = await t.submit(t.untagged(), session=session)
    await judge_untagged(t, plain)


@case(
    "requiretls/server/alias-to-several",
    roles=(Role.RELAY_SERVER, Role.RELAY_CLIENT),
    requirements=(clause.ALIASES_ALIKE,),
    world=World(standing=Standing.MEMBERS),
    needs=("alias",),
)
async def alias_to_several(t: Trial) -> None:
    """A tagged message to a local alias of two addresses stays tagged for both.

    One address lies behind a hop without REQUIRETLS, the other behind a good one."""
    message = await t.submit(t.tagged(recipients=(t.mediator("alias"),)))
    outcome = await t.outcome(message, where=t.hops(Member.FIT), despite_bounce=True)
    t.check(
        clause.ALIASES_ALIKE,
        outcome.delivery is not None and outcome.delivery.has_requiretls,
        expected="the instance for the good hop goes on with REQUIRETLS",
        observed=outcome.story,
        absence=outcome.silent,
    )
    bounce = await t.bounce(message)
    t.check(
        clause.ALIASES_ALIKE,
        not t.reached(message, t.hop(domain=Member.UNAWARE)),
        expected="the instance for the hop without REQUIRETLS is not sent there",
        observed="sent there" if t.reached(message, t.hop(domain=Member.UNAWARE)) else bounce.story,
    )
    t.forbid(clause.ALIASES_ALIKE, message, t.hop(domain=Member.UNAWARE))
