"""What every case of a callout service has: it runs alone, and is held against the protocol."""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable

from mailassay.cases.registry import case
from mailassay.milter_trial import PROTOCOL, MilterTrial
from mailassay.verdicts import Edition, Role

Run = Callable[[MilterTrial], Awaitable[None]]


def callout(
    slug: str, *, requirements: tuple[str, ...] = (), needs: tuple[str, ...] = ()
) -> Callable[[Run], Run]:
    """Registers the decorated function as the case opes/callout/<slug>."""

    def register(run: Run) -> Run:
        @functools.wraps(run)
        async def alone(t: MilterTrial) -> None:
            await t.guarded(run)

        return case(
            f"opes/callout/{slug}",
            roles=(Role.CALLOUT_SERVICE,),
            requirements=tuple(dict.fromkeys((*requirements, *PROTOCOL))),
            editions=(Edition.RFC,),
            needs=needs,
        )(alone)

    return register
