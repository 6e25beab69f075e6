"""What an authority makes of envelopes that come to its domain: each case asks a group of vectors
(vectors/dca)."""

from __future__ import annotations

from mailassay.authorities import carries, decrypts
from mailassay.cases.registry import case
from mailassay.shim_trial import ShimTrial
from mailassay.verdicts import Role

DECRYPTING = (Role.DECRYPTING_DCA,)


@case(
    "secure-headers/decrypting/restores-only-under-both-conditions",
    roles=DECRYPTING,
    requirements=(
        "rfc7508/4.6.2/2", "rfc7508/4.6.2/3", "rfc7508/4.6.2/1", "rfc3183/4.3/2",
    ),
)
async def restores_only_under_both_conditions(t: ShimTrial) -> None:
    """What is not signed, or has no structure, keeps the header that it came with."""
    await decrypts(t, "conditions")


@case(
    "secure-headers/decrypting/opens-transport-and-agreement",
    roles=DECRYPTING,
    requirements=("rfc7508/4.6.2/5", "rfc3183/4/6", "rfc3183/4/5", "rfc3183/4/2"),
)
async def opens_transport_and_agreement(t: ShimTrial) -> None:
    """RSA and elliptic curves, CBC and GCM are opened."""
    await decrypts(t, "means", also=("rfc3183/4/5",))


@case(
    "secure-headers/decrypting/opens-by-its-own-key",
    roles=DECRYPTING,
    requirements=("rfc7508/4.6.2/5", "rfc3183/4.3/1", "rfc3183/4/2"),
)
async def opens_by_its_own_key(t: ShimTrial) -> None:
    """Among several recipientInfos the authority finds its own."""
    await decrypts(t, "recipients")


@case(
    "secure-headers/decrypting/names-are-flagged",
    roles=DECRYPTING,
    requirements=(
        "rfc7508/4.6.2/5", "rfc3183/4.1/7", "rfc3183/4.1/1", "rfc3183/4.1/2", "rfc3183/4.1/3",
        "rfc3183/4.1/4", "rfc3183/4.1/5",
    ),
)
async def names_are_flagged(t: ShimTrial) -> None:
    """A message comes out whatever the authority is called, and a wrong name is flagged."""
    await decrypts(t, "names", also=("rfc3183/4.1/7",))


@case(
    "secure-headers/decrypting/domains-are-flagged",
    roles=DECRYPTING,
    requirements=("rfc7508/4.6.2/5", "rfc3183/4.1/7", "rfc3183/4.1/4"),
)
async def domains_are_flagged(t: ShimTrial) -> None:
    """A message comes out whatever the authority's domain, and a wrong one is flagged."""
    await decrypts(t, "domains", also=("rfc3183/4.1/4",))


@case(
    "secure-headers/decrypting/deleted-values-come-back",
    roles=DECRYPTING,
    requirements=(
        "rfc7508/4.6.2/8", "rfc7508/4.1/18", "draft-cailleux/4.1/17",
        "rfc7508/4.1/21",
    ),
)
async def deleted_values_come_back(t: ShimTrial) -> None:
    """A deleted field is written with a value in which a verifier finds no difference.

    Folded, empty, long and 8-bit ones."""
    await decrypts(t, "deleted-values")


@case(
    "secure-headers/decrypting/deleted-fields-in-their-place",
    roles=DECRYPTING,
    requirements=(
        "rfc7508/4.6.2/7", "rfc7508/4.1/6", "draft-cailleux/4.1/5",
    ),
)
async def deleted_fields_in_their_place(t: ShimTrial) -> None:
    """Deleted fields are there again, each as often as it was, in the order of the structure."""
    await decrypts(t, "deleted-places")


@case(
    "secure-headers/decrypting/modified-values-come-back",
    roles=DECRYPTING,
    requirements=(
        "rfc7508/4.6.2/10", "rfc7508/4.6.2/9", "rfc7508/4.1/13", "rfc7508/4.4/2",
    ),
)
async def modified_values_come_back(t: ShimTrial) -> None:
    """A modified field gets its signed value again, once."""
    await decrypts(t, "modified")


@case(
    "secure-headers/decrypting/mandatory-fields-come-back",
    roles=DECRYPTING,
    requirements=("rfc7508/4.6.2/7",),
)
async def mandatory_fields_come_back(t: ShimTrial) -> None:
    """From and Date that crossed the wire are there once, with their signed value."""
    await decrypts(t, "mandatory")


@case(
    "secure-headers/decrypting/whatever-happened-on-the-way",
    roles=DECRYPTING,
    requirements=("rfc7508/4.6.2/5", "rfc7508/4.6.2/6"),
)
async def whatever_happened_on_the_way(t: ShimTrial) -> None:
    """Fields that transport added, reordered or folded anew do not disturb what is restored."""
    await decrypts(t, "on-the-way")


@case(
    "secure-headers/decrypting/restores-contradicting-statuses",
    roles=DECRYPTING,
    requirements=("rfc7508/4.6.2/5",),
)
async def restores_contradicting_statuses(t: ShimTrial) -> None:
    """Instances of one field with different statuses come back each by its own."""
    await decrypts(t, "contradictions")


@case(
    "secure-headers/decrypting/restores-a-thousand-fields",
    roles=DECRYPTING,
    requirements=("rfc7508/4.6.2/5",),
)
async def restores_a_thousand_fields(t: ShimTrial) -> None:
    """A structure of a thousand fields comes back whole."""
    await decrypts(t, "thousand")


@case(
    "secure-headers/decrypting/restores-under-a-broken-signature",
    roles=DECRYPTING,
    requirements=("rfc7508/4.6.2/5",),
)
async def restores_under_a_broken_signature(t: ShimTrial) -> None:
    """Whether the signature holds is the receiver's to judge: what comes out is what was signed."""
    await decrypts(t, "signature-broken")


@case(
    "secure-headers/decrypting/restores-by-either-signature",
    roles=DECRYPTING,
    requirements=(
        "rfc7508/4.6.2/3", "rfc3183/4/4",
    ),
)
async def restores_by_either_signature(t: ShimTrial) -> None:
    """Of two signatures around each other the structure is found in either."""
    await decrypts(t, "signed-twice")


@case(
    "secure-headers/decrypting/every-form-of-an-envelope",
    roles=DECRYPTING,
    requirements=("rfc7508/4.6.2/5", "rfc3183/4/5"),
)
async def every_form_of_an_envelope(t: ShimTrial) -> None:
    """Envelopes in BER, with other types and encodings, are opened."""
    await decrypts(t, "forms")


@case(
    "secure-headers/decrypting/damaged-envelopes",
    roles=DECRYPTING,
    requirements=("rfc3183/4/5", "rfc7508/4.6.2/2"),
)
async def damaged_envelopes(t: ShimTrial) -> None:
    """A damaged envelope gives an answer that says so, and never another message."""
    await decrypts(t, "damaged")


@case(
    "secure-headers/decrypting/envelopes-for-somebody-else",
    roles=DECRYPTING,
    requirements=("rfc7508/4.6.2/5", "rfc3183/4.3/1"),
)
async def envelopes_for_somebody_else(t: ShimTrial) -> None:
    """An envelope for others is not opened, and said to be for others."""
    await decrypts(t, "somebody-else")


@case(
    "secure-headers/decrypting/what-is-no-envelope",
    roles=DECRYPTING,
    requirements=("rfc7508/4.6.2/5", "rfc3183/4.3/1"),
)
async def what_is_no_envelope(t: ShimTrial) -> None:
    """A message that is not encrypted is said to be none."""
    await decrypts(t, "not-encrypted")


@case(
    "secure-headers/decrypting/content-that-is-no-entity",
    roles=DECRYPTING,
    requirements=("rfc3183/4/5", "rfc7508/4.6.2/5"),
)
async def content_that_is_no_entity(t: ShimTrial) -> None:
    """Whole messages and things that are no entity inside of an envelope lose nothing."""
    await decrypts(t, "content")


@case(
    "secure-headers/decrypting/opens-within-signatures",
    roles=DECRYPTING,
    requirements=(
        "rfc7508/4.6.2/5", "rfc3183/3.1/3", "rfc3183/3.1/5", "rfc3183/3.1.2/1", "rfc3183/3.1.2/3",
        "rfc3183/3.1.2/7", "rfc3183/3.2/8", "rfc3183/3.2/13", "rfc3183/3.4/4", "rfc3183/4.3/1",
        "rfc3183/5/3", "rfc3183/5/4", "rfc3183/3.1.1/14",
    ),
    needs=("signs-around",),
)
async def opens_within_signatures(t: ShimTrial) -> None:
    """Signatures around an envelope come off, each is told with what it is worth, and the header
    beneath them is restored."""
    await decrypts(t, "signed-around")


@case(
    "secure-headers/decrypting/signers-are-flagged",
    roles=DECRYPTING,
    requirements=(
        "rfc7508/4.6.2/5", "rfc3183/3.1.1/8", "rfc3183/3.1.1/9", "rfc3183/3.1.1/11",
        "rfc3183/3.1.1/13", "rfc3183/3.1.1/18", "rfc3183/3.1.1/19", "rfc3183/3.1.2/9",
        "rfc3183/3.1.2/10", "rfc3183/3.1.2/11", "rfc3183/3.2/9", "rfc3183/3.2/10",
        "rfc3183/3.3/8",
    ),
    needs=("signs-around",),
)
async def signers_are_flagged(t: ShimTrial) -> None:
    """A domain's signature by who is not named for the originator's domain, or one that is marked
    wrongly, is flagged."""
    await decrypts(t, "signers")


@case(
    "secure-headers/decrypting/carried-from-domain-to-domain",
    roles=(Role.ENCRYPTING_DCA, Role.DECRYPTING_DCA),
    requirements=("rfc7508/4.6.1/5", "rfc7508/4.6.2/5"),
)
async def carried_from_domain_to_domain(t: ShimTrial) -> None:
    """What one authority hides the other restores, and nothing of it is seen between them."""
    await carries(t, "statuses")


@case(
    "secure-headers/decrypting/carried-within-signatures",
    roles=(Role.ENCRYPTING_DCA, Role.DECRYPTING_DCA),
    requirements=("rfc7508/4.6.1/5", "rfc7508/4.6.2/5", "rfc3183/3/2", "rfc3183/5/3"),
    needs=("signs-around",),
)
async def carried_within_signatures(t: ShimTrial) -> None:
    """What one authority hides, encrypts and signs around the other opens and restores."""
    await carries(t, "signed-around")
