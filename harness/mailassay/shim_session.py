"""One target that speaks the shim protocol, under one edition, from its start to its findings."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from mailassay import paths
from mailassay.cases.registry import Case
from mailassay.catalogue import Catalogue
from mailassay.judging import Patience
from mailassay.peers.transcript import Recorder
from mailassay.progress import Progress
from mailassay.report.findings import findings
from mailassay.runner import not_applicable, run_trials
from mailassay.shim_trial import ShimTrial
from mailassay.targets import rootfs
from mailassay.targets.model import Target
from mailassay.targets.shim import running_shim
from mailassay.verdicts import Edition, TargetResult

# A request is answered after those before it, whichever case they are of, so a case has long.
CASE_SECONDS = 1800.0


async def judge_shim(
    target: Target,
    edition: Edition,
    cases: Sequence[Case],
    catalogue: Catalogue,
    scratch: Path,
    quiet: bool,
) -> TargetResult:
    """Starts the adapter, runs every case that applies, and draws the findings."""
    begun = time.monotonic()
    declared = target.declaration
    left_out = {c.name: why for c in cases if (why := declared.why_not(c, edition)) is not None}
    wanted = [c for c in cases if c.name not in left_out]
    settings = {"program": str(paths.PROGRAM), "shims": str(paths.SHIMS), "edition": str(edition)}
    if (lodging := rootfs.lodging_of(target)) is not None:
        settings["rootfs"] = str(rootfs.archive_for(lodging))
    async with running_shim(target, settings, scratch) as shim:
        trials = [
            ShimTrial(
                case=c, edition=edition, catalogue=catalogue,
                patience=Patience(case=CASE_SECONDS), recorder=Recorder(),
                shim=shim, options=declared.options,
            )
            for c in wanted
        ]
        progress = Progress(f"{target.name} ({edition})", len(trials))
        if not quiet:
            progress.begin()
        ran = await run_trials(trials, (lambda result: None) if quiet else progress.case)
        version = shim.version
    results = {r.name: r for r in ran}
    in_order = [
        results.get(c.name) or not_applicable(c, edition, catalogue, left_out[c.name])
        for c in cases
    ]
    return TargetResult(
        target=target.name,
        title=target.title,
        version=version,
        edition=edition,
        roles=declared.roles,
        options=declared.options,
        seconds=time.monotonic() - begun,
        cases=in_order,
        findings=findings(in_order, edition, catalogue, declared),
    )
