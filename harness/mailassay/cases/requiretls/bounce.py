"""Non-delivery: the bounce of a tagged message, its form, its content, and its own way back."""

from __future__ import annotations

from mailassay.cases.registry import case
from mailassay.cases.requiretls import clause
from mailassay.cases.requiretls.judge import judge_bounce
from mailassay.trial import Bounce, Trial
from mailassay.verdicts import Role
from mailassay.world import (
    Answer,
    Certificate,
    Domain,
    Faults,
    Host,
    Requiretls,
    Tlsa,
    World,
)

# So long after an ordinary message has arrived, a bounce that was to go the same way is lost.
# Seconds.
LOST_AFTER = 4.0
UNFIT = (Domain(hosts=(Host(faults=Faults(requiretls=Requiretls.NEVER)),)),)
REFUSING = (Domain(hosts=(Host(faults=Faults(rcpt=Answer(550, "5.1.1 No such mailbox"))),)),)


def returning_to(*hosts: Host) -> World:
    """An unfit destination, and a sender whose mail servers are these."""
    return World(destinations=UNFIT, sender=Domain("from", hosts=hosts))


@case(
    "requiretls/bounce/is-a-report",
    roles=(Role.BOUNCE_MAKER,),
    requirements=(clause.NOTIFY, clause.BOUNCE_NULL_PATH),
    world=World(destinations=UNFIT),
)
async def is_a_report(t: Trial) -> None:
    """The bounce comes from the null reverse-path, to the sender, as a delivery status report."""
    message = await t.submit(t.tagged())
    bounce = await t.bounce(message)
    if not judge_bounce(t, bounce):
        return
    t.check(
        clause.BOUNCE_NULL_PATH,
        bounce.delivery.reverse_path == "",
        expected="MAIL FROM:<>",
        observed=f"MAIL FROM:<{bounce.delivery.reverse_path}>",
    )
    report = bounce.report
    failed = [r for r in report.recipients if r.action.lower() == "failed"]
    t.check(
        clause.NOTIFY,
        report.is_delivery_status and [r.address for r in failed] == list(message.recipients),
        expected=f"a delivery status report: {message.recipients[0]} failed",
        observed=bounce.story,
    )


@case(
    "requiretls/bounce/header-section-only",
    roles=(Role.BOUNCE_MAKER,),
    requirements=(clause.BOUNCE_HEADERS_ONLY,),
    world=World(destinations=UNFIT),
)
async def header_section_only(t: Trial) -> None:
    """The sender asked for nothing particular: the bounce returns the header section only."""
    message = await t.submit(t.tagged())
    await returned_without_body(t, await t.bounce(message), clause.BOUNCE_HEADERS_ONLY)


@case(
    "requiretls/bounce/although-ret-full",
    roles=(Role.BOUNCE_MAKER,),
    requirements=(clause.BOUNCE_RET_FULL, clause.BOUNCE_HEADERS_ONLY),
    world=World(destinations=UNFIT),
)
async def although_ret_full(t: Trial) -> None:
    """RET=FULL is disregarded beside REQUIRETLS: the bounce returns the header section only."""
    message = await t.submit(t.tagged(parameters=("REQUIRETLS", "RET=FULL", "ENVID=mailassay")))
    await returned_without_body(
        t, await t.bounce(message), clause.BOUNCE_RET_FULL, clause.BOUNCE_HEADERS_ONLY
    )


@case(
    "requiretls/bounce/of-some-other-failure",
    roles=(Role.BOUNCE_MAKER, Role.RELAY_CLIENT),
    requirements=(clause.BOUNCE_HEADERS_ONLY, clause.BOUNCE_PARAMETER, clause.BOUNCE_PROTECTED),
    world=World(destinations=REFUSING),
    needs=("dane",),
)
async def of_some_other_failure(t: Trial) -> None:
    """A fit hop refuses the recipient: this bounce, too, is kept to the header section."""
    message = await t.submit(t.tagged(parameters=("REQUIRETLS", "RET=FULL")))
    bounce = await t.bounce(message)
    await returned_without_body(t, bounce, clause.BOUNCE_HEADERS_ONLY)
    protected_like_the_original(t, bounce)


@case(
    "requiretls/bounce/protected-like-the-original",
    roles=(Role.BOUNCE_MAKER,),
    requirements=(clause.BOUNCE_PROTECTED, clause.BOUNCE_PARAMETER),
    world=World(destinations=UNFIT),
)
async def bounce_protected(t: Trial) -> None:
    """To a fit MX of the sender the bounce goes in TLS, with REQUIRETLS or else redacted."""
    message = await t.submit(t.tagged())
    protected_like_the_original(t, await t.bounce(message))


@case(
    "requiretls/bounce/not-lost-without-requiretls",
    roles=(Role.BOUNCE_MAKER, Role.RELAY_CLIENT),
    requirements=(clause.BOUNCE_NOT_DISCARDED,),
    world=returning_to(Host(faults=Faults(requiretls=Requiretls.NEVER))),
)
async def not_lost_without_requiretls(t: Trial) -> None:
    """The sender's own MX does not offer REQUIRETLS: the bounce arrives all the same."""
    message = await t.submit(t.tagged())
    bounce = await t.bounce(message)
    t.check(
        clause.BOUNCE_NOT_DISCARDED,
        bounce.arrived,
        expected="the bounce arrives at a host that does not offer REQUIRETLS",
        observed=bounce.story,
        absence=not bounce.arrived,
    )


@case(
    "requiretls/bounce/relayed-from-the-null-path",
    roles=(Role.RELAY_CLIENT,),
    requirements=(clause.BOUNCE_NOT_DISCARDED,),
    world=World(destinations=UNFIT),
)
async def relayed_from_the_null_path(t: Trial) -> None:
    """A tagged bounce of somebody else's is relayed to a hop that does not offer REQUIRETLS."""
    message = await t.submit(t.tagged(null_reverse_path=True))
    outcome = await t.outcome(message, or_deferred=True, settle=LOST_AFTER)
    t.check(
        clause.BOUNCE_NOT_DISCARDED,
        outcome.delivered,
        expected="relayed, although the next hop does not offer REQUIRETLS",
        observed=outcome.story,
        absence=outcome.silent,
    )


@case(
    "requiretls/bounce/goes-out-by-the-best-tls",
    roles=(Role.BOUNCE_MAKER, Role.RELAY_CLIENT),
    requirements=(clause.BOUNCE_PROTECTED,),
    world=returning_to(
        Host("mx1", 10, Certificate.UNKNOWN_AUTHORITY, Tlsa.MISMATCHING), Host("mx2", 20)
    ),
    needs=("dane",),
)
async def goes_out_by_the_best_tls(t: Trial) -> None:
    """The sender's first MX cannot be authenticated, the second can: the bounce uses the second.

    The policy of the sender's domain binds a bounce as it binds any mail."""
    message = await t.submit(t.tagged())
    bounce = await t.bounce(message)
    t.check(
        clause.BOUNCE_PROTECTED,
        bounce.arrived and bounce.delivery.host.startswith("mx2."),
        expected="the bounce arrives at mx2, whose certificate matches its TLSA record",
        observed=bounce.story,
        absence=not bounce.arrived,
    )


async def returned_without_body(t: Trial, bounce: Bounce, *cite: str) -> None:
    """The bounce arrived and holds nothing of the body, whatever its content type says."""
    if not judge_bounce(t, bounce):
        return
    for requirement in cite:
        t.check(
            requirement,
            not bounce.holds_body,
            expected="the header section is returned, nothing of the body",
            observed=bounce.story,
        )


def protected_like_the_original(t: Trial, bounce: Bounce) -> None:
    """In TLS; with REQUIRETLS, or, by the other reading, redacted to the header section."""
    if not judge_bounce(t, bounce):
        return
    t.check(
        clause.BOUNCE_PROTECTED,
        bounce.delivery.in_tls,
        expected="the bounce crosses in TLS, as the original had to",
        observed=bounce.story,
    )
    if bounce.delivery.has_requiretls:
        reading = "with the parameter"
    else:
        reading = "redacted instead"
    t.check(
        clause.BOUNCE_PARAMETER,
        bounce.delivery.has_requiretls or not bounce.holds_body,
        expected="MAIL FROM:<> REQUIRETLS, or a bounce redacted to the header section",
        observed=bounce.story,
        reading=reading,
    )
