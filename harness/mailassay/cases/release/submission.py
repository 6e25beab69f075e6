"""What a submission server that knows Draft and Release lets pass, and what it brings to those who
may authorize: each case asks a group of vectors (vectors/release)."""

from __future__ import annotations

from mailassay.authorizing import authorizes
from mailassay.cases.registry import case
from mailassay.shim_trial import ShimTrial
from mailassay.verdicts import Edition, Role

SUBMISSION = (Role.RELEASE_SUBMISSION_SERVER,)


@case("release/submission/authorized", roles=SUBMISSION,
      requirements=("rfc7912/3.3.2/8", "rfc7912/3.2/6", "rfc7912/3.2/7",
                    "rfc7912/3.2/2", "rfc7912/3.2/1",
                    "rfc7912/3.3.2/4", "rfc7912/3.3.2/5", "rfc7912/3.3.2/3", "rfc7912/3.1/1"))
async def authorized(t: ShimTrial) -> None:
    """What enough users have authorized passes."""
    await authorizes(t)


@case("release/submission/draft", roles=SUBMISSION,
      requirements=("rfc7912/3.2/2", "rfc7912/3.2/1", "rfc7912/3.1/1"))
async def draft(t: ShimTrial) -> None:
    """What nobody has authorized does not pass."""
    await authorizes(t)


@case("release/submission/too-few", roles=SUBMISSION,
      requirements=("rfc7912/3.1/3", "rfc7912/3.1/1"))
async def too_few(t: ShimTrial) -> None:
    """Fewer than the policy asks for do not release a message."""
    await authorizes(t)


@case("release/submission/forged", roles=SUBMISSION,
      requirements=("rfc7912/3.2/6", "rfc7912/3.2/7", "rfc7912/7.1/1", "rfc7912/3.3.2/4",
                    "rfc7912/3.1/1"))
async def forged(t: ShimTrial) -> None:
    """A field that no signature stands behind does not pass."""
    await authorizes(t)


@case("release/submission/replayed", roles=SUBMISSION,
      requirements=("rfc7912/7.1/2", "rfc7912/3.2/6", "rfc7912/3.1/1", "rfc7912/3.3.2/4"))
async def replayed(t: ShimTrial) -> None:
    """A release of another message does not pass."""
    await authorizes(t)


@case("release/submission/officers", roles=SUBMISSION,
      requirements=("rfc7912/3.2/5", "rfc7912/3.1/1"))
async def officers(t: ShimTrial) -> None:
    """A field with the address of somebody who may not authorize does not pass."""
    await authorizes(t)


@case("release/submission/spelling", roles=SUBMISSION,
      requirements=("rfc7912/3.3/12", "rfc7912/4/4", "rfc7912/3.1/1"))
async def spelling(t: ShimTrial) -> None:
    """A user's address is his however it is spelled."""
    await authorizes(t)


@case("release/submission/alike", roles=SUBMISSION,
      requirements=("rfc7912/3.3/12", "rfc7912/3.2/5", "rfc7912/3.1/1"))
async def alike(t: ShimTrial) -> None:
    """An address that looks like a user's is not his."""
    await authorizes(t)


@case("release/submission/order", roles=SUBMISSION,
      requirements=("rfc7912/3.1/3", "rfc7912/3.1/1"))
async def order(t: ShimTrial) -> None:
    """Where there is an order, it is kept."""
    await authorizes(t)


@case("release/submission/malformed", roles=SUBMISSION,
      requirements=("rfc7912/7.2/1", "rfc7912/4/4", "rfc7912/4/6", "rfc7912/3.2/4",
                    "rfc7912/3.1/1", "rfc7912/4/5", "draft-melnikov/4/4"))
async def malformed(t: ShimTrial) -> None:
    """A field that can't be read, however large, does not pass."""
    await authorizes(t)


@case("release/submission/repeated", roles=SUBMISSION,
      requirements=("rfc7912/4/1", "rfc7912/4/2", "rfc7912/3.1/1"))
async def repeated(t: ShimTrial) -> None:
    """A field that stands twice does not pass."""
    await authorizes(t)


@case("release/submission/countersigned", roles=SUBMISSION,
      requirements=("rfc7912/3.3.2/3", "rfc7912/7.1/2", "rfc7912/3.1/1", "rfc5652/11.4/1",
                    "rfc5652/11.4/4", "rfc5652/11.4/5", "rfc5652/11.4/6", "rfc5652/11.4/7"))
async def countersigned(t: ShimTrial) -> None:
    """A countersignature counts for the signature that it is on, and for no field."""
    await authorizes(t)


@case("release/submission/dkim", roles=SUBMISSION, editions=(Edition.RFC,),
      requirements=("rfc7912/3.3.2/3", "rfc7912/7.1/1", "rfc7912/7.1/2", "rfc7912/3.1/1"))
async def dkim(t: ShimTrial) -> None:
    """A domain's signature counts only over the field, whole, and for the user's address."""
    await authorizes(t)
