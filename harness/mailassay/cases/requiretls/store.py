"""The last hop: mail that the target hands to a server by LMTP, as its file says for the domain.

No MX record leads there, so nothing has to be validated but the session itself.  All cases of a
target share its stores (`Store`).
"""

from __future__ import annotations

from mailassay.cases.registry import case
from mailassay.cases.requiretls import clause
from mailassay.cases.requiretls.judge import judge_bounce
from mailassay.trial import Trial
from mailassay.verdicts import Role
from mailassay.world import Standing, Store, World

CLIENT = (Role.RELAY_SERVER, Role.LMTP_CLIENT)
STORES = World(standing=Standing.STORES)


async def judge_withheld(t: Trial, store: Store, *cite: str) -> None:
    """A tagged message is not transmitted to the store, nor REQUIRETLS given; the sender knows."""
    message = await t.submit(t.tagged(to=store))
    bounce = await t.bounce(message)
    hop = t.hop(domain=store)
    for requirement in cite:
        t.check(
            requirement,
            not t.reached(message, hop),
            expected=f"nothing of the message is transmitted to {hop.name}",
            observed=t.how_reached(message, hop),
        )
        t.forbid(requirement, message, hop)
    gave = any(attempt.gave_requiretls for attempt in hop.attempts)
    t.check(
        clause.ONLY_IN_SUCH_SESSIONS,
        not gave,
        expected=f"no REQUIRETLS on a MAIL command to {hop.name}",
        observed="MAIL with REQUIRETLS" if gave else "none",
    )
    if not t.reached(message, hop):
        judge_bounce(t, bounce)


@case(
    "requiretls/store/fit",
    roles=CLIENT,
    requirements=(clause.VALID_FOR, clause.SESSION_EMPLOYS_TLS),
    world=STORES,
)
async def fit(t: Trial) -> None:
    """A tagged message is handed over in TLS, with REQUIRETLS on the MAIL command of LMTP."""
    message = await t.submit(t.tagged(to=Store.FIT))
    outcome = await t.outcome(message, where=t.hops(Store.FIT))
    delivery = outcome.delivery
    t.check(
        clause.VALID_FOR,
        delivery is not None and delivery.has_requiretls,
        expected="handed over by LMTP, with REQUIRETLS",
        observed=outcome.story,
        absence=outcome.silent,
    )
    if delivery is not None:
        t.check(
            clause.SESSION_EMPLOYS_TLS,
            delivery.in_tls,
            expected="handed over in TLS",
            observed=outcome.story,
        )


@case(
    "requiretls/store/without-requiretls",
    roles=(*CLIENT, Role.BOUNCE_MAKER),
    requirements=(clause.PEER_OFFERS_REQUIRETLS, clause.ONLY_IN_SUCH_SESSIONS, clause.NOTIFY),
    world=STORES,
)
async def without_requiretls(t: Trial) -> None:
    """The store's reply to LHLO in TLS does not list REQUIRETLS: it does not get the message."""
    await judge_withheld(t, Store.UNAWARE, clause.PEER_OFFERS_REQUIRETLS)


@case(
    "requiretls/store/without-tls",
    roles=(*CLIENT, Role.BOUNCE_MAKER),
    requirements=(clause.SESSION_EMPLOYS_TLS, clause.ONLY_IN_SUCH_SESSIONS, clause.NOTIFY),
    world=STORES,
)
async def without_tls(t: Trial) -> None:
    """The store does not offer STARTTLS: it does not get the message, however near it is."""
    await judge_withheld(t, Store.PLAIN, clause.SESSION_EMPLOYS_TLS)


@case(
    "requiretls/store/unknown-to-the-target",
    roles=(*CLIENT, Role.BOUNCE_MAKER),
    requirements=(clause.CERTIFICATE_VERIFIED, clause.ONLY_IN_SUCH_SESSIONS, clause.NOTIFY),
    world=STORES,
)
async def unknown_to_the_target(t: Trial) -> None:
    """The store's certificate is of an authority that the target does not trust."""
    await judge_withheld(t, Store.STRANGE, clause.CERTIFICATE_VERIFIED)


@case(
    "requiretls/store/mail-with-the-field",
    roles=CLIENT,
    requirements=(clause.OPTIONAL_SENT, clause.OPTIONAL_TRIES_STARTTLS),
    world=STORES,
)
async def mail_with_the_field(t: Trial) -> None:
    """Mail with the field goes to a store whose certificate proves nothing, and goes in TLS."""
    message = await t.submit(t.optional(to=Store.STRANGE))
    outcome = await t.outcome(message, where=t.hops(Store.STRANGE))
    t.check(
        clause.OPTIONAL_SENT,
        outcome.delivered,
        expected="handed over, whatever the certificate is worth",
        observed=outcome.story,
        absence=outcome.silent,
    )
    if outcome.delivery is not None:
        t.check(
            clause.OPTIONAL_TRIES_STARTTLS,
            outcome.delivery.in_tls,
            expected="handed over in TLS, which the store offers",
            observed=outcome.story,
        )


@case(
    "requiretls/store/one-recipient-refused",
    roles=(*CLIENT, Role.BOUNCE_MAKER),
    requirements=(clause.NOTIFY, clause.BOUNCE_HEADERS_ONLY),
    world=STORES,
)
async def one_recipient_refused(t: Trial) -> None:
    """The store takes a tagged message for one recipient and refuses it for the other.

    In LMTP each has a reply of its own behind the data, so the bounce is about the other alone; it
    is the bounce of a tagged message, without anything of the body."""
    domain = t.domains[Store.FULL]
    taken, refused = f"first@{domain}", f"second@{domain}"
    message = await t.submit(t.tagged(recipients=(taken, refused)))
    bounce = await t.bounce(message)
    if not judge_bounce(t, bounce):
        return
    t.check(
        clause.NOTIFY,
        bounce.failed_recipients == (refused,),
        expected=f"a report that {refused} failed, and nobody else",
        observed=", ".join(bounce.failed_recipients) or "nobody failed",
    )
    t.check(
        clause.BOUNCE_HEADERS_ONLY,
        not bounce.holds_body,
        expected="nothing of the body comes back",
        observed="some of the body" if bounce.holds_body else "nothing of it",
    )
