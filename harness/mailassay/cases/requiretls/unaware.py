"""Servers that do not claim the extension: they refuse what they do not know, and do not list it.

A sender who relies on REQUIRETLS is safe with such a server as long as it says no.  One that
answers 250 to a parameter that it then drops lets the message go on unprotected; nobody is told.
"""

from __future__ import annotations

from mailassay.cases.registry import case
from mailassay.peers.smtp_client import Reply, Submission
from mailassay.trial import Trial
from mailassay.verdicts import Edition, Role

LISTED = "rfc5321/4.1.1.1/1"
UNRECOGNIZED = "rfc5321/4.1.1.11/1"
# Parameters by the keyword that announces them.
KNOWN = {"SIZE": "SIZE=1000", "8BITMIME": "BODY=8BITMIME"}


def judge_refusal(t: Trial, reply: Reply) -> None:
    """MAIL with the parameter was refused for good."""
    refused = 500 <= reply.code <= 599
    t.check(
        UNRECOGNIZED,
        refused,
        expected="555, or another permanent refusal of MAIL with REQUIRETLS",
        observed=f"answered {reply}",
        reading=("555" if reply.code == 555 else "another 5yz") if refused else None,
    )


async def takes_ordinary_mail(t: Trial, session: Submission) -> bool:
    """Whether MAIL without the parameter is taken, without which a refusal would mean nothing."""
    reply = await session.mail(f"sender@{t.sender_domain}")
    if reply.code != 250:
        t.inconclusive(f"MAIL without any parameter was answered {reply}")
    return reply.code == 250


@case(
    "requiretls/unaware/not-listed",
    roles=(Role.UNAWARE_SERVER,),
    requirements=(LISTED,),
    editions=(Edition.RFC,),
)
async def not_listed(t: Trial) -> None:
    """A server that does not claim REQUIRETLS lists it neither before STARTTLS nor after."""
    async with t.session() as session:
        plain = await session.ehlo()
        await session.starttls()
        inside = await session.ehlo()
    for where, hello in (("in plaintext", plain), ("in TLS", inside)):
        t.check(
            LISTED,
            not hello.has("REQUIRETLS"),
            expected=f"no REQUIRETLS in the EHLO reply {where}",
            observed="listed" if hello.has("REQUIRETLS") else "not listed",
        )


@case(
    "requiretls/unaware/parameter-in-tls",
    roles=(Role.UNAWARE_SERVER,),
    requirements=(UNRECOGNIZED,),
    editions=(Edition.RFC,),
)
async def parameter_in_tls(t: Trial) -> None:
    """Inside TLS, MAIL with REQUIRETLS is refused; the same command without it is taken."""
    async with t.session() as session:
        await session.ehlo()
        await session.starttls()
        await session.ehlo()
        reply = await session.mail(f"sender@{t.sender_domain}", ("REQUIRETLS",))
        await session.command("RSET")
        if await takes_ordinary_mail(t, session):
            judge_refusal(t, reply)


@case(
    "requiretls/unaware/parameter-outside-tls",
    roles=(Role.UNAWARE_SERVER,),
    requirements=(UNRECOGNIZED,),
    editions=(Edition.RFC,),
)
async def unaware_parameter_in_plaintext(t: Trial) -> None:
    """In plaintext, MAIL with REQUIRETLS is refused; the same command without it is taken."""
    async with t.session() as session:
        await session.ehlo()
        reply = await session.mail(f"sender@{t.sender_domain}", ("REQUIRETLS",))
        await session.command("RSET")
        if await takes_ordinary_mail(t, session):
            judge_refusal(t, reply)


@case(
    "requiretls/unaware/parameter-among-known-ones",
    roles=(Role.UNAWARE_SERVER,),
    requirements=(UNRECOGNIZED,),
    editions=(Edition.RFC,),
)
async def parameter_among_known_ones(t: Trial) -> None:
    """Behind a parameter that the server knows, REQUIRETLS is still seen and refused."""
    async with t.session() as session:
        await session.ehlo()
        await session.starttls()
        hello = await session.ehlo()
        known = next((p for k, p in KNOWN.items() if hello.has(k)), None)
        if known is None:
            t.inconclusive("the server knows neither SIZE nor 8BITMIME")
            return
        path = f"sender@{t.sender_domain}"
        reply = await session.mail(path, (known, "REQUIRETLS"))
        await session.command("RSET")
        control = await session.mail(path, (known,))
        if control.code != 250:
            t.inconclusive(f"MAIL with {known} alone was answered {control}")
            return
        judge_refusal(t, reply)
