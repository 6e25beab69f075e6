"""What a verifier makes of messages: each case asks its vectors (vectors/secure-headers)."""

from __future__ import annotations

from mailassay.cases.registry import case
from mailassay.shim_trial import ShimTrial
from mailassay.verdicts import Edition, Role

VERIFIER = (Role.VERIFIER,)
STEPS = "rfc7508/4.5.2/9"
MISMATCH = ("rfc7508/4.5.2/19", "rfc7508/4.5.2/20")
MISSING = "rfc7508/4.5.2/13"
EXTRA = ("rfc7508/4.5.2/25", "rfc7508/4.5.2/26")


@case(
    "secure-headers/verifier/as-it-was-signed",
    roles=VERIFIER,
    requirements=(
        "rfc7508/4/5", "rfc7508/4.5.2/22", "rfc7508/4.3/1", STEPS, "rfc7508/4/9", "rfc7508/4.5.2/1",
        "rfc7508/7/1", "draft-cailleux/7/1", "draft-cailleux/4.4/2", "rfc7508/4.1/18",
        "draft-cailleux/4.1/17",
    ),
)
async def as_it_was_signed(t: ShimTrial) -> None:
    """A message that nobody touched is valid, and the user learns of it.

    Detached and opaque, relaxed and simple, RSA and ECDSA."""
    await t.judge_verifying()


@case(
    "secure-headers/verifier/signature-broken",
    roles=VERIFIER,
    requirements=(
        "rfc7508/4.5.2/10", STEPS, *MISMATCH, "rfc7508/4/4", "rfc7508/4.3/10",
    ),
)
async def signature_broken(t: ShimTrial) -> None:
    """A signature that does not hold by CMS ends the process, whatever the fields say.

    Changes of the content, of the signed attributes and of the signature value."""
    await t.judge_verifying()


@case("secure-headers/verifier/chains", roles=VERIFIER, requirements=("rfc7508/4.5.2/10",))
async def chains(t: ShimTrial) -> None:
    """A signer is judged by a chain to a trusted root, at the time that is given.

    A verifier that judges the certificate apart from the signature follows another reading."""
    await t.judge_verifying()


@case(
    "secure-headers/verifier/value-changed",
    roles=VERIFIER,
    requirements=(
        "rfc7508/4.5.2/3", "rfc7508/4.3/9", STEPS, *MISMATCH, "rfc7508/4/6", "rfc7508/4.5.2/1",
        "rfc7508/4.5.2/18",
    ),
)
async def value_changed(t: ShimTrial) -> None:
    """A secured value that was changed makes the signature invalid, and is named.

    No canonicalization lets these changes pass."""
    await t.judge_verifying()


@case(
    "secure-headers/verifier/relaxed-lets-white-space-pass",
    roles=VERIFIER,
    requirements=(
        "rfc7508/4.3/5", "rfc7508/4.3/6", "rfc7508/4.3/7", "rfc7508/4.3/8", "rfc7508/4.5.2/17",
        "rfc7508/4.5.2/18",
    ),
)
async def relaxed_lets_white_space_pass(t: ShimTrial) -> None:
    """Under relaxed, changes of folding and white space leave a message valid."""
    await t.judge_verifying()


@case(
    "secure-headers/verifier/simple-lets-nothing-pass",
    roles=VERIFIER,
    requirements=(
        "rfc7508/4.3/3", "rfc7508/4.5.2/16", *MISMATCH, "rfc7508/4/6", "rfc7508/4.5.2/18",
    ),
)
async def simple_lets_nothing_pass(t: ShimTrial) -> None:
    """Under simple, any change of folding or white space makes a message invalid."""
    await t.judge_verifying()


@case(
    "secure-headers/verifier/long-and-folded",
    roles=VERIFIER,
    requirements=("rfc7508/4.2/1", "rfc7508/4.2/2", *MISMATCH),
)
async def long_and_folded(t: ShimTrial) -> None:
    """Long fields and folded ones are verified like any others."""
    await t.judge_verifying()


@case(
    "secure-headers/verifier/field-missing",
    roles=VERIFIER,
    requirements=(
        "rfc7508/4.5.2/14", "rfc7508/4.5.2/12", MISSING, STEPS, "rfc7508/4/6", "rfc7508/4.5.2/1",
    ),
)
async def field_missing(t: ShimTrial) -> None:
    """A signed field that the message lacks makes the signature invalid, and is named."""
    await t.judge_verifying()


@case(
    "secure-headers/verifier/field-added",
    roles=VERIFIER,
    requirements=(
        "rfc7508/4.5.2/27", "rfc7508/4.5.2/23", "draft-cailleux/4.5.2/23", STEPS, *EXTRA,
    ),
)
async def field_added(t: ShimTrial) -> None:
    """Where the policy is shared, a secured field that was added makes the signature invalid.

    A second From above the signed one is what many clients would show."""
    await t.judge_verifying()


@case(
    "secure-headers/verifier/field-added-draft",
    roles=VERIFIER,
    requirements=("draft-cailleux/4.5.2/23", *EXTRA),
    editions=(Edition.DRAFT,),
)
async def field_added_draft(t: ShimTrial) -> None:
    """The draft looks for added fields whether or not a policy is shared."""
    await t.judge_verifying()


@case(
    "secure-headers/verifier/field-added-not-shared",
    roles=VERIFIER,
    requirements=("rfc7508/4.5.2/24", STEPS),
    editions=(Edition.RFC,),
)
async def field_added_not_shared(t: ShimTrial) -> None:
    """Where no policy is shared, an added field does not make the signature invalid."""
    await t.judge_verifying()


@case(
    "secure-headers/verifier/mandatory-not-secured",
    roles=VERIFIER,
    requirements=("rfc7508/4.5.2/28", "rfc7508/4.5.2/29", "rfc7508/4.5.2/6"),
)
async def mandatory_not_secured(t: ShimTrial) -> None:
    """Of a mandatory field that the message has and the signature lacks, the user is warned.

    What is mandatory and not in the message is not asked for."""
    await t.judge_verifying()


@case(
    "secure-headers/verifier/field-not-secured",
    roles=VERIFIER,
    requirements=("rfc7508/4.5.2/8", "draft-cailleux/4.5.2/23", "rfc7508/4/5"),
)
async def field_not_secured(t: ShimTrial) -> None:
    """Of a field in the policy's list that is not signed, the user is warned."""
    await t.judge_verifying()


@case(
    "secure-headers/verifier/transport-changes",
    roles=VERIFIER,
    requirements=("rfc7508/4/5", "rfc7508/4.5.2/3", *MISMATCH),
)
async def transport_changes(t: ShimTrial) -> None:
    """What relays and lists add and reorder leaves a message valid; what they rewrite does not."""
    await t.judge_verifying()


@case(
    "secure-headers/verifier/case-of-names",
    roles=VERIFIER,
    requirements=("rfc7508/4.3/3", "rfc7508/4.3/4"),
)
async def case_of_names(t: ShimTrial) -> None:
    """A field is found by its name in upper or lower case."""
    await t.judge_verifying()


@case(
    "secure-headers/verifier/repeated-fields",
    roles=VERIFIER,
    requirements=(
        "rfc7508/4/5", "rfc7508/4.5.2/21", MISSING, *MISMATCH, *EXTRA, "rfc7508/4.1/6",
        "draft-cailleux/4.1/5",
    ),
)
async def repeated_fields(t: ShimTrial) -> None:
    """Of fields of one name each is verified for itself."""
    await t.judge_verifying()


@case(
    "secure-headers/verifier/empty-values",
    roles=VERIFIER,
    requirements=("rfc7508/4/5", "rfc7508/4.5.2/21", MISSING, *MISMATCH),
)
async def empty_values(t: ShimTrial) -> None:
    """An empty value is a value: not a field that is missing, and not any other value."""
    await t.judge_verifying()


@case(
    "secure-headers/verifier/many-fields",
    roles=VERIFIER,
    requirements=("rfc7508/4.1/9", "rfc7508/4.5.2/21", *MISMATCH),
)
async def many_fields(t: ShimTrial) -> None:
    """A structure of a thousand fields is compared to its last."""
    await t.judge_verifying()


@case(
    "secure-headers/verifier/fields-shown",
    roles=VERIFIER,
    requirements=(
        "rfc7508/4/5", "rfc7508/4.5.2/3", "rfc7508/4.5.2/4", "rfc7508/4.5.2/5",
        "rfc7508/4.5.2/30", MISSING, *MISMATCH,
    ),
    needs=("tells-fields",),
)
async def fields_shown(t: ShimTrial) -> None:
    """Of each field name, signed value, status and validity are shown, and the algorithm."""
    await t.judge_verifying()


@case(
    "secure-headers/verifier/status-makes-no-difference",
    roles=VERIFIER,
    requirements=(
        "rfc7508/4.4/1", "rfc7508/4.5.2/15", MISSING, *MISMATCH, "rfc7508/4.1/13", "rfc7508/4.1/21",
        "rfc7508/4.4/2",
    ),
)
async def status_makes_no_difference(t: ShimTrial) -> None:
    """A field of any status is verified alike."""
    await t.judge_verifying()


@case(
    "secure-headers/verifier/algorithm-of-the-structure",
    roles=VERIFIER,
    requirements=(
        "rfc7508/4.5.2/11", "rfc7508/4.5.2/2", *MISMATCH, "rfc7508/4.1/4",
    ),
)
async def algorithm_of_the_structure(t: ShimTrial) -> None:
    """The algorithm is the one that was signed, whatever the verifier's policy prefers."""
    await t.judge_verifying()


@case("secure-headers/verifier/several-signers", roles=VERIFIER,
      requirements=("rfc7508/4.5.2/32",))
async def several_signers(t: ShimTrial) -> None:
    """Signers with the same structure are one; those that disagree are not told as agreeing."""
    await t.judge_verifying()


@case(
    "secure-headers/verifier/signed-twice",
    roles=VERIFIER,
    requirements=(
        "rfc7508/5/2", "rfc7508/5/3", "rfc7508/5/7", *MISMATCH, "rfc7508/5/1", "rfc7508/5/6",
    ),
    needs=("wraps",),
)
async def signed_twice(t: ShimTrial) -> None:
    """Of a signature within a signature each structure is compared with the message."""
    await t.judge_verifying()


@case(
    "secure-headers/verifier/wrapped-and-closed",
    roles=VERIFIER,
    requirements=(
        "rfc7508/5/2", "rfc7508/5/3", "rfc7508/5/7", "rfc7508/4.5.2/10", *MISMATCH, "rfc7508/5/1",
        "rfc7508/5/5", "rfc7508/5/6", "rfc7508/4.5.2/29",
    ),
    needs=("wraps",),
)
async def wrapped_and_closed(t: ShimTrial) -> None:
    """Of triple wrapping the outer signature is verified without a key, by its part of the policy.

    It holds whatever became of fields that the inner one alone secures."""
    await t.judge_verifying()


@case(
    "secure-headers/verifier/wrapped-and-opened",
    roles=VERIFIER,
    requirements=(
        "rfc7508/5/2", "rfc7508/5/3", "rfc7508/5/7", *MISMATCH, "rfc7508/5/1", "rfc7508/5/4",
        "rfc7508/5/6",
    ),
    needs=("wraps", "opens"),
)
async def wrapped_and_opened(t: ShimTrial) -> None:
    """Of triple wrapping both signatures are verified, each by its part of the policy.

    What was hidden for the way is restored before the inner one is looked at."""
    await t.judge_verifying()


@case(
    "secure-headers/verifier/certificate-of-the-sender",
    roles=VERIFIER,
    requirements=(
        "rfc8550/3/2", "rfc8550/3/3", "rfc8550/3/4", "rfc8550/3/6", "rfc8550/3/7", "rfc8550/3/9",
        "rfc8550/3/10",
    ),
    needs=("tells-addresses",),
)
async def certificate_of_the_sender(t: ShimTrial) -> None:
    """From and Sender are held against the addresses of the certificate, and a difference is told.

    A certificate without an address is as good as any other."""
    await t.judge_verifying()


@case("secure-headers/verifier/nothing-secured", roles=VERIFIER,
      requirements=("rfc7508/4.5.2/31",))
async def nothing_secured(t: ShimTrial) -> None:
    """A message without the structure, or without a signature, is not told as secured."""
    await t.judge_verifying()


@case(
    "secure-headers/verifier/other-edition",
    roles=VERIFIER,
    requirements=("rfc7508/4.1/3", "draft-cailleux/4.1/2"),
)
async def other_edition(t: ShimTrial) -> None:
    """The attribute of the other edition is unknown, or it is read for what it says."""
    await t.judge_verifying()


@case("secure-headers/verifier/attribute-not-in-der", roles=VERIFIER,
      requirements=("rfc7508/4.1/14",))
async def attribute_not_in_der(t: ShimTrial) -> None:
    """A structure in BER that is no DER is refused, or read for what it says."""
    await t.judge_verifying()


@case("secure-headers/verifier/printed-examples", roles=VERIFIER,
      requirements=("rfc7508/4.1/14",))
async def printed_examples(t: ShimTrial) -> None:
    """The example of Appendix B, which is not DER, is refused or read for what it says."""
    await t.judge_verifying()


@case("secure-headers/verifier/attribute-of-other-types", roles=VERIFIER,
      requirements=("rfc7508/4.1/20",))
async def attribute_of_other_types(t: ShimTrial) -> None:
    """A structure with other string types is refused, or compared for what it says."""
    await t.judge_verifying()


@case(
    "secure-headers/verifier/attribute-without-meaning",
    roles=VERIFIER,
    requirements=(
        "rfc7508/4.1/5", "rfc7508/4.1/8", "rfc7508/4.1/10", "rfc7508/4.1/15", "rfc7508/4.1/17",
        "rfc7508/4.1/20", "rfc7508/4.1/23",
    ),
)
async def attribute_without_meaning(t: ShimTrial) -> None:
    """No message is valid by a structure that means nothing."""
    await t.judge_verifying()


@case("secure-headers/verifier/algorithm-unknown", roles=VERIFIER,
      requirements=("rfc7508/4.1/5",))
async def algorithm_unknown(t: ShimTrial) -> None:
    """No message is valid by an algorithm that nobody knows."""
    await t.judge_verifying()


@case("secure-headers/verifier/attribute-count", roles=VERIFIER,
      requirements=("rfc7508/4/3",), editions=(Edition.RFC,))
async def attribute_count(t: ShimTrial) -> None:
    """No message is valid by an attribute that stands twice, or has two values."""
    await t.judge_verifying()


@case("secure-headers/verifier/status-unknown", roles=VERIFIER,
      requirements=("rfc7508/4.1/22",))
async def status_unknown(t: ShimTrial) -> None:
    """A status that nobody knows is refused, or ignored as all of them are."""
    await t.judge_verifying()
