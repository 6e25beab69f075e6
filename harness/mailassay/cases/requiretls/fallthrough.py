"""Several MX hosts: each unfit one is left with QUIT, the next is tried, the fit one is used."""

from __future__ import annotations

from mailassay.cases.registry import case
from mailassay.cases.requiretls import clause
from mailassay.cases.requiretls.judge import (
    REFUSAL,
    delivered_with_requiretls,
    left_with_quit,
    refused,
)
from mailassay.trial import Trial
from mailassay.verdicts import Role
from mailassay.world import (
    Answer,
    Certificate,
    Domain,
    Faults,
    Host,
    Requiretls,
    Starttls,
    Tlsa,
    World,
)

WITHOUT_REQUIRETLS = Faults(requiretls=Requiretls.NEVER)
WITHOUT_STARTTLS = Faults(starttls=Starttls.ABSENT)


def hosts(*list_of_hosts: Host) -> World:
    """A destination in the signed zone with these mail servers."""
    return World(destinations=(Domain(hosts=list_of_hosts),))


def untrustworthy(label: str, preference: int) -> Host:
    """A host for which neither DANE nor a trust chain vouches."""
    return Host(label, preference, Certificate.UNKNOWN_AUTHORITY, Tlsa.MISMATCHING)


@case(
    "requiretls/fallthrough/second-mx-fit",
    roles=(Role.RELAY_CLIENT,),
    requirements=(clause.EACH_HOST, clause.QUIT, clause.TRANSMIT),
    world=hosts(Host("mx1", 10, faults=WITHOUT_REQUIRETLS), Host("mx2", 20)),
    needs=("dane",),
)
async def second_mx_fit(t: Trial) -> None:
    """The best MX does not offer REQUIRETLS: it is left with QUIT, the second gets the message."""
    message = await t.submit(t.tagged())
    await delivered_with_requiretls(t, message, at="mx2", cite=(clause.EACH_HOST,))
    await left_with_quit(t, message, t.hop("mx1"))


@case(
    "requiretls/fallthrough/third-mx-fit",
    roles=(Role.RELAY_CLIENT,),
    requirements=(clause.EACH_HOST, clause.QUIT, clause.TRANSMIT),
    world=hosts(
        Host("mx1", 10, faults=WITHOUT_STARTTLS), untrustworthy("mx2", 20), Host("mx3", 30)
    ),
    needs=("dane",),
)
async def third_mx_fit(t: Trial) -> None:
    """One MX without STARTTLS, one with the wrong certificate, one fit: the third gets it."""
    message = await t.submit(t.tagged())
    await delivered_with_requiretls(t, message, at="mx3", cite=(clause.EACH_HOST,))
    await left_with_quit(t, message, t.hop("mx1"))
    await left_with_quit(t, message, t.hop("mx2"))


@case(
    "requiretls/fallthrough/handshake-fails-then-fit",
    roles=(Role.RELAY_CLIENT,),
    requirements=(clause.EACH_HOST, clause.TRANSMIT),
    world=hosts(
        Host("mx1", 10, faults=Faults(starttls=Starttls.GARBLED)), Host("mx2", 20)
    ),
    needs=("dane",),
)
async def handshake_fails_then_fit(t: Trial) -> None:
    """The best MX speaks no TLS after its 220: the second, which is fit, gets the message."""
    message = await t.submit(t.tagged())
    await delivered_with_requiretls(t, message, at="mx2", cite=(clause.EACH_HOST,))


@case(
    "requiretls/fallthrough/equal-preference",
    roles=(Role.RELAY_CLIENT,),
    requirements=(clause.EACH_HOST, clause.TRANSMIT),
    world=hosts(
        Host("mx1", 10, faults=WITHOUT_REQUIRETLS),
        Host("mx2", 10, faults=WITHOUT_STARTTLS),
        Host("mx3", 10),
    ),
    needs=("dane",),
)
async def equal_preference(t: Trial) -> None:
    """Of three hosts of one preference only one is fit: whatever the order, it gets the message."""
    message = await t.submit(t.tagged())
    await delivered_with_requiretls(t, message, at="mx3", cite=(clause.EACH_HOST,))


@case(
    "requiretls/fallthrough/no-mx-fit",
    roles=(Role.RELAY_CLIENT, Role.BOUNCE_MAKER),
    requirements=(*REFUSAL, clause.EACH_HOST, clause.STATUS_REQUIRETLS),
    world=hosts(
        Host("mx1", 10, faults=WITHOUT_STARTTLS),
        untrustworthy("mx2", 20),
        Host("mx3", 30, faults=WITHOUT_REQUIRETLS),
    ),
    needs=("dane",),
)
async def no_mx_fit(t: Trial) -> None:
    """Three hosts, each unfit in its own way: all are tried, none gets anything, one bounce comes.

    Each of the two status codes is true of some host, so each is right."""
    message = await t.submit(t.tagged())
    await refused(
        t,
        message,
        status=clause.STATUS_REQUIRETLS,
        also=clause.STATUS_TLS,
    )
    for label in ("mx1", "mx2", "mx3"):
        tried = bool(t.hop(label).attempts)
        t.check(
            clause.EACH_HOST,
            tried,
            expected=f"{label} is tried",
            observed="tried" if tried else "no connection to it",
        )


@case(
    "requiretls/fallthrough/first-mx-down",
    roles=(Role.RELAY_CLIENT,),
    requirements=(clause.EACH_HOST, clause.TRANSMIT),
    world=hosts(Host("mx1", 10, faults=Faults(listening=False)), Host("mx2", 20)),
    needs=("dane",),
)
async def first_mx_down(t: Trial) -> None:
    """The best MX refuses connections: the second, which is fit, gets the message."""
    message = await t.submit(t.tagged())
    await delivered_with_requiretls(t, message, at="mx2", cite=(clause.EACH_HOST,))


@case(
    "requiretls/fallthrough/first-mx-closed-for-good",
    roles=(Role.RELAY_CLIENT,),
    requirements=(clause.EACH_HOST, clause.OPEN_WITH_EHLO, clause.TRANSMIT),
    world=hosts(
        Host("mx1", 10, faults=Faults(greeting=Answer(554, "5.3.2 No mail service here"))),
        Host("mx2", 20),
    ),
    needs=("dane",),
)
async def first_mx_closed_for_good(t: Trial) -> None:
    """The best MX greets with 554: no session can be opened there, the second gets the message."""
    message = await t.submit(t.tagged())
    await delivered_with_requiretls(
        t, message, at="mx2", cite=(clause.EACH_HOST, clause.OPEN_WITH_EHLO)
    )


@case(
    "requiretls/fallthrough/first-mx-closed-for-now",
    roles=(Role.RELAY_CLIENT,),
    requirements=(clause.EACH_HOST, clause.OPEN_WITH_EHLO, clause.TRANSMIT),
    world=hosts(
        Host("mx1", 10, faults=Faults(greeting=Answer(421, "4.3.2 Too busy"))), Host("mx2", 20)
    ),
    needs=("dane",),
)
async def first_mx_closed_for_now(t: Trial) -> None:
    """The best MX greets with 421 and hangs up: the second, which is fit, gets the message."""
    message = await t.submit(t.tagged())
    await delivered_with_requiretls(
        t, message, at="mx2", cite=(clause.EACH_HOST, clause.OPEN_WITH_EHLO)
    )


@case(
    "requiretls/fallthrough/first-mx-with-a-broken-tlsa",
    roles=(Role.RELAY_CLIENT,),
    requirements=(clause.EACH_HOST, clause.TRANSMIT, clause.CERTIFICATE_VERIFIED),
    world=hosts(
        Host("mx1", 10, Certificate.UNKNOWN_AUTHORITY, Tlsa.BROKEN), Host("mx2", 20)
    ),
    needs=("dane",),
)
async def first_mx_with_a_broken_tlsa(t: Trial) -> None:
    """The TLSA lookup of the best MX fails validation: the second, which is fit, is tried."""
    message = await t.submit(t.tagged())
    await delivered_with_requiretls(t, message, at="mx2", cite=(clause.EACH_HOST,))
    t.check(
        clause.CERTIFICATE_VERIFIED,
        not t.reached(message, t.hop("mx1")),
        expected="nothing is transmitted to mx1",
        observed=t.how_reached(message, t.hop("mx1")),
    )
