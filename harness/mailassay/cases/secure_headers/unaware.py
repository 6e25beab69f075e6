"""What an S/MIME engine that does not know the attribute makes of messages that have it."""

from __future__ import annotations

from mailassay.cases.registry import case
from mailassay.shim_trial import ShimTrial
from mailassay.verdicts import Role

UNAWARE = (Role.UNAWARE_VERIFIER,)


@case(
    "secure-headers/unaware/attribute-is-ignored",
    roles=UNAWARE,
    requirements=("rfc7508/4/7", "rfc7508/3/1", "rfc7508/6/2"),
)
async def attribute_is_ignored(t: ShimTrial) -> None:
    """A signature with the attribute is as good as one without.

    All vectors whose signature holds by CMS, whatever became of the header."""
    await t.judge_unaware("rfc7508/4/7", "no-secure-headers", also=("rfc7508/3/1", "rfc7508/6/2"))


@case("secure-headers/unaware/change-is-refused", roles=UNAWARE, requirements=("rfc7508/4/8",))
async def change_is_refused(t: ShimTrial) -> None:
    """A message whose content, attributes or signature were changed is refused."""
    await t.judge_unaware("rfc7508/4/8", "signature-invalid")
