"""Prepares the private network once, and a lab with a host of every kind in it."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import probe_worlds
import pytest

from mailassay.lab.lab import Lab
from mailassay.lab.namespace import prepare, watch_lifeline
from mailassay.lab.plan import LabPlan, plan
from mailassay.peers.smtp_server import Attempt, ScriptedServer
from mailassay.peers.tls import server_context
from mailassay.peers.transcript import Recorder
from mailassay.targets.rootfs import cache_folder
from mailassay.world import (
    Certificate,
    Domain,
    Host,
    MxKind,
    StsMode,
    StsPolicy,
    Tlsa,
    World,
    Zone,
)


def worlds() -> dict[str, World]:
    """A world for each certificate, TLSA set, zone, kind of lookup and policy."""
    made = {
        f"cert-{kind}": World(destinations=(Domain(hosts=(Host(certificate=kind),)),))
        for kind in Certificate
    }
    made |= {
        f"tlsa-{kind}": World(destinations=(Domain(hosts=(Host(tlsa=kind),)),)) for kind in Tlsa
    }
    made |= {
        f"zone-{zone.split('.')[0]}": World(destinations=(Domain(zone=zone),)) for zone in Zone
    }
    made |= {f"kind-{kind}": World(destinations=(Domain(kind=kind),)) for kind in MxKind}
    made["sts-enforce"] = sts(StsPolicy())
    made["sts-none"] = sts(StsPolicy(mode=StsMode.NONE))
    made["sts-untrusted"] = sts(StsPolicy(certificate=Certificate.UNKNOWN_AUTHORITY))
    return made | probe_worlds.worlds()


def sts(policy: StsPolicy) -> World:
    domain = Domain(zone=Zone.UNSIGNED, hosts=(Host(tlsa=Tlsa.NONE),), mta_sts=policy)
    return World(destinations=(domain,))


class RunningLab:
    """A lab with all its peers, and a loop to use it on."""

    def __init__(
        self,
        lab: Lab,
        scratch: Path,
        servers: list[ScriptedServer],
        changed: asyncio.Condition,
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        self.lab = lab
        self.scratch = scratch
        self._servers = {server.host_name: server for server in servers}
        self._changed = changed
        self._loop = loop

    @property
    def plan(self) -> LabPlan:
        return self.lab.plan

    @property
    def ca_file(self) -> str:
        return self.lab.settings()["ca_file"]

    def host(self, slug: str) -> tuple[str, str]:
        """Name and address of the first destination host of a world."""
        host = self.plan.worlds[slug].destinations[0].hosts[0]
        return host.name, host.address

    def attempts(self, slug: str) -> list[Attempt]:
        """All connections to the destinations of a world, once they have ended."""
        domains = self.plan.worlds[slug].destinations
        servers = [self._servers[h.name] for d in domains for h in d.hosts]

        async def ended() -> list[Attempt]:
            async with self._changed:
                await self._changed.wait_for(
                    lambda: all(a.ended for server in servers for a in server.attempts)
                )
            return [a for server in servers for a in server.attempts]

        return asyncio.run_coroutine_threadsafe(ended(), self._loop).result(30)

    def domain(self, slug: str) -> str:
        return self.plan.worlds[slug].destinations[0].name


async def _peers(lab: Lab, changed: asyncio.Condition) -> list[ScriptedServer]:
    servers = []
    for planned in lab.plan.hosts:
        issued = lab.certificate_of(planned)
        context = server_context(
            issued.chain_file, issued.key_file, planned.host.faults.maximum_tls
        )
        server = ScriptedServer(
            planned.name,
            planned.address,
            25,
            context,
            planned.host.faults,
            Recorder(),
            "witness",
            changed,
        )
        await server.start()
        servers.append(server)
    return servers


@pytest.fixture(scope="session", autouse=True)
def scratch() -> Path:
    """The private network is up from the beginning; this is its scratch space."""
    watch_lifeline()
    return prepare([Path(__file__).resolve(), cache_folder()])


@pytest.fixture(scope="session")
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    made = asyncio.new_event_loop()
    yield made
    made.close()


@pytest.fixture(scope="session")
def running(loop: asyncio.AbstractEventLoop, scratch: Path) -> Iterator[RunningLab]:
    """The lab, served by a thread of its own so that tests may block on witnesses."""
    import threading

    lab = Lab(plan(worlds()), scratch)
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    def call(coroutine):  # type: ignore[no-untyped-def]
        return asyncio.run_coroutine_threadsafe(coroutine, loop).result(30)

    call(lab.__aenter__())
    changed = asyncio.Condition()
    servers = call(_peers(lab, changed))
    yield RunningLab(lab, scratch, servers, changed, loop)

    async def stop() -> None:
        for server in servers:
            await server.stop()
        await lab.__aexit__(None, None, None)

    call(stop())
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
