"""A draft from its drafter to its recipients, by way of those who may authorize it: submission
server, agents and border together."""

from __future__ import annotations

from mailassay.cases.registry import case
from mailassay.shim_trial import ShimTrial
from mailassay.verdicts import Edition, Role
from mailassay.whole_way import (
    ARRIVES,
    BROUGHT,
    KEPT,
    ONE,
    SIGNED,
    STAYS,
    THREE,
    TOLD,
    TWO,
    Way,
    goes,
)

SYSTEM = (Role.RELEASE_SUBMISSION_SERVER, Role.RELEASING_AGENT)


@case("release/whole-way/waits", roles=SYSTEM, requirements=(STAYS, BROUGHT))
async def waits(t: ShimTrial) -> None:
    """A draft that nobody has decided on lies with those who may authorize it, and nowhere else."""
    await goes(t, Way("Nobody decides.", waits_for=(ONE, TWO, THREE)))


@case("release/whole-way/released", roles=SYSTEM, requirements=(ARRIVES, STAYS, KEPT, SIGNED))
async def released(t: ShimTrial) -> None:
    """What one user has released comes once to everybody whom the drafter meant, a blind-copy
    recipient too, under both signatures."""
    await goes(t, Way("One releases it.", ((ONE, "release"),), (ONE,)))


@case("release/whole-way/by-two", roles=SYSTEM, requirements=(ARRIVES, STAYS, KEPT, SIGNED))
async def by_two(t: ShimTrial) -> None:
    """Where two are needed, the first one's release brings it to the second, with its envelope."""
    await goes(t, Way(
        "Two release it, one behind the other.", ((ONE, "release"), (TWO, "release")),
        (ONE, TWO), needed=2, order="as-listed",
    ))


@case("release/whole-way/by-one-of-two", roles=SYSTEM, requirements=(STAYS, BROUGHT))
async def by_one_of_two(t: ShimTrial) -> None:
    """Where two are needed, the first one's release brings it to no recipient."""
    await goes(t, Way(
        "Two are needed, and one releases it.", ((ONE, "release"),), waits_for=(TWO,),
        needed=2, order="as-listed",
    ))


@case("release/whole-way/by-each", roles=SYSTEM, requirements=(ARRIVES, STAYS))
async def by_each(t: ShimTrial) -> None:
    """Of two who release the same draft by themselves the first is followed, and the recipients get
    one message."""
    await goes(t, Way(
        "Each of two releases it.", ((TWO, "release"), (ONE, "release")), (TWO,),
    ))


@case("release/whole-way/returned", roles=SYSTEM, editions=(Edition.RFC,),
      requirements=(STAYS, TOLD))
async def returned(t: ShimTrial) -> None:
    """What is rejected goes back to its drafter with the reason, and to nobody else."""
    await goes(t, Way("One rejects it.", ((ONE, "return"),), said="At dusk, please."))


@case("release/whole-way/discarded", roles=SYSTEM, requirements=(STAYS,))
async def discarded(t: ShimTrial) -> None:
    """What is thrown away comes to nobody."""
    await goes(t, Way("One throws it away.", ((ONE, "discard"),)))


@case("release/whole-way/forged", roles=SYSTEM, requirements=(STAYS,))
async def forged(t: ShimTrial) -> None:
    """A field that the drafter has written himself takes a draft to no recipient."""
    await goes(t, Way(
        "The drafter has put a user into the field.",
        forged=f"MMHS-Authorizing-Users: {ONE}\r\n",
    ))


@case("release/whole-way/redrafted", roles=SYSTEM, editions=(Edition.RFC,),
      requirements=(ARRIVES, STAYS, SIGNED))
async def redrafted(t: ShimTrial) -> None:
    """What a user has made his own is a draft again, which as many have to release."""
    await goes(t, Way(
        "One becomes its drafter, and two release that.",
        ((ONE, "redraft"), (ONE, "release"), (TWO, "release")), (ONE, TWO), needed=2,
        order="as-listed",
    ))
