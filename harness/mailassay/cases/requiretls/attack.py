"""An attacker on the wire or in the place of the next hop, at each step of a tagged delivery.

What all cases ask is the same: the message crosses no session that lacks a property of section 2,
neither at once nor when it is tried again.  Where the text leaves it open whether the target then
waits or gives up, both are right.
"""

from __future__ import annotations

from mailassay.cases.registry import case
from mailassay.cases.requiretls import clause
from mailassay.cases.requiretls.judge import REFUSAL, delivered_with_requiretls, refused
from mailassay.cases.requiretls.relay import by_trust_chain, one_hop, refused_for_its_certificate
from mailassay.trial import Hop, Submitted, Trial
from mailassay.verdicts import Role
from mailassay.world import (
    Answer,
    Certificate,
    Cut,
    Domain,
    Faults,
    Host,
    Later,
    Requiretls,
    Starttls,
    StsPolicy,
    Tlsa,
    World,
    Zone,
)

WAIT = Faults(mail=Answer(451, "4.3.0 Try again later"))
HELD_BACK = (clause.NOT_TRANSMITTED, clause.ONLY_IN_SUCH_SESSIONS)


def turning(later: Later, host: Host = Host()) -> World:
    """A destination whose host puts off the first MAIL and is then another."""
    turned = Host(
        certificate=host.certificate, tlsa=host.tlsa, faults=WAIT, later=later
    )
    return World(destinations=(Domain(hosts=(turned,)),))


async def judge_turned(t: Trial, message: Submitted, hop: Hop, *cite: str) -> None:
    """The second try met an unfit host: nothing of the message went there, and no REQUIRETLS."""
    attempt = await t.second_try(hop)
    for requirement in (clause.NOT_TRANSMITTED, *cite):
        t.check(
            requirement,
            not t.reached(message, hop),
            expected=f"nothing of the message is transmitted to {hop.name}, which has changed",
            observed=t.how_reached(message, hop),
        )
        t.forbid(requirement, message, hop)
    t.check(
        clause.ONLY_IN_SUCH_SESSIONS,
        not attempt.gave_requiretls,
        expected="no REQUIRETLS on MAIL in the session with the changed host",
        observed="MAIL with REQUIRETLS" if attempt.gave_requiretls else "none",
    )


@case(
    "requiretls/attack/starttls-refused-for-good",
    roles=(Role.RELAY_CLIENT,),
    requirements=(*HELD_BACK, clause.SESSION_EMPLOYS_TLS, clause.QUIT),
    world=one_hop(starttls=Starttls.REFUSED_PERMANENTLY),
)
async def starttls_refused_for_good(t: Trial) -> None:
    """STARTTLS is listed and answered 554: nothing is sent without TLS."""
    message = await t.submit(t.tagged())
    await refused(t, message, cite=(clause.SESSION_EMPLOYS_TLS,), may_defer=True)


@case(
    "requiretls/attack/replies-behind-starttls",
    roles=(Role.RELAY_CLIENT,),
    requirements=(*HELD_BACK, clause.PEER_OFFERS_REQUIRETLS, clause.CHECK_SECOND_EHLO),
    world=one_hop(starttls=Starttls.INJECTING, requiretls=Requiretls.NEVER),
)
async def replies_behind_starttls(t: Trial) -> None:
    """An EHLO reply with REQUIRETLS, in plaintext behind the 220 to STARTTLS, counts for nothing.

    The host itself does not offer REQUIRETLS.  To hang up at such a reply is right as well."""
    message = await t.submit(t.tagged())
    await refused(
        t,
        message,
        cite=(clause.PEER_OFFERS_REQUIRETLS, clause.CHECK_SECOND_EHLO),
        may_defer=True,
    )


@case(
    "requiretls/attack/keyword-of-another-name",
    roles=(Role.RELAY_CLIENT,),
    requirements=(*HELD_BACK, clause.PEER_OFFERS_REQUIRETLS, clause.CHECK_SECOND_EHLO),
    world=one_hop(requiretls=Requiretls.RESEMBLED),
)
async def keyword_of_another_name(t: Trial) -> None:
    """X-REQUIRETLS, REQUIRETLS-NOT, and REQUIRETLS as another keyword's argument, offer nothing."""
    message = await t.submit(t.tagged())
    cited = (clause.PEER_OFFERS_REQUIRETLS, clause.CHECK_SECOND_EHLO)
    await refused(t, message, cite=cited, may_defer=True)


@case(
    "requiretls/attack/second-ehlo-refused",
    roles=(Role.RELAY_CLIENT,),
    requirements=(*HELD_BACK, clause.PEER_OFFERS_REQUIRETLS, clause.CHECK_SECOND_EHLO),
    world=World(
        destinations=(
            Domain(
                hosts=(
                    Host(
                        faults=Faults(
                            requiretls=Requiretls.ALWAYS,
                            ehlo_in_tls=Answer(502, "5.5.1 Only HELO"),
                        )
                    ),
                )
            ),
        )
    ),
)
async def second_ehlo_refused(t: Trial) -> None:
    """EHLO is refused inside TLS and HELO taken: what the first EHLO reply offered is forgotten."""
    message = await t.submit(t.tagged())
    cited = (clause.PEER_OFFERS_REQUIRETLS, clause.CHECK_SECOND_EHLO)
    await refused(t, message, cite=cited, may_defer=True)


@case(
    "requiretls/attack/commands-behind-starttls",
    roles=(Role.RELAY_SERVER,),
    requirements=(clause.SERVER_ADVERTISES,),
)
async def commands_behind_starttls(t: Trial) -> None:
    """A plaintext command behind STARTTLS is not carried out inside TLS.

    If it were, its reply would stand where the client looks for the list with REQUIRETLS.  To
    refuse STARTTLS, or to hang up, is right as well."""
    async with t.session() as session:
        await session.ehlo()
        try:
            told = await session.starttls_with_injection("NOOP injected")
        except OSError as problem:
            t.check(
                clause.SERVER_ADVERTISES,
                True,
                expected="the injected command is not carried out",
                observed=f"the session ended: {problem}",
                reading="hangs up",
            )
            return
        t.check(
            clause.SERVER_ADVERTISES,
            told.answered is None,
            expected="the first reply inside TLS is the one to EHLO",
            observed=f"first came {told.answered}" if told.answered else "it is",
        )


@case(
    "requiretls/attack/weak-key",
    roles=(Role.RELAY_CLIENT,),
    requirements=(clause.SESSION_EMPLOYS_TLS, clause.TRANSMIT),
    world=by_trust_chain(Certificate.WEAK),
    needs=("mta-sts",),
)
async def weak_key(t: Trial) -> None:
    """A trusted certificate with an RSA key of 1024 bits: taken with REQUIRETLS, or not at all.

    A client that finds the key too weak breaks off the handshake; it must not go on without."""
    message = await t.submit(t.tagged())
    outcome = await t.outcome(message, or_deferred=True)
    arrival = outcome.delivery
    for requirement in (clause.SESSION_EMPLOYS_TLS, clause.TRANSMIT):
        t.check(
            requirement,
            arrival is None or (arrival.in_tls and arrival.has_requiretls),
            expected="sent in TLS with REQUIRETLS, or held back",
            observed=outcome.story if not outcome.silent else "held back",
            reading="key taken" if arrival is not None else "key too weak",
        )


@case(
    "requiretls/attack/certificate-not-yet-valid",
    roles=(Role.RELAY_CLIENT, Role.BOUNCE_MAKER),
    requirements=(*REFUSAL, clause.CERTIFICATE_VERIFIED, clause.AUTHENTICATE, clause.STATUS_TLS),
    world=by_trust_chain(Certificate.NOT_YET_VALID),
)
async def certificate_not_yet_valid(t: Trial) -> None:
    """A certificate whose time has not come is refused as one that is past it."""
    message = await t.submit(t.tagged())
    await refused_for_its_certificate(t, message)


@case(
    "requiretls/attack/tlsa-unusable",
    roles=(Role.RELAY_CLIENT,),
    requirements=(*HELD_BACK, clause.CERTIFICATE_VERIFIED),
    world=one_hop(Certificate.UNKNOWN_AUTHORITY, Tlsa.UNUSABLE),
)
async def tlsa_unusable(t: Trial) -> None:
    """A TLSA record of unknown parameters vouches for nothing, and no trust chain does either."""
    message = await t.submit(t.tagged())
    await refused(t, message, cite=(clause.CERTIFICATE_VERIFIED,), may_defer=True)


async def judge_parameter_kept(t: Trial, message: Submitted, hop: Hop) -> None:
    """However often it was tried: each MAIL had the parameter, no content went without."""
    mails = [mail for a in hop.attempts for mail in a.mails]
    if not mails:
        t.inconclusive(f"MAIL was never said to {hop.name}")
        return
    bare = [m for m in mails if "REQUIRETLS" not in (k.upper() for k, _ in m.parameters)]
    t.check(
        clause.TRANSMIT,
        not bare and not t.reached(message, hop),
        expected="REQUIRETLS on every MAIL, nothing sent without it",
        observed=f"{len(bare)} of {len(mails)} MAIL commands without it"
        if bare
        else t.how_reached(message, hop),
    )


@case(
    "requiretls/attack/offered-then-refused",
    roles=(Role.RELAY_CLIENT,),
    requirements=(clause.TRANSMIT,),
    world=World(
        destinations=(
            Domain(hosts=(Host(faults=Faults(mail=Answer(555, "5.5.4 Not known here"))),)),
        )
    ),
    needs=("dane",),
)
async def offered_then_refused(t: Trial) -> None:
    """The hop offers REQUIRETLS and refuses MAIL with it for good: it is not left out for that."""
    message = await t.submit(t.tagged())
    await t.outcome(message, or_deferred=True)
    await judge_parameter_kept(t, message, t.hop())
    t.forbid(clause.TRANSMIT, message, t.hop())


@case(
    "requiretls/attack/offered-then-put-off",
    roles=(Role.RELAY_CLIENT,),
    requirements=(clause.TRANSMIT,),
    world=turning(Later(Faults(mail=Answer(455, "4.5.1 Parameter not served now")))),
    needs=("dane", "retries-soon"),
)
async def offered_then_put_off(t: Trial) -> None:
    """The hop offers REQUIRETLS and answers MAIL with it 4yz again and again: it stays there."""
    message = await t.submit(t.tagged())
    await t.second_try(t.hop())
    await judge_parameter_kept(t, message, t.hop())
    t.forbid(clause.TRANSMIT, message, t.hop())


@case(
    "requiretls/attack/starttls-struck-from-the-second-session",
    roles=(Role.RELAY_CLIENT,),
    requirements=(*HELD_BACK, clause.SESSION_EMPLOYS_TLS),
    world=turning(Later(Faults(starttls=Starttls.STRUCK))),
    needs=("dane", "retries-soon"),
)
async def starttls_struck_from_the_second_session(t: Trial) -> None:
    """A host that was fit is met without STARTTLS when the message is tried again."""
    message = await t.submit(t.tagged())
    await judge_turned(t, message, t.hop(), clause.SESSION_EMPLOYS_TLS)


@case(
    "requiretls/attack/requiretls-gone-from-the-second-session",
    roles=(Role.RELAY_CLIENT,),
    requirements=(*HELD_BACK, clause.PEER_OFFERS_REQUIRETLS),
    world=turning(Later(Faults(requiretls=Requiretls.NEVER))),
    needs=("dane", "retries-soon"),
)
async def requiretls_gone_from_the_second_session(t: Trial) -> None:
    """A host that offered REQUIRETLS does not when the message is tried again: each EHLO counts."""
    message = await t.submit(t.tagged())
    await judge_turned(t, message, t.hop(), clause.PEER_OFFERS_REQUIRETLS)


@case(
    "requiretls/attack/certificate-replaced",
    roles=(Role.RELAY_CLIENT,),
    requirements=(*HELD_BACK, clause.CERTIFICATE_VERIFIED, clause.AUTHENTICATE),
    world=World(
        destinations=(
            Domain(
                zone=Zone.UNSIGNED,
                mta_sts=StsPolicy(),
                hosts=(
                    Host(
                        tlsa=Tlsa.NONE,
                        faults=WAIT,
                        later=Later(certificate=Certificate.UNKNOWN_AUTHORITY),
                    ),
                ),
            ),
        )
    ),
    needs=("mta-sts", "retries-soon"),
)
async def certificate_replaced(t: Trial) -> None:
    """The second session presents a certificate of an unknown authority: trust is not remembered.

    Neither is a TLS session, which would spare the attacker the certificate."""
    message = await t.submit(t.tagged())
    await judge_turned(
        t, message, t.hop(), clause.CERTIFICATE_VERIFIED, clause.AUTHENTICATE
    )


@case(
    "requiretls/attack/tlsa-replaced",
    roles=(Role.RELAY_CLIENT,),
    requirements=(*HELD_BACK, clause.CERTIFICATE_VERIFIED),
    world=turning(
        Later(tlsa=Tlsa.MISMATCHING), Host(certificate=Certificate.UNKNOWN_AUTHORITY)
    ),
    needs=("dane", "retries-soon"),
)
async def tlsa_replaced(t: Trial) -> None:
    """Between two tries the TLSA record, which may not be cached, is another: the key is revoked.

    The record's time to live is 0, and nothing else vouches for the certificate."""
    message = await t.submit(t.tagged())
    await judge_turned(t, message, t.hop(), clause.CERTIFICATE_VERIFIED)


@case(
    "requiretls/attack/cut-in-the-content",
    roles=(Role.RELAY_CLIENT,),
    requirements=(clause.TRANSMIT, clause.SESSION_EMPLOYS_TLS, clause.TAG),
    world=World(
        destinations=(Domain(hosts=(Host(faults=Faults(cut=Cut.IN_CONTENT), later=Later()),)),)
    ),
    needs=("dane", "retries-soon"),
)
async def cut_in_the_content(t: Trial) -> None:
    """The connection is cut in the midst of the content: the next try has all of it, protected."""
    message = await t.submit(t.tagged())
    await delivered_with_requiretls(t, message)


@case(
    "requiretls/attack/cut-at-mail",
    roles=(Role.RELAY_CLIENT,),
    requirements=(*HELD_BACK, clause.SESSION_EMPLOYS_TLS),
    world=World(
        destinations=(
            Domain(
                hosts=(
                    Host(
                        faults=Faults(cut=Cut.AT_MAIL),
                        later=Later(Faults(starttls=Starttls.ABSENT)),
                    ),
                )
            ),
        )
    ),
    needs=("dane", "retries-soon"),
)
async def cut_at_mail(t: Trial) -> None:
    """The connection is cut as soon as REQUIRETLS was said, and TLS is gone thereafter.

    So an attacker who can only cut might hope for a try without what seems to break things."""
    message = await t.submit(t.tagged())
    await judge_turned(t, message, t.hop(), clause.SESSION_EMPLOYS_TLS)
