"""Where the project's own files are."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(os.environ.get("MAILASSAY_ROOT") or Path(__file__).resolve().parents[2])
HARNESS = ROOT / "harness"
TARGETS = ROOT / "interop" / "targets"
SHIMS = ROOT / "interop" / "shims"
MILTERS = ROOT / "interop" / "milters"
DEVIANTS = ROOT / "interop" / "deviants"
CALLOUTS = DEVIANTS / "callout.py"
COVER = ROOT / "interop" / "deviants" / "cover.toml"
CATALOGUE = ROOT / "vectors" / "requirements"
PROGRAM = Path(os.environ.get("MAILASSAY_PROGRAM") or ROOT / "build" / "mailassay")
DEVIANT_PROGRAM = PROGRAM.with_name("mailassay-deviant")
DEFAULT_OUT = Path("mailassay-report")
