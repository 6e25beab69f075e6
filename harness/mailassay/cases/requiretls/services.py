"""Submission with a login, and LMTP: the extension is valid there as in relay."""

from __future__ import annotations

from mailassay.cases.registry import case
from mailassay.cases.requiretls import clause
from mailassay.cases.requiretls.judge import judge_advertised, refused_or_honoured
from mailassay.cases.requiretls.optional import WITHOUT_STARTTLS, delivered_regardless
from mailassay.cases.requiretls.server import TELLTALE, judge_untagged
from mailassay.trial import Trial
from mailassay.verdicts import Role

SUBMISSION = (Role.SUBMISSION_SERVER, Role.RELAY_CLIENT)
LMTP = (Role.LMTP_SERVER, Role.RELAY_CLIENT)


@case(
    "requiretls/submission/advertised-to-users",
    roles=(Role.SUBMISSION_SERVER,),
    requirements=(clause.KEYWORD, clause.SERVER_ADVERTISES, clause.VALID_FOR),
)
async def advertised_to_users(t: Trial) -> None:
    """REQUIRETLS stands in the EHLO reply that a user gets within TLS after the login.

    Whether it stands there before the login too is a matter of reading: a server may show
    strangers less."""
    async with t.submission() as session:
        to_strangers = session.hello.has("REQUIRETLS")
        await t.log_in(session)
        judge_advertised(
            t,
            await session.ehlo(),
            "EHLO after STARTTLS and AUTH",
            reading="before the login too" if to_strangers else "to users only",
        )


@case(
    "requiretls/submission/parameter-after-login",
    roles=SUBMISSION,
    requirements=(clause.TAG,),
    world=TELLTALE,
)
async def parameter_after_login(t: Trial) -> None:
    """A user's message with REQUIRETLS is tagged; no second EHLO is needed after AUTH."""
    async with t.submission() as session:
        await t.log_in(session)
        message = await t.submit(t.tagged(), session=session)
    await refused_or_honoured(t, message, may_refuse=False)


@case(
    "requiretls/submission/parameter-in-mixed-case",
    roles=SUBMISSION,
    requirements=(clause.PARAMETER_SYNTAX, clause.TAG),
    world=TELLTALE,
)
async def submitted_in_mixed_case(t: Trial) -> None:
    """A submission server knows the parameter in any letter case."""
    async with t.submission() as session:
        await t.log_in(session)
        message = await t.submit(t.tagged(parameters=("RequireTls",)), session=session)
    t.check(
        clause.PARAMETER_SYNTAX,
        message.accepted,
        expected="MAIL with RequireTls is taken as MAIL with REQUIRETLS is",
        observed=message.story(),
    )
    await refused_or_honoured(t, message, may_refuse=True)


@case(
    "requiretls/submission/users-field",
    roles=SUBMISSION,
    requirements=(clause.SUBMISSION_INTERPRETS,),
    world=WITHOUT_STARTTLS,
)
async def users_field(t: Trial) -> None:
    """A user's message with the field reaches a host without STARTTLS, whatever its policy."""
    async with t.submission() as session:
        await t.log_in(session)
        message = await t.submit(t.optional(), session=session)
    delivered_regardless(t, await t.outcome(message), clause.SUBMISSION_INTERPRETS)


@case(
    "requiretls/submission/users-field-and-parameter",
    roles=SUBMISSION,
    requirements=(clause.PARAMETER_BEATS_FIELD, clause.TAG),
    world=TELLTALE,
)
async def users_field_and_parameter(t: Trial) -> None:
    """A user's message with both the parameter and the field is tagged by the parameter."""
    async with t.submission() as session:
        await t.log_in(session)
        message = await t.submit(t.tagged(fields=(t.optional_field(),)), session=session)
    await refused_or_honoured(t, message, may_refuse=False)
    t.check(
        clause.PARAMETER_BEATS_FIELD,
        not t.reached(message, t.hop()),
        expected="the field is ignored: not sent to a hop without REQUIRETLS",
        observed=t.how_reached(message, t.hop()),
    )


@case(
    "requiretls/submission/parameter-before-login",
    roles=SUBMISSION,
    requirements=(clause.PARAMETER_PER_MESSAGE,),
    world=TELLTALE,
)
async def parameter_before_login(t: Trial) -> None:
    """MAIL with REQUIRETLS before the login leaves no tag on what is submitted after it.

    Whether it is taken or refused there is a matter of reading. RSET ends what was taken."""
    async with t.submission() as session:
        early = await session.mail(f"sender@{t.sender_domain}", ("REQUIRETLS",))
        await session.command("RSET")
        await t.log_in(session)
        message = await t.submit(t.untagged(), session=session)
    taken = 200 <= early.code <= 299
    await judge_untagged(
        t, message, reading="taken before the login" if taken else "refused before the login"
    )


@case(
    "requiretls/lmtp/advertised-after-lhlo",
    roles=(Role.LMTP_SERVER,),
    requirements=(clause.KEYWORD, clause.SERVER_ADVERTISES, clause.VALID_FOR),
)
async def advertised_after_lhlo(t: Trial) -> None:
    """REQUIRETLS stands in the reply to LHLO after STARTTLS."""
    async with t.lmtp() as session:
        judge_advertised(t, session.hello, "LHLO after STARTTLS")


@case(
    "requiretls/lmtp/parameter-by-lmtp",
    roles=LMTP,
    requirements=(clause.TAG,),
    world=TELLTALE,
)
async def parameter_by_lmtp(t: Trial) -> None:
    """A message that came by LMTP with REQUIRETLS is tagged where it goes on by SMTP."""
    async with t.lmtp() as session:
        message = await t.submit(t.tagged(), session=session)
    await refused_or_honoured(t, message, may_refuse=False)


@case(
    "requiretls/lmtp/parameter-by-lmtp-in-mixed-case",
    roles=LMTP,
    requirements=(clause.PARAMETER_SYNTAX, clause.TAG),
    world=TELLTALE,
)
async def parameter_by_lmtp_in_mixed_case(t: Trial) -> None:
    """An LMTP server knows the parameter in any letter case."""
    async with t.lmtp() as session:
        message = await t.submit(t.tagged(parameters=("RequireTls",)), session=session)
    t.check(
        clause.PARAMETER_SYNTAX,
        message.accepted,
        expected="MAIL with RequireTls is taken as MAIL with REQUIRETLS is",
        observed=message.story(),
    )
    await refused_or_honoured(t, message, may_refuse=True)


@case(
    "requiretls/lmtp/field-by-lmtp",
    roles=LMTP,
    requirements=(clause.TAG_BY_FIELD,),
    world=WITHOUT_STARTTLS,
)
async def field_by_lmtp(t: Trial) -> None:
    """A message that came by LMTP with the field reaches a host without STARTTLS."""
    async with t.lmtp() as session:
        message = await t.submit(t.optional(), session=session)
    delivered_regardless(t, await t.outcome(message), clause.TAG_BY_FIELD)


@case(
    "requiretls/lmtp/field-and-parameter-by-lmtp",
    roles=LMTP,
    requirements=(clause.PARAMETER_BEATS_FIELD, clause.TAG),
    world=TELLTALE,
)
async def field_and_parameter_by_lmtp(t: Trial) -> None:
    """A message that came by LMTP with both is tagged by the parameter."""
    async with t.lmtp() as session:
        message = await t.submit(t.tagged(fields=(t.optional_field(),)), session=session)
    await refused_or_honoured(t, message, may_refuse=False)
    t.check(
        clause.PARAMETER_BEATS_FIELD,
        not t.reached(message, t.hop()),
        expected="the field is ignored: not sent to a hop without REQUIRETLS",
        observed=t.how_reached(message, t.hop()),
    )
