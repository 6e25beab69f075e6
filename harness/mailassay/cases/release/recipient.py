"""What a recipient may believe of MMHS-Authorizing-Users:
each case asks a group of vectors (vectors/release)."""

from __future__ import annotations

from mailassay.authorizing import authorizes
from mailassay.cases.registry import case
from mailassay.shim_trial import ShimTrial
from mailassay.verdicts import Edition, Role

RECIPIENT = (Role.RELEASE_RECIPIENT,)


@case("release/recipient/chain", roles=RECIPIENT,
      requirements=("rfc7912/3.3.2/4", "rfc7912/3.3.2/5", "rfc7912/7.1/1", "rfc7912/7.1/2",
                    "rfc7912/1/2", "rfc7912/3.3.2/3", "rfc7912/4/8", "rfc7912/3.3/12"))
async def chain(t: ShimTrial) -> None:
    """A chain of signatures that fits the field is believed, each user of it."""
    await authorizes(t)


@case("release/recipient/broken", roles=RECIPIENT,
      requirements=("rfc7912/3.3.2/4", "rfc7912/3.3.2/5", "rfc7912/7.1/1", "rfc7912/7.1/2",
                    "rfc7912/1/2", "rfc7912/3.3.2/3", "rfc7912/4/2", "rfc7912/4/6",
                    "rfc7912/3.3/12"))
async def broken(t: ShimTrial) -> None:
    """A chain with a gap is not believed, and nobody in it that nothing proves."""
    await authorizes(t)


@case("release/recipient/countersigned", roles=RECIPIENT,
      requirements=("rfc7912/3.3.2/4", "rfc7912/3.3.2/5", "rfc7912/7.1/1", "rfc7912/7.1/2",
                    "rfc7912/1/2", "rfc7912/3.3.2/3"))
async def countersigned(t: ShimTrial) -> None:
    """A countersignature is believed on the signature that it was made for alone."""
    await authorizes(t)


@case("release/recipient/dkim", roles=RECIPIENT, editions=(Edition.RFC,),
      requirements=("rfc7912/3.3.2/4", "rfc7912/3.3.2/5", "rfc7912/7.1/1", "rfc7912/7.1/2",
                    "rfc7912/1/2", "rfc7912/3.3.2/3"))
async def dkim(t: ShimTrial) -> None:
    """A domain's signature is believed only over the field, and for the address in it."""
    await authorizes(t)
