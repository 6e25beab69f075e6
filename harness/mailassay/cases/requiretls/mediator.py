"""Mediators: a mailing list and what it has to say, vacation notices, a user's forwarding.

All cases of a target share its mediators, and so the domains that these lead to (`Member`).  What a
mediator originates is known by the Message-ID of what it is about.
"""

from __future__ import annotations

from collections.abc import Iterable

from mailassay.cases.registry import case
from mailassay.cases.requiretls import clause
from mailassay.peers.dsn import parse_report
from mailassay.trial import Hop, Outcome, Submitted, Trial
from mailassay.verdicts import Edition, Role
from mailassay.world import (
    Domain,
    Faults,
    Host,
    Member,
    Requiretls,
    Standing,
    Starttls,
    World,
)

MEDIATOR = (Role.MEDIATOR,)
LIST = World(standing=Standing.MEMBERS)
UNAWARE_SENDER = World(
    standing=Standing.MEMBERS,
    sender=Domain(label="from", hosts=(Host(faults=Faults(requiretls=Requiretls.NEVER)),)),
)
PLAIN_SENDER = World(
    standing=Standing.MEMBERS,
    sender=Domain(label="from", hosts=(Host(faults=Faults(starttls=Starttls.ABSENT)),)),
)


def request_address(t: Trial) -> str:
    """Where one asks to become a member."""
    local_part, _, domain = t.mediator("list").partition("@")
    return f"{local_part}-request@{domain}"


async def arrival(t: Trial, message: Submitted, hops: Iterable[Hop]) -> Outcome:
    """What the mediator sent to these hosts.  A report of non-delivery is no such thing."""
    outcome = await t.outcome(message, where=hops, despite_bounce=True)
    if outcome.delivery is not None:
        report = parse_report(outcome.delivery.content)
        if report.is_delivery_status:
            return Outcome(delivery=None, bounce=outcome.delivery, waited=outcome.waited)
    return outcome


def judge_tagged(t: Trial, outcome: Outcome, *cite: str) -> None:
    """It arrived at a host that is fit, in TLS, with REQUIRETLS."""
    delivery = outcome.delivery
    for requirement in cite:
        t.check(
            requirement,
            delivery is not None and delivery.in_tls and delivery.has_requiretls,
            expected="sent with REQUIRETLS",
            observed=outcome.story,
            absence=outcome.silent,
        )


def judge_optional(t: Trial, outcome: Outcome, *cite: str) -> None:
    """It arrived, not tagged as requiring TLS, with the field for the hops that follow."""
    delivery = outcome.delivery
    fields = delivery.count_fields(t.field_name) if delivery is not None else 0
    for requirement in cite:
        t.check(
            requirement,
            delivery is not None and not delivery.has_requiretls and fields == 1,
            expected=f"sent without REQUIRETLS, with one {t.field_name} field",
            observed=f"{outcome.story}, with {fields} such fields" if delivery else outcome.story,
            absence=outcome.silent,
        )


def judge_withheld(t: Trial, message: Submitted, hops: Iterable[Hop], *cite: str) -> None:
    """Nothing of it reaches these hosts, not even later."""
    for hop in hops:
        for requirement in cite:
            t.check(
                requirement,
                not t.reached(message, hop),
                expected=f"nothing reaches {hop.name}, which does not offer REQUIRETLS",
                observed=t.how_reached(message, hop),
            )
            t.forbid(requirement, message, hop)


@case(
    "requiretls/mediator/tagged-post",
    roles=MEDIATOR,
    requirements=(clause.REORIGINATE, clause.LIST_APPLIES),
    world=LIST,
    needs=("list",),
)
async def tagged_post(t: Trial) -> None:
    """A tagged post to a mailing list goes to its members with REQUIRETLS."""
    message = await t.submit(t.tagged(recipients=(t.mediator("list"),)))
    outcome = await arrival(t, message, t.hops(Member.FIT))
    judge_tagged(t, outcome, clause.REORIGINATE, clause.LIST_APPLIES)


@case(
    "requiretls/mediator/tagged-post-and-unfit-members",
    roles=(Role.MEDIATOR, Role.BOUNCE_MAKER),
    requirements=(
        clause.REORIGINATE,
        clause.LIST_APPLIES,
        clause.NOTIFY,
        clause.BOUNCE_PROTECTED,
    ),
    world=LIST,
    needs=("list",),
)
async def tagged_post_and_unfit_members(t: Trial) -> None:
    """A tagged post is not sent to members whose hosts are unfit, and the list's owner is told.

    The owner, not the author: the list's copies have a reverse-path of their own."""
    message = await t.submit(t.tagged(recipients=(t.mediator("list"),)))

    def reports() -> list[Outcome]:
        return [
            Outcome(delivery=a, bounce=None, waited=0.0)
            for a in t.arrivals(message, t.hop(domain=Member.OWNER))
            if parse_report(a.content).is_delivery_status
        ]

    await t.until(lambda: len(reports()) >= 2)
    for member in (Member.UNAWARE, Member.PLAIN):
        judge_withheld(
            t, message, t.hops(member), clause.REORIGINATE, clause.LIST_APPLIES
        )
    told = reports()
    t.check(
        clause.NOTIFY,
        len(told) >= 2,
        expected="a non-delivery notification to the list's owner for either member",
        observed=f"{len(told)} of them",
        absence=not told,
    )
    for outcome in told:
        protected = outcome.delivery is not None and outcome.delivery.in_tls
        t.check(
            clause.BOUNCE_PROTECTED,
            protected,
            expected="the report travels in TLS",
            observed=outcome.story,
        )


@case(
    "requiretls/mediator/untagged-post",
    roles=MEDIATOR,
    requirements=(clause.PARAMETER_PER_MESSAGE,),
    world=LIST,
    needs=("list",),
)
async def untagged_post(t: Trial) -> None:
    """An untagged post reaches a member whose host does not offer REQUIRETLS."""
    message = await t.submit(t.untagged(recipients=(t.mediator("list"),)))
    outcome = await arrival(t, message, t.hops(Member.UNAWARE))
    t.check(
        clause.PARAMETER_PER_MESSAGE,
        outcome.delivered,
        expected="the untagged post reaches a member behind a host without REQUIRETLS",
        observed=outcome.story,
        absence=outcome.silent,
    )


@case(
    "requiretls/mediator/post-with-the-field",
    roles=MEDIATOR,
    requirements=(clause.REORIGINATE, clause.LIST_INHERITS),
    world=LIST,
    needs=("list",),
)
async def post_with_the_field(t: Trial) -> None:
    """A post with the field reaches a member without STARTTLS, and the field goes with it."""
    message = await t.submit(t.optional(recipients=(t.mediator("list"),)))
    outcome = await arrival(t, message, t.hops(Member.PLAIN))
    judge_optional(t, outcome, clause.REORIGINATE, clause.LIST_INHERITS)


@case(
    "requiretls/mediator/post-with-field-and-parameter",
    roles=MEDIATOR,
    requirements=(clause.PARAMETER_BEATS_FIELD,),
    world=LIST,
    needs=("list",),
)
async def post_with_field_and_parameter(t: Trial) -> None:
    """A post with both is a tagged one: members without STARTTLS do not get it, fit ones do."""
    both = t.tagged(recipients=(t.mediator("list"),), fields=(t.optional_field(),))
    message = await t.submit(both)
    outcome = await arrival(t, message, t.hops(Member.FIT))
    judge_tagged(t, outcome, clause.PARAMETER_BEATS_FIELD)
    judge_withheld(t, message, t.hops(Member.PLAIN), clause.PARAMETER_BEATS_FIELD)


@case(
    "requiretls/mediator/tagged-request",
    roles=MEDIATOR,
    requirements=(clause.REORIGINATE, clause.LIST_ADMINISTRATION),
    world=LIST,
    needs=("list",),
)
async def tagged_request(t: Trial) -> None:
    """Who asks by a tagged message to become a member is asked for confirmation by another."""
    message = await t.submit(t.tagged(recipients=(request_address(t),)))
    outcome = await arrival(t, message, t.return_hops)
    judge_tagged(t, outcome, clause.REORIGINATE, clause.LIST_ADMINISTRATION)


@case(
    "requiretls/mediator/tagged-request-from-an-unaware-host",
    roles=MEDIATOR,
    requirements=(clause.REORIGINATE, clause.LIST_ADMINISTRATION),
    world=UNAWARE_SENDER,
    needs=("list",),
)
async def tagged_request_from_an_unaware_host(t: Trial) -> None:
    """The request for confirmation is not sent to a host without REQUIRETLS; the owner is told."""
    message = await t.submit(t.tagged(recipients=(request_address(t),)))
    await t.outcome(message, where=(*t.return_hops, *t.hops(Member.OWNER)), despite_bounce=True)
    judge_withheld(
        t, message, t.return_hops, clause.REORIGINATE, clause.LIST_ADMINISTRATION
    )


@case(
    "requiretls/mediator/request-with-the-field",
    roles=MEDIATOR,
    requirements=(clause.REORIGINATE, clause.LIST_ADMINISTRATION),
    world=PLAIN_SENDER,
    needs=("list",),
)
async def request_with_the_field(t: Trial) -> None:
    """The confirmation of a request with the field reaches a host without STARTTLS."""
    message = await t.submit(t.optional(recipients=(request_address(t),)))
    outcome = await arrival(t, message, t.return_hops)
    judge_optional(t, outcome, clause.REORIGINATE, clause.LIST_ADMINISTRATION)


@case(
    "requiretls/mediator/tagged-post-to-be-approved",
    roles=MEDIATOR,
    requirements=(clause.REORIGINATE, clause.LIST_ADMINISTRATION),
    world=LIST,
    needs=("moderated-list",),
)
async def tagged_post_to_be_approved(t: Trial) -> None:
    """The owner of a moderated list is shown a tagged post in a tagged message."""
    message = await t.submit(t.tagged(recipients=(t.mediator("moderated"),)))
    outcome = await arrival(t, message, t.hops(Member.OWNER))
    judge_tagged(t, outcome, clause.REORIGINATE, clause.LIST_ADMINISTRATION)


@case(
    "requiretls/mediator/vacation-notice-about-tagged-mail",
    roles=MEDIATOR,
    requirements=(clause.REORIGINATE,),
    world=LIST,
    needs=("vacation",),
    editions=(Edition.RFC,),
)
async def vacation_notice_about_tagged_mail(t: Trial) -> None:
    """The notice that answers a tagged message is tagged, too."""
    message = await t.submit(t.tagged(recipients=(t.mediator("vacation"),)))
    outcome = await arrival(t, message, t.return_hops)
    judge_tagged(t, outcome, clause.REORIGINATE)


@case(
    "requiretls/mediator/vacation-notice-about-the-field",
    roles=MEDIATOR,
    requirements=(clause.REORIGINATE,),
    world=PLAIN_SENDER,
    needs=("vacation",),
    editions=(Edition.RFC,),
)
async def vacation_notice_about_the_field(t: Trial) -> None:
    """The notice that answers a message with the field carries it to a host without STARTTLS."""
    message = await t.submit(t.optional(recipients=(t.mediator("vacation"),)))
    outcome = await arrival(t, message, t.return_hops)
    judge_optional(t, outcome, clause.REORIGINATE)


@case(
    "requiretls/mediator/user-forwards-untagged-mail",
    roles=MEDIATOR,
    requirements=(clause.REORIGINATE_BY_USER,),
    world=LIST,
    needs=("forward-with-requiretls",),
    editions=(Edition.RFC,),
)
async def user_forwards_untagged_mail(t: Trial) -> None:
    """What a user forwards to a known address is sent with REQUIRETLS, though nobody asked."""
    message = await t.submit(t.untagged(recipients=(t.mediator("forward"),)))
    outcome = await arrival(t, message, t.hops(Member.FIT))
    judge_tagged(t, outcome, clause.REORIGINATE_BY_USER)


@case(
    "requiretls/mediator/user-forwards-the-field",
    roles=MEDIATOR,
    requirements=(clause.REORIGINATE_BY_USER,),
    world=LIST,
    needs=("forward-with-requiretls",),
    editions=(Edition.RFC,),
)
async def user_forwards_the_field(t: Trial) -> None:
    """Mail with the field is forwarded without REQUIRETLS, to a host that does not offer it."""
    message = await t.submit(t.optional(recipients=(t.mediator("forward_unaware"),)))
    outcome = await arrival(t, message, t.hops(Member.UNAWARE))
    judge_optional(t, outcome, clause.REORIGINATE_BY_USER)
