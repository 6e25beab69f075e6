"""Bouncy Castle, by a small Java program."""

from __future__ import annotations

from pathlib import Path

import engine
import peer

LIBRARIES = ":".join(f"/usr/share/java/{n}.jar" for n in ("bcmail", "bcpkix", "bcprov", "bcutil"))


def make(home: Path) -> engine.Engine:
    program = peer.beside("bouncycastle/Check.java")
    return peer.Peer(
        "Bouncy Castle", ("java", "-XX:TieredStopAtLevel=1", "-cp", LIBRARIES, program)
    )


if __name__ == "__main__":
    raise SystemExit(engine.main(make))
