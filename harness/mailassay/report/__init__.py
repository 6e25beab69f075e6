"""From checks to findings, and from findings to what people and machines read."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from mailassay.catalogue import Catalogue
from mailassay.report import html, json_report, junit, summary
from mailassay.verdicts import RunResult


def write_all(
    run: RunResult, catalogue: Catalogue, notes: Mapping[str, Mapping[str, str]], out: Path
) -> None:
    """Writes every form of the report.  `notes` are the targets' explanations, by target and then
    by case or requirement."""
    json_report.write(run, catalogue, out)
    junit.write(run, out)
    summary.write(run, out)
    html.write(run, catalogue, notes, out)
