"""The lab as a whole: certificates, zones, resolver and MTA-STS for one plan."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from types import TracebackType

from mailassay.lab import mta_sts
from mailassay.lab.authority import CertificateStore, Issued
from mailassay.lab.namespace import LISTEN_ADDRESS, use_resolver
from mailassay.lab.plan import RESOLVER_ADDRESS, TARGET_HOST, HostPlan, LabPlan
from mailassay.lab.resolver import Answer, Resolver
from mailassay.lab.zones import ZoneFiles, write_zones
from mailassay.peers.transcript import Recorder
from mailassay.world import Certificate, Tlsa, Zone


class Lab:
    """An async context manager.  `recorders` are keyed by slug; MTA-STS requests go there."""

    def __init__(self, plan: LabPlan, scratch: Path) -> None:
        self.plan = plan
        self._folder = scratch / "lab"
        self.certificates = CertificateStore(self._folder / "certificates")
        self._issued: dict[str, Issued] = {
            h.name: self.certificates.issue(h.name, h.host.certificate) for h in plan.hosts
        }
        self._target = self.certificates.issue(TARGET_HOST, Certificate.TRUSTED)
        self.zones: ZoneFiles = write_zones(
            plan,
            self._issued,
            self.certificates.anchor_digest(),
            LISTEN_ADDRESS,
            self._folder / "zones",
        )
        self._resolver = Resolver(self.zones, self._folder / "resolver")
        self._recorders: dict[str, Recorder] = {}
        self._changes: dict[str, Tlsa] = {}
        self._policies = self._policy_hosts()
        self._stack = AsyncExitStack()

    def _policy_hosts(self) -> dict[str, mta_sts.PolicyHost]:
        return {
            domain: mta_sts.PolicyHost(
                policy,
                mta_sts.policy_text(policy, domain),
                self.certificates.issue(f"mta-sts.{domain}", policy.certificate),
            )
            for domain, policy in mta_sts.policy_domains(self.plan).items()
        }

    async def __aenter__(self) -> Lab:
        await self._stack.enter_async_context(self._resolver)
        server = mta_sts.MtaStsServer(self._policies, self._recorders)
        await self._stack.enter_async_context(server)
        use_resolver(self._folder, RESOLVER_ADDRESS)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._stack.aclose()

    def record_policies(self, recorders: Mapping[str, Recorder]) -> None:
        """From now on requests for a case's policies go to that case's recorder (by slug)."""
        self._recorders.clear()
        for slug, recorder in recorders.items():
            for domain in self.plan.worlds[slug].domains:
                self._recorders[domain.name] = recorder

    def certificate_of(self, host: HostPlan) -> Issued:
        """What the host presents."""
        return self._issued[host.name]

    async def set_tlsa(self, host: HostPlan, tlsa: Tlsa) -> None:
        """Puts that TLSA set in the place of the host's, in its zone, which is signed anew."""
        if self._changes.get(host.name, host.host.tlsa) is tlsa:
            return
        self._changes[host.name] = tlsa
        zone = next(z for z in Zone if host.name.endswith(f".{z}"))
        await asyncio.to_thread(self.zones.writer.write, zone, self._changes)
        await self._resolver.reload(str(zone))

    def answers(self, slug: str) -> list[Answer]:
        """What the resolver said about the case's domains."""
        return self._resolver.answers(tuple(d.name for d in self.plan.worlds[slug].domains))

    def settings(self) -> dict[str, str]:
        """The placeholders that a target's files may use."""
        return {
            "hostname": TARGET_HOST,
            "address": LISTEN_ADDRESS,
            "port": "25",
            "submission_port": "587",
            "lmtp_port": "24",
            "user": "roger",
            "password": "test-only",
            "resolver": RESOLVER_ADDRESS,
            "trust_anchor_file": str(self.zones.trust_anchor_file),
            "ca_file": str(self.certificates.ca_file),
            "certificate_file": str(self._target.chain_file),
            "key_file": str(self._target.key_file),
        }
