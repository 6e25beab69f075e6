"""The sending side, one next hop: what must be true of a session before a tagged message goes out.

Every refusal here is judged alike (`refused`): nothing of the message is transmitted, the session
is ended with QUIT where one lives, the sender is notified, with the status the text asks for.
"""

from __future__ import annotations

from mailassay.cases.registry import case
from mailassay.cases.requiretls import clause
from mailassay.cases.requiretls.judge import REFUSAL, delivered_with_requiretls, refused
from mailassay.trial import Submitted, Trial
from mailassay.verdicts import Role
from mailassay.world import (
    Certificate,
    Domain,
    Faults,
    Host,
    Requiretls,
    Starttls,
    StsPolicy,
    Tlsa,
    World,
    Zone,
)


def one_hop(
    certificate: Certificate = Certificate.TRUSTED,
    tlsa: Tlsa = Tlsa.MATCHING,
    *,
    starttls: Starttls = Starttls.OFFERED,
    requiretls: Requiretls = Requiretls.IN_TLS,
    maximum_tls: str | None = None,
) -> World:
    """A destination in the signed zone with one mail server."""
    faults = Faults(starttls=starttls, requiretls=requiretls, maximum_tls=maximum_tls)
    host = Host(certificate=certificate, tlsa=tlsa, faults=faults)
    return World(destinations=(Domain(hosts=(host,)),))


def by_trust_chain(certificate: Certificate) -> World:
    """A destination whose name is vouched for by MTA-STS, so that only the trust chain counts."""
    host = Host(certificate=certificate, tlsa=Tlsa.NONE)
    return World(
        destinations=(Domain(zone=Zone.UNSIGNED, hosts=(host,), mta_sts=StsPolicy()),)
    )


@case(
    "requiretls/relay/onward-with-the-parameter",
    roles=(Role.RELAY_CLIENT,),
    requirements=(
        clause.TRANSMIT,
        clause.SESSION_EMPLOYS_TLS,
        clause.OPEN_WITH_EHLO,
        clause.NO_VALUE,
        clause.RET_TRANSFORMED,
    ),
    needs=("dane",),
)
async def onward_with_the_parameter(t: Trial) -> None:
    """To a hop that is fit in every way the message goes on, in TLS, with REQUIRETLS on MAIL.

    The hop is found through a signed MX record and vouched for by DANE."""
    message = await t.submit(t.tagged(parameters=("REQUIRETLS", "RET=FULL")))
    delivery = await delivered_with_requiretls(t, message)
    if delivery is None:
        return
    values = delivery.parameter_values("REQUIRETLS")
    t.check(
        clause.NO_VALUE,
        values == (None,),
        expected="REQUIRETLS once, without a value",
        observed=f"values {values!r}",
    )
    t.check(
        clause.OPEN_WITH_EHLO,
        delivery.greeted_with_ehlo,
        expected="the session is opened with EHLO",
        observed="EHLO" if delivery.greeted_with_ehlo else "no EHLO",
    )
    ret = delivery.parameter_values("RET")
    t.note(clause.RET_TRANSFORMED, f"RET=FULL went on as {ret!r}")


@case(
    "requiretls/relay/onward-by-trust-chain",
    roles=(Role.RELAY_CLIENT,),
    requirements=(clause.TRANSMIT, clause.CERTIFICATE_VERIFIED),
    world=one_hop(tlsa=Tlsa.NONE),
    needs=("pkix-with-dnssec",),
)
async def onward_by_trust_chain(t: Trial) -> None:
    """A signed MX and a certificate of a trusted authority are enough, without any TLSA record."""
    message = await t.submit(t.tagged())
    await delivered_with_requiretls(t, message, cite=(clause.CERTIFICATE_VERIFIED,))


@case(
    "requiretls/relay/dane-vouches-for-an-unknown-authority",
    roles=(Role.RELAY_CLIENT,),
    requirements=(clause.TRANSMIT, clause.CERTIFICATE_VERIFIED),
    world=one_hop(Certificate.UNKNOWN_AUTHORITY),
    needs=("dane",),
)
async def dane_vouches_for_an_unknown_authority(t: Trial) -> None:
    """A certificate of an unknown authority is good when a matching TLSA 3 1 1 record says so."""
    message = await t.submit(t.tagged())
    await delivered_with_requiretls(t, message, cite=(clause.CERTIFICATE_VERIFIED,))


@case(
    "requiretls/relay/untagged-mail-still-flows",
    roles=(Role.RELAY_CLIENT,),
    requirements=(clause.PARAMETER_PER_MESSAGE,),
    world=World(
        destinations=(
            Domain(
                zone=Zone.UNSIGNED,
                hosts=(Host(tlsa=Tlsa.NONE, faults=Faults(starttls=Starttls.ABSENT)),),
            ),
        )
    ),
)
async def untagged_mail_still_flows(t: Trial) -> None:
    """Mail without a tag reaches a host without STARTTLS: the demand is the message's own."""
    message = await t.submit(t.untagged())
    outcome = await t.outcome(message)
    t.check(
        clause.PARAMETER_PER_MESSAGE,
        outcome.delivery is not None and not outcome.delivery.has_requiretls,
        expected="delivered, without REQUIRETLS",
        observed=outcome.story,
        absence=outcome.silent,
    )


@case(
    "requiretls/relay/next-hop-without-starttls",
    roles=(Role.RELAY_CLIENT, Role.BOUNCE_MAKER),
    requirements=(*REFUSAL, clause.SESSION_EMPLOYS_TLS, clause.STATUS_TLS),
    world=one_hop(starttls=Starttls.ABSENT),
)
async def next_hop_without_starttls(t: Trial) -> None:
    """The only next hop offers no STARTTLS: nothing is sent, and the sender hears 5.7.10.

    5.7.30 is as true, since such a hop lacks REQUIRETLS as well: the catalogue lists it as a
    reading."""
    message = await t.submit(t.tagged())
    await refused(
        t,
        message,
        cite=(clause.SESSION_EMPLOYS_TLS,),
        status=clause.STATUS_TLS,
        also=clause.STATUS_REQUIRETLS,
    )


@case(
    "requiretls/relay/starttls-struck-on-the-wire",
    roles=(Role.RELAY_CLIENT, Role.BOUNCE_MAKER),
    requirements=(*REFUSAL, clause.SESSION_EMPLOYS_TLS, clause.STATUS_TLS),
    world=one_hop(starttls=Starttls.STRUCK),
)
async def starttls_struck_on_the_wire(t: Trial) -> None:
    """An attacker overwrote the keyword STARTTLS: the message is held back, not sent in clear."""
    message = await t.submit(t.tagged())
    await refused(
        t,
        message,
        cite=(clause.SESSION_EMPLOYS_TLS,),
        status=clause.STATUS_TLS,
        also=clause.STATUS_REQUIRETLS,
    )


@case(
    "requiretls/relay/starttls-refused-for-now",
    roles=(Role.RELAY_CLIENT,),
    requirements=(clause.NOT_TRANSMITTED, clause.SESSION_EMPLOYS_TLS, clause.QUIT),
    world=one_hop(starttls=Starttls.REFUSED_TEMPORARILY),
)
async def starttls_refused_for_now(t: Trial) -> None:
    """STARTTLS is answered 454: nothing is sent without TLS; to wait or to bounce is right."""
    message = await t.submit(t.tagged())
    await refused(t, message, cite=(clause.SESSION_EMPLOYS_TLS,), may_defer=True)


@case(
    "requiretls/relay/starttls-garbled",
    roles=(Role.RELAY_CLIENT,),
    requirements=(clause.NOT_TRANSMITTED, clause.SESSION_EMPLOYS_TLS),
    world=one_hop(starttls=Starttls.GARBLED),
)
async def starttls_garbled(t: Trial) -> None:
    """The hop says 220 to STARTTLS and then speaks no TLS: nothing is sent.

    To wait for a better moment or to bounce are both right."""
    message = await t.submit(t.tagged())
    await refused(t, message, cite=(clause.SESSION_EMPLOYS_TLS,), may_defer=True)


@case(
    "requiretls/relay/handshake-fails",
    roles=(Role.RELAY_CLIENT,),
    requirements=(clause.NOT_TRANSMITTED, clause.SESSION_EMPLOYS_TLS),
    world=one_hop(starttls=Starttls.HANDSHAKE_ALERT),
)
async def handshake_fails(t: Trial) -> None:
    """The hop ends the handshake with a fatal alert: nothing is sent, least of all in plaintext."""
    message = await t.submit(t.tagged())
    await refused(t, message, cite=(clause.SESSION_EMPLOYS_TLS,), may_defer=True)


@case(
    "requiretls/relay/closed-in-the-handshake",
    roles=(Role.RELAY_CLIENT,),
    requirements=(clause.NOT_TRANSMITTED, clause.SESSION_EMPLOYS_TLS),
    world=one_hop(starttls=Starttls.CLOSED),
)
async def closed_in_the_handshake(t: Trial) -> None:
    """The hop closes the connection instead of a handshake: nothing is sent."""
    message = await t.submit(t.tagged())
    await refused(t, message, cite=(clause.SESSION_EMPLOYS_TLS,), may_defer=True)


@case(
    "requiretls/relay/old-tls-version",
    roles=(Role.RELAY_CLIENT,),
    requirements=(clause.TLS_RECOMMENDATIONS,),
    world=one_hop(maximum_tls="TLSv1.1"),
)
async def old_tls_version(t: Trial) -> None:
    """A hop that can do no better than TLS 1.1 gets no tagged message."""
    message = await t.submit(t.tagged())
    outcome = await t.outcome(message, or_deferred=True)
    t.check(
        clause.TLS_RECOMMENDATIONS,
        not t.reached(message, t.hop()),
        expected="no tagged message over TLS 1.1",
        observed=outcome.story,
    )


async def refused_for_its_certificate(t: Trial, message: Submitted, *more: str) -> None:
    """Refused with 5.7.10, since no TLS session with the right server could be had."""
    cite = (clause.CERTIFICATE_VERIFIED, *(more or (clause.AUTHENTICATE,)))
    await refused(t, message, cite=cite, status=clause.STATUS_TLS)


@case(
    "requiretls/relay/certificate-of-an-unknown-authority",
    roles=(Role.RELAY_CLIENT, Role.BOUNCE_MAKER),
    requirements=(*REFUSAL, clause.CERTIFICATE_VERIFIED, clause.AUTHENTICATE, clause.STATUS_TLS),
    world=by_trust_chain(Certificate.UNKNOWN_AUTHORITY),
)
async def certificate_of_an_unknown_authority(t: Trial) -> None:
    """The certificate chains to an authority that the target was not told to trust: refused."""
    message = await t.submit(t.tagged())
    await refused_for_its_certificate(t, message)


@case(
    "requiretls/relay/certificate-self-signed",
    roles=(Role.RELAY_CLIENT, Role.BOUNCE_MAKER),
    requirements=(*REFUSAL, clause.CERTIFICATE_VERIFIED, clause.AUTHENTICATE, clause.STATUS_TLS),
    world=by_trust_chain(Certificate.SELF_SIGNED),
)
async def certificate_self_signed(t: Trial) -> None:
    """A self-signed certificate proves nothing: refused."""
    message = await t.submit(t.tagged())
    await refused_for_its_certificate(t, message)


@case(
    "requiretls/relay/certificate-expired",
    roles=(Role.RELAY_CLIENT, Role.BOUNCE_MAKER),
    requirements=(*REFUSAL, clause.CERTIFICATE_VERIFIED, clause.AUTHENTICATE, clause.STATUS_TLS),
    world=by_trust_chain(Certificate.EXPIRED),
)
async def certificate_expired(t: Trial) -> None:
    """A certificate past its time is refused."""
    message = await t.submit(t.tagged())
    await refused_for_its_certificate(t, message)


@case(
    "requiretls/relay/certificate-misnamed",
    roles=(Role.RELAY_CLIENT, Role.BOUNCE_MAKER),
    requirements=(*REFUSAL, clause.CERTIFICATE_VERIFIED, clause.NAME_MATCHES, clause.STATUS_TLS),
    world=by_trust_chain(Certificate.MISNAMED),
)
async def certificate_misnamed(t: Trial) -> None:
    """A trusted certificate for another name than the MX host's is refused."""
    message = await t.submit(t.tagged())
    await refused_for_its_certificate(t, message, clause.NAME_MATCHES)


@case(
    "requiretls/relay/tlsa-does-not-match",
    roles=(Role.RELAY_CLIENT, Role.BOUNCE_MAKER),
    requirements=(*REFUSAL, clause.CERTIFICATE_VERIFIED, clause.AUTHENTICATE, clause.STATUS_TLS),
    world=one_hop(Certificate.UNKNOWN_AUTHORITY, Tlsa.MISMATCHING),
)
async def tlsa_does_not_match(t: Trial) -> None:
    """Neither DANE nor a trust chain vouches for the certificate: refused.

    The authority is unknown on purpose, as a trust chain alone satisfies section 2."""
    message = await t.submit(t.tagged())
    await refused_for_its_certificate(t, message)


@case(
    "requiretls/relay/tlsa-with-a-broken-signature",
    roles=(Role.RELAY_CLIENT,),
    requirements=(clause.NOT_TRANSMITTED, clause.CERTIFICATE_VERIFIED),
    world=one_hop(Certificate.UNKNOWN_AUTHORITY, Tlsa.BROKEN),
)
async def tlsa_with_a_broken_signature(t: Trial) -> None:
    """A TLSA record whose signature does not verify vouches for nothing: nothing is sent.

    To wait, as for any failed lookup, or to bounce are both right."""
    message = await t.submit(t.tagged())
    await refused(t, message, cite=(clause.CERTIFICATE_VERIFIED,), may_defer=True)


@case(
    "requiretls/relay/next-hop-without-requiretls",
    roles=(Role.RELAY_CLIENT, Role.BOUNCE_MAKER),
    requirements=(
        *REFUSAL,
        clause.PEER_OFFERS_REQUIRETLS,
        clause.CHECK_SECOND_EHLO,
        clause.STATUS_REQUIRETLS,
        clause.OTHER_MAIL_FIRST,
    ),
    world=one_hop(requiretls=Requiretls.NEVER),
)
async def next_hop_without_requiretls(t: Trial) -> None:
    """TLS is good, the hop does not know REQUIRETLS: nothing is sent, the sender hears 5.7.30."""
    message = await t.submit(t.tagged())
    await refused(
        t,
        message,
        cite=(clause.PEER_OFFERS_REQUIRETLS, clause.CHECK_SECOND_EHLO),
        status=clause.STATUS_REQUIRETLS,
    )
    others = [m for m in t.hop().messages if message.token.encode() not in m.content]
    t.note(clause.OTHER_MAIL_FIRST, f"{len(others)} other messages went through that session")


@case(
    "requiretls/relay/requiretls-only-before-tls",
    roles=(Role.RELAY_CLIENT, Role.BOUNCE_MAKER),
    requirements=(
        *REFUSAL,
        clause.PEER_OFFERS_REQUIRETLS,
        clause.CHECK_SECOND_EHLO,
        clause.STATUS_REQUIRETLS,
    ),
    world=one_hop(requiretls=Requiretls.ONLY_IN_PLAINTEXT),
)
async def requiretls_only_before_tls(t: Trial) -> None:
    """What a hop said before TLS counts for nothing: only the second EHLO reply does."""
    message = await t.submit(t.tagged())
    await refused(
        t,
        message,
        cite=(clause.PEER_OFFERS_REQUIRETLS, clause.CHECK_SECOND_EHLO),
        status=clause.STATUS_REQUIRETLS,
    )
