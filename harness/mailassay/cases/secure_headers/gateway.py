"""What a gateway makes of messages that others have signed (section 6 of RFC 7508)."""

from __future__ import annotations

from mailassay.cases.registry import case
from mailassay.shim_trial import ShimTrial
from mailassay.signing import judge_adding_nothing, judge_signing_beside
from mailassay.verdicts import Role

GATEWAY = (Role.SIGNING_GATEWAY,)


@case(
    "secure-headers/gateway/signs-beside-others",
    roles=GATEWAY,
    requirements=("rfc7508/6/1", "rfc7508/6/3", "rfc7508/4.5.1/6", "rfc7508/4.5.1/14"),
)
async def signs_beside_others(t: ShimTrial) -> None:
    """A gateway's signerInfo holds the structure that the sender's holds, whose own stays.

    OpenSSL verifies all of them afterwards."""
    await judge_signing_beside(t)


@case(
    "secure-headers/gateway/signs-beside-unaware-signers",
    roles=GATEWAY,
    requirements=("rfc7508/6/1", "rfc7508/6/3", "rfc7508/4.5.1/14"),
)
async def signs_beside_unaware_signers(t: ShimTrial) -> None:
    """Where nobody secured a field, a gateway secures those of its policy."""
    await judge_signing_beside(t)


@case(
    "secure-headers/gateway/signs-nothing-that-was-changed",
    roles=GATEWAY,
    requirements=("rfc7508/4.5.1/4", "rfc7508/6/1"),
)
async def signs_nothing_that_was_changed(t: ShimTrial) -> None:
    """Beside a sender whose fields were changed a gateway can't sign what both the sender secured
    and the message has: it refuses, or signs around the message."""
    await judge_adding_nothing(t)
