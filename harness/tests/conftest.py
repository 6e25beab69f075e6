"""Tests of the harness.  Those in `inside/` run in a private network, by `test_inside.py`."""

import os
import sys
from pathlib import Path

HARNESS = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(HARNESS))
sys.path.insert(0, str(HARNESS.parent / "interop" / "shims"))

collect_ignore = [] if os.environ.get("MAILASSAY_INSIDE") else ["inside"]
