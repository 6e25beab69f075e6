"""What a gateway between Internet mail and X.400 makes of authors, senders and authorizing users:
each case asks a group of vectors (vectors/mixer)."""

from __future__ import annotations

from mailassay.bordering import crosses
from mailassay.cases.registry import case
from mailassay.shim_trial import ShimTrial
from mailassay.verdicts import Role

GATEWAY = (Role.X400_GATEWAY,)
# What a target may declare: it can be set up to take all messages for military.
ALL_MILITARY = "takes-all-for-military"


@case("release/gateway/to-x400-without-the-field", roles=GATEWAY,
      requirements=("rfc2156/5.1.3/5", "rfc2156/5.1.3/6", "rfc2156/5.1.3/7", "rfc7912/5.1/1"))
async def without_the_field(t: ShimTrial) -> None:
    """Without the field, From and Sender go where RFC 2156 has them."""
    await crosses(t)


@case("release/gateway/to-x400-sender", roles=GATEWAY,
      requirements=("rfc7912/5.1/2", "rfc7912/5.1/5"))
async def sender(t: ShimTrial) -> None:
    """Sender is the originator, and no author is left out."""
    await crosses(t)


@case("release/gateway/to-x400-author", roles=GATEWAY,
      requirements=("rfc2156/5.1.3/4", "rfc7912/5.1/3"))
async def author(t: ShimTrial) -> None:
    """Without Sender the first author is the originator, and the others are users."""
    await crosses(t)


@case("release/gateway/to-x400-order", roles=GATEWAY,
      requirements=("rfc7912/5.1/4",))
async def order(t: ShimTrial) -> None:
    """Authors stand before those who authorized, each in their order."""
    await crosses(t)


@case("release/gateway/to-x400-twice", roles=GATEWAY,
      requirements=("rfc7912/5.1/6",))
async def twice(t: ShimTrial) -> None:
    """Who wrote and authorized is in both lists."""
    await crosses(t)


@case("release/gateway/to-x400-syntax", roles=GATEWAY,
      requirements=("draft-melnikov/4/4", "rfc7912/4/4", "rfc7912/5.1/4"))
async def syntax(t: ShimTrial) -> None:
    """Every spelling of the field is read: folded, commented, with names, and the draft's groups.

    No name and no comment is taken for an address."""
    await crosses(t)


@case("release/gateway/to-x400-malformed", roles=GATEWAY,
      requirements=(
          "rfc7912/4/1", "rfc7912/4/2", "rfc7912/4/3", "rfc7912/4/5", "rfc7912/4/6",
          "rfc7912/5.1/7", "rfc7912/7.2/1",
      ))
async def malformed(t: ShimTrial) -> None:
    """Of a field that can't be read nobody becomes a user whom it does not name.

    The same holds where it stands twice: it is returned, or mended to one."""
    await crosses(t)


@case("release/gateway/to-x400-large", roles=GATEWAY,
      requirements=("rfc7912/4/4", "rfc7912/5.1/4", "rfc7912/5.1/7", "rfc7912/7.2/1"))
async def large(t: ShimTrial) -> None:
    """However large the field is, it is mapped or refused, and no user is lost."""
    await crosses(t)


@case("release/gateway/from-x400-military", roles=GATEWAY,
      requirements=("rfc7912/5.2/2", "rfc7912/5.2/4", "rfc7912/5.2/5", "rfc7912/5.2/7"))
async def military(t: ShimTrial) -> None:
    """Of a military message the originator is From, and the users are those of the field."""
    await crosses(t)


@case("release/gateway/from-x400-other", roles=GATEWAY,
      requirements=("rfc2156/5.3.4/2", "rfc2156/5.3.4/3", "rfc7912/5.2/2", "rfc7912/5.2/3"))
async def other(t: ShimTrial) -> None:
    """What is not military is mapped by RFC 2156, whatever other extensions it has."""
    await crosses(t)


@case("release/gateway/from-x400-configured", roles=GATEWAY,
      requirements=("rfc7912/5.2/1", "rfc7912/5.2/7"), needs=(ALL_MILITARY,))
async def configured(t: ShimTrial) -> None:
    """A gateway that is set up to do so takes every message for military."""
    await crosses(t)


@case("release/gateway/from-x400-unaddressed", roles=GATEWAY,
      requirements=("rfc2156/4.7.2/5", "rfc7912/5.2/8"))
async def unaddressed(t: ShimTrial) -> None:
    """For a user without an address none is made up."""
    await crosses(t)


@case("release/gateway/from-x400-hostile", roles=GATEWAY,
      requirements=("rfc7912/5.2/5", "rfc7912/5.2/6"))
async def hostile(t: ShimTrial) -> None:
    """No name in a heading makes a field, or a user."""
    await crosses(t)


@case("release/gateway/from-x400-encoding", roles=GATEWAY,
      requirements=("rfc7912/5.2/4", "rfc7912/5.2/5"))
async def encoding(t: ShimTrial) -> None:
    """A heading says the same in every form of BER."""
    await crosses(t)


@case("release/gateway/from-x400-malformed", roles=GATEWAY,
      requirements=("rfc7912/5.2/4",))
async def malformed_heading(t: ShimTrial) -> None:
    """What is no interpersonal message, or nobody's, is refused."""
    await crosses(t)
