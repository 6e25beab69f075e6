"""What a gateway to X.400 makes of addresses, recipients, texts, identifiers and military fields:
each case asks a group of vectors (vectors/mixer)."""

from __future__ import annotations

from mailassay.bordering import crosses
from mailassay.cases.registry import case
from mailassay.shim_trial import ShimTrial
from mailassay.verdicts import Role

GATEWAY = (Role.X400_GATEWAY,)


@case("release/gateway/to-x400-address", roles=GATEWAY,
      requirements=(
          "rfc2156/3.4/1", "rfc2156/4.3.2/1", "rfc2156/4.3.2/3", "rfc2156/4.3.4/1",
          "rfc2156/4.3.4/4", "rfc2156/4.3.4/5",
      ))
async def address(t: ShimTrial) -> None:
    """An Internet address stands in attributes from which it comes back as it was.

    Escaped, in pieces, never cut; and an O/R address in a local part is that."""
    await crosses(t)


@case("release/gateway/to-x400-local-part", roles=GATEWAY,
      requirements=(
          "rfc2156/3.4/1", "rfc2156/3.4/2", "rfc2156/4.1/1", "rfc2156/4.1.1/1",
          "rfc2156/4.1.1/2", "rfc2156/4.1.1/5", "rfc2156/4.1.1/6", "rfc2156/4.1.2/3",
          "rfc2156/4.1.3/1", "rfc2156/4.1.3/2", "rfc2156/4.1.3/3", "rfc2156/4.1.3/4",
          "rfc2156/4.1.3/5", "rfc2156/4.1.3/6", "rfc2156/4.1.3/7", "rfc2156/4.1.3/8",
          "rfc2156/4.3.2/1", "rfc2156/4.3.2/2", "rfc2156/4.3.2/4", "rfc2156/4.3.3/2",
          "rfc2156/4.3.4/2", "rfc2156/4.3.4/3", "rfc2156/4.3.4/4", "rfc2156/4.3.4/5",
          "rfc2156/4.3.4/6", "rfc2156/4.3.4/8", "rfc2156/4.7.1/1",
      ))
async def local_part(t: ShimTrial) -> None:
    """An O/R address in a local part is read in every spelling; what is none is kept as it is."""
    await crosses(t)


@case("release/gateway/to-x400-recipients", roles=GATEWAY,
      requirements=(
          "rfc2156/4.7.1/4", "rfc2156/4.7.1/5", "rfc2156/5.1.3/4", "rfc2156/5.1.3/8",
          "rfc2156/5.1.3/9", "rfc2156/5.1.3/10", "rfc2156/5.1.3/11", "rfc2156/5.1.3/12",
          "rfc2156/5.1.3/15",
      ))
async def recipients(t: ShimTrial) -> None:
    """To, Cc, Bcc and Reply-To are lists of their own, in their order."""
    await crosses(t)


@case("release/gateway/to-x400-names", roles=GATEWAY,
      requirements=(
          "rfc2156/3.5/1", "rfc2156/4.7.1/1", "rfc2156/4.7.1/2", "rfc2156/4.7.1/3",
          "rfc2156/5.1.3/1", "rfc2156/5.1.3/2",
      ))
async def names(t: ShimTrial) -> None:
    """A phrase and comments are somebody's name, and never more than X.400 has room for."""
    await crosses(t)


@case("release/gateway/to-x400-text", roles=GATEWAY,
      requirements=("rfc2156/3.5/1", "rfc2156/5.1.3/1", "rfc2156/5.1.3/14"))
async def text(t: ShimTrial) -> None:
    """A subject is mapped as text, and cut to its bound."""
    await crosses(t)


@case("release/gateway/to-x400-identifier", roles=GATEWAY,
      requirements=(
          "rfc2156/3.4/1", "rfc2156/4.7.3/1", "rfc2156/4.7.3/2", "rfc2156/4.7.3/3",
          "rfc2156/4.7.3.5/1", "rfc2156/5.1.3/1", "rfc2156/5.1.3/3", "rfc2156/5.1.3/13",
          "rfc6477/6/21",
      ))
async def identifier(t: ShimTrial) -> None:
    """Identifiers, of the message and of those it refers to, can come back as they were."""
    await crosses(t)


@case("release/gateway/to-x400-others", roles=GATEWAY,
      requirements=("rfc2156/5.1.2/1", "rfc2156/5.1.3/15"))
async def others(t: ShimTrial) -> None:
    """Fields without a place in X.400 are carried in an extension."""
    await crosses(t)


@case("release/gateway/to-x400-precedence", roles=GATEWAY,
      requirements=(
          "rfc6477/1/1", "rfc6477/3.8/2", "rfc6477/4/1", "rfc6477/6/10", "rfc6477/6/15",
          "rfc6477/6/16",
      ))
async def precedence(t: ShimTrial) -> None:
    """A precedence is a number or a word, whatever a comment says."""
    await crosses(t)


@case("release/gateway/to-x400-fields", roles=GATEWAY,
      requirements=("rfc6477/1/1", "rfc6477/6/1", "rfc6477/6/10"))
async def fields(t: ShimTrial) -> None:
    """A message with a field of RFC 6477 is a military one, and the field an extension of it."""
    await crosses(t)


@case("release/gateway/to-x400-values", roles=GATEWAY,
      requirements=("rfc6477/3/1", "rfc6477/4/1"))
async def values(t: ShimTrial) -> None:
    """What is no value of such a field is no extension, and none stands twice."""
    await crosses(t)


@case("release/gateway/to-x400-required", roles=GATEWAY,
      requirements=(
          "rfc6477/6/13", "rfc6477/6/14", "rfc6477/6/17", "rfc6477/6/18", "rfc6477/6/19",
      ))
async def required(t: ShimTrial) -> None:
    """A military message has the time of its release, and an identifier as ACP 123 wants it."""
    await crosses(t)
