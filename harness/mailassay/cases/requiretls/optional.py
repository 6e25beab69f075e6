"""Mail whose sender does not require TLS: the header field, its syntax, and what it does.

The destinations of this module publish a policy that a host of theirs breaks.  Ordinary mail is
therefore held back by a target that honours the policy, and only mail with the field goes through:
that tells a tagged message from an untagged one.
"""

from __future__ import annotations

from mailassay.cases.registry import case
from mailassay.cases.requiretls import clause
from mailassay.cases.requiretls.judge import REFUSAL, refused
from mailassay.trial import Outcome, Trial
from mailassay.verdicts import Edition, Role
from mailassay.world import (
    Answer,
    Certificate,
    Domain,
    Faults,
    Host,
    Starttls,
    StsPolicy,
    Tlsa,
    World,
    Zone,
)

WITHOUT_STARTTLS = World(
    destinations=(Domain(hosts=(Host(faults=Faults(starttls=Starttls.ABSENT)),)),)
)
WRONG_CERTIFICATE = World(
    destinations=(
        Domain(hosts=(Host(certificate=Certificate.UNKNOWN_AUTHORITY, tlsa=Tlsa.MISMATCHING),)),
    )
)


def delivered_regardless(t: Trial, outcome: Outcome, *cite: str) -> None:
    """Delivered, as the field asks; each cited clause gets a check."""
    for requirement in cite:
        t.check(
            requirement,
            outcome.delivered,
            expected="delivered, whatever the domain's policy and its TLS are worth",
            observed=outcome.story,
            absence=outcome.silent,
        )


@case(
    "requiretls/optional/over-plaintext",
    roles=(Role.RELAY_SERVER, Role.RELAY_CLIENT),
    requirements=(
        clause.TAG_BY_FIELD,
        clause.OPTIONAL_SENT,
        clause.OPTIONAL_LOOK_UP,
        clause.OPTIONAL_SESSION,
        clause.FIELD_ONCE,
    ),
    world=WITHOUT_STARTTLS,
)
async def over_plaintext(t: Trial) -> None:
    """TLS-Required: No reaches a host without STARTTLS, although its TLSA record demands TLS."""
    message = await t.submit(t.optional())
    outcome = await t.outcome(message)
    delivered_regardless(
        t,
        outcome,
        clause.TAG_BY_FIELD,
        clause.OPTIONAL_SENT,
        clause.OPTIONAL_LOOK_UP,
        clause.OPTIONAL_SESSION,
    )
    if outcome.delivery is not None:
        count = outcome.delivery.count_fields(t.field_name)
        t.check(
            clause.FIELD_ONCE,
            count <= 1,
            expected=f"at most one {t.field_name} field in what is relayed",
            observed=f"{count} of them",
        )


@case(
    "requiretls/optional/regardless-of-dane",
    roles=(Role.RELAY_SERVER, Role.RELAY_CLIENT),
    requirements=(clause.OPTIONAL_SENT, clause.OPTIONAL_SESSION),
    world=WRONG_CERTIFICATE,
)
async def regardless_of_dane(t: Trial) -> None:
    """TLS-Required: No reaches a host whose certificate does not match its TLSA record."""
    outcome = await t.outcome(await t.submit(t.optional()))
    delivered_regardless(t, outcome, clause.OPTIONAL_SENT, clause.OPTIONAL_SESSION)


@case(
    "requiretls/optional/regardless-of-mta-sts",
    roles=(Role.RELAY_SERVER, Role.RELAY_CLIENT),
    requirements=(clause.OPTIONAL_SENT, clause.OPTIONAL_SESSION),
    world=World(
        destinations=(
            Domain(
                zone=Zone.UNSIGNED,
                hosts=(Host(certificate=Certificate.EXPIRED, tlsa=Tlsa.NONE),),
                mta_sts=StsPolicy(),
            ),
        )
    ),
)
async def regardless_of_mta_sts(t: Trial) -> None:
    """TLS-Required: No reaches a host whose certificate expired, although MTA-STS is in force.

    This is the field's own example: to tell an administrator that the certificate expired."""
    outcome = await t.outcome(await t.submit(t.optional()))
    delivered_regardless(t, outcome, clause.OPTIONAL_SENT, clause.OPTIONAL_SESSION)


@case(
    "requiretls/optional/still-tries-starttls",
    roles=(Role.RELAY_CLIENT,),
    requirements=(clause.OPTIONAL_TRIES_STARTTLS, clause.OPTIONAL_SESSION),
)
async def still_tries_starttls(t: Trial) -> None:
    """Where STARTTLS is to be had, TLS-Required: No is still sent through TLS."""
    outcome = await t.outcome(await t.submit(t.optional()))
    for requirement in (clause.OPTIONAL_TRIES_STARTTLS, clause.OPTIONAL_SESSION):
        t.check(
            requirement,
            outcome.delivery is not None and outcome.delivery.in_tls,
            expected="delivered in TLS",
            observed=outcome.story,
            absence=outcome.silent,
        )


@case(
    "requiretls/optional/without-a-handshake",
    roles=(Role.RELAY_CLIENT,),
    requirements=(clause.OPTIONAL_SENT, clause.OPTIONAL_SESSION),
    world=World(
        destinations=(
            Domain(hosts=(Host(faults=Faults(starttls=Starttls.HANDSHAKE_ALERT)),)),
        )
    ),
)
async def optional_handshake_fails(t: Trial) -> None:
    """The handshake fails: TLS-Required: No is sent without TLS, in a new session."""
    outcome = await t.outcome(await t.submit(t.optional()))
    delivered_regardless(t, outcome, clause.OPTIONAL_SENT, clause.OPTIONAL_SESSION)


@case(
    "requiretls/optional/server-insists-on-starttls",
    roles=(Role.RELAY_CLIENT, Role.BOUNCE_MAKER),
    requirements=(clause.OPTIONAL_NOTIFY,),
    world=World(
        destinations=(
            Domain(
                hosts=(
                    Host(
                        faults=Faults(
                            starttls=Starttls.ABSENT,
                            mail_in_plaintext=Answer(530, "5.7.0 Must issue STARTTLS first"),
                        )
                    ),
                )
            ),
        )
    ),
)
async def server_insists_on_starttls(t: Trial) -> None:
    """The host takes no mail in plaintext and offers no STARTTLS: the sender gets a bounce."""
    message = await t.submit(t.optional())
    bounce = await t.bounce(message)
    t.check(
        clause.OPTIONAL_NOTIFY,
        bounce.arrived,
        expected="a non-delivery notification",
        observed=bounce.story,
        absence=not bounce.arrived,
    )


@case(
    "requiretls/optional/parameter-beats-the-field",
    roles=(Role.RELAY_SERVER, Role.RELAY_CLIENT, Role.BOUNCE_MAKER),
    requirements=(*REFUSAL, clause.PARAMETER_BEATS_FIELD),
    world=WITHOUT_STARTTLS,
)
async def parameter_beats_the_field(t: Trial) -> None:
    """REQUIRETLS on MAIL and TLS-Required: No in the message: the field is ignored."""
    message = await t.submit(t.tagged(fields=(t.optional_field(),)))
    await refused(t, message, cite=(clause.PARAMETER_BEATS_FIELD,))


@case(
    "requiretls/optional/parameter-and-field-onward",
    roles=(Role.RELAY_SERVER, Role.RELAY_CLIENT),
    requirements=(clause.PARAMETER_BEATS_FIELD, clause.FIELD_MAY_GO_ON),
    needs=("dane",),
)
async def parameter_and_field_onward(t: Trial) -> None:
    """With both, to a fit hop, the message goes on with REQUIRETLS; the field may go with it."""
    outcome = await t.outcome(await t.submit(t.tagged(fields=(t.optional_field(),))))
    t.check(
        clause.PARAMETER_BEATS_FIELD,
        outcome.delivery is not None and outcome.delivery.has_requiretls,
        expected="delivered with REQUIRETLS",
        observed=outcome.story,
        absence=outcome.silent,
    )
    if outcome.delivery is not None:
        count = outcome.delivery.count_fields(t.field_name)
        t.note(clause.FIELD_MAY_GO_ON, f"{count} {t.field_name} field in what was relayed")


@case(
    "requiretls/optional/field-stays-in-the-message",
    roles=(Role.RELAY_CLIENT,),
    requirements=(clause.OPTIONAL_TRAVELS,),
)
async def field_stays_in_the_message(t: Trial) -> None:
    """The field travels on, so that the next relay can honour it too."""
    outcome = await t.outcome(await t.submit(t.optional()))
    count = outcome.delivery.count_fields(t.field_name) if outcome.delivery else 0
    t.check(
        clause.OPTIONAL_TRAVELS,
        count == 1,
        expected=f"one {t.field_name} field in what is relayed",
        observed=f"{count}; {outcome.story}",
        absence=outcome.silent,
    )


@case(
    "requiretls/optional/field-folded",
    roles=(Role.RELAY_SERVER, Role.RELAY_CLIENT),
    requirements=(clause.FIELD_SYNTAX,),
    world=WITHOUT_STARTTLS,
    editions=(Edition.RFC,),
)
async def field_folded(t: Trial) -> None:
    """Folding white space between the colon and the value is part of the syntax."""
    field = f"{t.field_name}:\r\n {t.field_value}"
    delivered_regardless(
        t, await t.outcome(await t.submit(t.untagged(fields=(field,)))), clause.FIELD_SYNTAX
    )


@case(
    "requiretls/optional/field-in-any-case",
    roles=(Role.RELAY_SERVER, Role.RELAY_CLIENT),
    requirements=(clause.FIELD_SYNTAX,),
    world=WITHOUT_STARTTLS,
    editions=(Edition.RFC,),
)
async def field_in_any_case(t: Trial) -> None:
    """Name and value count in any letter case, and no space is needed between them."""
    field = f"{t.field_name.upper()}:{t.field_value.swapcase()}"
    delivered_regardless(
        t, await t.outcome(await t.submit(t.untagged(fields=(field,)))), clause.FIELD_SYNTAX
    )


@case(
    "requiretls/optional/field-with-another-value",
    roles=(Role.RELAY_SERVER, Role.RELAY_CLIENT),
    requirements=(clause.FIELD_VALUE,),
    world=WITHOUT_STARTTLS,
    needs=("dane",),
)
async def field_with_another_value(t: Trial) -> None:
    """A value other than No asks for nothing: the domain's DANE policy stays in force."""
    message = await t.submit(t.untagged(fields=(f"{t.field_name}: Yes",)))
    outcome = await t.outcome(message, or_deferred=True)
    t.check(
        clause.FIELD_VALUE,
        not t.reached(message, t.hop()),
        expected="held back, as ordinary mail to a host that breaks its DANE policy is",
        observed=outcome.story,
    )
    t.forbid(clause.FIELD_VALUE, message, t.hop())


@case(
    "requiretls/optional/field-twice",
    roles=(Role.RELAY_SERVER, Role.RELAY_CLIENT),
    requirements=(clause.FIELD_ONCE,),
)
async def field_twice(t: Trial) -> None:
    """The sender broke the rule and put the field twice: the target adds no third one.

    Which of several fields counts is nowhere said; the message must only not get worse."""
    fields = (t.optional_field(), t.optional_field())
    message = await t.submit(t.untagged(fields=fields))
    if not message.accepted:
        t.note(clause.FIELD_ONCE, f"two fields: {message.story()}")
        t.check(clause.FIELD_ONCE, True, expected="no third field", observed="refused")
        return
    outcome = await t.outcome(message, or_deferred=True)
    count = outcome.delivery.count_fields(t.field_name) if outcome.delivery else 0
    t.check(
        clause.FIELD_ONCE,
        count <= 2,
        expected="no field beyond the two that the sender put",
        observed=f"{count} of them in what was relayed; {outcome.story}",
    )
