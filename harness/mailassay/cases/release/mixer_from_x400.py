"""What a gateway from X.400 makes of addresses, recipients, texts, identifiers and military
extensions: each case asks a group of vectors (vectors/mixer)."""

from __future__ import annotations

from mailassay.bordering import crosses
from mailassay.cases.registry import case
from mailassay.shim_trial import ShimTrial
from mailassay.verdicts import Role

GATEWAY = (Role.X400_GATEWAY,)


@case("release/gateway/from-x400-address", roles=GATEWAY,
      requirements=(
          "rfc2156/3.4/1", "rfc2156/3.4/2", "rfc2156/4.1.3/3", "rfc2156/4.3.1/1",
          "rfc2156/4.3.2/3", "rfc2156/4.3.3/1", "rfc2156/4.3.5/1", "rfc2156/4.3.5/2",
          "rfc2156/4.3.5/6",
      ))
async def address(t: ShimTrial) -> None:
    """An O/R address is the Internet address that it holds, else its text form at the gateway."""
    await crosses(t)


@case("release/gateway/from-x400-text-form", roles=GATEWAY,
      requirements=(
          "rfc2156/3.3.4/2", "rfc2156/3.3.4/3", "rfc2156/3.4/2", "rfc2156/3.4/3",
          "rfc2156/3.4/4", "rfc2156/4.1/1", "rfc2156/4.1.1/1", "rfc2156/4.1.1/3",
          "rfc2156/4.1.1/4", "rfc2156/4.1.3/1", "rfc2156/4.1.3/3", "rfc2156/4.1.3/5",
          "rfc2156/4.1.3/7", "rfc2156/4.3.2/5", "rfc2156/4.3.2/6", "rfc2156/4.3.3/1",
          "rfc2156/4.3.3/2", "rfc2156/4.3.5/3", "rfc2156/4.3.5/5", "rfc2156/4.3.5/6",
      ))
async def text_form(t: ShimTrial) -> None:
    """All attributes are in the text form, teletex too, and an escape is what it stands for."""
    await crosses(t)


@case("release/gateway/from-x400-recipients", roles=GATEWAY,
      requirements=(
          "rfc2156/4.7.2/5", "rfc2156/5.3.2/2", "rfc2156/5.3.4/4", "rfc2156/5.3.4/5",
          "rfc2156/5.3.4/6", "rfc2156/5.3.4/7", "rfc2156/5.3.4/8",
      ))
async def recipients(t: ShimTrial) -> None:
    """Each list becomes its own field, and a message for nobody has To all the same."""
    await crosses(t)


@case("release/gateway/from-x400-comments", roles=GATEWAY,
      requirements=(
          "rfc2156/4.7.2/1", "rfc2156/4.7.2/2", "rfc2156/4.7.2/3", "rfc2156/4.7.2/4",
          "rfc6477/6/8",
      ))
async def comments(t: ShimTrial) -> None:
    """What is known of a recipient beside his address stands in a comment."""
    await crosses(t)


@case("release/gateway/from-x400-names", roles=GATEWAY,
      requirements=("rfc2156/3.3.4/1", "rfc2156/4.7.2/1"))
async def names(t: ShimTrial) -> None:
    """A free-form name is the phrase before the address, in ASCII."""
    await crosses(t)


@case("release/gateway/from-x400-text", roles=GATEWAY,
      requirements=("rfc2156/3.3.4/1", "rfc2156/5.3.4/9"))
async def text(t: ShimTrial) -> None:
    """A subject is Subject, in ASCII, and no line end in it ends the field."""
    await crosses(t)


@case("release/gateway/from-x400-identifier", roles=GATEWAY,
      requirements=(
          "rfc2156/4.7.3/1", "rfc2156/4.7.3.2/1", "rfc2156/4.7.3.4/1",
          "rfc2156/4.7.3.5/1", "rfc2156/5.3.4/1", "rfc2156/5.3.4/8", "rfc6477/6/20",
      ))
async def identifier(t: ShimTrial) -> None:
    """Identifiers of the Internet come back, and those of X.400 can."""
    await crosses(t)


@case("release/gateway/from-x400-carried", roles=GATEWAY,
      requirements=(
          "rfc2156/5.3.4/10", "rfc2156/5.3.4/11", "rfc7912/5.2/4", "rfc7912/5.2/5",
          "rfc7912/5.2/6", "rfc7912/5.2/7",
      ))
async def carried(t: ShimTrial) -> None:
    """Carried fields are fields again, but for those that have a place of their own.

    Whoever writes the extension names no author, and authorizes nothing."""
    await crosses(t)


@case("release/gateway/from-x400-fields", roles=GATEWAY,
      requirements=("rfc6477/1/1", "rfc6477/6/1", "rfc6477/6/2"))
async def fields(t: ShimTrial) -> None:
    """Each extension for which RFC 6477 has a field becomes that field."""
    await crosses(t)


@case("release/gateway/from-x400-without-field", roles=GATEWAY,
      requirements=("rfc6477/6/2", "rfc6477/6/3", "rfc6477/6/4", "rfc7912/5.2/2"))
async def without_field(t: ShimTrial) -> None:
    """An extension without a field does no harm, and makes a message military like any other."""
    await crosses(t)


@case("release/gateway/from-x400-values", roles=GATEWAY,
      requirements=("rfc6477/3/1", "rfc6477/4/1"))
async def values(t: ShimTrial) -> None:
    """What is no value of an extension is no field, and no field stands twice."""
    await crosses(t)
