"""What a processor makes of mail that passes through it: each case asks a group of vectors
(vectors/opes)."""

from __future__ import annotations

from mailassay import stating
from mailassay.adaptation import processes
from mailassay.cases.registry import case
from mailassay.opes_seen import (
    AGREED,
    ALLOWED,
    ASKED,
    BY_SYSTEM,
    DELEGATED,
    FEWER,
    FORWARDED,
    HELD,
    IN_TIME,
    IN_VIA,
    KEPT,
    LEGAL,
    REFUSED,
    REPORTED,
    SERVICES_TRACED,
    STILL_THERE,
    SYSTEMS_ALONE,
    TRACED,
)
from mailassay.shim_trial import ShimTrial
from mailassay.verdicts import Role

PROCESSOR = (Role.PROCESSOR,)
# What a target may declare: it takes XOPESBYPASS; it rewrites addresses by itself.
PARAMETERS = "takes-parameters"
REWRITES = "rewrites-addresses"
# It has a list of pairs whose mail is let through; it holds what a service refuses; it can say who
# answers for it, and what it does with mail.
ALLOWS = "allow-list"
HOLDS = "quarantines"
STATES = "states-itself"


@case("opes/processor/added", roles=PROCESSOR, requirements=(*TRACED, *IN_TIME, *LEGAL, *BY_SYSTEM))
async def added(t: ShimTrial) -> None:
    """Every message has the system's entry in OPES-System, before any service is called.

    Short headers and long ones, folded and in UTF-8."""
    await processes(t)


@case("opes/processor/kept", roles=PROCESSOR,
      requirements=("rfc4236/4/3", "rfc4902/3.1/9", "rfc4236/4/8", *TRACED))
async def kept(t: ShimTrial) -> None:
    """The trace of systems before stays as it is, whatever stands there.

    Lists of thousands, none, nonsense, and the system's own name forged."""
    await processes(t)


@case("opes/processor/via", roles=PROCESSOR, requirements=(*IN_VIA, *KEPT, *FEWER))
async def via(t: ShimTrial) -> None:
    """Where others have used OPES-Via, the system has an entry there too."""
    await processes(t)


@case("opes/processor/services", roles=PROCESSOR,
      requirements=(*SERVICES_TRACED, *IN_TIME, *LEGAL, *DELEGATED))
async def services(t: ShimTrial) -> None:
    """Behind each service the trace names it, in the order in which they were called."""
    await processes(t)


@case("opes/processor/deleted", roles=PROCESSOR, requirements=(*STILL_THERE, *SERVICES_TRACED))
async def deleted(t: ShimTrial) -> None:
    """A trace that a service takes out, empties or rewrites is there again."""
    await processes(t)


@case("opes/processor/forged-by-service", roles=PROCESSOR,
      requirements=(*SYSTEMS_ALONE, "rfc4902/3.1/8"))
async def forged_by_service(t: ShimTrial) -> None:
    """A service, which is no system, has no entry in OPES-System."""
    await processes(t)


@case("opes/processor/content", roles=PROCESSOR, requirements=("rfc4902/3.3/1",))
async def content(t: ShimTrial) -> None:
    """Signed and encrypted content is as it was, whatever a service made of it."""
    await processes(t)


@case("opes/processor/addresses", roles=PROCESSOR, requirements=("rfc4902/5.6/1",),
      needs=(REWRITES,))
async def addresses(t: ShimTrial) -> None:
    """An address that gets another form gets it in every field, and nothing else does."""
    await processes(t)


@case("opes/processor/refused", roles=PROCESSOR, requirements=(*REFUSED, *LEGAL))
async def refused(t: ShimTrial) -> None:
    """A client that is refused for a service learns which system it was, and why."""
    await processes(t)


@case("opes/reports/undelivered", roles=(Role.REPORT_MAKER,), requirements=REPORTED)
async def undelivered(t: ShimTrial) -> None:
    """A report on mail that was taken tells of the system."""
    await processes(t)


@case("opes/reports/given-up", roles=(Role.REPORT_MAKER,), requirements=REPORTED)
async def given_up(t: ShimTrial) -> None:
    """So does a report on mail that has waited too long."""
    await processes(t)


@case("opes/reports/traced-by-others", roles=(Role.REPORT_MAKER,), requirements=REPORTED)
async def traced_by_others(t: ShimTrial) -> None:
    """And one on mail whose trace names others, or is forged."""
    await processes(t)


@case("opes/reports/odd-messages", roles=(Role.REPORT_MAKER,), requirements=REPORTED)
async def odd_messages(t: ShimTrial) -> None:
    """And one on mail without a header, with a trace that is none, or of octets beyond ASCII."""
    await processes(t)


@case("opes/processor/consent", roles=PROCESSOR, requirements=AGREED)
async def consent(t: ShimTrial) -> None:
    """A service is called for those alone who have agreed to it, at either end.

    What anybody could write, a reverse-path, agrees to nothing."""
    await processes(t)


@case("opes/processor/same-answer", roles=PROCESSOR, requirements=("rfc3835/2.1.1/1",))
async def same_answer(t: ShimTrial) -> None:
    """The same message is handed to the same services, however often it comes."""
    await processes(t, times=4)


@case("opes/processor/allow-list", roles=PROCESSOR, requirements=ALLOWED, needs=(ALLOWS,))
async def allow_list(t: ShimTrial) -> None:
    """Mail of a pair that is on the list is let through, but for what can't be left out."""
    await processes(t)


@case("opes/processor/quarantine", roles=PROCESSOR,
      requirements=(*HELD, *REFUSED, *TRACED, *SERVICES_TRACED), needs=(HOLDS,))
async def quarantine(t: ShimTrial) -> None:
    """What a service refuses for good is held, with the trace and the reason."""
    await processes(t)


@case("opes/processor/statement", roles=PROCESSOR,
      requirements=(
          *stating.ANSWERABLE, *stating.PRIVACY, *stating.REFERENCES, *stating.TRACE,
          *stating.AGREED,
      ), needs=(STATES,))
async def statement(t: ShimTrial) -> None:
    """What the entry leads to says who answers, who has agreed, and what becomes of mail."""
    await processes(t)


@case("opes/processor/by-dialogue", roles=PROCESSOR, requirements=("rfc4902/4/4", *ASKED),
      needs=(PARAMETERS,))
async def by_dialogue(t: ShimTrial) -> None:
    """The sender leaves services out by a parameter of MAIL."""
    await processes(t)


@case("opes/processor/by-field", roles=PROCESSOR, requirements=("rfc4902/4/3", *ASKED))
async def by_field(t: ShimTrial) -> None:
    """The sender leaves services out by a field of the message."""
    await processes(t)


@case("opes/processor/unknown-agent", roles=PROCESSOR,
      requirements=("rfc3897/4.3/4", "rfc4902/3.2/1"))
async def unknown_agent(t: ShimTrial) -> None:
    """A URI of nobody that is known stands for all that can be left out."""
    await processes(t)


@case("opes/processor/same-agent", roles=PROCESSOR,
      requirements=("rfc3897/4.3/1", "rfc4902/3.2/1"), needs=(PARAMETERS,))
async def same_agent(t: ShimTrial) -> None:
    """A URI names an agent in whatever case its scheme and host are written."""
    await processes(t)


@case("opes/processor/indispensable", roles=PROCESSOR,
      requirements=("rfc3897/4.2/2", "rfc4902/3.2/6"))
async def indispensable(t: ShimTrial) -> None:
    """A service without which there is no mail is called in spite of any request."""
    await processes(t)


@case("opes/processor/unauthenticated", roles=PROCESSOR,
      requirements=("rfc3835/3.2/1", "rfc4902/3.2/1"))
async def unauthenticated(t: ShimTrial) -> None:
    """Nobody who is unknown leaves anything out."""
    await processes(t)


@case("opes/processor/too-late", roles=PROCESSOR, requirements=("rfc4902/3.2/4",))
async def too_late(t: ShimTrial) -> None:
    """A field of the message does not reach services that were called for a recipient."""
    await processes(t)


@case("opes/processor/per-recipient", roles=PROCESSOR, requirements=("rfc4902/3.2/3",),
      needs=(PARAMETERS,))
async def per_recipient(t: ShimTrial) -> None:
    """What one recipient asks does not decide for another."""
    await processes(t)


@case("opes/processor/forwarded", roles=PROCESSOR,
      requirements=(*FORWARDED, "rfc4902/3.2/5", "rfc4902/3.2/1"), needs=(PARAMETERS,))
async def forwarded(t: ShimTrial) -> None:
    """A request goes on to a next hop that knows of such requests, heeded or not."""
    await processes(t)


@case("opes/processor/malformed", roles=PROCESSOR,
      requirements=("rfc4236/5/1", "rfc4902/3.2/1"))
async def malformed(t: ShimTrial) -> None:
    """A request that can't be read is refused, asks nothing, or asks for what can be left out."""
    await processes(t)
