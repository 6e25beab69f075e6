"""How the next hop's name was found: signed, unsigned, broken, or vouched for by MTA-STS."""

from __future__ import annotations

from mailassay.cases.registry import case
from mailassay.cases.requiretls import clause
from mailassay.cases.requiretls.judge import REFUSAL, delivered_with_requiretls, refused
from mailassay.trial import Trial
from mailassay.verdicts import Edition, Role
from mailassay.world import (
    Certificate,
    Domain,
    Host,
    MxKind,
    StsMode,
    StsPolicy,
    Tlsa,
    World,
    Zone,
)


def unsigned(policy: StsPolicy | None = None) -> World:
    """A destination without DNSSEC whose host is fit in every other way."""
    return World(
        destinations=(
            Domain(zone=Zone.UNSIGNED, hosts=(Host(tlsa=Tlsa.NONE),), mta_sts=policy),
        )
    )


@case(
    "requiretls/lookup/mx-unsigned",
    roles=(Role.RELAY_CLIENT, Role.BOUNCE_MAKER),
    requirements=(
        clause.MX_VALIDATED,
        clause.STS_WHEN_UNSIGNED,
        clause.NOT_TRANSMITTED,
        clause.NOTIFY,
    ),
    world=unsigned(),
    editions=(Edition.RFC,),
)
async def mx_unsigned(t: Trial) -> None:
    """The MX record is not signed and no MTA-STS policy vouches for the host: refused.

    The host itself is perfect, and its certificate is of a trusted authority."""
    message = await t.submit(t.tagged())
    await refused(t, message, cite=(clause.MX_VALIDATED, clause.STS_WHEN_UNSIGNED))


@case(
    "requiretls/lookup/mx-unsigned-suffices",
    roles=(Role.RELAY_CLIENT,),
    requirements=(clause.TRANSMIT,),
    world=unsigned(),
    editions=(Edition.DRAFT,),
)
async def mx_unsigned_suffices(t: Trial) -> None:
    """The draft asks for no proof of the MX lookup: a trusted certificate is enough."""
    message = await t.submit(t.tagged())
    await delivered_with_requiretls(t, message)


@case(
    "requiretls/lookup/mta-sts-vouches",
    roles=(Role.RELAY_CLIENT,),
    requirements=(clause.TRANSMIT, clause.MX_VALIDATED, clause.STS_WHEN_UNSIGNED),
    world=unsigned(StsPolicy()),
    needs=("mta-sts",),
)
async def mta_sts_vouches(t: Trial) -> None:
    """The MX record is not signed, an MTA-STS policy in force lists the host: the message goes."""
    message = await t.submit(t.tagged())
    await delivered_with_requiretls(
        t, message, cite=(clause.MX_VALIDATED, clause.STS_WHEN_UNSIGNED)
    )


@case(
    "requiretls/lookup/mta-sts-lists-another-host",
    roles=(Role.RELAY_CLIENT, Role.BOUNCE_MAKER),
    requirements=(clause.MX_VALIDATED, clause.STS_WHEN_UNSIGNED, clause.NOT_TRANSMITTED),
    world=unsigned(StsPolicy(mx=("elsewhere.{domain}",))),
    editions=(Edition.RFC,),
)
async def mta_sts_lists_another_host(t: Trial) -> None:
    """The MTA-STS policy in force does not list the MX host: the message does not go there.

    To wait for a policy that does, or to bounce, are both right."""
    message = await t.submit(t.tagged())
    await refused(
        t, message, cite=(clause.MX_VALIDATED, clause.STS_WHEN_UNSIGNED), may_defer=True
    )


@case(
    "requiretls/lookup/mta-sts-policy-none",
    roles=(Role.RELAY_CLIENT, Role.BOUNCE_MAKER),
    requirements=(clause.MX_VALIDATED, clause.STS_WHEN_UNSIGNED, clause.NOT_TRANSMITTED),
    world=unsigned(StsPolicy(mode=StsMode.NONE)),
    editions=(Edition.RFC,),
)
async def mta_sts_policy_none(t: Trial) -> None:
    """A policy in mode none says that the domain has no policy: it vouches for no host."""
    message = await t.submit(t.tagged())
    await refused(
        t, message, cite=(clause.MX_VALIDATED, clause.STS_WHEN_UNSIGNED), may_defer=True
    )


@case(
    "requiretls/lookup/mta-sts-server-not-trusted",
    roles=(Role.RELAY_CLIENT, Role.BOUNCE_MAKER),
    requirements=(clause.MX_VALIDATED, clause.STS_WHEN_UNSIGNED, clause.NOT_TRANSMITTED),
    world=unsigned(StsPolicy(certificate=Certificate.UNKNOWN_AUTHORITY)),
    editions=(Edition.RFC,),
)
async def mta_sts_server_not_trusted(t: Trial) -> None:
    """The policy comes from a server whose certificate does not verify: it counts for nothing."""
    message = await t.submit(t.tagged())
    await refused(
        t, message, cite=(clause.MX_VALIDATED, clause.STS_WHEN_UNSIGNED), may_defer=True
    )


@case(
    "requiretls/lookup/mta-sts-testing",
    roles=(Role.RELAY_CLIENT,),
    requirements=(clause.STS_WHEN_UNSIGNED, clause.TRANSMIT),
    world=unsigned(StsPolicy(mode=StsMode.TESTING)),
    editions=(Edition.RFC,),
)
async def mta_sts_testing(t: Trial) -> None:
    """A policy in testing mode lists the host: it may count or not, the parameter goes along.

    Both readings of the catalogue are open; what is not is to send without REQUIRETLS."""
    message = await t.submit(t.tagged())
    outcome = await t.outcome(message, or_deferred=True)
    arrival = outcome.delivery
    for requirement in (clause.STS_WHEN_UNSIGNED, clause.TRANSMIT):
        t.check(
            requirement,
            arrival is None or (arrival.in_tls and arrival.has_requiretls),
            expected="sent in TLS with REQUIRETLS, or held back",
            observed=outcome.story if not outcome.silent else "held back",
            reading="testing counts" if arrival is not None else "enforce only",
        )


@case(
    "requiretls/lookup/mta-sts-testing-lists-another-host",
    roles=(Role.RELAY_CLIENT,),
    requirements=(clause.MX_VALIDATED, clause.STS_WHEN_UNSIGNED, clause.NOT_TRANSMITTED),
    world=unsigned(StsPolicy(mode=StsMode.TESTING, mx=("elsewhere.{domain}",))),
    editions=(Edition.RFC,),
)
async def mta_sts_testing_lists_another_host(t: Trial) -> None:
    """A policy in testing mode lists another host: by no reading does it vouch for this one.

    For ordinary mail such a policy stops nothing; a tagged message needs a name that is proved."""
    message = await t.submit(t.tagged())
    await refused(
        t, message, cite=(clause.MX_VALIDATED, clause.STS_WHEN_UNSIGNED), may_defer=True
    )


@case(
    "requiretls/lookup/mta-sts-malformed",
    roles=(Role.RELAY_CLIENT,),
    requirements=(clause.MX_VALIDATED, clause.STS_WHEN_UNSIGNED, clause.NOT_TRANSMITTED),
    world=unsigned(
        StsPolicy(body="version: STSv1\nmode: enforce\nmx mx1\nmax_age: a long time\n")
    ),
    editions=(Edition.RFC,),
)
async def mta_sts_malformed(t: Trial) -> None:
    """What is served in the place of a policy is none: it vouches for no host."""
    message = await t.submit(t.tagged())
    await refused(
        t, message, cite=(clause.MX_VALIDATED, clause.STS_WHEN_UNSIGNED), may_defer=True
    )


@case(
    "requiretls/lookup/mta-sts-policy-not-found",
    roles=(Role.RELAY_CLIENT,),
    requirements=(clause.MX_VALIDATED, clause.STS_WHEN_UNSIGNED, clause.NOT_TRANSMITTED),
    world=unsigned(StsPolicy(status=404)),
    editions=(Edition.RFC,),
)
async def mta_sts_policy_not_found(t: Trial) -> None:
    """The policy host answers 404, with a good policy as the body: only 200 brings a policy."""
    message = await t.submit(t.tagged())
    await refused(
        t, message, cite=(clause.MX_VALIDATED, clause.STS_WHEN_UNSIGNED), may_defer=True
    )


@case(
    "requiretls/lookup/mta-sts-wildcard",
    roles=(Role.RELAY_CLIENT,),
    requirements=(clause.TRANSMIT, clause.STS_WHEN_UNSIGNED),
    world=unsigned(StsPolicy(mx=("*.{domain}",))),
    needs=("mta-sts",),
)
async def mta_sts_wildcard(t: Trial) -> None:
    """A pattern with a wildcard as its first label lists the host (RFC 8461 section 4.1)."""
    message = await t.submit(t.tagged())
    await delivered_with_requiretls(t, message, cite=(clause.STS_WHEN_UNSIGNED,))


@case(
    "requiretls/lookup/mta-sts-wildcard-is-one-label",
    roles=(Role.RELAY_CLIENT,),
    requirements=(clause.MX_VALIDATED, clause.STS_WHEN_UNSIGNED, clause.NOT_TRANSMITTED),
    world=World(
        destinations=(
            Domain(
                zone=Zone.UNSIGNED,
                hosts=(Host("mx1.deeper", tlsa=Tlsa.NONE),),
                mta_sts=StsPolicy(mx=("*.{domain}",)),
            ),
        )
    ),
    editions=(Edition.RFC,),
)
async def mta_sts_wildcard_is_one_label(t: Trial) -> None:
    """A wildcard stands for one label: a host two labels below the domain is not listed."""
    message = await t.submit(t.tagged())
    await refused(
        t, message, cite=(clause.MX_VALIDATED, clause.STS_WHEN_UNSIGNED), may_defer=True
    )


@case(
    "requiretls/lookup/null-mx",
    roles=(Role.RELAY_CLIENT, Role.BOUNCE_MAKER),
    requirements=(clause.LOOK_UP, clause.BOUNCE_HEADERS_ONLY),
    world=World(destinations=(Domain(kind=MxKind.NULL),)),
)
async def null_mx(t: Trial) -> None:
    """The domain takes no mail (RFC 7505), though it has an address: nothing is sent to that.

    The bounce of a tagged message returns the header section only, for this failure as for any."""
    message = await t.submit(t.tagged())
    bounce = await t.bounce(message)
    t.check(
        clause.LOOK_UP,
        not t.hop().attempts,
        expected="no connection to the domain's own address",
        observed=f"{len(t.hop().attempts)} connections",
    )
    t.check(
        clause.BOUNCE_HEADERS_ONLY,
        bounce.arrived and not bounce.holds_body,
        expected="a bounce without the body",
        observed=bounce.story,
        absence=not bounce.arrived,
    )


@case(
    "requiretls/lookup/mx-with-a-broken-signature",
    roles=(Role.RELAY_CLIENT,),
    requirements=(clause.LOOK_UP, clause.NOT_TRANSMITTED),
    world=World(destinations=(Domain(zone=Zone.BOGUS),)),
)
async def mx_with_a_broken_signature(t: Trial) -> None:
    """The signature over the MX record does not verify: nothing is sent on the strength of it.

    To wait, as for any failed lookup, or to bounce are both right."""
    message = await t.submit(t.tagged())
    await refused(t, message, cite=(clause.LOOK_UP,), may_defer=True)


@case(
    "requiretls/lookup/mx-with-an-expired-signature",
    roles=(Role.RELAY_CLIENT,),
    requirements=(clause.LOOK_UP, clause.NOT_TRANSMITTED),
    world=World(destinations=(Domain(zone=Zone.EXPIRED),)),
)
async def mx_with_an_expired_signature(t: Trial) -> None:
    """The signature over the MX record ran out: nothing is sent on the strength of it."""
    message = await t.submit(t.tagged())
    await refused(t, message, cite=(clause.LOOK_UP,), may_defer=True)


@case(
    "requiretls/lookup/no-such-domain",
    roles=(Role.RELAY_CLIENT, Role.BOUNCE_MAKER),
    requirements=(clause.LOOK_UP, clause.BOUNCE_HEADERS_ONLY),
    world=World(destinations=(Domain(kind=MxKind.NO_SUCH_DOMAIN, hosts=()),)),
)
async def no_such_domain(t: Trial) -> None:
    """The domain does not exist: the tagged message bounces, as any would, headers only."""
    message = await t.submit(t.tagged(parameters=("REQUIRETLS", "RET=FULL")))
    bounce = await t.bounce(message)
    t.check(
        clause.LOOK_UP,
        bounce.arrived,
        expected="a bounce",
        observed=bounce.story,
        absence=not bounce.arrived,
    )
    if bounce.arrived:
        t.check(
            clause.BOUNCE_HEADERS_ONLY,
            not bounce.holds_body,
            expected="a bounce that returns the header section only",
            observed=bounce.story,
        )


@case(
    "requiretls/lookup/address-without-mx",
    roles=(Role.RELAY_CLIENT,),
    requirements=(clause.TRANSMIT, clause.LOOK_UP),
    world=World(destinations=(Domain(kind=MxKind.ADDRESS),)),
    needs=("dane",),
)
async def address_without_mx(t: Trial) -> None:
    """Without an MX record the domain's own address is the hop: fit, so the message goes on."""
    message = await t.submit(t.tagged())
    await delivered_with_requiretls(t, message, cite=(clause.LOOK_UP,))


@case(
    "requiretls/lookup/address-certificate-misnamed",
    roles=(Role.RELAY_CLIENT, Role.BOUNCE_MAKER),
    requirements=(*REFUSAL, clause.NAME_MATCHES, clause.STATUS_TLS),
    world=World(
        destinations=(
            Domain(
                kind=MxKind.ADDRESS,
                hosts=(Host(certificate=Certificate.MISNAMED, tlsa=Tlsa.NONE),),
            ),
        )
    ),
)
async def address_certificate_misnamed(t: Trial) -> None:
    """Without an MX record the certificate has to name the domain itself; this one does not."""
    message = await t.submit(t.tagged())
    await refused(t, message, cite=(clause.NAME_MATCHES,), status=clause.STATUS_TLS)
