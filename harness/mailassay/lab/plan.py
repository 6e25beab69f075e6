"""Names and addresses: what every case's world becomes in the lab.

A domain is <label>.<slug of the case>.<zone>, a host <label>.<domain>.  The k-th host of the i-th
case has the address 127.(16 + i // 250).(i % 250 + 1).(k + 1), so no two cases share anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from mailassay.world import CONTROL as CONTROL_WORLD
from mailassay.world import STANDING, Domain, Host, MxKind, Standing, World, Zone

TARGET_HOST = "mail.target.example"
TARGET_ZONE = "target.example"
RESOLVER_ADDRESS = "127.0.0.53"
MTA_STS_ADDRESS = "127.0.0.80"
CONTROL = "control"
CASES_A_BLOCK = 250
FIRST_BLOCK = 16


@dataclass(frozen=True)
class HostPlan:
    """A host with its name and its address; it listens on its service's port."""

    host: Host
    name: str
    address: str


@dataclass(frozen=True)
class DomainPlan:
    """A domain with its name and its hosts."""

    domain: Domain
    name: str
    hosts: tuple[HostPlan, ...]


@dataclass(frozen=True)
class WorldPlan:
    """The world of one case."""

    slug: str
    destinations: tuple[DomainPlan, ...]
    sender: DomainPlan

    @property
    def domains(self) -> tuple[DomainPlan, ...]:
        return (*self.destinations, self.sender)


@dataclass(frozen=True)
class LabPlan:
    """All worlds of a run.  `control`, a perfect one, and those to which the targets' files lead
    belong to no case."""

    worlds: Mapping[str, WorldPlan] = field(default_factory=dict)

    @property
    def control(self) -> WorldPlan:
        return self.worlds[CONTROL]

    def standing(self, which: Standing) -> WorldPlan:
        return self.worlds[which]

    @property
    def domains(self) -> tuple[DomainPlan, ...]:
        return tuple(d for w in self.worlds.values() for d in w.domains)

    @property
    def hosts(self) -> tuple[HostPlan, ...]:
        return tuple(h for d in self.domains for h in d.hosts)

    def in_zone(self, zone: Zone) -> tuple[DomainPlan, ...]:
        return tuple(d for d in self.domains if d.domain.zone is zone)


def plan(worlds: Mapping[str, World]) -> LabPlan:
    """Plans every world; the keys are slugs."""
    numbered = enumerate([(CONTROL, CONTROL_WORLD), *STANDING.items(), *worlds.items()])
    return LabPlan({slug: _plan_world(number, slug, world) for number, (slug, world) in numbered})


def _plan_world(number: int, slug: str, world: World) -> WorldPlan:
    prefix = f"127.{FIRST_BLOCK + number // CASES_A_BLOCK}.{number % CASES_A_BLOCK + 1}"
    taken = 0
    planned = []
    destinations = world.destinations if world.standing is None else ()
    for domain in (*destinations, world.sender):
        name = f"{domain.label}.{slug}.{domain.zone}"
        hosts = []
        for host in domain.hosts:
            taken += 1
            # Without an MX record the host is the domain itself.
            host_name = name if domain.kind is MxKind.ADDRESS else f"{host.label}.{name}"
            hosts.append(HostPlan(host, host_name, f"{prefix}.{taken}"))
        planned.append(DomainPlan(domain, name, tuple(hosts)))
    return WorldPlan(slug, tuple(planned[:-1]), planned[-1])
