"""The registry of cases: a case is a small async function with a permanent name and a docstring.

    @case(
        "requiretls/relay/next-hop-without-starttls",
        roles=(Role.RELAY_CLIENT,),
        requirements=("rfc8689/4.2.1/9",),
        world=World(destinations=(Domain(hosts=(Host(faults=Faults(...)),)),)),
    )
    async def next_hop_without_starttls(t: Trial) -> None:
        '''One line that says what is expected.

        Why, in a few lines.'''

The last part of the name is the case's slug.  Where the mechanism's cases own domain names in the
lab, it is a label of them, and so unique over these cases.
"""

from __future__ import annotations

import fnmatch
import importlib
import inspect
import re
import zlib
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeVar

from mailassay.verdicts import Edition, Mechanism, Role
from mailassay.world import World

if TYPE_CHECKING:
    from mailassay.judging import Judging  # noqa: F401

# What a case is given depends on its mechanism: a `Trial` or a `ShimTrial`.
AnyTrial = TypeVar("AnyTrial", bound="Judging")
CaseFunction = Callable[[AnyTrial], Awaitable[None]]

MODULES = (
    "mailassay.cases.requiretls.server",
    "mailassay.cases.requiretls.relay",
    "mailassay.cases.requiretls.lookup",
    "mailassay.cases.requiretls.fallthrough",
    "mailassay.cases.requiretls.bounce",
    "mailassay.cases.requiretls.optional",
    "mailassay.cases.requiretls.attack",
    "mailassay.cases.requiretls.queue",
    "mailassay.cases.requiretls.unaware",
    "mailassay.cases.requiretls.services",
    "mailassay.cases.requiretls.mediator",
    "mailassay.cases.requiretls.client",
    "mailassay.cases.requiretls.store",
    "mailassay.cases.secure_headers.verifier",
    "mailassay.cases.secure_headers.signer",
    "mailassay.cases.secure_headers.gateway",
    "mailassay.cases.secure_headers.unaware",
    "mailassay.cases.secure_headers.encrypting",
    "mailassay.cases.secure_headers.decrypting",
    "mailassay.cases.opes.callout_protocol",
    "mailassay.cases.opes.callout_messages",
    "mailassay.cases.opes.callout_hostile",
    "mailassay.cases.opes.callout_refusal",
    "mailassay.cases.opes.callout_whole",
    "mailassay.cases.opes.processor",
    "mailassay.cases.opes.scenario",
    "mailassay.cases.release.gateway",
    "mailassay.cases.release.agent",
    "mailassay.cases.release.submission",
    "mailassay.cases.release.border",
    "mailassay.cases.release.delivery",
    "mailassay.cases.release.recipient",
    "mailassay.cases.release.whole_way",
    "mailassay.cases.release.mixer_to_x400",
    "mailassay.cases.release.mixer_from_x400",
)
NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*(/[a-z0-9]+(-[a-z0-9]+)*){2}")
BOTH_EDITIONS = (Edition.RFC, Edition.DRAFT)
OWNS_DOMAINS = (Mechanism.REQUIRETLS,)


class Phase(StrEnum):
    """When a case runs."""

    TOGETHER = "together"  # with all others of this phase, on the undisturbed target
    CRASH = "crash"  # after them; the target is killed once and started again


@dataclass(frozen=True)
class Case:
    """One test.  `requirements` are RFC ids and draft-only ids; `needs` are options that a
    target must declare for the case to apply (see interop/targets/README.md)."""

    name: str
    title: str
    description: str
    roles: tuple[Role, ...]
    requirements: tuple[str, ...]
    world: World
    editions: tuple[Edition, ...]
    needs: tuple[str, ...]
    run: Callable[[Any], Awaitable[None]]
    phase: Phase = Phase.TOGETHER

    @property
    def mechanism(self) -> Mechanism:
        return Mechanism(self.name.split("/", 1)[0])

    @property
    def slug(self) -> str:
        return self.name.rsplit("/", 1)[1]


_cases: dict[str, Case] = {}


def case(
    name: str,
    *,
    roles: tuple[Role, ...],
    requirements: tuple[str, ...],
    world: World | None = None,
    editions: tuple[Edition, ...] = BOTH_EDITIONS,
    needs: tuple[str, ...] = (),
    phase: Phase = Phase.TOGETHER,
) -> Callable[[CaseFunction[AnyTrial]], CaseFunction[AnyTrial]]:
    """Registers the decorated function as a case."""

    def register(run: CaseFunction[AnyTrial]) -> CaseFunction[AnyTrial]:
        text = inspect.getdoc(run) or ""
        title, _, description = text.partition("\n")
        made = Case(
            name=name,
            title=title.strip(),
            description=description.strip(),
            roles=roles,
            requirements=requirements,
            world=world or World(),
            editions=editions,
            needs=needs,
            run=run,
            phase=phase,
        )
        _refuse_bad(made)
        _cases[name] = made
        return run

    return register


def _refuse_bad(made: Case) -> None:
    if not NAME.fullmatch(made.name):
        raise ValueError(f"{made.name}: a case's name is mechanism/group/slug in lower case")
    if len(made.slug) > 63:
        raise ValueError(f"{made.name}: the slug is a DNS label, at most 63 octets")
    if made.name in _cases:
        raise ValueError(f"{made.name}: its name is taken")
    owners = (c for c in _cases.values() if c.mechanism in OWNS_DOMAINS)
    if made.mechanism in OWNS_DOMAINS and any(made.slug == c.slug for c in owners):
        raise ValueError(f"{made.name}: its slug is taken")
    if not made.title or not made.requirements or not made.roles:
        raise ValueError(f"{made.name}: needs a docstring, requirements and roles")


def all_cases() -> tuple[Case, ...]:
    """Every case, by name."""
    for module in MODULES:
        importlib.import_module(module)
    return tuple(_cases[name] for name in sorted(_cases))


@dataclass(frozen=True)
class Shard:
    """Share `index` (from 1) of `count`: a case's share depends on its name alone."""

    index: int = 1
    count: int = 1

    def holds(self, name: str) -> bool:
        return zlib.crc32(name.encode()) % self.count == self.index - 1


def select(patterns: Iterable[str], shard: Shard) -> tuple[Case, ...]:
    """The cases whose name matches any of the glob patterns (all cases when there is none)."""
    wanted = tuple(patterns)
    return tuple(
        c
        for c in all_cases()
        if shard.holds(c.name)
        and (not wanted or any(fnmatch.fnmatchcase(c.name, p) for p in wanted))
    )
