"""index.html: one file that works offline."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from mailassay.catalogue import Catalogue
from mailassay.verdicts import RunResult


def write(
    run: RunResult, catalogue: Catalogue, notes: Mapping[str, Mapping[str, str]], out: Path
) -> None:
    """To come."""
