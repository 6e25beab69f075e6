"""One milter, under one edition, from its start to its findings."""

from __future__ import annotations

import base64
import socket
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from cryptography.hazmat.primitives import serialization

from mailassay import paths
from mailassay.callout_mail import key
from mailassay.cases.registry import Case
from mailassay.catalogue import Catalogue
from mailassay.judging import Patience
from mailassay.milter_trial import MilterTrial, Service
from mailassay.peers.transcript import Recorder
from mailassay.progress import Progress
from mailassay.report.findings import findings
from mailassay.runner import not_applicable, run_trials
from mailassay.targets.launch import running
from mailassay.targets.model import Target
from mailassay.verdicts import Edition, TargetResult

# Cases go one after the other, so that a fault has one cause; each waits for those before it.
CASE_SECONDS = 1800.0


def settings_for(edition: Edition, scratch: Path) -> dict[str, str]:
    """What fills the placeholders of a milter's target file."""
    # opendkim does not read PKCS #8.
    key_file = scratch / "dkim.key"
    key_file.write_bytes(
        key().private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL,
            serialization.NoEncryption(),
        )
    )
    key_file.chmod(0o600)
    record = dkim_record()
    return {
        "address": "127.0.0.1",
        "port": str(_free_port()),
        "program": str(paths.PROGRAM),
        "shims": str(paths.SHIMS),
        "milters": str(paths.MILTERS),
        "deviants": str(paths.DEVIANTS),
        "edition": str(edition),
        "dkim_key_file": str(key_file),
        "dkim_record": record,
        "dkim_strings": " ".join(f'"{record[n:n + 250]}"' for n in range(0, len(record), 250)),
    }


def dkim_record() -> str:
    """The key as DNS has it."""
    public = key().public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return f"v=DKIM1; k=rsa; p={base64.b64encode(public).decode()}"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def judge_milter(
    target: Target,
    edition: Edition,
    cases: Sequence[Case],
    catalogue: Catalogue,
    scratch: Path,
    patience: Patience,
    quiet: bool,
) -> TargetResult:
    """Starts the milter, runs every case that applies, and draws the findings."""
    begun = time.monotonic()
    declared = target.declaration
    left_out = {c.name: why for c in cases if (why := declared.why_not(c, edition)) is not None}
    wanted = [c for c in cases if c.name not in left_out]
    async with running(target, settings_for(edition, scratch), scratch, None) as launched:
        service = Service(launched, target.refused)
        trials = [
            MilterTrial(
                case=c, edition=edition, catalogue=catalogue,
                patience=replace(patience, case=CASE_SECONDS),
                recorder=Recorder(), service=service,
            )
            for c in wanted
        ]
        progress = Progress(f"{target.name} ({edition})", len(trials))
        if not quiet:
            progress.begin()
        ran = await run_trials(trials, (lambda result: None) if quiet else progress.case)
        version, logs = launched.version, launched.output()
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
        logs=logs,
    )
