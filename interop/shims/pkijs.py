"""pkijs, by a small program for Node.js; the folder of its packages is the only argument."""

from __future__ import annotations

import sys
from pathlib import Path

import engine
import peer


def make(home: Path) -> engine.Engine:
    return peer.Peer("pkijs", ("node", peer.beside("pkijs/check.js"), sys.argv[1]))


if __name__ == "__main__":
    raise SystemExit(engine.main(make))
