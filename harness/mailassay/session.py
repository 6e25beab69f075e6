"""One target under one edition, from its start to its findings."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from mailassay import paths
from mailassay.cases.registry import Case, Phase
from mailassay.catalogue import Catalogue
from mailassay.crash import Crash
from mailassay.lab.lab import Lab
from mailassay.lab.plan import CONTROL, TARGET_ZONE, DomainPlan, HostPlan
from mailassay.peers.smtp_server import Manner, ScriptedServer, Turn
from mailassay.peers.tls import server_context
from mailassay.peers.transcript import Recorder
from mailassay.progress import Progress
from mailassay.report.findings import findings
from mailassay.runner import not_applicable, run_trials
from mailassay.submitting import SubmittingClient
from mailassay.targets.launch import running
from mailassay.targets.model import Reach, Target
from mailassay.targets.rootfs import archive_for
from mailassay.trial import Hop, Patience, TargetFacts, Trial
from mailassay.verdicts import CaseResult, Conversation, Edition, Entry, Kind, Party, TargetResult
from mailassay.world import Member, Standing, Store

# The target's own addresses, by the name of their placeholder.
MEDIATORS = {
    "alias_address": f"everybody@alias.{TARGET_ZONE}",
    "list_address": f"staff@lists.{TARGET_ZONE}",
    "moderated_address": f"board@lists.{TARGET_ZONE}",
    "vacation_address": f"absent@users.{TARGET_ZONE}",
    "forward_address": f"roger@users.{TARGET_ZONE}",
    "forward_unaware_address": f"ann@users.{TARGET_ZONE}",
}


@dataclass
class _Stage:
    """The peers of one case, listening, with the recorder that they share."""

    recorder: Recorder
    hops_by_domain: tuple[tuple[Hop, ...], ...]
    return_hops: tuple[Hop, ...]


async def judge_target(
    target: Target,
    edition: Edition,
    cases: Sequence[Case],
    catalogue: Catalogue,
    lab: Lab,
    scratch: Path,
    patience: Patience,
    quiet: bool,
) -> TargetResult:
    """Starts the target, runs every case that applies, and draws the findings."""
    begun = time.monotonic()
    declared = target.declaration
    left_out = {c.name: why for c in cases if (why := declared.why_not(c, edition)) is not None}
    wanted = [c for c in cases if c.name not in left_out]
    archive = archive_for(target) if target.reach is Reach.ROOTFS else None
    changed = asyncio.Condition()
    async with AsyncExitStack() as stack:
        stages = {
            slug: await _set_up(slug, lab, changed, stack)
            for slug in (CONTROL, *Standing, *(c.slug for c in wanted))
        }
        lab.record_policies({slug: s.recorder for slug, s in stages.items()})
        settings = {**lab.settings(), **_own_settings(edition, lab)}
        launched = await stack.enter_async_context(running(target, settings, scratch, archive))
        facts = TargetFacts(
            settings["address"], int(settings["port"]), declared.options,
            submission_port=int(settings["submission_port"]),
            lmtp_port=int(settings["lmtp_port"]),
            user=settings["user"], password=settings["password"],
            mediators=MEDIATORS,
        )
        crash = Crash(launched.restart, [c.name for c in wanted if c.phase is Phase.CRASH])
        perfect = stages[CONTROL].hops_by_domain[1][0].server
        client = SubmittingClient(launched, target.submit, perfect, changed)
        trials = [
            _trial(c, edition, catalogue, facts, patience, stages, lab, changed, crash, client)
            for c in wanted
        ]
        progress = Progress(f"{target.name} ({edition})", len(trials))
        if not quiet:
            progress.begin()
        ran = await run_trials(trials, (lambda result: None) if quiet else progress.case)
        for result, c in zip(ran, wanted, strict=True):
            _add_dns(result, c.slug, lab)
        logs = launched.output()
    results = {r.name: r for r in ran}
    in_order = [
        results.get(c.name) or not_applicable(c, edition, catalogue, left_out[c.name])
        for c in cases
    ]
    return TargetResult(
        target=target.name,
        title=target.title,
        version=launched.version,
        edition=edition,
        roles=declared.roles,
        options=declared.options,
        seconds=time.monotonic() - begun,
        cases=in_order,
        findings=findings(in_order, edition, catalogue, declared),
        logs=logs,
    )


def _own_settings(edition: Edition, lab: Lab) -> dict[str, str]:
    """Placeholders that depend on the run: the program, the edition, mediators and where they
    lead to, stores."""
    members = lab.plan.standing(Standing.MEMBERS).destinations
    stores = lab.plan.standing(Standing.STORES).destinations
    return {
        "program": str(paths.PROGRAM),
        "edition": str(edition),
        **MEDIATORS,
        "member_fit": f"recipient@{members[Member.FIT].name}",
        "member_unaware": f"recipient@{members[Member.UNAWARE].name}",
        "member_plain": f"recipient@{members[Member.PLAIN].name}",
        "list_owner": f"recipient@{members[Member.OWNER].name}",
        **{f"store_{s.name.lower()}": stores[s].name for s in Store},
        **{f"store_{s.name.lower()}_address": f"{stores[s].hosts[0].address}:24" for s in Store},
    }


async def _set_up(
    slug: str, lab: Lab, changed: asyncio.Condition, stack: AsyncExitStack
) -> _Stage:
    """Starts every mail server of a case's world."""
    recorder = Recorder()
    world = lab.plan.worlds[slug]

    async def hops(domain: DomainPlan, hop: str) -> tuple[Hop, ...]:
        made = []
        for host in domain.hosts:
            issued = lab.certificate_of(host)
            context = server_context(
                issued.chain_file, issued.key_file, host.host.faults.maximum_tls
            )
            turn = await _turn(host, lab)
            service = host.host.service
            server = ScriptedServer(
                host.name, host.address, service.port, context, host.host.faults, recorder, hop,
                changed, turn=turn, service=service,
            )
            await server.start()
            stack.push_async_callback(server.stop)
            made.append(Hop(host.name, host.host.label, server))
        return tuple(made)

    return _Stage(
        recorder,
        tuple([await hops(d, "next hop") for d in world.destinations]),
        await hops(world.sender, "return hop"),
    )


async def _turn(host: HostPlan, lab: Lab) -> Turn | None:
    """What becomes of the host in the midst of its case; the lab is as it was before that."""
    later = host.host.later
    if later is None:
        return None
    await lab.set_tlsa(host, host.host.tlsa)
    presented = lab.certificate_of(host)
    if later.certificate is not None:
        presented = lab.certificates.issue(host.name, later.certificate)
    context = server_context(
        presented.chain_file, presented.key_file, later.faults.maximum_tls
    )
    tlsa = later.tlsa
    prepare = (lambda: lab.set_tlsa(host, tlsa)) if tlsa is not None else None
    return Turn(Manner(later.faults, context), prepare, later.when_told)


def _trial(
    case: Case,
    edition: Edition,
    catalogue: Catalogue,
    facts: TargetFacts,
    patience: Patience,
    stages: dict[str, _Stage],
    lab: Lab,
    changed: asyncio.Condition,
    crash: Crash,
    client: SubmittingClient,
) -> Trial:
    stage, control = stages[case.slug], stages[CONTROL]
    world = lab.plan.worlds[case.slug]
    reached = case.world.standing or case.slug
    return Trial(
        case=case,
        edition=edition,
        catalogue=catalogue,
        target=facts,
        patience=patience,
        recorder=stage.recorder,
        domains=tuple(d.name for d in lab.plan.worlds[reached].destinations),
        sender_domain=world.sender.name,
        hops_by_domain=stages[reached].hops_by_domain,
        return_hops=stage.return_hops,
        control_domain=lab.plan.control.destinations[0].name,
        control_hop=control.hops_by_domain[0][0],
        changed=changed,
        crash=crash,
        client=client,
    )


def _add_dns(result: CaseResult, slug: str, lab: Lab) -> None:
    """Adds what the resolver said of the case's domains to the evidence."""
    entries = [
        Entry(0.0, Party.LAB, Kind.DNS, str(answer)) for answer in lab.answers(slug)
    ]
    if entries:
        result.conversations.append(Conversation("dns", "resolver", "127.0.0.53:53", entries))
