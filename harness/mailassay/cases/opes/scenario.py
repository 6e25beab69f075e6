"""What OPES is used for with mail (RFC 4496 section 4), each use as a processor meets it: each case
asks a group of vectors (vectors/opes)."""

from __future__ import annotations

from mailassay.adaptation import processes
from mailassay.cases.opes.processor import PROCESSOR, REWRITES
from mailassay.cases.registry import case
from mailassay.opes_seen import (
    ASKED,
    IN_TIME,
    REFUSED,
    SERVICES_TRACED,
    STILL_THERE,
    TRACED,
)
from mailassay.shim_trial import ShimTrial

CHANGED = (*TRACED, *IN_TIME, *SERVICES_TRACED)
WHOLE = ("rfc4902/3.3/1",)
INDISPENSABLE = ("rfc3897/4.2/2", "rfc4902/3.2/6")


@case("opes/scenario/security-filter", roles=PROCESSOR,
      requirements=(*CHANGED, *WHOLE, *REFUSED, *INDISPENSABLE))
async def security_filter(t: ShimTrial) -> None:
    """A virus scanner replaces, marks, adds or refuses, and nobody asks it away."""
    await processes(t)


@case("opes/scenario/spam-filter", roles=PROCESSOR,
      requirements=(*CHANGED, *REFUSED, *ASKED, "rfc3835/3.2/1"))
async def spam_filter(t: ShimTrial) -> None:
    """A spam filter marks or refuses, is left out for who is known, and not for a spammer."""
    await processes(t)


@case("opes/scenario/logging", roles=PROCESSOR, requirements=(*CHANGED, *ASKED))
async def logging(t: ShimTrial) -> None:
    """Who only looks at mail is in its trace as well."""
    await processes(t)


@case("opes/scenario/access-control", roles=PROCESSOR,
      requirements=(*REFUSED, "rfc4902/3.2/4"))
async def access_control(t: ShimTrial) -> None:
    """Who may write to whom is decided in the dialogue, and whoever may not learns where."""
    await processes(t)


@case("opes/scenario/secure-email", roles=PROCESSOR, requirements=(*CHANGED, *WHOLE, *REFUSED))
async def secure_email(t: ShimTrial) -> None:
    """A gateway encrypts what is in the clear; what a user has signed or encrypted stays so."""
    await processes(t)


@case("opes/scenario/normalization", roles=PROCESSOR,
      requirements=(*CHANGED, *STILL_THERE, *REFUSED))
async def normalization(t: ShimTrial) -> None:
    """Whoever mends a message and drops what he does not know leaves the trace in it."""
    await processes(t)


@case("opes/scenario/rerouting", roles=PROCESSOR, requirements=("rfc4902/5.6/1", *CHANGED),
      needs=(REWRITES,))
async def rerouting(t: ShimTrial) -> None:
    """Mail for a location gets the location's address, in every field that has it."""
    await processes(t)


@case("opes/scenario/blocked-in-dialogue", roles=PROCESSOR, requirements=REFUSED)
async def blocked_in_dialogue(t: ShimTrial) -> None:
    """A message is refused before it is taken, with the system's name and the reason."""
    await processes(t)


@case("opes/scenario/links-for-attachments", roles=PROCESSOR,
      requirements=(*CHANGED, *WHOLE, *INDISPENSABLE, "rfc4902/4/3"))
async def links_for_attachments(t: ShimTrial) -> None:
    """Attachments become links, but those of signed mail, and of who asks that they do not."""
    await processes(t)
