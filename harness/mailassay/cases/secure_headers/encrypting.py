"""What an authority makes of messages that leave its domain: each case asks a group of vectors
(vectors/dca)."""

from __future__ import annotations

from mailassay.authorities import encrypts
from mailassay.cases.registry import case
from mailassay.shim_trial import ShimTrial
from mailassay.verdicts import Role

ENCRYPTING = (Role.ENCRYPTING_DCA,)


@case(
    "secure-headers/encrypting/as-its-status-says",
    roles=ENCRYPTING,
    requirements=(
        "rfc7508/4.6.1/5", "rfc7508/4.6.1/1", "rfc7508/2/1", "rfc7508/4.1/6",
        "draft-cailleux/4.1/5", "rfc7508/4.1/21",
    ),
)
async def as_its_status_says(t: ShimTrial) -> None:
    """Each secured field is treated by its status, before the content is encrypted.

    Relaxed and simple, detached and opaque."""
    await encrypts(t, "statuses")


@case(
    "secure-headers/encrypting/duplicated-fields-stay",
    roles=ENCRYPTING,
    requirements=(
        "rfc7508/4.6.1/6", "rfc7508/2/1", "rfc7508/4.1/13", "rfc7508/4.4/2",
    ),
)
async def duplicated_fields_stay(t: ShimTrial) -> None:
    """A duplicated field crosses the wire with its value."""
    await encrypts(t, "duplicated")


@case(
    "secure-headers/encrypting/deleted-fields-go",
    roles=ENCRYPTING,
    requirements=(
        "rfc7508/4.6.1/7", "rfc7508/2/2", "rfc7508/4.1/18", "draft-cailleux/4.1/17",
    ),
)
async def deleted_fields_go(t: ShimTrial) -> None:
    """A deleted field is nowhere on the wire: not its value, not its name.

    Folded, repeated, empty, long and encoded ones; look-alikes that are not signed stay."""
    await encrypts(t, "deleted")


@case(
    "secure-headers/encrypting/modified-fields-are-replaced",
    roles=ENCRYPTING,
    requirements=(
        "rfc7508/4.6.1/9", "rfc7508/2/3", "rfc7508/2/4",
    ),
)
async def modified_fields_are_replaced(t: ShimTrial) -> None:
    """A modified field crosses the wire with the configured value."""
    await encrypts(t, "modified")


@case(
    "secure-headers/encrypting/mandatory-fields-stay",
    roles=ENCRYPTING,
    requirements=("rfc7508/4.6.1/8", "rfc7508/4.6.1/9"),
)
async def mandatory_fields_stay(t: ShimTrial) -> None:
    """From and Date are there, whatever their status.

    With their own value or with another, which are two readings."""
    await encrypts(t, "mandatory")


@case(
    "secure-headers/encrypting/statuses-that-contradict",
    roles=ENCRYPTING,
    requirements=("rfc7508/4.6.1/5",),
)
async def statuses_that_contradict(t: ShimTrial) -> None:
    """Instances of one field with different statuses are each treated by its own."""
    await encrypts(t, "contradictions")


@case(
    "secure-headers/encrypting/a-thousand-fields",
    roles=ENCRYPTING,
    requirements=("rfc7508/4.6.1/5", "rfc7508/4.6.1/7"),
)
async def a_thousand_fields(t: ShimTrial) -> None:
    """A structure of a thousand fields hides them all."""
    await encrypts(t, "thousand")


@case(
    "secure-headers/encrypting/hides-only-under-both-conditions",
    roles=ENCRYPTING,
    requirements=(
        "rfc7508/4.6.1/2", "rfc7508/4.6.1/3", "rfc7508/4.6.1/1", "rfc7508/7/2",
    ),
)
async def hides_only_under_both_conditions(t: ShimTrial) -> None:
    """What is not signed, or has no structure, keeps its header and is encrypted all the same."""
    await encrypts(t, "conditions")


@case(
    "secure-headers/encrypting/structure-of-the-outer-signature",
    roles=ENCRYPTING,
    requirements=("rfc7508/4.6.1/3",),
)
async def structure_of_the_outer_signature(t: ShimTrial) -> None:
    """Of two signatures around each other the structure is found in either."""
    await encrypts(t, "signed-twice")


@case(
    "secure-headers/encrypting/nothing-half-hidden",
    roles=ENCRYPTING,
    requirements=("rfc7508/4.6.1/5", "rfc7508/4.6.1/9", "rfc7508/4.6.1/2"),
)
async def nothing_half_hidden(t: ShimTrial) -> None:
    """What can't be hidden is refused, or at least hidden wherever it can be seen.

    No text says what becomes of a header that is not as it was signed."""
    await encrypts(t, "not-half-hidden")


@case(
    "secure-headers/encrypting/structure-that-is-unclear",
    roles=ENCRYPTING,
    requirements=("rfc7508/4.6.1/3",),
)
async def structure_that_is_unclear(t: ShimTrial) -> None:
    """An attribute that is unreadable, or signers that disagree, end in a refusal or whole."""
    await encrypts(t, "structure-unclear")


@case(
    "secure-headers/encrypting/each-recipient-opens-it",
    roles=ENCRYPTING,
    requirements=("rfc7508/4.6.1/5", "rfc3183/4.2/4", "rfc3183/4.2/1", "rfc3183/4/2"),
)
async def each_recipient_opens_it(t: ShimTrial) -> None:
    """Every authority and recipient that was named opens the envelope, and no field is lost."""
    await encrypts(t, "recipients")


@case(
    "secure-headers/encrypting/by-transport-and-agreement",
    roles=ENCRYPTING,
    requirements=("rfc7508/4.6.1/5", "rfc3183/4/6", "rfc3183/4/5", "rfc3183/4/2"),
)
async def by_transport_and_agreement(t: ShimTrial) -> None:
    """RSA and elliptic curves, CBC and GCM: OpenSSL opens each."""
    await encrypts(t, "means", also=("rfc3183/4/5",))


@case(
    "secure-headers/encrypting/names-of-authorities",
    roles=ENCRYPTING,
    requirements=(
        "rfc7508/4.6.1/5", "rfc3183/4.1/1", "rfc3183/4.1/2", "rfc3183/4.1/3", "rfc3183/4.1/4",
        "rfc3183/4.1/5", "rfc3183/4.2/3",
    ),
)
async def names_of_authorities(t: ShimTrial) -> None:
    """Authorities are known by their common name or the local part of a mail address."""
    await encrypts(t, "names")


@case(
    "secure-headers/encrypting/authority-of-another-domain",
    roles=ENCRYPTING,
    requirements=("rfc7508/4.6.1/5", "rfc3183/4.1/6", "rfc3183/4.1/4"),
)
async def authority_of_another_domain(t: ShimTrial) -> None:
    """No message is encrypted to the authority of a domain that none of its recipients is in."""
    await encrypts(t, "domains", also=("rfc3183/4.1/4",))


@case(
    "secure-headers/encrypting/signed-around",
    roles=ENCRYPTING,
    requirements=(
        "rfc7508/4.6.1/5", "rfc3183/3/2", "rfc3183/3/6", "rfc3183/3.1/6", "rfc3183/3.1.2/1",
        "rfc3183/3.1.2/2",
        "rfc3183/3.1.2/4", "rfc3183/3.1.2/6", "rfc3183/3.1.2/8", "rfc3183/3.5/1",
    ),
    needs=("signs-around",),
)
async def signed_around(t: ShimTrial) -> None:
    """A message that is signed and encrypted is signed once more, by a domain, a reviewer or its
    user: OpenSSL verifies the outer signature, opens the envelope and verifies the inner one."""
    await encrypts(t, "signed-around")


@case(
    "secure-headers/encrypting/signers-of-domains",
    roles=ENCRYPTING,
    requirements=(
        "rfc7508/4.6.1/5", "rfc3183/3.1/2", "rfc3183/3.1.1/1", "rfc3183/3.1.1/2",
        "rfc3183/3.1.1/4", "rfc3183/3.1.1/5", "rfc3183/3.1.1/6", "rfc3183/3.1.1/7",
        "rfc3183/3.1.1/8", "rfc3183/3.1.1/9", "rfc3183/3.1.1/10", "rfc3183/3.1.1/11",
        "rfc3183/3.1.1/12", "rfc3183/3.2/1", "rfc3183/3.2/2", "rfc3183/3.2/3", "rfc3183/3.2/4",
        "rfc3183/3.2/6", "rfc3183/3.2/7", "rfc3183/3.4/3",
    ),
    needs=("signs-around",),
)
async def signers_of_domains(t: ShimTrial) -> None:
    """No domain's signature is made by who is not named for that domain, nor around a signature
    that does not hold."""
    await encrypts(t, "signers")
