"""What a signer makes of messages, judged by the harness's own reading and by OpenSSL."""

from __future__ import annotations

from mailassay.cases.registry import case
from mailassay.shim_trial import ShimTrial
from mailassay.signing import judge_refusing, judge_signing
from mailassay.verdicts import Edition, Role

SIGNER = (Role.SIGNER,)
STEPS = "rfc7508/4.5.1/8"
SYNTAX = (
    "rfc7508/4.1/1", "rfc7508/4.1/2", "draft-cailleux/4.1/2", "rfc7508/4.1/11", "rfc7508/4.5.1/1",
    "rfc7508/4.5.1/2",
)


@case(
    "secure-headers/signer/signs-the-fields-of-the-policy",
    roles=SIGNER,
    requirements=(
        "rfc7508/4.5.1/9", "rfc7508/4.5.2/7", STEPS, *SYNTAX, "rfc7508/4.1/16", "rfc7508/4.5.1/11",
        "draft-cailleux/4.5.1/11", "rfc7508/7/1", "draft-cailleux/7/1", "draft-cailleux/4.4/2",
    ),
)
async def signs_the_fields_of_the_policy(t: ShimTrial) -> None:
    """Just the fields that the policy lists and the message has are in the structure."""
    await judge_signing(t)


@case(
    "secure-headers/signer/signs-every-instance",
    roles=SIGNER,
    requirements=(
        "rfc7508/4.5.1/5", "rfc7508/4.1/6", "draft-cailleux/4.1/5",
    ),
)
async def signs_every_instance(t: ShimTrial) -> None:
    """Of fields of one name each is in the structure."""
    await judge_signing(t)


@case("secure-headers/signer/signs-empty-values", roles=SIGNER,
      requirements=("rfc7508/4.5.1/7",))
async def signs_empty_values(t: ShimTrial) -> None:
    """A field that is there but empty is signed with a value of no octets."""
    await judge_signing(t)


@case(
    "secure-headers/signer/signs-canonical-values",
    roles=SIGNER,
    requirements=(
        "rfc7508/4.5.1/10", "rfc7508/4.5.1/4", STEPS, "rfc7508/4.1/18", "draft-cailleux/4.1/17",
    ),
)
async def signs_canonical_values(t: ShimTrial) -> None:
    """Values are those of the message, in canonical form."""
    await judge_signing(t)


@case(
    "secure-headers/signer/signs-the-statuses-of-the-policy",
    roles=SIGNER,
    requirements=(
        "rfc7508/4.5.1/3", "rfc7508/4.4/3", "rfc7508/2/1", "rfc7508/2/2", "rfc7508/2/3",
        "rfc7508/4.1/12", "rfc7508/4.1/21", "rfc7508/4.4/2", "draft-cailleux/4.4/3",
        "draft-cailleux/4.5.1/12",
    ),
)
async def signs_the_statuses_of_the_policy(t: ShimTrial) -> None:
    """The status of a field is what the policy says."""
    await judge_signing(t)


@case(
    "secure-headers/signer/signs-by-the-algorithm-of-the-policy",
    roles=SIGNER,
    requirements=(
        "rfc7508/4.5.1/12", "rfc7508/4.5.1/2", "rfc7508/4.3/2", "rfc7508/4.1/4",
    ),
)
async def signs_by_the_algorithm_of_the_policy(t: ShimTrial) -> None:
    """The algorithm is the policy's, and the structure says which it is."""
    await judge_signing(t)


@case(
    "secure-headers/signer/signs-relaxed-by-default",
    roles=SIGNER,
    requirements=("rfc7508/4.3/11",),
    editions=(Edition.RFC,),
)
async def signs_relaxed_by_default(t: ShimTrial) -> None:
    """Where the policy names no algorithm, it is relaxed."""
    await judge_signing(t)


@case(
    "secure-headers/signer/signers-alike",
    roles=SIGNER,
    requirements=("rfc7508/4.5.1/6", "rfc7508/4.5.1/13", STEPS),
)
async def signers_alike(t: ShimTrial) -> None:
    """Each of several signerInfos has the structure, and the same one."""
    await judge_signing(t)


@case(
    "secure-headers/signer/signs-so-that-cms-verifies",
    roles=SIGNER,
    requirements=(
        "rfc7508/4.5.1/14", "rfc7508/4/2", STEPS, "rfc7508/4/4", "rfc7508/4/9", "rfc7508/4.3/10",
    ),
)
async def signs_so_that_cms_verifies(t: ShimTrial) -> None:
    """OpenSSL verifies the signature, and the attribute stands once, with one value."""
    await judge_signing(t)


@case(
    "secure-headers/signer/signs-by-its-part-of-the-policy",
    roles=SIGNER,
    requirements=(
        "rfc7508/5/7", "rfc7508/5/3", "rfc7508/5/1", "rfc7508/5/2", "rfc7508/5/4", "rfc7508/5/5",
        "rfc7508/5/6",
    ),
    needs=("wraps-twice",),
)
async def signs_by_its_part_of_the_policy(t: ShimTrial) -> None:
    """Of triple wrapping the inner and the outer signature secure what their part of the policy
    lists, the outer one over the message encrypted."""
    await judge_signing(t)


@case("secure-headers/signer/signs-long-fields", roles=SIGNER, requirements=("rfc7508/4.2/1",))
async def signs_long_fields(t: ShimTrial) -> None:
    """Long fields are signed like any others."""
    await judge_signing(t)


@case(
    "secure-headers/signer/nothing-to-secure",
    roles=SIGNER,
    requirements=("rfc7508/4.1/7",),
)
async def nothing_to_secure(t: ShimTrial) -> None:
    """A message that has no field of the policy's list gets no empty structure."""
    await judge_refusing(t)


@case(
    "secure-headers/signer/value-of-other-characters",
    roles=SIGNER,
    requirements=("rfc7508/4.1/19", "draft-cailleux/4.1/18"),
)
async def value_of_other_characters(t: ShimTrial) -> None:
    """A value with octets that the string type does not have is not written as one."""
    await judge_refusing(t)
