"""What an authorizing user's agent makes of a message:
each case asks a group of vectors (vectors/release)."""

from __future__ import annotations

from mailassay.authorizing import authorizes
from mailassay.cases.registry import case
from mailassay.shim_trial import ShimTrial
from mailassay.verdicts import Edition, Role

AGENT = (Role.RELEASING_AGENT,)


@case("release/agent/origin", roles=AGENT,
      requirements=("rfc7912/3.3.2/1", "rfc7912/3.3/2", "rfc7912/3.3/3", "rfc7912/3.3/5"))
async def origin(t: ShimTrial) -> None:
    """Who wrote and who sent a message is verified before anything else."""
    await authorizes(t)


@case("release/agent/origin-cover", roles=AGENT, editions=(Edition.RFC,),
      requirements=("rfc7912/3.3/4",))
async def origin_cover(t: ShimTrial) -> None:
    """A signature over the body alone says nothing about who wrote it."""
    await authorizes(t)


@case("release/agent/own-entry-valid", roles=AGENT,
      requirements=("rfc7912/3.3/8", "rfc7912/3.3/9", "rfc7912/3.3/10", "rfc7912/3.3/25"))
async def own_entry_valid(t: ShimTrial) -> None:
    """What the user has authorized already goes on as it is, whatever he would say now."""
    await authorizes(t)


@case("release/agent/own-entry-spelling", roles=AGENT,
      requirements=("rfc7912/3.3/12", "rfc7912/4/4"))
async def own_entry_spelling(t: ShimTrial) -> None:
    """The user's own entry is his however it is spelled."""
    await authorizes(t)


@case("release/agent/own-entry-alike", roles=AGENT,
      requirements=("rfc7912/3.3/12", "rfc7912/3.3/7"))
async def own_entry_alike(t: ShimTrial) -> None:
    """What looks like the user's address and is not, is another's: the message is reviewed."""
    await authorizes(t)


@case("release/agent/own-entry-forged", roles=AGENT, editions=(Edition.RFC,),
      requirements=("rfc7912/3.3/11", "rfc7912/3.3/8", "rfc7912/3.3/9", "rfc7912/7.1/1"))
async def own_entry_forged(t: ShimTrial) -> None:
    """The user's own entry without his signature ends the matter, and nothing is reviewed or
    released."""
    await authorizes(t)


@case("release/agent/own-entry-stripped", roles=AGENT, editions=(Edition.DRAFT,),
      requirements=("draft-melnikov/3/12", "rfc7912/3.3/8"))
async def own_entry_stripped(t: ShimTrial) -> None:
    """By the draft a field with such an entry is taken off, and the message is reviewed."""
    await authorizes(t)


@case("release/agent/own-entry-replayed", roles=AGENT,
      requirements=("rfc7912/7.1/2", "rfc7912/3.3/3"))
async def own_entry_replayed(t: ShimTrial) -> None:
    """A release of another message proves nothing about this one."""
    await authorizes(t)


@case("release/agent/own-entry-of-drafter", roles=AGENT, editions=(Edition.RFC,),
      requirements=("rfc7912/7.1/1", "rfc7912/3.3/8"))
async def own_entry_of_drafter(t: ShimTrial) -> None:
    """Who signs his own mail has not released it."""
    await authorizes(t)


@case("release/agent/rejected", roles=AGENT,
      requirements=("rfc7912/3.3/17", "rfc7912/3.3/18", "rfc7912/3.3/16", "rfc7912/3.1/1"))
async def rejected(t: ShimTrial) -> None:
    """What the user rejects goes back or is thrown away, and nowhere else."""
    await authorizes(t)


@case("release/agent/redrafted", roles=AGENT, editions=(Edition.RFC,),
      requirements=("rfc7912/3.3/20", "rfc7912/3.3/21", "rfc7912/3.3/22", "rfc7912/3.3/28"))
async def redrafted(t: ShimTrial) -> None:
    """Who becomes the drafter takes all addresses out of the field, and signs in his own name."""
    await authorizes(t)


@case("release/agent/forwarded", roles=AGENT, editions=(Edition.RFC,),
      requirements=("rfc7912/3.3/19",))
async def forwarded(t: ShimTrial) -> None:
    """The user can have another one asked, if that one may authorize."""
    await authorizes(t)


@case("release/agent/not-a-user", roles=AGENT,
      requirements=("rfc7912/3.1/1",))
async def not_a_user(t: ShimTrial) -> None:
    """Who may not authorize releases nothing."""
    await authorizes(t)


@case("release/agent/sealed", roles=AGENT,
      requirements=("rfc7912/3.3.1/2", "rfc7912/3.3.1/3", "rfc7912/3.1/1"))
async def sealed(t: ShimTrial) -> None:
    """What can't be decrypted can't be released, and is not lost either."""
    await authorizes(t)


@case("release/agent/entry-first", roles=AGENT,
      requirements=("rfc7912/3.3/23", "rfc7912/4/7", "rfc7912/3.3/13", "rfc7912/1/1",
                    "rfc7912/1/2", "rfc7912/3.3/15"))
async def entry_first(t: ShimTrial) -> None:
    """Where there is no field, one is inserted with the user in it, and his signature put
    around."""
    await authorizes(t)


@case("release/agent/entry-appended", roles=AGENT,
      requirements=("rfc7912/3.3/24", "rfc7912/3.3/1", "rfc7912/3.3/7", "rfc7912/4/1",
                    "rfc7912/1/1", "rfc7912/1/2"))
async def entry_appended(t: ShimTrial) -> None:
    """Where there is a field, the user is appended to it; those before him stay, in their order."""
    await authorizes(t)


@case("release/agent/shared-mailbox", roles=AGENT, editions=(Edition.RFC,),
      requirements=("rfc7912/3.1/4", "rfc7912/4/8", "rfc7912/7/1", "rfc7912/7/2", "rfc7912/4/9"))
async def shared_mailbox(t: ShimTrial) -> None:
    """A mailbox that a group shares is one user, and tells nobody's name."""
    await authorizes(t)


@case("release/agent/onward", roles=AGENT,
      requirements=("rfc7912/3.3/26", "rfc7912/3.3/27", "rfc7912/3.1/3"))
async def onward(t: ShimTrial) -> None:
    """How many, who and in which order: as the system is set up."""
    await authorizes(t)


@case("release/agent/onward-not-proven", roles=AGENT,
      requirements=("rfc7912/7.1/1", "rfc7912/3.1/3"))
async def onward_not_proven(t: ShimTrial) -> None:
    """An entry that nothing proves counts for nothing."""
    await authorizes(t)


@case("release/agent/repeated", roles=AGENT,
      requirements=("rfc7912/4/1", "rfc7912/4/2", "rfc7912/4/3"))
async def repeated(t: ShimTrial) -> None:
    """A field that stands twice is sent back, or mended so that one is left."""
    await authorizes(t)


@case("release/agent/malformed", roles=AGENT,
      requirements=("rfc7912/7.2/1", "rfc7912/4/4", "rfc7912/4/6", "rfc7912/4/5"))
async def malformed(t: ShimTrial) -> None:
    """A field that can't be read, however large, does no harm and authorizes nothing."""
    await authorizes(t)


@case("release/agent/groups", roles=AGENT,
      requirements=("rfc7912/4/5", "draft-melnikov/4/4", "rfc7912/4/4"))
async def groups(t: ShimTrial) -> None:
    """Groups are for the draft alone, and their members are users."""
    await authorizes(t)


@case("release/agent/stripped", roles=AGENT, editions=(Edition.RFC,),
      requirements=("rfc7912/3.3.2/6",))
async def stripped(t: ShimTrial) -> None:
    """Signatures that do not hold are gone before the user puts his own on."""
    await authorizes(t)


@case("release/agent/several-signatures", roles=AGENT, editions=(Edition.RFC,),
      requirements=("rfc7912/3.3.2/2", "rfc7912/1/1"))
async def several_signatures(t: ShimTrial) -> None:
    """Of several signatures that hold, each gets the user's."""
    await authorizes(t)


@case("release/agent/countersigned", roles=AGENT,
      requirements=("rfc7912/3.3.2/3", "rfc7912/3.3/15", "rfc5652/11.4/1", "rfc5652/11.4/2",
                    "rfc5652/11.4/3", "rfc5652/11.4/4", "rfc5652/11.4/5"))
async def countersigned(t: ShimTrial) -> None:
    """Asked for a countersignature or a further signer, the agent puts one on that others
    verify, beside those that are there."""
    await authorizes(t)


@case("release/agent/triple-wrapped", roles=AGENT, editions=(Edition.RFC,),
      requirements=("rfc7912/3.3.2/7", "rfc7912/3.3.1/2"))
async def triple_wrapped(t: ShimTrial) -> None:
    """What the user can decrypt he reviews, and signs as it is, around the outermost layer."""
    await authorizes(t)


@case("release/agent/sealed-told", roles=AGENT, editions=(Edition.RFC,),
      requirements=("rfc7912/3.3.1/3", "rfc7912/3.3.1/4", "rfc7912/3.3.1/5"))
async def sealed_told(t: ShimTrial) -> None:
    """Who has sent what can't be decrypted, drafter or user before, hears of it."""
    await authorizes(t)


@case("release/agent/rejected-told", roles=AGENT, editions=(Edition.RFC,),
      requirements=("rfc7912/3.3/16",))
async def rejected_told(t: ShimTrial) -> None:
    """The drafter of what was rejected hears why."""
    await authorizes(t)


@case("release/agent/origin-dkim", roles=AGENT, editions=(Edition.RFC,),
      requirements=("rfc7912/3.3/6", "rfc7912/3.3/2"))
async def origin_dkim(t: ShimTrial) -> None:
    """A domain's signature says whose a message is only where it covers that, and is its own."""
    await authorizes(t)


@case("release/agent/own-entry-dkim", roles=AGENT, editions=(Edition.RFC,),
      requirements=("rfc7912/3.3/8", "rfc7912/3.3/9", "rfc7912/3.3.2/3"))
async def own_entry_dkim(t: ShimTrial) -> None:
    """A domain's signature stands behind an entry only over the field, and for that address."""
    await authorizes(t)
